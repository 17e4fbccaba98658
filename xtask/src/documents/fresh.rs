//! The README's first command in a fresh clone, as a newcomer runs it.

use std::{
    ffi::OsStr,
    fs, io,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use walkdir::{DirEntry, WalkDir};

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

/// The folders of a target folder that hold what is compiled, one for each profile and target.
const PROFILES: [&str; 7] = [
    "debug",
    "engine",
    "page",
    "release",
    "wasm32-unknown-unknown/engine",
    "wasm32-unknown-unknown/page",
    "wasm32-unknown-unknown/release",
];

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
    let own = clone_into(project, &clone.root)?;
    let target = Target::with_what_is_in(&project.target(), own)?;
    serve(&clone, &target, &temporary.path().join("output.txt"))?;
    set_up(&clone, &target)?;
    let made = git(&clone, &["status", "--porcelain"])?;
    if !made.is_empty() {
        bail!("the commands left files in the checkout that git does not ignore:\n{made}");
    }
    Ok(())
}

/// What becomes of what was compiled from the workspace's own crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    /// The clone has the very files that it was compiled from, or will be.
    Taken,
    /// Something in the checkout is not in the clone.
    Left,
}

fn clone_into(project: &Project, folder: &Path) -> Result<Own> {
    let commit = git(project, &["log", "-1", "--format=%h %s"])?;
    println!("a clone of {commit}");
    let changed = git(project, &["status", "--porcelain"])?;
    let mut command = project.command("git");
    command.args(["-c", "advice.detachedHead=false", "clone", "--quiet"]).arg(&project.root).arg(folder);
    process::run(&mut command)?;
    if !changed.is_empty() {
        println!("note: what is not committed is not in it: {} files", changed.lines().count());
        return Ok(Own::Left);
    }
    as_old_as(&project.root, folder)?;
    Ok(Own::Taken)
}

/// Makes each file and folder of the clone as old as it is in the checkout, if it is the same: Cargo tells by their times alone
/// whether what it compiled is still good.
fn as_old_as(checkout: &Path, clone: &Path) -> Result<()> {
    let entries = WalkDir::new(clone).into_iter().filter_entry(|entry| entry.file_name() != ".git");
    for entry in entries {
        let entry = entry.context("looking at the clone")?;
        let original = checkout.join(entry.path().strip_prefix(clone).unwrap_or(entry.path()));
        let setting = || format!("setting the time of {}", entry.path().display());
        if entry.file_type().is_dir() || fs::read(entry.path()).ok() == fs::read(&original).ok() {
            let time = fs::metadata(&original).and_then(|of| of.modified()).with_context(setting)?;
            fs::File::open(entry.path()).and_then(|file| file.set_modified(time)).with_context(setting)?;
        }
    }
    Ok(())
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
    // Before it may stand what could not be installed, and is not needed.
    if again.trim().lines().last() != Some("set-up: nothing to do") {
        bail!("a second `cargo xtask setup` did not leave everything as it was:\n{again}");
    }
    Ok(())
}

/// A target folder for the clone, which begins with what the checkout has compiled: the dependencies, and from the workspace's own
/// crates what is good for the clone as well. So a newcomer's commands are tried without the hour that a newcomer's machine
/// takes once, and without the minutes that the site has just taken.
///
/// The two cannot share one: Cargo tells the crates of a workspace apart by their place *in* the workspace, and old from new
/// by the time, so it would take what it compiled for the clone for the checkout's own.
struct Target {
    folder: PathBuf,
}

