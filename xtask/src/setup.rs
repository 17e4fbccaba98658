//! Installs what is missing, says what and why, and does nothing the second time.

use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::{
    npm,
    process::{self, Project},
    system, tools,
};

const WASM: &str = "wasm32-unknown-unknown";

/// What the set-up is for, from little to everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Need {
    /// Compiling and testing natively.
    Native,
    /// Checking sources and licences.
    Lint,
    /// Building and serving the site.
    Site,
    /// Everything: the site, and the browser tests.
    Test,
}

/// Makes sure that everything for `need` is there, and returns the project with its tools on the path.
///
/// # Errors
/// If something is missing and cannot be installed; the message says what to do by hand.
pub fn ensure(mut project: Project, need: Need) -> Result<Project> {
    let mut changed = rust(&project)?;
    // A test of xtask measures files with it.
    npm::check_node(&project)?;
    changed |= tools::ensure(&mut project, need)?;
    if need >= Need::Site {
        changed |= npm::ensure(&project, "www", "the charts, their bundler, and wasm-opt")?;
        project.add_tools(project.path("www/node_modules/.bin"));
        fetch_crates(&project)?;
    }
    if need == Need::Test {
        changed |= system::ensure(&project)?;
        changed |= npm::ensure(&project, "tests/browser", "Playwright and the accessibility checks")?;
        if system::firefox(&project).is_some() {
            changed |= npm::ensure(&project, "tests/firefox", "Puppeteer, which drives Firefox")?;
        }
    }
    println!("set-up: {}", if changed { "done" } else { "nothing to do" });
    Ok(project)
}

/// The parts of the pinned Rust toolchain. rustup installs them with the toolchain, but not into one that is older than
/// `rust-toolchain.toml`'s last change.
fn rust(project: &Project) -> Result<bool> {
    let sysroot = process::read(project.command("rustc").args(["--print", "sysroot"]))?;
    let sysroot = Path::new(sysroot.trim());
    let missing_target = !sysroot.join("lib/rustlib").join(WASM).is_dir();
    let missing: Vec<_> = [("clippy", "cargo-clippy"), ("rustfmt", "rustfmt")]
        .into_iter()
        .filter(|(_, program)| !sysroot.join("bin").join(program).is_file())
        .map(|(component, _)| component)
        .collect();
    if !missing_target && missing.is_empty() {
        return Ok(false);
    }
    if project.find("rustup").is_none() {
        bail!(
            "the Rust toolchain at {} lacks {}, and there is no rustup to add it: install rustup, or add it with the \
             package manager that this Rust came from",
            sysroot.display(),
            missing.iter().copied().chain(missing_target.then_some(WASM)).collect::<Vec<_>>().join(", ")
        );
    }
    if missing_target {
        println!("set-up: adding the Rust target {WASM} (the page and the engine are WebAssembly)");
        process::run(project.command("rustup").args(["target", "add", WASM]))?;
    }
    if !missing.is_empty() {
        println!("set-up: adding {} to the Rust toolchain (the tests check format and lints)", missing.join(", "));
        process::run(project.command("rustup").args(["component", "add"]).args(&missing))?;
    }
    Ok(true)
}

/// Downloads the crates of `Cargo.lock` which the page needs, since Trunk works offline. Silent if they are there.
fn fetch_crates(project: &Project) -> Result<()> {
    let version = process::read(project.command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
    let mut command = project.command("cargo");
    command.args(["fetch", "--quiet", "--locked", "--target", WASM, "--target", host]);
    process::read(&mut command).map(drop)
}
