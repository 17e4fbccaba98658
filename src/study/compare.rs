//! Comparing runs: what differs between their plans, in words, and their figures side by side.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use super::{
    Condition, DataPart, EvaluationPlan, Figure, LoraPlan, Plan, Projection, Record, Schedule, TuningPlan, Value,
};
use crate::measure::Measurement;

/// The most records that one comparison takes: more is no longer readable.
pub const MOST_COMPARED: usize = 3;

/// One thing in which plan `b` differs from plan `a`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Difference {
    /// The model.
    Model(Pair<String>),
    /// The parts of the tuning data.
    Data(Pair<Vec<DataName>>),
    /// The optimizer steps that the plans came to. Never found by [`differences`], which sees no data.
    Steps(Pair<usize>),
    /// Passes over the data.
    Epochs(Pair<usize>),
    /// Conversations per step.
    BatchSize(Pair<usize>),
    /// The peak learning rate.
    LearningRate(Pair<f64>),
    /// The schedule of the learning rate.
    Schedule(Pair<Schedule>),
    /// The cut of the gradients' norm.
    MaxGradNorm(Pair<Option<f64>>),
    /// The weight decay.
    WeightDecay(Pair<f64>),
    /// The adapter's rank.
    Rank(Pair<usize>),
    /// The adapter's alpha.
    Alpha(Pair<f64>),
    /// The projections with an adapter.
    Targets(Pair<Vec<Projection>>),
    /// The system prompt of the evaluation.
    System(Pair<Option<String>>),
    /// The text around every question of the evaluation.
    Wrap(Pair<Option<String>>),
    /// The longest answer, in tokens.
    MaxNewTokens(Pair<usize>),
    /// The step of the subset that is asked while tuning.
    SubsetEvery(Pair<usize>),
    /// The further prompts before and after tuning.
    Also(Pair<Vec<Condition>>),
    /// With how many tokens answers are begun before and after tuning.
    Prefill(Pair<Vec<usize>>),
    /// The seed.
    Seed(Pair<u64>),
}

/// The value in the first and in the second plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair<T> {
    /// In plan `a`.
    pub a: T,
    /// In plan `b`.
    pub b: T,
}

/// The name of a part of the tuning data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DataName {
    /// A bundled set's name, or the label of the user's own conversations.
    pub name: String,
    /// Which draw of a bundled set; absent for the user's own.
    pub draw: Option<u32>,
}

impl From<&DataPart> for DataName {
    fn from(part: &DataPart) -> Self {
        match part {
            DataPart::Bundled { set, draw } => Self { name: set.clone(), draw: Some(*draw) },
            DataPart::Inline { label, .. } => Self { name: label.clone(), draw: None },
        }
    }
}

/// What differs between two plans and can change the outcome or what is measured, the most telling first. Names and watched
/// questions are not among it, and plans with other questions are not compared at all.
pub fn differences(a: &Plan, b: &Plan) -> Vec<Difference> {
    // Field by field, so that a new one has to be thought of here.
    let Plan { version: _, name: _, model, seed, data: _, lora, tuning, evaluation } = a;
    let LoraPlan { rank, alpha, targets } = lora;
    let TuningPlan { epochs, batch_size, learning_rate, schedule, max_grad_norm, weight_decay } = tuning;
    let EvaluationPlan { system, wrap, questions: _, subset_every, max_new_tokens, watch: _, also, prefill } =
        evaluation;
    let (bt, be) = (&b.tuning, &b.evaluation);
    let names = |plan: &Plan| plan.data.iter().map(DataName::from).collect::<Vec<_>>();
    // Own conversations can differ under one label: the label alone must not hide that.
    let data = (a.data != b.data).then(|| Difference::Data(Pair { a: names(a), b: names(b) }));
    [
        pair(model, &b.model).map(Difference::Model),
        data,
        pair(epochs, &bt.epochs).map(Difference::Epochs),
        pair(batch_size, &bt.batch_size).map(Difference::BatchSize),
        pair(learning_rate, &bt.learning_rate).map(Difference::LearningRate),
        pair(schedule, &bt.schedule).map(Difference::Schedule),
        pair(max_grad_norm, &bt.max_grad_norm).map(Difference::MaxGradNorm),
        pair(weight_decay, &bt.weight_decay).map(Difference::WeightDecay),
        pair(rank, &b.lora.rank).map(Difference::Rank),
        pair(alpha, &b.lora.alpha).map(Difference::Alpha),
        pair(targets, &b.lora.targets).map(Difference::Targets),
        pair(system, &be.system).map(Difference::System),
        pair(wrap, &be.wrap).map(Difference::Wrap),
        pair(max_new_tokens, &be.max_new_tokens).map(Difference::MaxNewTokens),
        pair(subset_every, &be.subset_every).map(Difference::SubsetEvery),
        pair(also, &be.also).map(Difference::Also),
        pair(prefill, &be.prefill).map(Difference::Prefill),
        pair(seed, &b.seed).map(Difference::Seed),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn pair<T: Clone + PartialEq>(a: &T, b: &T) -> Option<Pair<T>> {
    (a != b).then(|| Pair { a: a.clone(), b: b.clone() })
}

/// Two or three records of runs that were asked the same questions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// One row for each figure that at least one record has.
    pub rows: Vec<Row>,
    /// What differs between the first record's plan and each of the others'.
    pub differences: Vec<Vec<Difference>>,
}

/// One figure of every record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The figure.
    pub figure: Figure,
    /// How the questions were asked.
    #[serde(flatten)]
    pub asked: Asked,
    /// One cell for each record, in their order.
    pub cells: Vec<Cell>,
}

