//! What comes from the operating system: the browser and its driver, fonts, a software Vulkan driver.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::process::{self, Project};

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
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|file| file.is_file());
    let chromium = set("CHROMIUM").or_else(|| NAMES.iter().find_map(|name| project.find(name)));
    let chromium = chromium.or_else(|| Some(PathBuf::from(MAC)).filter(|file| file.is_file()));
    let driver = set("CHROMEDRIVER").or_else(|| project.find("chromedriver"));
    Some(Browser { chromium: chromium?, driver: driver? })
}

/// Installs the system packages that the tests need and that are missing, where that is possible. Returns whether it did.
///
/// # Errors
/// If there is no browser and none can be installed, or if an installation fails.
pub fn ensure(project: &Project) -> Result<bool> {
    let missing = missing_packages(project);
    if missing.is_empty() {
        return Ok(false);
    }
    if let Some(mut apt) = apt(project) {
        println!("set-up: installing Debian packages: {}", missing.join(", "));
        println!("        (chromium and its driver run the browser tests, fonts-noto-cjk shows the Chinese texts,");
        println!("        mesa-vulkan-drivers is a GPU in software for the native tests)");
        process::run(apt().args(["update", "--quiet"]))?;
        process::run(apt().args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(&missing))?;
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
