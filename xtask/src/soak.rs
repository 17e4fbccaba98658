//! A soak: the built site in a browser, used at random for hours; what came of it is judged. See `docs/soak.md`.

mod differences;
mod journal;
mod memory;
mod report;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::Serialize;

use self::{journal::Journal, report::Report};
use crate::{process::Project, site, test};

/// What a minute's soak is called in the target folder, and that of hours.
const JOURNALS: [&str; 2] = ["soak-minute.jsonl", "soak.jsonl"];

/// Which devices the visitors of a soak choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Devices {
    /// The CPU, and now and then WebGPU.
    Auto,
    /// The CPU alone.
    Cpu,
}

/// A soak of so much time.
#[derive(Debug, Serialize)]
pub struct Soak {
    pub minutes: f64,
    /// Decides what is done, and in which order.
    pub seed: u32,
    #[serde(rename = "device")]
    pub devices: Devices,
    /// The file for what is seen, one JSON object a line.
    pub out: PathBuf,
}

impl Soak {
    /// A soak of so many hours, whose journal is in this file or in the target folder.
    ///
    /// # Errors
    /// If that is no time.
    pub fn new(project: &Project, hours: f64, seed: u32, devices: Devices, out: Option<&Path>) -> Result<Self> {
        if !(hours.is_finite() && hours > 0.0) {
            bail!("--hours is a time greater than 0, for instance 0.5");
        }
        let out = out.map_or_else(|| project.target().join(JOURNALS[1]), Path::to_owned);
        let out = std::path::absolute(&out).with_context(|| format!("{} is no path", out.display()))?;
        Ok(Self { minutes: hours * 60.0, seed, devices, out })
    }
}

/// Builds the site, unless it is `built` already, and soaks it.
///
/// # Errors
/// If the site cannot be built, or as [`on_built_site`].
pub fn run(project: &Project, soak: &Soak, built: bool) -> Result<()> {
    prepare(&soak.out)?;
    if !built {
        site::build(project, "./")?;
    }
    on_built_site(project, soak)
}

/// A minute on the built site, without WebGPU, whose emulation alone would take that.
///
/// # Errors
/// As [`on_built_site`].
pub fn minute(project: &Project) -> Result<()> {
    let out = project.target().join(JOURNALS[0]);
    prepare(&out)?;
    on_built_site(project, &Soak { minutes: 1.0, seed: 1, devices: Devices::Cpu, out })
}

/// Soaks the built site, prints what came of it, and where all that was seen is. Ctrl-C ends it with what there is.
///
/// # Errors
/// If it cannot be carried out, or found an error, a difference between two runs of one plan, or memory that grows.
fn on_built_site(project: &Project, soak: &Soak) -> Result<()> {
    println!("soak: {:.1} minutes with seed {}, into {}", soak.minutes, soak.seed, soak.out.display());
    let settings = serde_json::to_string(soak)?;
    let status = test::in_browser(project, |command| watch(command.args(["node", "soak.mjs"]).arg(&settings)))?;
    let report = Report::of(&Journal::read(&soak.out)?);
    println!("\n{report}\nAll that was seen: {}", soak.out.display());
    let mut found = report.found();
    if !status.success() {
        found.push(format!("it broke off ({status})"));
    }
    if !found.is_empty() {
        bail!("the soak found: {}", found.join("; "));
    }
    Ok(())
}

/// An hour is not to be lost for a file that cannot be written.
fn prepare(out: &Path) -> Result<()> {
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    File::create(out).with_context(|| format!("writing {}", out.display()))?;
    Ok(())
}

/// Runs the command to its end. An interruption of this program interrupts the command, which then comes to its end.
fn watch(command: &mut Command) -> Result<ExitStatus> {
    let mut child = command.spawn().context("starting Node.js")?;
    #[cfg(unix)]
    forward_interruptions(&child);
    child.wait().context("waiting for the end of the soak")
}

/// In a terminal the command hears of it by itself, too: it takes two for one.
#[cfg(unix)]
fn forward_interruptions(child: &std::process::Child) {
    use rustix::process::{Pid, Signal, kill_process};
    let child = Pid::from_child(child);
    // There is no other handler: nothing else that has one is run by the same command.
    let _ = ctrlc::set_handler(move || {
        let _ = kill_process(child, Signal::INT);
    });
}
