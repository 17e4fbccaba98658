//! What a stage was made from, and what it made, on disk: so that a finished stage is skipped and a changed one noticed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::{self, PARTIAL};
use super::stage::Stage;
use super::{FactoryError, Recipe};

/// The folder of a stage's checkpoints, inside the stage's own. It is gone when the stage is finished.
pub const CHECKPOINTS: &str = "checkpoints";
const RECORD: &str = "stage.json";
/// The form of what stages leave in their folders. Since 2 metrics and figures hold the figures of [`crate::study`].
const VERSION: u32 = 2;

/// What a stage is made from. Two stages with the same origin have the same result, on the same device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Which stage.
    pub stage: Stage,
    /// Its part of the recipe, seed included; numbers as texts, which a file gives back to the last digit.
    pub recipe: BTreeMap<String, String>,
    /// The versions of the programs that decide the result.
    pub versions: BTreeMap<String, String>,
    /// The SHA-256 of everything that goes in.
    pub inputs: BTreeMap<String, String>,
}

impl Origin {
    /// The origin of a stage, given the hashes of what goes in.
    pub fn new(stage: Stage, recipe: &Recipe, inputs: BTreeMap<String, String>) -> Self {
        let versions = [("tenshot", env!("CARGO_PKG_VERSION")), ("burn", BURN), ("tokenizers", TOKENIZERS)];
        let versions = versions.map(|(name, version)| (name.to_string(), version.to_string())).into();
        Self { stage, recipe: stage.part(recipe), versions, inputs }
    }

    /// What differs from another origin, in words; empty if nothing does.
    pub fn changes(&self, then: &Self) -> String {
        let mut changes = differences(&then.recipe, &self.recipe, true);
        changes.extend(differences(&then.versions, &self.versions, true));
        changes.extend(differences(&then.inputs, &self.inputs, false));
        changes.join("; ")
    }
}

/// The versions that `Cargo.toml` pins, which a test compares.
const BURN: &str = "0.22.1";
const TOKENIZERS: &str = "0.23.2";

/// The names whose values differ; with the values, or (for hashes) without.
fn differences(then: &BTreeMap<String, String>, now: &BTreeMap<String, String>, shown: bool) -> Vec<String> {
    let mut names: Vec<&String> = then.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    let value =
        |map: &BTreeMap<String, String>, name: &String| map.get(name).cloned().unwrap_or_else(|| "absent".into());
    let differing = names.into_iter().filter(|&name| then.get(name) != now.get(name));
    differing
        .map(|name| match shown {
            true => format!("{name} was {} and is {}", value(then, name), value(now, name)),
            false => format!("{name} changed"),
        })
        .collect()
}

/// A file that a stage made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its path from the stage's folder, with `/` between the parts.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal digits.
    pub sha256: String,
}

/// `stage.json`: written when a stage begins, and again when it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct StageRecord {
    version: u32,
    #[serde(flatten)]
    origin: Origin,
    /// What it made; `None` until it is finished.
    outputs: Option<Vec<Output>>,
    /// Wall-clock seconds of all sittings together, as far as they ended in order.
    seconds: f64,
    /// Where it was computed.
    device: String,
}

impl StageRecord {
    /// That the files are of another form than those of today, in words; nothing if they are not.
    fn form_changes(&self) -> Option<String> {
        let then = self.version;
        (then != VERSION).then(|| format!("the form of its files was {then} and is {VERSION}"))
    }
}

/// How far a stage is.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Nothing is there.
    New,
    /// It was begun from the same origin, and stopped.
    Begun,
    /// It is finished, and its files are intact.
    Finished,
    /// It was made from something else, or its files were changed; in words.
    Stale(String),
}

/// A stage's folder.
#[derive(Clone, Debug)]
pub struct StageFolder {
    /// The stage.
    pub stage: Stage,
    path: PathBuf,
}

impl StageFolder {
    /// The folder of a stage in a build's folder. Nothing is made yet.
    pub fn new(build: &Path, stage: Stage) -> Self {
        Self { stage, path: build.join(stage.name()) }
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where checkpoints go.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join(CHECKPOINTS)
    }