impl Target {
    fn with_what_is_in(compiled: &Path, own: Own) -> Result<Self> {
        // Links cannot lead to another disk: below the other one, where no configuration of Cargo is looked for by the clone.
        let target = Self { folder: compiled.join("xtask").join("fresh-clone") };
        target.remove()?;
        // What is compiled for this machine, scripts and macros, is in a folder of the same profile.
        for profile in PROFILES {
            for part in ["build", "deps", ".fingerprint"] {
                let place = Path::new(profile).join(part);
                bring(&compiled.join(&place), &target.folder.join(&place), own)?;
            }
        }
        // Named by a hash of what it was made from.
        let engine = Path::new("xtask").join("engine");
        bring(&compiled.join(&engine), &target.folder.join(&engine), own)?;
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

/// Files of the workspace's own crates up to this size are copied, as Cargo and rustc write such files anew in place, and the
/// checkout's would change with them. Larger ones are made under another name first.
const WRITTEN_IN_PLACE: u64 = 1 << 20;

/// Links everything in a folder, if there is one.
fn bring(from: &Path, to: &Path, own: Own) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    let ours = |name: &OsStr| name.to_str().is_some_and(is_of_workspace);
    let entries = WalkDir::new(from).into_iter();
    let left = |entry: &DirEntry| own == Own::Left && entry.depth() == 1 && ours(entry.file_name());
    for entry in entries.filter_entry(|entry| !left(entry)) {
        let entry = entry.context("looking for what is compiled")?;
        let inside = entry.path().strip_prefix(from).unwrap_or(entry.path());
        let path = to.join(inside);
        let is_ours = inside.iter().next().is_some_and(ours);
        let made = if entry.file_type().is_dir() {
            fs::create_dir_all(&path)
        } else if is_ours && entry.metadata().is_ok_and(|of| of.len() <= WRITTEN_IN_PLACE) {
            copy(entry.path(), &path)
        } else {
            fs::hard_link(entry.path(), &path)
        };
        made.with_context(|| format!("making {}", path.display()))?;
    }
    Ok(())
}

/// A copy that is as old as the original.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::File::open(to)?.set_modified(fs::metadata(from)?.modified()?)
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

    /// A target folder with a dependency and two crates of the workspace.
    fn compiled() -> tempfile::TempDir {
        let compiled = tempfile::tempdir().unwrap();
        let deps = compiled.path().join("release/deps");
        fs::create_dir_all(&deps).unwrap();
        fs::create_dir_all(compiled.path().join("release/.fingerprint/tenshot-0123456789abcdef")).unwrap();
        for name in ["libburn-0123456789abcdef.rlib", "libtenshot-0123456789abcdef.rmeta", "xtask-0123456789abcdef.d"] {
            fs::write(deps.join(name), name).unwrap();
        }
        compiled
    }

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn dependencies_are_linked_and_the_workspaces_own_crates_are_left() {
        let compiled = compiled();
        let target = Target::with_what_is_in(compiled.path(), Own::Left).unwrap();
        let linked = target.folder.join("release");
        assert_eq!(names(&linked.join("deps")), ["libburn-0123456789abcdef.rlib"]);
        assert_eq!(names(&linked.join(".fingerprint")), [""; 0]);
        let folder = target.folder.clone();
        drop(target);
        assert!(!folder.exists() && compiled.path().join("release/deps/libburn-0123456789abcdef.rlib").is_file());
    }

    #[test]
    fn what_is_taken_is_as_old_and_no_link_to_what_is_written_in_place() {
        let compiled = compiled();
        let (name, place) = ("xtask-0123456789abcdef.d", Path::new("release/deps"));
        let original = compiled.path().join(place).join(name);
        let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        fs::File::open(&original).unwrap().set_modified(time).unwrap();
        let target = Target::with_what_is_in(compiled.path(), Own::Taken).unwrap();
        let linked = target.folder.join(place);
        assert_eq!(names(&linked), names(&compiled.path().join(place)));
        assert_eq!(fs::metadata(linked.join(name)).unwrap().modified().unwrap(), time);
        fs::write(linked.join(name), "another").unwrap();
        assert_eq!(fs::read_to_string(&original).unwrap(), name);
    }

    #[test]
    fn a_clone_is_as_old_as_the_checkout_where_it_is_the_same() {
        let (checkout, clone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for folder in [&checkout, &clone] {
            fs::create_dir(folder.path().join("src")).unwrap();
            fs::write(folder.path().join("src/same.rs"), "same").unwrap();
        }
        fs::write(checkout.path().join("src/other.rs"), "one").unwrap();
        fs::write(clone.path().join("src/other.rs"), "another").unwrap();
        for name in ["src/same.rs", "src/other.rs", "src"] {
            fs::File::open(checkout.path().join(name)).unwrap().set_modified(time).unwrap();
        }
        as_old_as(checkout.path(), clone.path()).unwrap();
        let time_of = |name: &str| fs::metadata(clone.path().join(name)).unwrap().modified().unwrap();
        assert_eq!([time_of("src/same.rs"), time_of("src")], [time, time]);
        assert!(time_of("src/other.rs") > time);
    }
}