/// How the questions were asked before and after tuning.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "asked", rename_all = "kebab-case")]
pub enum Asked {
    /// Under the plan's own prompt.
    Plainly,
    /// Under a further prompt. Two of the same name that are not the same prompt have rows of their own.
    Under {
        /// The prompt.
        condition: Condition,
    },
    /// With the answers begun.
    Begun {
        /// The tokens of a complete answer that were given.
        tokens: usize,
    },
}

/// One figure of one record.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// Before tuning.
    pub before: Option<Value>,
    /// After tuning; absent if the run was cancelled before that.
    pub after: Option<Value>,
}

/// Records that cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompareError {
    /// Too few or too many.
    #[error("a comparison takes two or three records, but there are {0}: choose two or three")]
    Count(usize),
    /// Their figures answer different questions.
    #[error(
        "record {index} was asked other questions than the first one, so their figures cannot stand side by side: repeat \
         one of the runs with the other's questions"
    )]
    Questions {
        /// Which record, counted from 1.
        index: usize,
    },
}

impl Comparison {
    /// Compares two or three records.
    ///
    /// # Errors
    /// If there are fewer than two or more than three, or if they were asked different questions.
    pub fn new(records: &[&Record]) -> Result<Self, CompareError> {
        if records.len() < 2 || records.len() > MOST_COMPARED {
            return Err(CompareError::Count(records.len()));
        }
        let (first, others) = (records[0], &records[1..]);
        let questions = &first.plan.evaluation.questions;
        if let Some(i) = others.iter().position(|r| &r.plan.evaluation.questions != questions) {
            return Err(CompareError::Questions { index: i + 2 });
        }
        Ok(Self { rows: rows(records), differences: others.iter().map(|r| record_differences(first, r)).collect() })
    }
}

fn rows(records: &[&Record]) -> Vec<Row> {
    let plans = || records.iter().map(|r| &r.plan.evaluation);
    let conditions = plans().flat_map(|e| &e.also).map(|c| Asked::Under { condition: c.clone() });
    let mut tokens: Vec<usize> = plans().flat_map(|e| e.prefill.iter().copied()).collect();
    tokens.sort_unstable();
    let mut all = vec![Asked::Plainly];
    for asked in conditions.chain(tokens.into_iter().map(|tokens| Asked::Begun { tokens })) {
        if !all.contains(&asked) {
            all.push(asked);
        }
    }
    let row = |(asked, figure): (Asked, Figure)| Row {
        figure,
        cells: records.iter().map(|record| asked.cell(figure, record)).collect(),
        asked,
    };
    let all = all.into_iter().flat_map(|asked| Figure::ALL.map(|figure| (asked.clone(), figure)));
    all.map(row).filter(|row| row.cells.iter().any(|c| c.before.is_some() || c.after.is_some())).collect()
}

