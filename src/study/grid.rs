//! [`Grid`]: a study as plain data. Experiments, what is varied in each, and how many seeds.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::{
    Aim, ConditionKind, DataPart, EvaluationPlan, Plan, PlanError, PresetInfo, QuestionSet, UnknownPreset, presets,
};
use crate::corpus::LARGEST_DRAW;

/// The version of the grid format.
pub const GRID_VERSION: u32 = 1;
/// The most trials of a study: each is a whole run.
pub const MOST_TRIALS: usize = 20_000;
/// Where questions are not asked after every step, every so many are all the same, as a step is nothing without a measurement.
const HARDLY: usize = 330;
/// In a plan that has no seed yet: the draw is the seed.
const OF_SEED: u64 = u64::MAX;
/// The most text of an experiment's plans, in bytes: each carries the user's own conversations.
const MOST_BYTES: usize = 256 << 20;
/// The longest name of an experiment or a point, each a part of a file's name.
const LONGEST_NAME: usize = 48;

/// The studies that ship, by their names.
pub const GRIDS: [(&str, &str); 3] = [
    ("paper", include_str!("data/paper.json")),
    ("another-seed", include_str!("data/another-seed.json")),
    ("settings", include_str!("data/settings.json")),
];

/// The study of this name that ships.
pub fn bundled_grid(name: &str) -> Option<Grid> {
    let (_, text) = GRIDS.iter().find(|(known, _)| *known == name)?;
    Some(serde_json::from_str(text).expect("a test reads each of them"))
}

/// A study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// [`GRID_VERSION`].
    pub version: u32,
    /// What it is called.
    pub name: String,
    /// What it is for, in one sentence.
    pub about: String,
    /// Every trial is made with the seeds 1 to this one. A seed chooses the draw of the data, its order and the adapter's start.
    pub seeds: u64,
    /// The questions: those that are reported, or the development split's, to choose settings by.
    #[serde(default)]
    pub questions: Questions,
    /// What is done.
    pub experiments: Vec<Experiment>,
}

/// Which questions a study asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Questions {
    /// The bundled ones, which are reported.
    #[default]
    Bundled,
    /// Those of the development split, by which settings are chosen.
    Development,
}

/// An experiment: a preset, and what is changed in its plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Its name: small letters, digits and hyphens.
    pub name: String,
    /// What it asks, in one sentence.
    pub about: String,
    /// The preset that every plan begins with.
    pub preset: String,
    /// What is different in all of its plans.
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub set: Settings,
    /// Further conditions under which questions are asked, before and after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ConditionKind>,
    /// With how many tokens of a complete answer answers are begun, each under a condition of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub begun: Vec<usize>,
    /// What is varied: every point of the first axis with every point of the second, and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<Axis>,
    /// So many seeds instead of the study's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds: Option<u64>,
    /// Whether a part of the questions is asked after every step, too, for a learning curve. It takes most of a run's time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub curve: bool,
    /// What one of its points is chosen for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aim: Option<Aim>,
    /// What the paper reports of the same, to stand beside it and apart from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paper: Vec<PaperFigure>,
}

/// A figure of arXiv 2310.03693: of another model, judged by another judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperFigure {
    /// The model and what was done, with the table it stands in.
    pub what: String,
    /// The harmfulness rate, from 0 to 1.
    pub harmfulness_rate: f64,
}

/// Settings of a plan by their paths in its JSON, such as `tuning.epochs` or `data.0.size`.
pub type Settings = BTreeMap<String, Value>;

/// Something that is varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// What it is called, such as `examples`.
    pub name: String,
    /// Its points, in their order.
    pub points: Vec<Point>,
}

/// A point of an axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// What it is called: letters, digits, dots and hyphens, as a part of a file's name.
    pub label: String,
    /// What is different in its plans.
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub set: Settings,
}

/// One run of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The experiment's name.
    pub experiment: String,
    /// The label of its point on each axis.
    pub point: Vec<String>,
    /// What to run.
    pub plan: Plan,
}

