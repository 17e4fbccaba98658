//! npm packages, exactly those of a lock file.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::process::{self, Project};

/// The oldest Node.js that esbuild and Playwright run on.
const OLDEST_NODE: u32 = 20;

/// Checks that Node.js is there and new enough.
///
/// # Errors
/// If it is not.
pub fn check_node(project: &Project) -> Result<()> {
    let advice = format!("install Node.js {OLDEST_NODE} or newer, with npm (Debian 13: `apt-get install nodejs npm`)");
    let Some(version) = process::probe(project.command("node").arg("--version")) else {
        bail!("Node.js is missing: it bundles the charts, optimises the page and drives the browser tests; {advice}");
    };
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {} is too old; {advice}", version.trim());
    }
    if project.find("npm").is_none() {
        bail!("npm is missing; {advice}");
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Installs the packages of `folder`'s lock file unless they are those installed last. Returns whether it did.
///
/// # Errors
/// If there is no lock file or npm fails.
pub fn ensure(project: &Project, folder: &str, purpose: &str) -> Result<bool> {
    let at = project.path(folder);
    let lock = at.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("reading {}", lock.display()))?;
    // A copy of the lock file that the packages came from. npm removes it with the folder before it installs.
    let stamp = at.join("node_modules").join(".installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(false);
    }
    println!("set-up: installing the npm packages of {folder} ({purpose})");
    let mut command = project.command("npm");
    // No package needs its install script: esbuild brings its binary as a package, and the tests drive the system's browsers.
    command.current_dir(&at).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::run(&mut command)?;
    mark(&stamp, &wanted)?;
    Ok(true)
}

fn mark(stamp: &Path, lock: &[u8]) -> Result<()> {
    // A lock file without packages leaves no folder behind.
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    fs::write(stamp, lock).with_context(|| format!("writing {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_number_after_the_v() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20.20.2"), None);
        assert_eq!(major(""), None);
    }
}
