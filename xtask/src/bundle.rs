//! One program with the page, its engine and its models in it, which serves them: for machines without Rust, Node.js and network.

use std::{
    env::consts::EXE_SUFFIX,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{
    documents::Client,
    files,
    offline::{self, Needed},
    process::{self, Project},
    site,
};

/// What it says when it serves, before the address.
const SERVES: &str = "Tenshot is at ";

/// Builds the site, then the command line with the site in it, and asks that one for every file of the site.
///
/// # Errors
/// If a build fails, or the program does not serve what was built.
pub fn build(project: &Project) -> Result<()> {
    site::build(project, "./")?;
    let dist = project.path(site::DIST);
    let mut command = project.command("cargo");
    command.args(["build", "--release", "--locked", "--bin", "tenshot", "--features", "site"]);
    // Absolute: it is looked for from elsewhere.
    process::run(command.env("TENSHOT_SITE", fs::canonicalize(&dist).context("looking for the site")?))?;
    let program = keep(&project.target())?;
    let count = check(&program, &dist)?;
    let bytes = fs::metadata(&program).map_or(0, |about| about.len());
    println!(
        "{}: {:.1} MB; it serves all {count} files. `tenshot serve --open` shows the page.",
        program.display(),
        bytes as f64 / 1e6
    );
    Ok(())
}

/// Puts the program where the next build leaves it alone.
fn keep(target: &Path) -> Result<PathBuf> {
    let folder = target.join("bundle");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let name = format!("tenshot{EXE_SUFFIX}");
    let (built, kept) = (target.join("release").join(&name), folder.join(&name));
    fs::copy(&built, &kept).with_context(|| format!("copying {}", built.display()))?;
    Ok(kept)
}

/// A program that is ended with what was wanted of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program where there is no site, and asks for all files that a browser asks for. Returns how many there are.
fn check(program: &Path, dist: &Path) -> Result<usize> {
    let elsewhere = tempfile::tempdir().context("making a temporary folder")?;
    let mut command = Command::new(program);
    command.args(["serve", "--port", "0"]).current_dir(elsewhere.path()).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running(command.spawn().with_context(|| format!("starting {}", program.display()))?);
    let mut line = String::new();
    let said = running.0.stdout.take().context("it has no output")?;
    BufReader::new(said).read_line(&mut line).context("reading what it says")?;
    let Some(address) = line.strip_prefix(SERVES).and_then(|rest| rest.split_whitespace().next()) else {
        bail!("`{} serve` said {line:?} instead of where it is", program.display());
    };
    let asked_for = |file: &PathBuf| {
        let name = file.to_string_lossy().replace('\\', "/");
        name == offline::SCRIPT || offline::needed(&name) != Needed::Never
    };
    let built: Vec<_> = files::all(dist)?.into_iter().filter(asked_for).collect();
    Client::new(address.to_owned()).check(&built)
}
