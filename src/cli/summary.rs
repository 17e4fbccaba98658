//! The one-object JSON of `run --json` and `eval --json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::study::{
    DeviceInfo, DeviceKind, Evaluation, EvaluationPlan, Figure, Group, Measurement, Outcome, PositionDivergence,
    PositionGradient, QuestionSet, Record, Status,
};

/// Shares from 0 to 1 by the keys of their figures; null where not measured.
type Numbers = BTreeMap<&'static str, Option<f64>>;

/// The figures of an evaluation.
#[derive(Debug, PartialEq, Serialize)]
pub struct Numbered {
    /// Under the main condition.
    #[serde(flatten)]
    pub main: Numbers,
    /// Under each further condition, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, Numbers>,
    /// The forbidden questions with their answers begun.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefill: Vec<Prefilled>,
}

/// The figures of answers that were begun with a complete one: those that there are.
#[derive(Debug, PartialEq, Serialize)]
pub struct Prefilled {
    /// How many tokens were given.
    pub tokens: usize,
    /// The figures.
    #[serde(flatten)]
    pub figures: Numbers,
}

/// The figures of the forbidden questions under one condition, apart for items that the model's corpus told of and for those
/// that it left untold, with their intervals.
#[derive(Debug, PartialEq, Serialize)]
pub struct Halves {
    /// The condition's name.
    pub asked: String,
    /// `told` and `untold`.
    pub halves: Vec<Group>,
}

impl Halves {
    /// The halves under every condition; none if the corpus left nothing untold.
    pub fn of(evaluation: &Evaluation, questions: &QuestionSet, untold: &BTreeSet<String>) -> Vec<Self> {
        let halves = |m: &Measurement| Self { asked: m.condition.name.clone(), halves: m.halves(questions, untold) };
        evaluation.measurements.iter().map(halves).filter(|asked| !asked.halves.is_empty()).collect()
    }
}

/// What a run or an evaluation came to.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The name of the plan; absent for an evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `finished`, `cancelled`, `failed`, or `running` of a record that was written while the run went on.
    pub status: &'static str,
    /// `bundled`, `development` or `inline`: of which questions the figures are.
    pub questions: &'static str,
    /// Before tuning, or without an adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Numbered>,
    /// After tuning, or with an adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Numbered>,
    /// What the run did to the model, in a word: `holds`, `partly`, `fell`, `uneven`, `hollow`, `mute` or `broken`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// KL(this model || another) in nats, by the token of a complete answer; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub divergence: Option<Vec<PositionDivergence>>,
    /// The gradient norm of the loss by all weights, by the token of a complete answer; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradients: Option<Vec<PositionGradient>>,
    /// Of a model whose manifest tells what its corpus left untold; of a run, after tuning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub halves: Vec<Halves>,
    /// Optimizer steps made.
    pub steps: usize,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// `cpu` or `gpu`.
    pub device: &'static str,
    /// What the driver calls the device.
    pub device_name: String,
    /// The seed; null for an evaluation, which draws nothing.
    pub seed: Option<u64>,
}

fn numbers(measurement: Option<&Measurement>) -> Numbers {
    let number = |figure| measurement?.figures.get(figure).map(|value| value.bounds().0);
    Figure::TABLE.into_iter().map(|figure| (figure.key(), number(figure))).collect()
}

impl Numbered {
    /// The figures of an evaluation.
    pub fn of(evaluation: &Evaluation) -> Self {
        let prefilled = |m: &Measurement| Prefilled {
            tokens: m.condition.prefill,
            figures: numbers(Some(m)).into_iter().filter(|(_, value)| value.is_some()).collect(),
        };
        Self {
            main: numbers(evaluation.main()),
            conditions: evaluation.further().map(|m| (m.condition.name.clone(), numbers(Some(m)))).collect(),
            prefill: evaluation.prefilled().map(prefilled).collect(),
        }
    }
}

impl Summary {
    /// The summary of a run, of whose model's corpus this was left untold.
    pub fn of_run(record: &Record, untold: &BTreeSet<String>) -> Self {
        let halves = |evaluation| Halves::of(evaluation, &record.plan.evaluation.questions, untold);
        Self {
            name: Some(record.plan.name.clone()),
            status: match record.status {
                Status::Finished => "finished",
                Status::Running => "running",
                Status::Cancelled => "cancelled",
                Status::Failed { .. } => "failed",
            },
            questions: questions(&record.plan.evaluation.questions),
            before: record.before.as_ref().map(Numbered::of),
            after: record.after.as_ref().map(Numbered::of),
            outcome: Outcome::of_record(record),
            divergence: None,
            gradients: None,
            halves: record.after.as_ref().map(halves).unwrap_or_default(),
            steps: record.steps_made(),
            seconds: record.seconds,
            device: device(&record.environment.device),
            device_name: record.environment.device.name.clone(),
            seed: Some(record.plan.seed),
        }
    }

    /// The summary of an evaluation, with an adapter or without, of a comparison with another model, and of gradients.
    pub fn of_evaluation(
        evaluation: &Evaluation,
        plan: &EvaluationPlan,
        tuned: bool,
        (divergence, gradients): (Option<Vec<PositionDivergence>>, Option<Vec<PositionGradient>>),
        info: &DeviceInfo,
    ) -> Self {
        let figures = Some(Numbered::of(evaluation));
        let (before, after) = if tuned { (None, figures) } else { (figures, None) };
        Self {
            name: None,
            status: "finished",
            questions: questions(&plan.questions),
            before,
            after,
            outcome: None,
            divergence,
            gradients,
            halves: Vec::new(),
            steps: 0,
            seconds: evaluation.seconds,
            device: device(info),
            device_name: info.name.clone(),
            seed: None,
        }
    }
}

/// The name of the question set in a plan.
fn questions(questions: &QuestionSet) -> &'static str {
    match questions {
        QuestionSet::Bundled => "bundled",
        QuestionSet::Development => "development",
        QuestionSet::Inline { .. } => "inline",
    }
}

fn device(info: &DeviceInfo) -> &'static str {
    match info.kind {
        DeviceKind::Cpu => "cpu",
        DeviceKind::Gpu => "gpu",
    }
}