    /// What differs between the form and the recipe that the stage was begun with and those of now, in words; empty if
    /// nothing does, or nothing was begun.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if its record cannot be read.
    pub fn changes(&self, recipe: &Recipe) -> Result<String, FactoryError> {
        let Some(record) = self.record_of_any_form()? else { return Ok(String::new()) };
        let mut changes = differences(&record.origin.recipe, &self.stage.part(recipe), true);
        changes.extend(record.form_changes());
        Ok(changes.join("; "))
    }

    /// How far the stage is, if it is to come from this origin.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if its record cannot be read.
    pub fn state(&self, origin: &Origin) -> Result<State, FactoryError> {
        let Some(record) = self.record_of_any_form()? else { return Ok(State::New) };
        if let Some(changes) = record.form_changes() {
            return Ok(State::Stale(changes));
        }
        let changes = origin.changes(&record.origin);
        if !changes.is_empty() {
            return Ok(State::Stale(changes));
        }
        let Some(outputs) = record.outputs else { return Ok(State::Begun) };
        for output in outputs {
            let intact =
                files::read(&self.file(&output.path)).is_ok_and(|bytes| files::sha256(&bytes) == output.sha256);
            if !intact {
                return Ok(State::Stale(format!("its file {} was changed or removed", output.path)));
            }
        }
        Ok(State::Finished)
    }

    /// Notes that the stage begins, or goes on; what a stop in the middle of writing has left is removed.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if the record cannot be written.
    pub fn begin(&self, origin: &Origin, device: &str) -> Result<(), FactoryError> {
        files::remove_partial(&self.path)?;
        let (seconds, before) = self.effort()?.unwrap_or_default();
        // Of a training that moved, all devices are told.
        let device = match before {
            before if before.ends_with(device) => before,
            before if before.is_empty() => device.into(),
            before => format!("{before}; then {device}"),
        };
        self.note(&StageRecord { version: VERSION, origin: origin.clone(), outputs: None, seconds, device })
    }

    /// Notes that a sitting of so many seconds ended before the stage was finished.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if the record cannot be written.
    pub fn pause(&self, seconds: f64) -> Result<(), FactoryError> {
        let Some(mut record) = self.record()? else { return Ok(()) };
        record.seconds += seconds;
        self.note(&record)
    }

    /// Notes that the stage is finished: its checkpoints go, its files are listed with their hashes.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if a file cannot be read, or the record not written.
    pub fn finish(&self, seconds: f64) -> Result<(), FactoryError> {
        let path = self.file(RECORD);
        let mut record = self.record()?.ok_or_else(|| FactoryError::content(&path, "it is not there"))?;
        let checkpoints = format!("{CHECKPOINTS}/");
        let ours = |path: &String| *path != RECORD && !path.ends_with(PARTIAL) && !path.starts_with(&checkpoints);
        let output = |path: String| {
            let bytes = files::read(&self.file(&path))?;
            Ok(Output { bytes: bytes.len() as u64, sha256: files::sha256(&bytes), path })
        };
        let outputs = files::list(&self.path)?.into_iter().filter(ours).map(output);
        record.outputs = Some(outputs.collect::<Result<_, FactoryError>>()?);
        record.seconds += seconds;
        self.note(&record)?;
        // Last, so that a stop in between does not cost the training.
        files::remove_folder(&self.checkpoints())
    }

    /// What the stage belongs to, in one word: a checkpoint of another recipe, base or program must not be taken up.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if its record cannot be read.
    pub fn job(&self) -> Result<String, FactoryError> {
        let origin = self.record()?.map(|record| record.origin);
        let origin = serde_json::to_vec(&origin).expect("plain data");
        Ok(format!("{} {}", self.stage, files::sha256(&origin)))
    }

    /// The files that a finished stage made; none if it is not finished.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if its record cannot be read.
    pub fn outputs(&self) -> Result<Option<Vec<Output>>, FactoryError> {
        Ok(self.record()?.and_then(|record| record.outputs))
    }

    /// The seconds that the stage took so far, and on which device.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if its record cannot be read.
    pub fn effort(&self) -> Result<Option<(f64, String)>, FactoryError> {
        Ok(self.record()?.map(|record| (record.seconds, record.device)))
    }

