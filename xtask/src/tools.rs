//! Command-line tools of exactly the version that the project pins, kept in a cache outside the checkout.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use crate::{
    process::{self, Project},
    setup::Need,
};

/// A program that is compiled for this machine.
struct Tool {
    /// The package's name.
    package: &'static str,
    /// The program's name.
    program: &'static str,
    version: String,
    source: Source,
    /// The level of optimisation: as little as what it does allows, or installing it would take longer than using it.
    level: &'static str,
    /// What the project uses it for.
    purpose: &'static str,
}

/// Where a tool comes from. Either way all that it is made of has the versions of a lock file.
enum Source {
    /// crates.io, with the lock file that it is published with, and these options.
    Published(&'static [&'static str]),
    /// A package of ours, which has nothing in it but the dependency and a lock file.
    Ours(&'static str),
}

/// The version of cargo-deny. Those of the other tools are in Trunk.toml and Cargo.lock.
const CARGO_DENY: &str = "0.20.2";

/// How the tools are compiled. Their own release profiles optimise across all crates at once, on one core for many minutes.
const PROFILE: [(&str, &str); 2] =
    [("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")];

/// The package with wasm-bindgen's programs: the lock file that they are published with names versions that are not on
/// crates.io.
const WASM_BINDGEN: &str = "tools/wasm-bindgen";

/// Without TLS: whatever a tool would download by itself, the set-up has installed.
const NO_NETWORK: &str = "--no-default-features";

/// Makes sure that the tools for `need` are there in the pinned versions, and puts them on the project's path. Returns
/// whether anything had to be installed.
///
/// # Errors
/// If a version cannot be read from the project's files or an installation fails.
pub fn ensure(project: &mut Project, need: Need) -> Result<bool> {
    let mut changed = false;
    for tool in tools(project, need)? {
        changed |= tool.ensure(project)?;
    }
    Ok(changed)
}

/// The tools for `need`.
fn tools(project: &Project, need: Need) -> Result<Vec<Tool>> {
    let mut tools = Vec::new();
    if matches!(need, Need::Lint | Need::Test) {
        tools.push(Tool {
            package: "cargo-deny",
            program: "cargo-deny",
            version: CARGO_DENY.to_owned(),
            source: Source::Published(&[]),
            level: "0",
            purpose: "checks licences and sources of all crates",
        });
    }
    if need >= Need::Site {
        tools.push(Tool {
            package: "trunk",
            program: "trunk",
            version: trunk_version(&project.path("Trunk.toml"))?,
            source: Source::Published(&[NO_NETWORK]),
            level: "0",
            purpose: "builds and serves the page",
        });
        tools.push(Tool {
            package: "wasm-bindgen-tools",
            program: "wasm-bindgen",
            version: locked_version(&project.path("Cargo.lock"), "wasm-bindgen")?,
            source: Source::Ours(WASM_BINDGEN),
            // Every build of the page waits for it.
            level: "1",
            purpose: "writes the JavaScript glue and runs the tests in the browser; its version must equal the crate's",
        });
    }
    Ok(tools)
}

impl Tool {
    /// Returns whether anything had to be installed.
    fn ensure(&self, project: &mut Project) -> Result<bool> {
        let Self { package, program, version, source, level, purpose } = self;
        let on_path = process::probe(project.command(program).arg("--version"));
        if on_path.is_some_and(|text| text.split_whitespace().nth(1) == Some(version)) {
            return Ok(false);
        }
        let root = cache()?.join(self.folder(project)?);
        let programs = root.join("bin");
        let there = programs.join(program).is_file();
        if !there {
            println!(
                "set-up: installing {package} {version} ({purpose}) into {}; this takes minutes, once",
                root.display()
            );
            let mut command = project.command("cargo");
            command.envs(PROFILE).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level);
            command.args(["install", "--locked", "--root"]).arg(&root);
            // A folder of its own: sharing the project's would lock out and be locked out by other builds.
            let built = root.join("built");
            command.env_remove("CARGO_TARGET_DIR").arg("--target-dir").arg(&built);
            match source {
                Source::Published(options) => command.args([package, "--version", version]).args(*options),
                Source::Ours(folder) => command.arg("--path").arg(project.path(folder)),
            };
            process::run(&mut command)?;
            // What was compiled on the way is of no use any more.
            fs::remove_dir_all(&built).with_context(|| format!("removing {}", built.display()))?;
        }
        project.add_tools(programs);
        Ok(!there)
    }

    /// The folder in the cache. Another lock file of ours is another tool.
    fn folder(&self, project: &Project) -> Result<String> {
        let Self { package, version, source, .. } = self;
        let Source::Ours(folder) = source else { return Ok(format!("{package}-{version}")) };
        let lock = project.path(folder).join("Cargo.lock");
        let mut hasher = DefaultHasher::new();
        fs::read(&lock).with_context(|| format!("reading {}", lock.display()))?.hash(&mut hasher);
        Ok(format!("{package}-{version}-{:016x}", hasher.finish()))
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

    /// The glue fits the crate only if both are of one version; so are all parts of the tool.
    #[test]
    fn the_lock_file_of_wasm_bindgens_programs_has_the_version_of_the_crate() {
        let project = Project::open().unwrap();
        let version = locked_version(&project.path("Cargo.lock"), "wasm-bindgen").unwrap();
        let lock = project.path(WASM_BINDGEN).join("Cargo.lock");
        for package in ["wasm-bindgen-cli", "wasm-bindgen-cli-support", "wasm-bindgen-shared"] {
            assert_eq!(locked_version(&lock, package).unwrap(), version, "{package}");
        }
    }

    #[test]
    fn another_lock_file_is_another_tool() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::at(folder.path().to_owned());
        let lock = project.path(WASM_BINDGEN).join("Cargo.lock");
        fs::create_dir_all(lock.parent().unwrap()).unwrap();
        let tool = Tool {
            package: "wasm-bindgen-tools",
            program: "wasm-bindgen",
            version: "1.0.0".to_owned(),
            source: Source::Ours(WASM_BINDGEN),
            level: "0",
            purpose: "",
        };
        let names = ["a", "a", "b"].map(|text| {
            fs::write(&lock, text).unwrap();
            tool.folder(&project).unwrap()
        });
        assert!(names[0] == names[1] && names[1] != names[2], "{names:?}");
    }
}
