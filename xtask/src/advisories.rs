//! What is known of the crates and npm packages in use: it changes without any change here, so CI asks every week, too.

use anyhow::{Result, bail};

use crate::process::{self, Project};

/// The lock files of crates: the program's, and those of the tools and of the fuzz targets, which are compiled as well.
const CRATES: [&str; 3] = ["Cargo.toml", "tools/wasm-bindgen/Cargo.toml", "fuzz/Cargo.toml"];

/// The folders with a lock file of npm packages.
const PACKAGES: [&str; 5] = ["www", "tests/browser", "tests/firefox", "tests/lighthouse", "tests/peers"];

/// Asks RustSec and npm for advisories about every version in a lock file.
///
/// # Errors
/// If there is one, or the network does not answer; what was found is printed, and every lock file is asked for.
pub fn check(project: &Project) -> Result<()> {
    let mut wrong = Vec::new();
    for manifest in CRATES {
        let mut command = project.command("cargo");
        // With the deny.toml of the root, where it runs.
        command.args(["deny", "--locked", "--manifest-path", manifest, "check", "advisories"]);
        if let Err(error) = process::run(&mut command) {
            wrong.push(format!("{manifest}: {error:#}"));
        }
    }
    for folder in PACKAGES {
        let mut command = project.command("npm");
        command.current_dir(project.path(folder)).args(["audit", "--package-lock-only"]);
        if let Err(error) = process::run(&mut command) {
            wrong.push(format!("{folder}: {error:#}"));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("there are advisories, or they could not be asked for:\n  {}", wrong.join("\n  "))
}
