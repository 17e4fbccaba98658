//! What the stages do that is more than one command.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use super::summary::Outcome;
#[cfg(unix)]
use crate::documents;
use crate::{
    process::{self, Project},
    server::Server,
    site, system,
};

/// Where the site is served for the browser tests: below a sub-path, as on many static hosts.
pub const SUB_PATH: &str = "/a/sub-path/";

/// Seconds that one file of wasm tests may take. The runner's default, 20, is too short for training on a software GPU.
const WASM_TEST_TIMEOUT: &str = "1200";

/// Two files of tests side by side, each with a Firefox of its own: every one keeps a core busy with training.
const FIREFOX_TESTS: [&str; 3] = ["--test", "--test-concurrency=2", "--test-reporter=spec"];

/// Runs Cargo with these arguments.
pub fn cargo(project: &Project, arguments: &str) -> Result<Outcome> {
    process::run(project.command("cargo").args(arguments.split_whitespace()))?;
    Ok(Outcome::Passed)
}

/// Clippy, for which a warning is an error.
pub fn clippy(project: &Project, what: &str) -> Result<Outcome> {
    cargo(project, &format!("clippy --locked {what} -- --deny warnings"))
}

/// The profile of the browser's engine, in `Cargo.toml`.
const ENGINE: &str = "engine";

/// Clippy on the part of the crate that is compiled to WebAssembly with this feature, on the binary of its name, and on its
/// tests.
pub fn clippy_wasm(project: &Project, part: &str) -> Result<Outcome> {
    let profile = if part == "worker" { ENGINE } else { "release" };
    let mut what = format!(
        "--profile {profile} --target wasm32-unknown-unknown --no-default-features --features {part} --lib --bin {part}"
    );
    if part == "worker" {
        what.extend(wasm_tests(project)?.iter().map(|name| format!(" --test {name}")));
    }
    clippy(project, &what)
}

/// Advisories are left to `cargo xtask advisories`: they change without any change here.
pub fn licences(project: &Project) -> Result<Outcome> {
    cargo(project, "deny --locked check bans licenses sources")
}

/// How many inputs are tried: with 4 about 3 million, three quarters of a minute of two cores. The nights take hours.
const FUZZ_EFFORT: (&str, &str) = ("TENSHOT_FUZZ_EFFORT", "4");

/// The targets of `tests/fuzz.rs`, with more inputs than `cargo test` takes time for.
pub fn fuzz(project: &Project) -> Result<Outcome> {
    let (name, usual) = FUZZ_EFFORT;
    let mut command = project.command("cargo");
    command.args(["test", "--release", "--locked", "--test", "fuzz"]);
    if env::var_os(name).is_none() {
        command.env(name, usual);
    }
    process::run(&mut command)?;
    Ok(Outcome::Passed)
}

/// The README's first command in a fresh clone.
pub fn fresh_clone(project: &Project) -> Result<Outcome> {
    if process::probe(project.command("git").args(["rev-parse", "--verify", "HEAD"])).is_none() {
        return Ok(Outcome::Skipped("there is no git, or this is no checkout that it could clone"));
    }
    #[cfg(unix)]
    return documents::fresh_clone(project).map(|()| Outcome::Passed);
    #[cfg(not(unix))]
    Ok(Outcome::Skipped("only Unix has a Ctrl-C that can be sent to another program"))
}

/// The tests in `tests/wasm*.rs`, with the artefacts of the site's worker.
pub fn wasm(project: &Project) -> Result<Outcome> {
    let names = wasm_tests(project)?;
    if names.is_empty() {
        return Ok(Outcome::Skipped("there is no tests/wasm*.rs"));
    }
    let browser = system::browser(project).context("Chromium has gone since the set-up")?;
    let mut command = project.command("cargo");
    command.args(["test", "--profile", ENGINE, "--locked", "--target", "wasm32-unknown-unknown"]);
    command.args(["--no-default-features", "--features", "worker"]);
    command.args(names.iter().flat_map(|name| ["--test", name]));
    command.env("CHROMEDRIVER", browser.driver).env("WASM_BINDGEN_TEST_TIMEOUT", WASM_TEST_TIMEOUT);
    process::run(&mut command)?;
    Ok(Outcome::Passed)
}

fn wasm_tests(project: &Project) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(project.path("tests")).context("reading tests/")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").filter(|name| name.starts_with("wasm")).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// The Playwright tests in `tests/browser`, on the built site.
pub fn browser(project: &Project) -> Result<Outcome> {
    let folder = project.path("tests/browser");
    if !["ts", "mjs", "js"].iter().any(|kind| folder.join(format!("playwright.config.{kind}")).is_file()) {
        return Ok(Outcome::Skipped("there is no tests/browser/playwright.config"));
    }
    in_browser(project, |command| process::run(command.args(["npx", "--no-install", "playwright", "test"])))?;
    Ok(Outcome::Passed)
}

/// The tests in `tests/firefox`, on the built site, with the test runner that comes with Node.js.
pub fn firefox(project: &Project) -> Result<Outcome> {
    let Some(firefox) = system::firefox(project) else {
        return Ok(Outcome::LeftOut(
            "there is no Firefox, and it could not be installed from here: put it on the PATH or name it in FIREFOX \
             (Debian, as root: `apt-get install firefox-esr`)",
        ));
    };
    let server = Server::start(&dist(project)?, SUB_PATH)?;
    let mut command = at(project, &server, "tests/firefox");
    process::run(command.env("FIREFOX", firefox).arg("node").args(FIREFOX_TESTS))?;
    Ok(Outcome::Passed)
}

/// The folder of the built site.
///
/// # Errors
/// If it is not built.
pub fn dist(project: &Project) -> Result<PathBuf> {
    let dist = project.path(site::DIST);
    if !dist.join("index.html").is_file() {
        bail!("there is no site in {}: `cargo xtask build` makes it", dist.display());
    }
    Ok(dist)
}

/// Serves the built site and gives `run` a command that runs its arguments in `tests/browser`, with the site's address in
/// `TENSHOT_URL` and Chromium's path in `CHROMIUM`.
///
/// # Errors
/// If the site is not built, cannot be served, or `run` fails.
pub fn in_browser<T>(project: &Project, run: impl FnOnce(&mut Command) -> Result<T>) -> Result<T> {
    let server = Server::start(&dist(project)?, SUB_PATH)?;
    in_browser_at(project, &server, run)
}

/// The same, with a site that is served already.
///
/// # Errors
/// If there is no browser, or `run` fails.
pub fn in_browser_at<T>(project: &Project, server: &Server, run: impl FnOnce(&mut Command) -> Result<T>) -> Result<T> {
    let browser = system::browser(project).context("Chromium has gone since the set-up")?;
    let mut command = at(project, server, "tests/browser");
    run(command.env("CHROMIUM", browser.chromium))
}

/// A command that runs its arguments in this folder, with the site's address in `TENSHOT_URL`.
fn at(project: &Project, server: &Server, folder: &str) -> Command {
    let mut command = project.command("env");
    command.current_dir(project.path(folder)).env("TENSHOT_URL", &server.url);
    command
}
