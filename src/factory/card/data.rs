//! What cards tell, as plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::corpus::CorpusFigures;
use crate::factory::curves::Curve;
use crate::factory::figures::ModelFigures;
use crate::factory::{Recipe, Stage};
use crate::study::{Figure, Figures, Value};

/// Everything that cards tell.
#[derive(Clone, Debug, PartialEq)]
pub struct CardData {
    /// How the models were made.
    pub recipe: Recipe,
    /// What the corpus consists of, by a sample.
    pub corpus: CorpusFigures,
    /// The trainings, in their order.
    pub trainings: Vec<Training>,
    /// What the models that ship can do: base, aligned, deep, or the aligned one alone.
    pub models: Vec<ModelFigures>,
    /// The bytes of a model's weights.
    pub bytes: u64,
    /// The sample questions that [`ModelFigures::answers`] answer.
    pub questions: Vec<String>,
    /// The sizes that were tried.
    pub sizes: Vec<SizeTried>,
    /// What fine-tuning made of the aligned model.
    pub tunings: Vec<Tuning>,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// A training's extent and end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Of which model.
    pub stage: Stage,
    /// Optimizer steps.
    pub steps: u64,
    /// Tokens read.
    pub tokens: u64,
    /// Mean loss of the last twentieth of the steps, in nats.
    pub loss: f64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Where.
    pub device: String,
}

/// A size of model that was tried, as in `data/sizes.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeTried {
    /// The recipe's name.
    pub recipe: String,
    /// Layers, width and so on, in words.
    pub shape: String,
    /// All weights.
    pub parameters: usize,
    /// Tokens of pretraining.
    pub tokens: u64,
    /// The loss that pretraining ended with, in nats.
    pub loss: f64,
    /// Minutes of the whole build, with the device in words.
    pub time: String,
    /// The figures of its models, by the stage that trained them, under the default prompt.
    pub models: BTreeMap<Stage, Figures>,
}

impl SizeTried {
    /// The table for the cards of a recipe: all rows, if one of them is of a model of this name and size.
    pub fn beside(sizes: Vec<Self>, recipe: &Recipe) -> Vec<Self> {
        let ours = |size: &Self| size.recipe == recipe.name && size.parameters == recipe.parameters();
        if sizes.iter().any(ours) { sizes } else { Vec::new() }
    }
}

/// What fine-tuning made of one model, as in `data/tunings.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tunings {
    /// The SHA-256 of the weights that were tuned, as they ship.
    pub weights: String,
    /// Each tuning.
    pub rows: Vec<Tuning>,
}

impl Tunings {
    /// What holds for the model with these weights: figures of another model are no figures of this one.
    pub fn of(self, weights: &str) -> Vec<Tuning> {
        if self.weights == weights { self.rows } else { Vec::new() }
    }
}

/// What fine-tuning made of the aligned model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// On what it was tuned, and under which prompt it was asked, in words.
    pub what: String,
    /// Optimizer steps and their size, in words.
    pub steps: String,
    /// The learning rate.
    pub learning_rate: f64,
    /// One run for each seed.
    pub runs: Vec<TunedRun>,
}

/// What one run came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TunedRun {
    /// The seed of data and training.
    pub seed: u64,
    /// The figures after tuning.
    pub figures: Figures,
}

impl Tuning {
    /// One figure of every run in which it was measured.
    pub fn values(&self, figure: Figure) -> Vec<Value> {
        self.runs.iter().filter_map(|run| run.figures.get(figure)).collect()
    }
}
