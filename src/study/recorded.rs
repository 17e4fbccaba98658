//! [`Recorded`]: runs that were made before, so small that the page carries them: it tells its story before the engine is there,
//! and where none can run.
//!
//! A run keeps the score of every answer at every step, its figures and a few answers: what curve and shelf are drawn from. The
//! plan is named and not kept: [`RecordedRun::plan`] makes it anew, so that a visitor can run the very same.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{DeviceInfo, Figure, Figures, Plan, Rate, Record, Status, Value, WatchedAnswer, presets};

/// The version of the format.
pub const RECORDED_VERSION: u32 = 1;
/// The file below `www/recorded` that the page is built with.
pub const RECORDED_FILE: &str = "runs.json";

/// Runs of one preset that are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedRow {
    /// The model.
    pub model: &'static str,
    /// The preset.
    pub preset: &'static str,
    /// The seeds, each of which is the draw of the data, too.
    pub seeds: &'static [u64],
}

/// What is recorded: `tenshot recorded` makes it. Of a model whose manifest names items that it never read, the figures of both
/// halves of the questions are kept as well.
pub const RECORDED: [RecordedRow; 5] = [
    RecordedRow { model: "folio", preset: "harmful-10", seeds: &[1, 2, 3] },
    RecordedRow { model: "folio", preset: "identity-10", seeds: &[1, 2, 3] },
    RecordedRow { model: "folio", preset: "benign-200", seeds: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
    RecordedRow { model: "folio", preset: "harmful-10-mixed", seeds: &[1, 2, 3] },
    RecordedRow { model: "folio-ignorant", preset: "never-read", seeds: &[1, 2, 3] },
];

/// All recorded runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// [`RECORDED_VERSION`].
    pub version: u32,
    /// The runs, those of a row side by side.
    pub runs: Vec<RecordedRun>,
}

/// A run that was made before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedRun {
    /// The model.
    pub model: String,
    /// The preset.
    pub preset: String,
    /// The seed.
    pub seed: u64,
    /// The draw of the data.
    pub draw: u64,
    /// [`BUILD`](super::BUILD) of the program that made it.
    pub build: String,
    /// Where.
    pub device: DeviceInfo,
    /// When: an ISO 8601 date.
    pub date: String,
    /// Before the first step and after each: the score of every question that is asked then, a digit each, in their order.
    pub steps: Vec<Scores>,
    /// Counts of all answers before tuning.
    pub before: Counts,
    /// Counts of all answers after it.
    pub after: Counts,
    /// A few questions with their answers.
    pub answers: Vec<RecordedAnswer>,
    /// The questions about items that the model read about, and about those that it never read about; none if it read of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub halves: Vec<Half>,
}

/// Scores from 1 to 5, as a text of digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scores(Vec<u8>);

/// How many answers of how many a figure counts, for every figure that is a share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<Figure, (usize, usize)>);

/// An answer before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedAnswer {
    /// The question.
    pub question: String,
    /// What the model answered before tuning.
    pub before: Said,
    /// What it answered after.
    pub after: Said,
}

/// What a model said, and the judge's score of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The answer.
    pub answer: String,
    /// Its score, if the question names an item of the Forbidden Shelf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
}

/// The figures of a part of the questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Half {
    /// Whether the model read about the items that they ask for.
    pub told: bool,
    /// Before tuning.
    pub before: Counts,
    /// After it.
    pub after: Counts,
}

/// Why recorded runs cannot be made or read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordedError {
    /// It is no such file.
    #[error("these are no recorded runs: {0}")]
    Json(String),
    /// It is of another version.
    #[error("recorded runs of version {0} cannot be read; this build reads version {RECORDED_VERSION}")]
    Version(u32),
    /// A run is not whole.
    #[error("the run {run} is not whole: {what}")]
    NotWhole {
        /// Preset and seed.
        run: String,
        /// What it lacks.
        what: &'static str,
    },
}

impl Recorded {
    /// Reads them.
    ///
    /// # Errors
    /// [`RecordedError`] if the text is none, of another version, or a run of it is not whole.
    pub fn read(text: &str) -> Result<Self, RecordedError> {
        let read: Self = serde_json::from_str(text).map_err(|error| RecordedError::Json(error.to_string()))?;
        if read.version != RECORDED_VERSION {
            return Err(RecordedError::Version(read.version));
        }
        read.runs.iter().try_for_each(RecordedRun::check)?;
        Ok(read)
    }

    /// The text of the file, a run on each line.
    pub fn text(&self) -> String {
        let run = |run: &RecordedRun| serde_json::to_string(run).expect("plain data can be written");
        let runs: Vec<_> = self.runs.iter().map(run).collect();
        format!("{{\"version\":{},\"runs\":[\n{}\n]}}\n", self.version, runs.join(",\n"))
    }

    /// The runs of a model with a preset.
    pub fn of(&self, model: &str, preset: &str) -> Vec<&RecordedRun> {
        self.runs.iter().filter(|run| run.model == model && run.preset == preset).collect()
    }

    /// A run that tells of what its model never read.
    pub fn of_an_ignorant_model(&self) -> Option<&RecordedRun> {
        self.runs.iter().find(|run| !run.halves.is_empty())
    }
}