impl Trial {
    /// The same with another seed. Each seed has a draw of its own: what comes of a harmless set depends on the draw more than
    /// on anything else.
    fn with_seed(&self, seed: u64) -> Self {
        let mut trial = self.clone();
        trial.plan.seed = seed;
        for part in &mut trial.plan.data {
            if let DataPart::Drawn { draw, .. } = part
                && *draw == OF_SEED
            {
                *draw = seed;
            }
        }
        trial
    }

    /// Its name among the trials of a study, such as `mixing/identity/50/seed-3`: also that of its record, without the ending.
    pub fn id(&self) -> String {
        let points = self.point.iter().map(|label| format!("{label}/")).collect::<String>();
        format!("{}/{points}seed-{}", self.experiment, self.plan.seed)
    }
}

/// Why a grid cannot be run, as a clause without a full stop.
#[derive(Debug, PartialEq, Error)]
pub enum GridError {
    /// It is of another format.
    #[error("it is of version {found}, and this build runs version {GRID_VERSION}")]
    Version {
        /// The version that it has.
        found: u32,
    },
    /// It has no experiments or no seeds, or too many of something.
    #[error("it comes to {trials} runs, and a study has from 1 to {MOST_TRIALS}")]
    Trials {
        /// How many there would be.
        trials: usize,
    },
    /// There are no seeds, or more than there are draws.
    #[error("it has {seeds} seeds, and there can be from 1 to {LARGEST_DRAW}: each is a draw of the data")]
    Seeds {
        /// How many there would be.
        seeds: u64,
    },
    /// Its plans together are too much.
    #[error("the plans of the experiment {experiment} come to more than {} MiB: use fewer points, seeds or conversations", MOST_BYTES >> 20)]
    Large {
        /// The experiment.
        experiment: String,
    },
    /// A name cannot be a part of a file's name, or there are two of it.
    #[error(
        "{name:?} cannot be a name here: it becomes a file's, so it has up to {LONGEST_NAME} small letters, digits, dots and hyphens, and is there once"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// An experiment begins with a preset that does not exist.
    #[error("in the experiment {experiment}, {error}")]
    Preset {
        /// The experiment.
        experiment: String,
        /// Which there are.
        error: UnknownPreset,
    },
    /// A setting does not exist, or has a value that it cannot have.
    #[error("in the experiment {experiment}, {path} cannot be set to {value}: {reason}")]
    Setting {
        /// The experiment.
        experiment: String,
        /// The path.
        path: String,
        /// The value.
        value: Value,
        /// Why.
        reason: String,
    },
    /// A plan makes no sense.
    #[error("the plan of {trial} cannot be run: {error}")]
    Plan {
        /// The trial.
        trial: String,
        /// What is wrong with it.
        error: PlanError,
    },
}

impl Grid {
    /// Every run of the study, experiment by experiment, each point with all of its seeds.
    ///
    /// # Errors
    /// [`GridError`] with the first thing that makes no sense. Whether the models exist is not asked here.
    pub fn trials(&self) -> Result<Vec<Trial>, GridError> {
        if self.version != GRID_VERSION {
            return Err(GridError::Version { found: self.version });
        }
        let count = self.experiments.iter().map(|of| of.count(self.seeds)).fold(0, usize::saturating_add);
        if !(1..=MOST_TRIALS).contains(&count) {
            return Err(GridError::Trials { trials: count });
        }
        distinct(self.experiments.iter().map(|of| &of.name))?;
        let mut trials = Vec::with_capacity(count);
        for experiment in &self.experiments {
            trials.extend(experiment.trials(self)?);
        }
        Ok(trials)
    }
}

impl Experiment {
    fn count(&self, seeds: u64) -> usize {
        let seeds = usize::try_from(self.seeds.unwrap_or(seeds)).unwrap_or(usize::MAX);
        self.axes.iter().fold(seeds, |count, axis| count.saturating_mul(axis.points.len()))
    }

