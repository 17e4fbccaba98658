//! [`Keeper`]: the file of a run's record, kept up to date while the run goes on, so that a run that is killed costs little.

use std::time::{Duration, Instant};

use super::target::Target;
use super::{CliError, files, limits, output};
use crate::study::{Record, RunEvent};
use crate::{disk, terminal};

/// The shortest time between two records of one run.
const PAUSE: Duration = Duration::from_secs(1);
/// So many times as long as it took to write the last one: a long record must not become what the run does.
const SHARE: u32 = 50;

/// Writes the record of one run: when the run begins, now and then, and when it is over.
pub struct Keeper {
    target: Option<Target>,
    written: Instant,
    pause: Duration,
    /// Whether something was measured that is not in the file.
    behind: bool,
    /// Whether the user knows that the file cannot be kept up to date.
    told: bool,
}

impl Keeper {
    /// Writes the record of a run that has not begun: from now on there is one, whatever happens.
    ///
    /// # Errors
    ///
    /// [`CliError::Write`].
    pub fn begin(target: Option<Target>, record: &Record) -> Result<Self, CliError> {
        let mut keeper = Self { target, written: Instant::now(), pause: PAUSE, behind: false, told: false };
        keeper.keep(record)?;
        Ok(keeper)
    }

    /// Writes what was measured, unless something was written just now. That it cannot be written is told, and the run goes
    /// on: the end of it is another chance.
    pub fn hear(&mut self, event: &RunEvent, record: &Record) {
        self.behind |= !matches!(event, RunEvent::Progress { .. } | RunEvent::Ended { .. });
        if !self.behind || self.written.elapsed() < self.pause {
            return;
        }
        if let Err(error) = self.keep(record)
            && !std::mem::replace(&mut self.told, true)
        {
            terminal::say(format_args!("tenshot: {error} The run goes on."));
        }
    }

    /// Writes the whole record.
    ///
    /// # Errors
    ///
    /// [`CliError::Write`], which says where the record is instead.
    pub fn finish(self, record: &Record) -> Result<(), CliError> {
        match self.target {
            None | Some(Target::Nowhere) => Ok(()),
            Some(Target::Standard) => output::json(record),
            Some(Target::File(path)) => {
                let bytes = bytes(record);
                if bytes.len() as u64 > limits::RECORD {
                    terminal::say(format_args!(
                        "The record has {} bytes, more than tenshot report reads.",
                        bytes.len()
                    ));
                }
                disk::write(&path, &bytes).map_err(|error| {
                    let elsewhere = match disk::rescue(&bytes, ".json") {
                        Ok(rescued) => format!("{error}. The record is in {} instead", rescued.display()),
                        Err(_) => error.to_string(),
                    };
                    CliError::Write { file: path.display().to_string(), reason: elsewhere }
                })
            }
        }
    }

    fn keep(&mut self, record: &Record) -> Result<(), CliError> {
        let Some(Target::File(path)) = &self.target else { return Ok(()) };
        let begun = Instant::now();
        let written = files::write(path, &bytes(record));
        self.pause = PAUSE.max(begun.elapsed() * SHARE);
        self.written = Instant::now();
        self.behind = written.is_err();
        written
    }
}

fn bytes(record: &Record) -> Vec<u8> {
    serde_json::to_vec(record).expect("plain data")
}