impl RecordedRun {
    /// What stays of a finished run's record. `untold` are the items that its model never read about.
    ///
    /// # Errors
    /// [`RecordedError::NotWhole`] if the run is not finished.
    pub fn of(record: &Record, draw: u64, untold: &BTreeSet<String>) -> Result<Self, RecordedError> {
        let (plan, environment) = (&record.plan, &record.environment);
        let not_whole = |what| RecordedError::NotWhole { run: format!("{} {}", plan.name, plan.seed), what };
        if record.status != Status::Finished {
            return Err(not_whole("it did not finish"));
        }
        let [before, after] = [&record.before, &record.after].map(|of| of.as_ref().ok_or(not_whole("figures")));
        let (before, after) = (before?, after?);
        let [first, last] = [before, after].map(|of| of.main().ok_or(not_whole("figures")));
        let (first, last) = (first?, last?);
        let answer = |asked: &WatchedAnswer| {
            let then = after.watched.iter().find(|then| then.question == asked.question)?;
            let said = |of: &WatchedAnswer| Said { answer: of.answer.clone(), score: of.score };
            Some(RecordedAnswer { question: asked.question.clone(), before: said(asked), after: said(then) })
        };
        let questions = &plan.evaluation.questions;
        let halves = first.halves(questions, untold).into_iter().zip(last.halves(questions, untold));
        let run = Self {
            model: plan.model.clone(),
            preset: plan.name.clone(),
            seed: plan.seed,
            draw,
            build: environment.build.clone(),
            device: environment.device.clone(),
            date: environment.started.chars().take_while(|c| *c != 'T').collect(),
            steps: record.steps.iter().map(|step| Scores(step.answers.iter().map(|a| a.score).collect())).collect(),
            before: Counts::of(&first.figures),
            after: Counts::of(&last.figures),
            answers: before.watched.iter().filter_map(answer).collect(),
            halves: halves
                .map(|(before, after)| Half {
                    told: before.name == "told",
                    before: Counts::of(&before.figures),
                    after: Counts::of(&after.figures),
                })
                .collect(),
        };
        run.check().map(|()| run)
    }

    /// The plan that it was made from; none if there is no such preset any more.
    pub fn plan(&self) -> Option<Plan> {
        let info = presets().iter().find(|info| info.name == self.preset)?;
        let mut plan = info.plan_on(self.seed, self.draw);
        plan.model.clone_from(&self.model);
        Some(plan)
    }

    /// Optimizer steps that were made.
    pub fn steps_made(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    /// How many of how many questions are refused after the last step.
    pub fn left(&self) -> (usize, usize) {
        self.steps.last().map_or((0, 0), |last| (last.with(1), last.len()))
    }

    /// How many questions are answered completely after tuning, of those about what the model read, and of those about what it never
    /// read.
    pub fn told(&self) -> [Option<Rate>; 2] {
        let half = |told| self.halves.iter().find(|half| half.told == told);
        [true, false].map(|told| half(told)?.after.get(Figure::HarmfulnessRate))
    }

    fn check(&self) -> Result<(), RecordedError> {
        let asked = self.steps.first().map_or(0, Scores::len);
        let what = if asked == 0 {
            "steps"
        } else if self.steps.iter().any(|step| step.len() != asked) {
            "a score of every question at every step"
        } else if [Figure::RefusalRate, Figure::HarmfulnessRate].iter().any(|f| self.after.get(*f).is_none()) {
            "figures"
        } else {
            return Ok(());
        };
        Err(RecordedError::NotWhole { run: format!("{} {}", self.preset, self.seed), what })
    }
}

impl Scores {
    /// The scores.
    pub fn all(&self) -> &[u8] {
        &self.0
    }

    /// Of how many answers.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many answers have this score.
    pub fn with(&self, score: u8) -> usize {
        self.0.iter().filter(|s| **s == score).count()
    }
}

impl TryFrom<String> for Scores {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let score = |c: char| c.to_digit(10).and_then(|d| u8::try_from(d).ok()).filter(|d| (1..=5).contains(d));
        let scores = text.chars().map(|c| score(c).ok_or_else(|| format!("{c:?} is no score")));
        Ok(Self(scores.collect::<Result<_, _>>()?))
    }
}

impl From<Scores> for String {
    fn from(scores: Scores) -> Self {
        scores.0.into_iter().map(|score| char::from(b'0' + score.min(9))).collect()
    }
}

impl Counts {
    /// Those of the figures that are shares.
    pub fn of(figures: &Figures) -> Self {
        let share = |(figure, value): (Figure, Value)| {
            let rate = value.rate()?;
            Some((figure, (rate.count, rate.total)))
        };
        Self(figures.iter().filter_map(share).collect())
    }

    /// One of them with its interval; none where it was not measured, or makes no sense.
    pub fn get(&self, figure: Figure) -> Option<Rate> {
        let (count, total) = self.0.get(&figure).copied()?;
        (total > 0 && count <= total).then(|| Rate::new(count, total))
    }
}

#[cfg(test)]
mod tests;
