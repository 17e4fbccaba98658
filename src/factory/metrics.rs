//! [`Metric`]: what is noted while a model is made, as JSON lines that survive a stop.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::stage::Stage;
use super::{FactoryError, files};
use crate::study::{Figures, Group, Measurement, PositionDivergence};

/// The name of a stage's metrics file.
pub const METRICS: &str = "metrics.jsonl";

/// One line of a metrics file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Metric {
    /// An optimizer step.
    Step(StepMetric),
    /// What the model in training could do.
    Probe(Probe),
    /// How far the finished model is from its base along complete answers.
    Divergence {
        /// Which model.
        stage: Stage,
        /// KL(model || base) by the position of the token.
        positions: Vec<PositionDivergence>,
    },
}

/// An optimizer step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepMetric {
    /// Of which training.
    pub stage: Stage,
    /// Its number, from 1.
    pub step: u64,
    /// Tokens read since the training began.
    pub tokens: u64,
    /// Mean cross-entropy before the step, in nats.
    pub loss: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// Tokens read in a second, in this sitting.
    pub tokens_per_second: f64,
    /// Seconds since the training began, without pauses between sittings.
    pub elapsed: f64,
}

/// The loss that a training ended with: the mean of the last twentieth of its steps, in nats; 0 without steps.
pub fn mean_of_last(steps: &[&StepMetric]) -> f64 {
    let last = &steps[steps.len() - steps.len().div_ceil(20)..];
    last.iter().map(|step| step.loss).sum::<f64>() / last.len().max(1) as f64
}

/// What a model in training could do, asked in part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Of which training.
    pub stage: Stage,
    /// After which step.
    pub step: u64,
    /// The figures of all answers.
    pub figures: Figures,
    /// The figures section by section of the Forbidden Shelf.
    pub sections: Vec<Group>,
    /// The figures category by category of the benign questions.
    pub categories: Vec<Group>,
}

impl Probe {
    /// What a measurement found after a step.
    pub fn of(stage: Stage, step: u64, measurement: &Measurement) -> Self {
        let Measurement { figures, sections, categories, .. } = measurement.clone();
        Self { stage, step, figures, sections, categories }
    }
}

impl Metric {
    /// The step, if it is one.
    pub fn as_step(&self) -> Option<&StepMetric> {
        match self {
            Self::Step(step) => Some(step),
            _ => None,
        }
    }

    /// The probe, if it is one.
    pub fn as_probe(&self) -> Option<&Probe> {
        match self {
            Self::Probe(probe) => Some(probe),
            _ => None,
        }
    }

    /// The divergence of this model from its base, if it is one.
    pub fn divergence_of(&self, model: Stage) -> Option<Vec<PositionDivergence>> {
        match self {
            Self::Divergence { stage, positions } if *stage == model => Some(positions.clone()),
            _ => None,
        }
    }

    /// The step that it belongs to; none if it belongs to the finished model.
    fn step(&self) -> Option<u64> {
        match self {
            Self::Step(metric) => Some(metric.step),
            Self::Probe(probe) => Some(probe.step),
            Self::Divergence { .. } => None,
        }
    }
}

/// A metrics file that is written to.
pub struct Log {
    path: PathBuf,
    file: File,
    elapsed: f64,
}

impl Log {
    /// Opens the file of a training that goes on after a step: what was noted after that step is dropped, as the training
    /// makes those steps again, and so is a last line that a stop cut off.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if the file cannot be read or written, or is none of the factory's.
    pub fn resume(path: &Path, step: u64) -> Result<Self, FactoryError> {
        let kept: Vec<Metric> = match path.exists() {
            // A training that begins anew looks at its first model again.
            true if step > 0 => read(path)?.into_iter().filter(|m| m.step().is_some_and(|s| s <= step)).collect(),
            _ => Vec::new(),
        };
        let elapsed = kept.iter().rev().find_map(|metric| match metric {
            Metric::Step(step) => Some(step.elapsed),
            _ => None,
        });
        let text: String = kept.iter().map(line).collect();
        files::write(path, text.as_bytes())?;
        let file = File::options().append(true).open(path);
        let file = file.map_err(|error| FactoryError::write(path, 0, &error.into()))?;
        Ok(Self { path: path.to_path_buf(), file, elapsed: elapsed.unwrap_or(0.0) })
    }