    /// The record of a stage whose files can be read.
    fn record(&self) -> Result<Option<StageRecord>, FactoryError> {
        let record = self.record_of_any_form()?;
        match record.as_ref().and_then(StageRecord::form_changes) {
            Some(changes) => Err(FactoryError::content(&self.file(RECORD), changes)),
            None => Ok(record),
        }
    }

    fn record_of_any_form(&self) -> Result<Option<StageRecord>, FactoryError> {
        let path = self.file(RECORD);
        if path.exists() { files::read_json(&path).map(Some) } else { Ok(None) }
    }

    fn note(&self, record: &StageRecord) -> Result<(), FactoryError> {
        files::write_json(&self.file(RECORD), record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(recipe: &Recipe) -> Origin {
        Origin::new(Stage::Base, recipe, BTreeMap::from([("tokenizer.json".into(), "ab".into())]))
    }

    fn tiny() -> Recipe {
        Recipe::named("tiny").unwrap()
    }

    #[test]
    fn a_stage_goes_from_new_to_finished() {
        let folder = tempfile::tempdir().unwrap();
        let stage = StageFolder::new(folder.path(), Stage::Base);
        let origin = origin(&tiny());
        assert_eq!(stage.state(&origin).unwrap(), State::New);
        stage.begin(&origin, "cpu").unwrap();
        assert_eq!(stage.state(&origin).unwrap(), State::Begun);
        files::write(&stage.checkpoints().join("step-4"), b"x").unwrap();
        stage.pause(2.0).unwrap();
        stage.begin(&origin, "gpu").unwrap();
        stage.begin(&origin, "gpu").unwrap();
        files::write(&stage.file("model.safetensors"), b"weights").unwrap();
        stage.finish(3.0).unwrap();
        assert_eq!(stage.state(&origin).unwrap(), State::Finished);
        assert_eq!(stage.effort().unwrap(), Some((5.0, "cpu; then gpu".into())));
        let outputs: Vec<String> = stage.outputs().unwrap().unwrap().into_iter().map(|o| o.path).collect();
        assert_eq!(outputs, ["model.safetensors"]);
        assert!(!stage.checkpoints().exists());
    }

    #[test]
    fn changed_inputs_recipes_and_outputs_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let stage = StageFolder::new(folder.path(), Stage::Base);
        let first = origin(&tiny());
        stage.begin(&first, "cpu").unwrap();
        files::write(&stage.file("model.safetensors"), b"weights").unwrap();
        stage.finish(1.0).unwrap();

        let stale = |origin: &Origin| match stage.state(origin).unwrap() {
            State::Stale(changes) => changes,
            other => panic!("{other:?}"),
        };
        let mut other = first.clone();
        other.inputs.insert("tokenizer.json".into(), "cd".into());
        assert_eq!(stale(&other), "tokenizer.json changed");
        assert_eq!(stale(&origin(&Recipe { steps: 13, ..tiny() })), "steps was 12 and is 13");
        files::write(&stage.file("model.safetensors"), b"Weights").unwrap();
        assert!(stale(&first).contains("model.safetensors"));
    }

    #[test]
    fn files_of_another_form_are_noticed_and_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let stage = StageFolder::new(folder.path(), Stage::Base);
        let origin = origin(&tiny());
        stage.begin(&origin, "cpu").unwrap();
        stage.finish(1.0).unwrap();
        assert_eq!(stage.changes(&tiny()).unwrap(), "");
        let older = StageRecord { version: 1, ..stage.record().unwrap().unwrap() };
        stage.note(&older).unwrap();
        let told = "the form of its files was 1 and is 2";
        assert_eq!(stage.changes(&tiny()).unwrap(), told);
        assert_eq!(stage.state(&origin).unwrap(), State::Stale(told.into()));
        let error = stage.outputs().unwrap_err().to_string();
        assert!(error.contains("stage.json") && error.contains(told), "{error}");
    }

    #[test]
    fn recorded_versions_are_the_pinned_ones() {
        let manifest = include_str!("../../Cargo.toml");
        for (name, version) in [("burn", BURN), ("tokenizers", TOKENIZERS)] {
            assert!(manifest.contains(&format!("{name} = {{ version = \"={version}\"")), "{name}");
        }
    }
}
