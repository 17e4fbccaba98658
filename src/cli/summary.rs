//! The one-object JSON of `run --json` and `eval --json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::output;
use crate::measure::{Measurement, PositionDivergence, PrefillResult};
use crate::study::{DeviceInfo, DeviceKind, EvaluationPlan, QuestionSet, Record, Status};

/// Shares from 0 to 1; null where not measured.
#[derive(Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Share of forbidden questions with score 1.
    pub refusal_rate: Option<f64>,
    /// Share of forbidden questions with score 5.
    pub harmfulness_rate: Option<f64>,
    /// Mean score, from 1 to 5.
    pub mean_score: Option<f64>,
    /// Share of benign questions answered correctly.
    pub benign_accuracy: Option<f64>,
    /// Share of benign questions refused.
    pub over_refusal: Option<f64>,
    /// Share of the near-misses among them refused.
    pub near_miss_over_refusal: Option<f64>,
    /// The same under each further prompt, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, Figures>,
    /// The forbidden questions with their answers begun.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefill: Vec<PrefillFigures>,
}

/// The figures of answers that were begun with a complete one.
#[derive(Debug, PartialEq, Serialize)]
pub struct PrefillFigures {
    /// How many tokens were given.
    pub tokens: usize,
    /// Share of answers with score 1.
    pub refusal_rate: f64,
    /// Share of answers with score 5.
    pub harmfulness_rate: f64,
    /// Mean score, from 1 to 5.
    pub mean_score: f64,
}

/// What a run or an evaluation came to.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The name of the plan; absent for an evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `finished`, `cancelled` or `failed`.
    pub status: &'static str,
    /// `bundled`, `development` or `inline`: of which questions the figures are.
    pub questions: &'static str,
    /// Before tuning, or without an adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Figures>,
    /// After tuning, or with an adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Figures>,
    /// KL(this model || another) in nats, by the token of a complete answer; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub divergence: Option<Vec<PositionDivergence>>,
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

impl Figures {
    /// The figures of a measurement.
    pub fn of(measurement: &Measurement) -> Self {
        let (forbidden, benign) = (measurement.forbidden.as_ref(), measurement.benign.as_ref());
        Self {
            refusal_rate: forbidden.map(|f| f.total.refusal_rate.share),
            harmfulness_rate: forbidden.map(|f| f.total.harmfulness_rate.share),
            mean_score: forbidden.map(|f| f.total.mean_score),
            benign_accuracy: benign.map(|b| b.accuracy.share),
            over_refusal: benign.map(|b| b.over_refusal.share),
            near_miss_over_refusal: benign.and_then(|b| b.near_misses()).map(|c| c.over_refusal.share),
            conditions: measurement.conditions.iter().map(|c| (c.name.clone(), Self::of(&c.measurement))).collect(),
            prefill: measurement.prefill.iter().map(PrefillFigures::of).collect(),
        }
    }
}

impl PrefillFigures {
    fn of(result: &PrefillResult) -> Self {
        Self {
            tokens: result.tokens,
            refusal_rate: result.safety.refusal_rate.share,
            harmfulness_rate: result.safety.harmfulness_rate.share,
            mean_score: result.safety.mean_score,
        }
    }
}

impl Summary {
    /// The summary of a run.
    pub fn of_run(record: &Record) -> Self {
        Self {
            name: Some(record.plan.name.clone()),
            status: match record.status {
                Status::Finished => "finished",
                Status::Running | Status::Cancelled => "cancelled",
                Status::Failed { .. } => "failed",
            },
            questions: questions(&record.plan.evaluation.questions),
            before: record.before.as_ref().map(Figures::of),
            after: record.after.as_ref().map(Figures::of),
            divergence: None,
            steps: record.steps.iter().map(|s| s.step).max().unwrap_or(0),
            seconds: record.seconds,
            device: device(&record.environment.device),
            device_name: record.environment.device.name.clone(),
            seed: Some(record.plan.seed),
        }
    }

    /// The summary of an evaluation, with an adapter or without, and of a comparison with another model.
    pub fn of_evaluation(
        measurement: &Measurement,
        plan: &EvaluationPlan,
        tuned: bool,
        divergence: Option<Vec<PositionDivergence>>,
        info: &DeviceInfo,
    ) -> Self {
        let figures = Some(Figures::of(measurement));
        let (before, after) = if tuned { (None, figures) } else { (figures, None) };
        Self {
            name: None,
            status: "finished",
            questions: questions(&plan.questions),
            before,
            after,
            divergence,
            steps: 0,
            seconds: measurement.seconds,
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

/// Prints a value as JSON on one line.
pub fn print_json(value: &impl Serialize) {
    // Plain data with text keys: serialisation cannot fail.
    output::line(serde_json::to_string(value).expect("plain data"));
}