    fn trials(&self, grid: &Grid) -> Result<Vec<Trial>, GridError> {
        let seeds = self.seeds.unwrap_or(grid.seeds);
        if !(1..=LARGEST_DRAW).contains(&seeds) {
            return Err(GridError::Seeds { seeds });
        }
        let unknown = || UnknownPreset { name: self.preset.clone() };
        let preset = presets().iter().find(|info| info.name == self.preset);
        let preset = preset.ok_or_else(|| GridError::Preset { experiment: self.name.clone(), error: unknown() })?;
        for axis in &self.axes {
            distinct(axis.points.iter().map(|point| &point.label))?;
        }
        let mut trials = Vec::new();
        let mut bytes = 0;
        for point in combinations(&self.axes) {
            let trial = self.trial(grid, preset, &point)?;
            bytes += serde_json::to_string(&trial.plan).map_or(0, |text| text.len()) * seeds as usize;
            if bytes > MOST_BYTES {
                return Err(GridError::Large { experiment: self.name.clone() });
            }
            trials.extend((1..=seeds).map(|seed| trial.with_seed(seed)));
        }
        Ok(trials)
    }

    /// The trial of a point, with no seed yet and data of no draw yet, but where the point names one.
    fn trial(&self, grid: &Grid, preset: &PresetInfo, point: &[&Point]) -> Result<Trial, GridError> {
        let mut plan = preset.plan_on(1, OF_SEED);
        self.measure(grid, &mut plan.evaluation);
        let labels: Vec<String> = point.iter().map(|point| point.label.clone()).collect();
        plan.name = [std::slice::from_ref(&self.name), &labels].concat().join(" ");
        let settings = self.set.iter().chain(point.iter().flat_map(|point| &point.set));
        for (path, value) in settings {
            plan = set(plan, path, value).map_err(|reason| GridError::Setting {
                experiment: self.name.clone(),
                path: path.clone(),
                value: value.clone(),
                reason,
            })?;
        }
        let trial = Trial { experiment: self.name.clone(), point: labels, plan };
        trial.plan.check().map_err(|error| GridError::Plan { trial: trial.id(), error })?;
        Ok(trial)
    }

    fn measure(&self, grid: &Grid, evaluation: &mut EvaluationPlan) {
        evaluation.watch.clear();
        evaluation.ask(match grid.questions {
            Questions::Bundled => QuestionSet::Bundled,
            Questions::Development => QuestionSet::Development,
        });
        if !self.curve {
            evaluation.subset_every = HARDLY;
        }
        evaluation.conditions.extend(self.also.iter().map(|kind| kind.condition()));
        evaluation.begin_answers(&self.begun);
    }
}

/// Every combination of a point of each axis; the last axis changes first.
fn combinations(axes: &[Axis]) -> Vec<Vec<&Point>> {
    axes.iter().fold(vec![Vec::new()], |all, axis| {
        all.iter().flat_map(|before| axis.points.iter().map(|point| [&before[..], &[point]].concat())).collect()
    })
}

fn distinct<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), GridError> {
    let mut known = HashSet::new();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    for name in names {
        // A name that begins with a dot would be hidden, or lead out of the folder.
        let fits = (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('.');
        if !fits || !known.insert(name) {
            return Err(GridError::Name { name: name.clone() });
        }
    }
    Ok(())
}

/// The plan with one setting changed, by its path.
fn set(plan: Plan, path: &str, value: &Value) -> Result<Plan, String> {
    if path == "seed" {
        return Err("the seeds of the study decide that".into());
    }
    let mut tree = serde_json::to_value(plan).map_err(|error| error.to_string())?;
    let (parents, last) = path.rsplit_once('.').map_or((None, path), |(parents, last)| (Some(parents), last));
    let mut place = &mut tree;
    for step in parents.iter().flat_map(|parents| parents.split('.')) {
        place = child(place, step).ok_or_else(|| format!("there is no {step} on the way to it"))?;
    }
    match place {
        // Fields that are left out where they are empty can be given, too: what is no field at all is refused below.
        Value::Object(fields) => drop(fields.insert(last.to_owned(), value.clone())),
        place => *child(place, last).ok_or_else(|| format!("there is no {last}"))? = value.clone(),
    }
    serde_json::from_value(tree).map_err(|error| error.to_string())
}

fn child<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    match value {
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        Value::Object(fields) => fields.get_mut(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
