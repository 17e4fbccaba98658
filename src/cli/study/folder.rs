//! The folder of a study: what it is, and a record for each run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::{CliError, files, limits};
use crate::defence;
use crate::study::{Grid, Record, Status, Trial};

/// What the folder is of.
pub const ABOUT: &str = "study.json";
/// The folder of the records.
pub const RECORDS: &str = "records";

/// A study's folder.
pub struct Folder {
    path: PathBuf,
    /// What is done.
    pub grid: Grid,
}

/// `study.json`.
#[derive(Serialize, Deserialize)]
struct About {
    grid: Grid,
    /// The SHA-256 of each model's weights, by the model's name: runs of other weights are another study.
    models: BTreeMap<String, String>,
}

impl Folder {
    /// A folder to make a study in: a new one, or that of the same models, whose runs are kept.
    ///
    /// # Errors
    ///
    /// [`CliError`] if it is of other weights, or cannot be written.
    pub fn begin(path: &Path, grid: &Grid, models: &BTreeMap<String, String>) -> Result<Self, CliError> {
        let about = path.join(ABOUT);
        let mut models = models.clone();
        if about.exists() {
            let known: About = files::json(&about, limits::GRID)?;
            let other = known.models.iter().find(|(name, hash)| models.get(*name).is_some_and(|now| now != *hash));
            if let Some((name, _)) = other {
                return Err(CliError::Option(format!(
                    "--out: {} holds runs of another {name}: their figures do not belong to these weights. Choose another folder.",
                    path.display()
                )));
            }
            models.extend(known.models);
        }
        let records = path.join(RECORDS);
        std::fs::create_dir_all(&records).map_err(|error| CliError::write(&records, &error.into()))?;
        let text = serde_json::to_vec_pretty(&About { grid: grid.clone(), models }).expect("plain data");
        files::write(&about, &text)?;
        Ok(Self { path: path.to_path_buf(), grid: grid.clone() })
    }

    /// A folder in which a study was begun.
    ///
    /// # Errors
    ///
    /// [`CliError`] if there is none.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        let about: About = files::json(&path.join(ABOUT), limits::GRID)?;
        Ok(Self { path: path.to_path_buf(), grid: about.grid })
    }

    fn file(&self, trial: &Trial) -> PathBuf {
        self.path.join(RECORDS).join(format!("{}.json", trial.id()))
    }

    /// The record of a run of this very plan that came to its end, well or badly. Why there is none although there is a file is
    /// added to the reasons.
    pub fn record(&self, trial: &Trial, reasons: &mut Vec<String>) -> Option<Record> {
        let file = self.file(trial);
        if !file.exists() {
            return None;
        }
        let record = match files::record(&file) {
            Ok(record) => record,
            Err(error) => {
                reasons.push(error.to_string());
                return None;
            }
        };
        let ended = matches!(record.status, Status::Finished | Status::Failed { .. });
        if defence::is_of(&record, &trial.plan) && ended {
            return Some(record);
        }
        reasons.push(format!("{} is of another plan, or of a run that was not finished.", file.display()));
        None
    }

    /// Keeps a run's record.
    ///
    /// # Errors
    ///
    /// [`CliError::Write`].
    pub fn keep(&self, trial: &Trial, record: &Record) -> Result<(), CliError> {
        let file = self.file(trial);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| CliError::write(folder, &error.into()))?;
        }
        files::write(&file, &serde_json::to_vec(record).expect("plain data"))
    }
}
