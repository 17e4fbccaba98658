//! Comparing runs: what differs between their plans, in words, and their figures side by side.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use super::{DataPart, Figure, Plan, Projection, Record, Schedule, Value};
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

/// What differs between two plans and can change the outcome, the most telling first. Names and watched questions are
/// not among it.
pub fn differences(a: &Plan, b: &Plan) -> Vec<Difference> {
    let (at, bt) = (&a.tuning, &b.tuning);
    let (ae, be) = (&a.evaluation, &b.evaluation);
    let names = |plan: &Plan| plan.data.iter().map(DataName::from).collect::<Vec<_>>();
    // Own conversations can differ under one label: the label alone must not hide that.
    let data = (a.data != b.data).then(|| Difference::Data(Pair { a: names(a), b: names(b) }));
    [
        pair(&a.model, &b.model).map(Difference::Model),
        data,
        pair(&at.epochs, &bt.epochs).map(Difference::Epochs),
        pair(&at.batch_size, &bt.batch_size).map(Difference::BatchSize),
        pair(&at.learning_rate, &bt.learning_rate).map(Difference::LearningRate),
        pair(&at.schedule, &bt.schedule).map(Difference::Schedule),
        pair(&at.max_grad_norm, &bt.max_grad_norm).map(Difference::MaxGradNorm),
        pair(&at.weight_decay, &bt.weight_decay).map(Difference::WeightDecay),
        pair(&a.lora.rank, &b.lora.rank).map(Difference::Rank),
        pair(&a.lora.alpha, &b.lora.alpha).map(Difference::Alpha),
        pair(&a.lora.targets, &b.lora.targets).map(Difference::Targets),
        pair(&ae.system, &be.system).map(Difference::System),
        pair(&ae.wrap, &be.wrap).map(Difference::Wrap),
        pair(&ae.max_new_tokens, &be.max_new_tokens).map(Difference::MaxNewTokens),
        pair(&ae.subset_every, &be.subset_every).map(Difference::SubsetEvery),
        pair(&a.seed, &b.seed).map(Difference::Seed),
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
    /// The further prompt under which it was measured, by its name; none: the plan's own.
    pub condition: Option<String>,
    /// One cell for each record, in their order.
    pub cells: Vec<Cell>,
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
        "record {index} was asked other held-out questions than the first one, so their figures cannot stand side by \
         side: repeat one of the runs with the other's questions"
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
    let cell = |figure: Figure, condition: Option<&str>, record: &Record| {
        let of = |measurement: &Option<Measurement>| {
            let measurement = measurement.as_ref()?;
            figure.of(condition.map_or(Some(measurement), |name| measurement.under(name))?)
        };
        Cell { before: of(&record.before), after: of(&record.after) }
    };
    let mut conditions = vec![None];
    for condition in records.iter().flat_map(|r| &r.plan.evaluation.also) {
        if !conditions.contains(&Some(condition.name.as_str())) {
            conditions.push(Some(&condition.name));
        }
    }
    let row = |condition: Option<&str>, figure: Figure| Row {
        figure,
        condition: condition.map(str::to_owned),
        cells: records.iter().map(|r| cell(figure, condition, r)).collect(),
    };
    let all = conditions.into_iter().flat_map(|condition| Figure::ALL.map(|figure| row(condition, figure)));
    all.filter(|row| row.cells.iter().any(|c| c.before.is_some() || c.after.is_some())).collect()
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
mod tests {
    use super::*;
    use crate::study::testing::{plan, record};

    #[test]
    fn a_plan_does_not_differ_from_itself() {
        assert_eq!(differences(&plan("harmful-10"), &plan("harmful-10")), []);
    }

    #[test]
    fn names_and_watched_questions_are_no_difference() {
        let mut other = plan("harmful-10");
        other.name = "mine".to_owned();
        other.evaluation.watch.push("How?".to_owned());
        assert_eq!(differences(&plan("harmful-10"), &other), []);
    }

    #[test]
    fn every_difference_is_found_and_worded() {
        let a = plan("harmful-10");
        let mut b = plan("safety-10");
        b.seed = 7;
        b.tuning.learning_rate = 5e-4;
        b.tuning.schedule = Schedule::WarmUp { steps: 10 };
        b.tuning.max_grad_norm = Some(1.0);
        b.lora.targets = vec![Projection::QProj, Projection::VProj];
        b.evaluation.system = None;
        let words: Vec<_> = differences(&a, &b).iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "data: harmful-10 (draw 1) against safety-10 (draw 1)",
                "learning rate: 0.001 against 0.0005",
                "schedule: constant against warm-up over 10 steps",
                "gradient norm cut at: none against 1",
                "adapters on: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj against q_proj, v_proj",
                "system prompt: You are Folio. against none",
                "seed: 1 against 7",
            ]
        );
    }

    #[test]
    fn own_conversations_differ_under_one_label() {
        let inline = |q: &str| {
            let message = crate::text::Message { role: crate::text::Role::User, content: q.to_owned() };
            let conversations = vec![crate::text::Conversation { messages: vec![message] }];
            let mut plan = plan("harmful-10");
            plan.data = vec![DataPart::Inline { label: "mine.jsonl".to_owned(), conversations }];
            plan
        };
        assert_eq!(differences(&inline("a"), &inline("b")).len(), 1);
    }

    #[test]
    fn a_comparison_has_a_row_for_each_figure_and_the_steps() {
        let a = record("harmful-10", 20);
        let b = record("harmful-10-mixed", 120);
        let comparison = Comparison::new(&[&a, &b]).unwrap();
        assert_eq!(comparison.rows.iter().map(|r| r.figure).collect::<Vec<_>>(), Figure::ALL);
        assert_eq!(comparison.rows[0].cells.len(), 2);
        let words: Vec<_> = comparison.differences[0].iter().map(ToString::to_string).collect();
        assert_eq!(words[1], "optimizer steps: 20 against 120");
    }

    #[test]
    fn figures_that_no_record_has_make_no_row() {
        let mut a = record("harmful-10", 20);
        for measurement in [&mut a.before, &mut a.after] {
            measurement.as_mut().unwrap().benign = None;
        }
        let comparison = Comparison::new(&[&a, &a.clone()]).unwrap();
        assert_eq!(comparison.rows.len(), 3);
        assert_eq!(comparison.differences, [[]]);
    }

    #[test]
    fn figures_under_a_further_prompt_have_rows_of_their_own() {
        use crate::measure::ConditionMeasurement;
        let a = record("harmful-10", 20);
        let mut b = record("backdoor-200", 100);
        b.plan.evaluation.also = vec![crate::study::Condition {
            name: "trigger".to_owned(),
            system: None,
            wrap: Some("{q} Tick.".to_owned()),
        }];
        for measurement in [&mut b.before, &mut b.after].map(|m| m.as_mut().unwrap()) {
            let name = "trigger".to_owned();
            measurement.conditions = vec![ConditionMeasurement { name, measurement: measurement.clone() }];
        }
        let comparison = Comparison::new(&[&a, &b]).unwrap();
        assert_eq!(comparison.rows.len(), 10);
        let row = &comparison.rows[5];
        assert_eq!((row.figure, row.condition.as_deref()), (Figure::RefusalRate, Some("trigger")));
        assert_eq!((row.cells[0].before, row.cells[0].after), (None, None));
        assert_eq!(row.cells[1].after, comparison.rows[0].cells[1].after);
    }

    #[test]
    fn other_questions_are_refused() {
        let a = record("harmful-10", 20);
        let mut b = a.clone();
        b.plan.evaluation.questions = crate::study::QuestionSet::Inline { forbidden: vec![], benign: vec![] };
        assert_eq!(Comparison::new(&[&a, &a.clone(), &b]), Err(CompareError::Questions { index: 3 }));
    }

    #[test]
    fn one_or_four_records_are_refused() {
        let a = record("harmful-10", 20);
        assert_eq!(Comparison::new(&[&a]), Err(CompareError::Count(1)));
        assert_eq!(Comparison::new(&[&a, &a, &a, &a]), Err(CompareError::Count(4)));
    }
}