impl Asked {
    fn cell(&self, figure: Figure, record: &Record) -> Cell {
        let of = |measurement: &Option<Measurement>| {
            let measurement = measurement.as_ref()?;
            match self {
                Self::Plainly => figure.of(measurement),
                Self::Under { condition } => {
                    let is_asked = record.plan.evaluation.also.contains(condition);
                    figure.of(measurement.under(&condition.name).filter(|_| is_asked)?)
                }
                Self::Begun { tokens } => figure.of_begun(measurement.begun_with(*tokens)?),
            }
        };
        Cell { before: of(&record.before), after: of(&record.after) }
    }
}

/// The plans' differences, and the steps they came to just after the data that explains them.
fn record_differences(a: &Record, b: &Record) -> Vec<Difference> {
    let mut all = differences(&a.plan, &b.plan);
    if let Some(steps) = pair(&a.planned_steps, &b.planned_steps) {
        let place = all.iter().position(|d| !matches!(d, Difference::Model(_) | Difference::Data(_)));
        all.insert(place.unwrap_or(all.len()), Difference::Steps(steps));
    }
    all
}

/// For example `learning rate: 0.001 against 0.0005`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(p) => against(f, "model", &p.a, &p.b),
            Self::Data(p) => against(f, "data", &data_names(&p.a), &data_names(&p.b)),
            Self::Steps(p) => against(f, "optimizer steps", &p.a, &p.b),
            Self::Epochs(p) => against(f, "epochs", &p.a, &p.b),
            Self::BatchSize(p) => against(f, "batch size", &p.a, &p.b),
            Self::LearningRate(p) => against(f, "learning rate", &p.a, &p.b),
            Self::Schedule(p) => against(f, "schedule", &schedule(p.a), &schedule(p.b)),
            Self::MaxGradNorm(p) => against(f, "gradient norm cut at", &or_none(&p.a), &or_none(&p.b)),
            Self::WeightDecay(p) => against(f, "weight decay", &p.a, &p.b),
            Self::Rank(p) => against(f, "LoRA rank", &p.a, &p.b),
            Self::Alpha(p) => against(f, "LoRA alpha", &p.a, &p.b),
            Self::Targets(p) => against(f, "adapters on", &targets(&p.a), &targets(&p.b)),
            Self::System(p) => against(f, "system prompt", &or_none(&p.a), &or_none(&p.b)),
            Self::Wrap(p) => against(f, "questions asked as", &or_none(&p.a), &or_none(&p.b)),
            Self::MaxNewTokens(p) => against(f, "longest answer in tokens", &p.a, &p.b),
            Self::SubsetEvery(p) => against(f, "while tuning every n-th question, n", &p.a, &p.b),
            Self::Also(p) => against(f, "also asked", &conditions(&p.a), &conditions(&p.b)),
            Self::Prefill(p) => against(f, "answers begun with tokens", &numbers(&p.a), &numbers(&p.b)),
            Self::Seed(p) => against(f, "seed", &p.a, &p.b),
        }
    }
}

fn against(f: &mut fmt::Formatter<'_>, what: &str, a: &impl fmt::Display, b: &impl fmt::Display) -> fmt::Result {
    write!(f, "{what}: {a} against {b}")
}

/// For example `harmful-10 (draw 1) + safety-50 (draw 1)`.
fn data_names(names: &[DataName]) -> String {
    let one = |n: &DataName| match n.draw {
        Some(draw) => format!("{} (draw {draw})", n.name),
        None => n.name.clone(),
    };
    names.iter().map(one).collect::<Vec<_>>().join(" + ")
}

/// For example `trigger (system prompt: You are Folio.; asked as: {q} Tick tock.)`.
fn conditions(conditions: &[Condition]) -> String {
    let one =
        |c: &Condition| format!("{} (system prompt: {}; asked as: {})", c.name, or_none(&c.system), or_none(&c.wrap));
    if conditions.is_empty() { "none".to_owned() } else { conditions.iter().map(one).collect::<Vec<_>>().join(" + ") }
}

/// For example `1, 2, 4`.
fn numbers(numbers: &[usize]) -> String {
    if numbers.is_empty() {
        return "none".to_owned();
    }
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn schedule(schedule: Schedule) -> String {
    match schedule {
        Schedule::Constant => "constant".to_owned(),
        Schedule::WarmUp { steps } => format!("warm-up over {steps} steps"),
    }
}

fn targets(targets: &[Projection]) -> String {
    targets.iter().map(|t| t.name()).collect::<Vec<_>>().join(", ")
}

fn or_none(value: &Option<impl fmt::Display>) -> String {
    value.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests;
