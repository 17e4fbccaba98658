//! The README's first command in a fresh clone, as a newcomer runs it.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

use super::{markdown, served::Client};
use crate::{
    background::Background,
    files,
    process::{self, Project},
    site,
};

/// The heading in the README whose first block of commands is the first that a newcomer runs.
const HEADING: &str = "Try it";

/// How long the first build may take on a slow machine on which nothing has been compiled.
const BUILD: Duration = Duration::from_secs(90 * 60);

/// How long the command may take to end.
const END: Duration = Duration::from_secs(30);

/// Clones the checkout's last commit, runs the README's first command in it until the whole page is served, ends it, and
/// runs the set-up of the second command.
///
/// # Errors
/// If there is no commit to clone, or anything does not go as the README says.
pub fn check(project: &Project) -> Result<()> {
    let temporary = tempfile::tempdir().context("making a temporary folder")?;
    let clone = Project::at(temporary.path().join("tenshot"));
    clone_into(project, &clone.root)?;
    let target = Target::with_dependencies_of(&project.target())?;
    serve(&clone, &target, &temporary.path().join("output.txt"))?;
    set_up(&clone, &target)?;
    let made = git(&clone, &["status", "--porcelain"])?;
    if !made.is_empty() {
        bail!("the commands left files in the checkout that git does not ignore:\n{made}");
    }
    Ok(())
}

fn clone_into(project: &Project, folder: &Path) -> Result<()> {
    let commit = git(project, &["log", "-1", "--format=%h %s"])?;
    println!("a clone of {commit}");
    let changed = git(project, &["status", "--porcelain"])?;
    if !changed.is_empty() {
        println!("note: what is not committed is not in it: {} files", changed.lines().count());
    }
    let mut command = project.command("git");
    command.args(["-c", "advice.detachedHead=false", "clone", "--quiet"]).arg(&project.root).arg(folder);
    process::run(&mut command)
}

fn git(project: &Project, arguments: &[&str]) -> Result<String> {
    process::read(project.command("git").args(arguments)).map(|text| text.trim_end().to_owned())
}

/// Runs the README's first command in the clone and asks for all that it serves.
fn serve(clone: &Project, target: &Target, log: &Path) -> Result<()> {
    let line = first_command(&clone.path("README.md"))?;
    let port = free_port()?;
    println!("$ {line}   # at port {port}");
    let mut command = clone.command("sh");
    command
        .args(["-c", &in_place_of_the_shell(&line)])
        .env("TENSHOT_PORT", port.to_string())
        .env("CARGO_TARGET_DIR", &target.folder);
    let mut running = Background::start(&mut command, log)?;
    let went = watch(&mut running, clone, port);
    went.with_context(|| format!("`{line}` in a fresh clone printed\n{}", running.output()))
}

/// A line for `sh -c` of which the command is all that runs: a shell that stays and waits would itself die of Ctrl-C, and say
/// nothing of how the command took it.
fn in_place_of_the_shell(line: &str) -> String {
    format!("exec {line}")
}

fn watch(running: &mut Background, clone: &Project, port: u16) -> Result<()> {
    let client = Client::new(format!("http://127.0.0.1:{port}/"));
    // While there is no server, asking is an error.
    if !running.wait_until(BUILD, || Ok(client.get("").is_ok_and(|page| page.is_some())))? {
        bail!("it never served the page");
    }
    let built = files::all(&clone.path(site::DIST))?;
    println!("{} files are served", client.check(&built)?);
    match running.interrupt(END)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("after Ctrl-C it ended as if it had failed ({status})"),
        None => bail!("it was still running {} s after Ctrl-C", END.as_secs()),
    }
}

/// The README's first command, as it stands there.
fn first_command(readme: &Path) -> Result<String> {
    let text = fs::read_to_string(readme).with_context(|| format!("reading {}", readme.display()))?;
    let block = markdown::commands(&text).into_iter().find(|block| block.heading == HEADING);
    let lines = block.with_context(|| format!("README.md has no commands below \"{HEADING}\""))?.lines;
    Ok(lines.join("\n"))
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("looking for a free port")?;
    Ok(listener.local_addr().context("looking for a free port")?.port())
}

/// The set-up of the README's second command, `cargo xtask test`: all is found, and the second time there is nothing to do.
fn set_up(clone: &Project, target: &Target) -> Result<()> {
    let mut command = clone.command("cargo");
    command.args(["xtask", "setup"]).env("CARGO_TARGET_DIR", &target.folder);
    process::run(&mut command)?;
    let again = process::read(&mut command)?;
    if again.trim() != "set-up: nothing to do" {
        bail!("a second `cargo xtask setup` did not leave everything as it was:\n{again}");
    }
    Ok(())
}

