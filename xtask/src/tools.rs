//! Command-line tools of exactly the version that the project pins, kept in a cache outside the checkout.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use crate::{
    process::{self, Project},
    setup::Need,
};

/// A program published on crates.io.
struct Tool {
    /// The package's name.
    package: &'static str,
    /// The program's name.
    program: &'static str,
    version: String,
    /// What `cargo install` is told besides.
    options: &'static [&'static str],
    /// The level of optimisation: as little as what it does allows, or installing it would take longer than using it.
    level: &'static str,
    /// What the project uses it for.
    purpose: &'static str,
}

/// The version of cargo-deny. Those of the other tools are in Trunk.toml and Cargo.lock.
const CARGO_DENY: &str = "0.20.2";

/// How the tools are compiled. Their own release profiles optimise across all crates at once, on one core for many minutes.
const PROFILE: [(&str, &str); 2] =
    [("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")];

/// With the versions of the tool's own lock file.
const LOCKED: &str = "--locked";

/// Without TLS: whatever a tool would download by itself, the set-up has installed.
const NO_NETWORK: &str = "--no-default-features";

/// Makes sure that the tools for `need` are there in the pinned versions, and puts them on the project's path. Returns
/// whether anything had to be installed.
///
/// # Errors
/// If a version cannot be read from the project's files or an installation fails.
pub fn ensure(project: &mut Project, need: Need) -> Result<bool> {
    let mut tools = Vec::new();
    if matches!(need, Need::Lint | Need::Test) {
        tools.push(Tool {
            package: "cargo-deny",
            program: "cargo-deny",
            version: CARGO_DENY.to_owned(),
            options: &[LOCKED],
            level: "0",
            purpose: "checks licences and sources of all crates",
        });
    }
    if need >= Need::Site {
        tools.push(Tool {
            package: "trunk",
            program: "trunk",
            version: trunk_version(&project.path("Trunk.toml"))?,
            options: &[LOCKED, NO_NETWORK],
            level: "0",
            purpose: "builds and serves the page",
        });
        tools.push(Tool {
            package: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            version: locked_version(&project.path("Cargo.lock"), "wasm-bindgen")?,
            // Not locked: its lock file names versions that are not on crates.io (yet).
            options: &[NO_NETWORK],
            // Every build of the page waits for it.
            level: "1",
            purpose: "writes the JavaScript glue and runs the tests in the browser; its version must equal the crate's",
        });
    }
    let mut changed = false;
    for tool in tools {
        changed |= tool.ensure(project)?;
    }
    Ok(changed)
}

impl Tool {
    /// Returns whether anything had to be installed.
    fn ensure(&self, project: &mut Project) -> Result<bool> {
        let Self { package, program, version, options, level, purpose } = self;
        let on_path = process::probe(project.command(program).arg("--version"));
        if on_path.is_some_and(|text| text.split_whitespace().nth(1) == Some(version)) {
            return Ok(false);
        }
        let root = cache()?.join(format!("{package}-{version}"));
        let programs = root.join("bin");
        let there = programs.join(program).is_file();
        if !there {
            println!(
                "set-up: installing {package} {version} ({purpose}) into {}; this takes minutes, once",
                root.display()
            );
            let mut command = project.command("cargo");
            // A folder of its own: sharing the project's would lock out and be locked out by other builds.
            command.env_remove("CARGO_TARGET_DIR").envs(PROFILE).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level);
            command.args(["install", package, "--version", version]);
            command.arg("--root").arg(&root).args(*options);
            process::run(&mut command)?;
        }
        project.add_tools(programs);
        Ok(!there)
    }
}

/// `$TENSHOT_TOOLS`, else `tenshot/tools` in the user's cache folder.
fn cache() -> Result<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set("TENSHOT_TOOLS") {
        return Ok(folder);
    }
    let caches = set("XDG_CACHE_HOME").or_else(|| env::home_dir().map(|home| home.join(".cache")));
    let caches = caches.context("there is no home folder to install tools into: set TENSHOT_TOOLS to a folder")?;
    Ok(caches.join("tenshot").join("tools"))
}

#[derive(Deserialize)]
struct TrunkFile {
    #[serde(rename = "trunk-version")]
    trunk_version: String,
}

/// The version that `Trunk.toml` demands, as in `trunk-version = "=0.21.14"`.
fn trunk_version(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let parsed: TrunkFile = toml::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
    let version = parsed.trunk_version.strip_prefix('=').map(str::to_owned);
    version.ok_or_else(|| anyhow!("{}: trunk-version must be exact, as in \"=0.21.14\"", file.display()))
}

#[derive(Deserialize)]
struct LockFile {
    package: Vec<LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
}

/// The version of a package in a `Cargo.lock`.
fn locked_version(file: &Path, package: &str) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let lock: LockFile = toml::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
    let found = lock.package.into_iter().find(|candidate| candidate.name == package);
    Ok(found.with_context(|| format!("{} has no package {package}", file.display()))?.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn the_locked_version_is_that_of_the_package_of_this_very_name() {
        let lock = "version = 4\n[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"9.9.9\"\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(file(lock).path(), "wasm-bindgen").unwrap(), "0.2.130");
        assert!(locked_version(file(lock).path(), "trunk").unwrap_err().to_string().contains("no package trunk"));
    }

    #[test]
    fn trunk_is_pinned_exactly() {
        assert_eq!(trunk_version(file("trunk-version = \"=0.21.14\"").path()).unwrap(), "0.21.14");
        assert!(trunk_version(file("trunk-version = \"0.21\"").path()).is_err());
    }

    #[test]
    fn the_projects_own_files_pin_both_tools() {
        let project = Project::open().unwrap();
        trunk_version(&project.path("Trunk.toml")).unwrap();
        locked_version(&project.path("Cargo.lock"), "wasm-bindgen").unwrap();
    }
}