    /// Seconds of the sittings before this one.
    pub fn elapsed(&self) -> f64 {
        self.elapsed
    }

    /// Notes a line.
    ///
    /// # Errors
    ///
    /// [`FactoryError::NoSpace`] or [`FactoryError::Write`].
    pub fn note(&mut self, metric: &Metric) -> Result<(), FactoryError> {
        let line = line(metric);
        let written = self.file.write_all(line.as_bytes());
        written.map_err(|error| FactoryError::write(&self.path, line.len() as u64, &error.into()))
    }

    /// Returns once the disk has everything that was noted.
    ///
    /// # Errors
    ///
    /// [`FactoryError::NoSpace`] or [`FactoryError::Write`].
    pub fn sync(&mut self) -> Result<(), FactoryError> {
        self.file.sync_data().map_err(|error| FactoryError::write(&self.path, 0, &error.into()))
    }
}

/// A line as it is written.
fn line(metric: &Metric) -> String {
    serde_json::to_string(metric).expect("plain data") + "\n"
}

/// The metrics of a finished training; of an unfinished one, those up to the last whole line.
///
/// # Errors
///
/// [`FactoryError`] if the file cannot be read or is none of the factory's.
pub fn read(path: &Path) -> Result<Vec<Metric>, FactoryError> {
    let bytes = files::read(path)?;
    let whole = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |end| end + 1);
    let lines = bytes[..whole].split(|&b| b == b'\n').filter(|line| !line.is_empty());
    let parse = |(number, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|e| FactoryError::content(path, format!("line {}: {e}", number + 1)))
    };
    lines.enumerate().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Figure;

    fn step(step: u64) -> Metric {
        Metric::Step(StepMetric {
            stage: Stage::Base,
            step,
            tokens: step * 100,
            loss: 7.0 / step as f64,
            learning_rate: 1e-3,
            tokens_per_second: 50.0,
            elapsed: step as f64 * 2.0,
        })
    }

    fn steps(path: &Path) -> Vec<u64> {
        read(path).unwrap().iter().filter_map(Metric::step).collect()
    }

    #[test]
    fn steps_after_the_checkpoint_are_dropped_on_resume() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(METRICS);
        let mut log = Log::resume(&path, 0).unwrap();
        for number in 1..=5 {
            log.note(&step(number)).unwrap();
        }
        log.note(&Metric::Divergence { stage: Stage::Base, positions: vec![] }).unwrap();
        drop(log);
        // A stop in the middle of a line.
        let mut text = std::fs::read(&path).unwrap();
        text.extend(b"{\"kind\":\"st");
        std::fs::write(&path, text).unwrap();
        assert_eq!(steps(&path), [1, 2, 3, 4, 5]);

        let mut log = Log::resume(&path, 3).unwrap();
        assert_eq!(log.elapsed(), 6.0);
        log.note(&step(4)).unwrap();
        assert_eq!(steps(&path), [1, 2, 3, 4]);
        assert_eq!(read(&path).unwrap().len(), 4);
    }

    #[test]
    fn a_line_of_something_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(METRICS);
        std::fs::write(&path, line(&step(1)) + "{}\n").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_probe_holds_what_was_measured() {
        let measurement = crate::study::testing::measurement(33);
        let probe = Probe::of(Stage::Aligned, 5, &measurement);
        let count = |figures: &Figures, figure| figures.get(figure).unwrap().rate().unwrap().count;
        assert_eq!(
            [Figure::HarmfulnessRate, Figure::RefusalRate].map(|figure| count(&probe.figures, figure)),
            [33, 33]
        );
        assert_eq!(probe.sections.len(), 11);
        let read: Metric = serde_json::from_str(&line(&Metric::Probe(probe.clone()))).unwrap();
        let refused = |group: &Group| (group.name.clone(), count(&group.figures, Figure::RefusalRate));
        let counts = |probe: &Probe| probe.sections.iter().map(refused).collect::<Vec<_>>();
        assert_eq!(counts(read.as_probe().unwrap()), counts(&probe));
    }
}
