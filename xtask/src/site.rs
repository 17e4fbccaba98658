//! The static site: built and served by Trunk (see `Trunk.toml` and `www/index.html`).

use std::{env, net::TcpListener, process::Command};

use anyhow::{Result, bail};

use crate::{
    hooks,
    process::{self, Project},
    size,
};

/// Where the static site is.
pub const DIST: &str = "dist";

/// The page is served to this machine alone.
const ADDRESS: &str = "127.0.0.1";

/// Builds the site, serves it, and rebuilds it when a source file changes, until it is interrupted.
///
/// # Errors
/// If the port is taken, or Trunk cannot be started or fails.
pub fn serve(project: &Project, port: u16, open: bool) -> Result<()> {
    // Trunk would find out after the build, which takes minutes.
    if let Err(error) = TcpListener::bind((ADDRESS, port)) {
        bail!(
            "cannot listen on {ADDRESS}:{port} ({error}); `cargo xtask serve --port {}` takes another port",
            other(port)
        );
    }
    println!("Tenshot will be at http://{ADDRESS}:{port}/ (release build: minutes the first time, seconds later)");
    let mut command = trunk(project);
    command.env(hooks::NOT_KEPT, "1");
    command.args(["serve", "--address", ADDRESS, "--port"]).arg(port.to_string());
    if open {
        command.arg("--open");
    }
    process::replace(&mut command)
}

/// A port to try instead.
fn other(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(8080)
}

/// Builds the site into [`DIST`] and checks its size.
///
/// # Errors
/// If the build fails or a visitor would have to download too much.
pub fn build(project: &Project, public_url: &str) -> Result<()> {
    process::run(trunk(project).args(["build", "--public-url", public_url]))?;
    size::check(project, &project.path(DIST))
}

/// Trunk, which else would ask crates.io for a newer version of itself at every start, and refuse `NO_COLOR=1`.
fn trunk(project: &Project) -> Command {
    let mut command = project.command("trunk");
    command.env("TRUNK_SKIP_VERSION_CHECK", "true");
    match env::var_os("NO_COLOR") {
        Some(value) if !value.is_empty() => command.env("NO_COLOR", "true"),
        _ => command.env_remove("NO_COLOR"),
    };
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_an_error_before_the_build() {
        let taken = TcpListener::bind((ADDRESS, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = serve(&Project::open().unwrap(), port, false).unwrap_err().to_string();
        assert!(error.contains(&format!("{ADDRESS}:{port}")) && error.contains("--port"), "{error}");
    }
}
