//! A command that runs until it is interrupted, as in a terminal of its own.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicI32, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// How often something that is awaited is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// The group of the command that is running, or 0: a Ctrl-C meant for this program does not reach another group by itself.
static GROUP: AtomicI32 = AtomicI32::new(0);

/// A running command with everything that it has started. Ends all of it when it is dropped.
pub struct Background {
    child: Child,
    group: Pid,
    log: PathBuf,
}

impl Background {
    /// Starts a command whose output goes to a file.
    ///
    /// # Errors
    /// If the file cannot be written or the command cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        // Before the command starts: a program that was begun in a shell's background ignores interruptions, and so would all
        // that it starts; where there is a handler, a new program begins with the usual action. The second time it is there.
        let _ = ctrlc::set_handler(|| {
            if let Some(group) = Pid::from_raw(GROUP.load(Ordering::SeqCst)) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            std::process::exit(130);
        });
        let output = || {
            File::options().create(true).append(true).open(log).with_context(|| format!("writing {}", log.display()))
        };
        command.stdin(Stdio::null()).stdout(output()?).stderr(output()?).process_group(0);
        let child = command.spawn().with_context(|| format!("starting {}", command.get_program().display()))?;
        let group = Pid::from_child(&child);
        GROUP.store(group.as_raw_pid(), Ordering::SeqCst);
        Ok(Self { child, group, log: log.to_owned() })
    }

    /// Waits until `ready`, the end of the command, or the end of patience. Returns whether it is ready.
    ///
    /// # Errors
    /// If the command cannot be watched, or `ready` fails.
    pub fn wait_until(&mut self, patience: Duration, mut ready: impl FnMut() -> Result<bool>) -> Result<bool> {
        let start = Instant::now();
        while start.elapsed() < patience && self.child.try_wait().context("watching the command")?.is_none() {
            if ready()? {
                return Ok(true);
            }
            thread::sleep(PAUSE);
        }
        Ok(false)
    }

    /// Does what Ctrl-C in a terminal does, and waits for the end. Returns the exit status of the command, or nothing if
    /// some part of it is still running after all patience.
    ///
    /// # Errors
    /// If it cannot be interrupted or watched.
    pub fn interrupt(&mut self, patience: Duration) -> Result<Option<ExitStatus>> {
        kill_process_group(self.group, Signal::INT).context("interrupting the command")?;
        let start = Instant::now();
        while start.elapsed() < patience {
            let ended = self.child.try_wait().context("watching the command")?;
            if ended.is_some() && test_kill_process_group(self.group).is_err() {
                return Ok(ended);
            }
            thread::sleep(PAUSE);
        }
        Ok(None)
    }

    /// What the command has printed so far.
    pub fn output(&self) -> String {
        fs::read(&self.log).map_or_else(|error| error.to_string(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Nothing is left in the group when all went well.
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.child.wait();
        GROUP.store(0, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, log: &Path) -> Background {
        Background::start(Command::new("sh").args(["-c", script]), log).unwrap()
    }

    #[test]
    fn an_interruption_reaches_all_that_was_started() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = sh("trap 'echo ended; exit 0' INT; sleep 60 & echo begun; wait", &log);
        let begun = |log: &Path| fs::read_to_string(log).unwrap().contains("begun");
        assert!(command.wait_until(Duration::from_secs(20), || Ok(begun(&log))).unwrap());
        // A shell without job control lets what runs in the background ignore interruptions: that is found out.
        assert!(command.interrupt(Duration::from_secs(2)).unwrap().is_none());
        assert!(command.output().contains("ended"));
        let group = command.group;
        drop(command);
        let start = Instant::now();
        while test_kill_process_group(group).is_ok() && start.elapsed() < Duration::from_secs(20) {
            thread::sleep(PAUSE);
        }
        assert!(test_kill_process_group(group).is_err());
    }

    #[test]
    fn a_command_that_ends_early_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = sh("echo oops; exit 3", &folder.path().join("log"));
        assert!(!command.wait_until(Duration::from_secs(600), || Ok(false)).unwrap());
        assert_eq!(command.output(), "oops\n");
    }
}