/// A target folder for the clone, which begins with the dependencies that the checkout has compiled, as hard links.
///
/// The two cannot share one: Cargo tells the crates of a workspace apart by their place *in* the workspace, and old from new
/// by the time, so it would take what it compiled for the clone for the checkout's own.
struct Target {
    folder: PathBuf,
}

impl Target {
    fn with_dependencies_of(compiled: &Path) -> Result<Self> {
        // Links cannot lead to another disk: below the other one, where no configuration of Cargo is looked for by the clone.
        let target = Self { folder: compiled.join("xtask").join("fresh-clone") };
        target.remove()?;
        for profile in ["debug", "release", "wasm32-unknown-unknown/release"] {
            for part in ["build", "deps", ".fingerprint"] {
                let place = Path::new(profile).join(part);
                link(&compiled.join(&place), &target.folder.join(&place))?;
            }
        }
        Ok(target)
    }

    fn remove(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).with_context(|| format!("removing {}", self.folder.display()))?;
        }
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // The next one removes it first.
        if let Err(error) = self.remove() {
            println!("note: {error:#}");
        }
    }
}

/// Links everything in a folder, if there is one, but what was compiled from the workspace's own crates.
fn link(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    let ours = |name: &str| is_of_workspace(name);
    let entries = WalkDir::new(from).into_iter();
    for entry in entries.filter_entry(|entry| entry.depth() != 1 || !entry.file_name().to_str().is_some_and(ours)) {
        let entry = entry.context("looking for compiled dependencies")?;
        let path = to.join(entry.path().strip_prefix(from).unwrap_or(entry.path()));
        let made =
            if entry.file_type().is_dir() { fs::create_dir_all(&path) } else { fs::hard_link(entry.path(), &path) };
        made.with_context(|| format!("making {}", path.display()))?;
    }
    Ok(())
}

/// Whether a file or folder of Cargo's is one of a crate of the workspace: `libtenshot-0123456789abcdef.rlib` and the like.
fn is_of_workspace(name: &str) -> bool {
    const CRATES: [&str; 4] = ["page", "tenshot", "worker", "xtask"];
    let name = name.strip_prefix("lib").unwrap_or(name);
    let stem = name.split('.').next().unwrap_or_default();
    stem.rsplit_once('-').is_some_and(|(name, hash)| CRATES.contains(&name) && hash.len() == 16)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_readme_has_a_first_command_and_it_is_a_single_line() {
        let line = first_command(&Project::open().unwrap().path("README.md")).unwrap();
        assert!(line.starts_with("cargo xtask ") && !line.contains('\n'), "{line}");
    }

    #[test]
    fn the_status_is_that_of_the_command_and_not_of_its_shell() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let line = in_place_of_the_shell("sh -c \"trap 'exit 7' INT; echo begun; while :; do sleep 0.1; done\"");
        let mut running = Background::start(Command::new("sh").args(["-c", &line]), &log).unwrap();
        let begun = || Ok(fs::read_to_string(&log)?.contains("begun"));
        assert!(running.wait_until(Duration::from_secs(20), begun).unwrap());
        let status = running.interrupt(Duration::from_secs(20)).unwrap().expect("it ends");
        assert_eq!(status.code(), Some(7), "{status}");
    }

    #[test]
    fn dependencies_are_linked_and_the_workspaces_own_crates_are_not() {
        let compiled = tempfile::tempdir().unwrap();
        let deps = compiled.path().join("release/deps");
        fs::create_dir_all(&deps).unwrap();
        fs::create_dir_all(compiled.path().join("release/.fingerprint/tenshot-0123456789abcdef")).unwrap();
        for name in ["libburn-0123456789abcdef.rlib", "libtenshot-0123456789abcdef.rmeta", "xtask-0123456789abcdef.d"] {
            fs::write(deps.join(name), name).unwrap();
        }
        let target = Target::with_dependencies_of(compiled.path()).unwrap();
        let linked = target.folder.join("release");
        let names: Vec<_> =
            fs::read_dir(linked.join("deps")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["libburn-0123456789abcdef.rlib"]);
        assert_eq!(fs::read_dir(linked.join(".fingerprint")).unwrap().count(), 0);
        let folder = target.folder.clone();
        drop(target);
        assert!(!folder.exists() && deps.join("libburn-0123456789abcdef.rlib").is_file());
    }
}
