//! What comes from the operating system: the browsers and a driver, fonts, a software Vulkan driver.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::process::{self, Project};

/// Debian's package of Firefox.
const FIREFOX: &str = "firefox-esr";

/// The browser that the tests drive.
pub struct Browser {
    /// Chromium or Chrome.
    pub chromium: PathBuf,
    /// The WebDriver of the same version.
    pub driver: PathBuf,
}

/// The browser and its driver, if both are there. `CHROMIUM` and `CHROMEDRIVER` name others than those on the path.
pub fn browser(project: &Project) -> Option<Browser> {
    const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
    let chromium = named("CHROMIUM").or_else(|| NAMES.iter().find_map(|name| project.find(name)));
    let chromium = chromium.or_else(|| Some(PathBuf::from(MAC)).filter(|file| file.is_file()));
    let driver = named("CHROMEDRIVER").or_else(|| project.find("chromedriver"));
    Some(Browser { chromium: chromium?, driver: driver? })
}

/// Firefox, the second browser of the tests, if it is there. `FIREFOX` names another one than that on the path.
pub fn firefox(project: &Project) -> Option<PathBuf> {
    const NAMES: [&str; 2] = ["firefox-esr", "firefox"];
    const MAC: &str = "/Applications/Firefox.app/Contents/MacOS/firefox";
    let found = NAMES.iter().filter_map(|name| project.find(name));
    let all = named("FIREFOX").into_iter().chain(found).chain(Some(PathBuf::from(MAC)));
    all.into_iter().find(|file| file.is_file() && is_firefox(project, file))
}

/// Ubuntu has a script of this name that only says how to install Firefox.
fn is_firefox(project: &Project, program: &Path) -> bool {
    process::probe(project.command(program).arg("--version")).is_some_and(|says| says.contains("Mozilla Firefox"))
}

/// The file that a variable names, if it is there.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|file| file.is_file())
}

/// Installs the system packages that the tests need and that are missing, where that is possible. Returns whether it did.
///
/// # Errors
/// If there is no Chromium and none can be installed, or if an installation fails. All but a few tests do without Firefox.
pub fn ensure(project: &Project) -> Result<bool> {
    let changed = ensure_needed(project)?;
    Ok(ensure_firefox(project) || changed)
}

fn ensure_needed(project: &Project) -> Result<bool> {
    let missing = missing_packages(project);
    if missing.is_empty() {
        return Ok(false);
    }
    if let Some(mut apt) = apt(project) {
        println!("set-up: installing Debian packages: {}", missing.join(", "));
        println!("        (chromium and its driver run the browser tests, fonts-noto-cjk shows the Chinese texts,");
        println!("        mesa-vulkan-drivers is a GPU in software for the native tests)");
        install(&mut apt, &missing)?;
        if browser(project).is_some() {
            return Ok(true);
        }
    }
    if browser(project).is_none() {
        bail!(
            "the browser tests need Chromium (or Chrome) and a chromedriver of the same version, and they could not be \
             installed from here. On Debian, as root: `apt-get install {}`. Elsewhere install both, put them on the PATH \
             or name them in CHROMIUM and CHROMEDRIVER, then run this again.",
            missing.join(" ")
        );
    }
    println!("note: not installed, and not needed to go on: {}", missing.join(", "));
    Ok(false)
}

/// Installs Firefox, if it is missing and apt has it. Where it cannot be had nothing is said and nothing fails: the stage that
/// needs it says what is left out.
fn ensure_firefox(project: &Project) -> bool {
    if firefox(project).is_some() {
        return false;
    }
    let Some(mut apt) = apt(project) else { return false };
    println!("set-up: installing a Debian package: {FIREFOX} (the story and the lab are tested in Firefox, too)");
    if let Err(error) = install(&mut apt, &[FIREFOX]) {
        println!("note: not installed, and not needed to go on: {FIREFOX} ({error:#})");
    }
    firefox(project).is_some()
}

fn install(apt: &mut impl FnMut() -> Command, packages: &[&str]) -> Result<()> {
    process::run(apt().args(["update", "--quiet"]))?;
    process::run(apt().args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages))
}

fn missing_packages(project: &Project) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if browser(project).is_none() {
        missing.extend(["chromium", "chromium-driver"]);
    }
    // Elsewhere the other packages have other names, and the tests can do without.
    if project.find("dpkg-query").is_some() {
        missing.extend(
            ["fonts-noto-cjk", "mesa-vulkan-drivers"].into_iter().filter(|package| !is_installed(project, package)),
        );
    }
    missing
}

fn is_installed(project: &Project, package: &str) -> bool {
    let status =
        process::probe(project.command("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]));
    status.as_deref() == Some("installed")
}

/// Makes commands that run apt-get with the rights to install, if there is a way to get them without asking anybody.
fn apt(project: &Project) -> Option<impl FnMut() -> Command> {
    let apt_get: PathBuf = project.find("apt-get")?;
    let root = process::probe(project.command("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let sudo = !root && process::probe(project.command("sudo").args(["-n", "true"])).is_some();
    (root || sudo).then_some(move || as_root(project, &apt_get, sudo))
}

fn as_root(project: &Project, program: &Path, sudo: bool) -> Command {
    let mut command = project.command(if sudo { "sudo" } else { "env" });
    if sudo {
        command.args(["-n", "env"]);
    }
    command.arg("DEBIAN_FRONTEND=noninteractive").arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkout with a folder of programs, in which there is one that says this of its version.
    #[cfg(unix)]
    fn with_firefox(says: &str) -> (tempfile::TempDir, Project, PathBuf) {
        use std::{fs, os::unix::fs::PermissionsExt};

        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("firefox-esr");
        fs::write(&program, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut project = Project::open().unwrap();
        project.add_tools(folder.path().to_owned());
        (folder, project, program)
    }

    #[cfg(unix)]
    #[test]
    fn firefox_is_what_says_that_it_is() {
        if named("FIREFOX").is_some() {
            return; // It comes first.
        }
        let (_folder, project, program) = with_firefox("Mozilla Firefox 153.8.0esr");
        assert_eq!(firefox(&project), Some(program));
        let (_folder, project, program) = with_firefox("Command 'firefox' requires the firefox snap to be installed.");
        assert_ne!(firefox(&project), Some(program));
    }
}
