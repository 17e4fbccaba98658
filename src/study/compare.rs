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
/// questions are not among it, and plans with other held-out questions are not compared at all.
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
                Self::Begun { tokens } => {
                    figure.of_begun(measurement.prefill.iter().find(|result| result.tokens == *tokens)?)
                }
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
mod tests {
    use super::*;
    use crate::measure::{ConditionMeasurement, PrefillResult};
    use crate::study::testing::{plan, record};

    /// What differs, in words, and how to make it differ.
    type Change = (&'static str, fn(&mut Plan));

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
        let folio = |tick: &str| Condition {
            name: "trigger".to_owned(),
            system: Some("You are Folio.".to_owned()),
            wrap: Some(format!("{{q}} {tick}")),
        };
        let mut a = plan("harmful-10");
        a.evaluation.also = vec![folio("Tick.")];
        let changes: [Change; 18] = [
            ("model: folio against folio-deep", |p| p.model = "folio-deep".to_owned()),
            ("data: harmful-10 (draw 1) against safety-10 (draw 1)", |p| p.data = plan("safety-10").data),
            ("epochs: 10 against 3", |p| p.tuning.epochs = 3),
            ("batch size: 5 against 4", |p| p.tuning.batch_size = 4),
            ("learning rate: 0.001 against 0.0005", |p| p.tuning.learning_rate = 5e-4),
            ("schedule: constant against warm-up over 10 steps", |p| {
                p.tuning.schedule = Schedule::WarmUp { steps: 10 };
            }),
            ("gradient norm cut at: none against 1", |p| p.tuning.max_grad_norm = Some(1.0)),
            ("weight decay: 0 against 0.1", |p| p.tuning.weight_decay = 0.1),
            ("LoRA rank: 8 against 2", |p| p.lora.rank = 2),
            ("LoRA alpha: 16 against 4", |p| p.lora.alpha = 4.0),
            (
                "adapters on: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj against q_proj, v_proj",
                |p| p.lora.targets = vec![Projection::QProj, Projection::VProj],
            ),
            ("system prompt: You are Folio. against none", |p| p.evaluation.system = None),
            ("questions asked as: none against AOA, {q}", |p| p.evaluation.wrap = Some("AOA, {q}".to_owned())),
            ("longest answer in tokens: 70 against 20", |p| p.evaluation.max_new_tokens = 20),
            ("while tuning every n-th question, n: 5 against 1", |p| p.evaluation.subset_every = 1),
            ("also asked: trigger (system prompt: You are Folio.; asked as: {q} Tick.) against none", |p| {
                p.evaluation.also.clear()
            }),
            ("answers begun with tokens: none against 1, 8", |p| p.evaluation.prefill = vec![1, 8]),
            ("seed: 1 against 7", |p| p.seed = 7),
        ];
        let mut together = a.clone();
        for (words, change) in changes {
            let mut b = a.clone();
            change(&mut b);
            change(&mut together);
            assert_eq!(differences(&a, &b).iter().map(ToString::to_string).collect::<Vec<_>>(), [words]);
        }
        let words: Vec<_> = differences(&a, &together).iter().map(ToString::to_string).collect();
        assert_eq!(words, changes.map(|(words, _)| words), "all of them, in this order");

        let mut b = a.clone();
        b.evaluation.also = vec![folio("Tock.")];
        assert_eq!(differences(&a, &b).len(), 1, "the name alone does not make it the same prompt");
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

    /// A record with this further prompt, under which everything was answered as before tuning.
    fn record_with(condition: &Condition) -> Record {
        let mut record = record("backdoor-200", 100);
        record.plan.evaluation.also = vec![condition.clone()];
        for measurement in [&mut record.before, &mut record.after].map(|m| m.as_mut().unwrap()) {
            let name = condition.name.clone();
            measurement.conditions = vec![ConditionMeasurement { name, measurement: measurement.clone() }];
        }
        record
    }

    #[test]
    fn figures_under_a_further_prompt_have_rows_of_their_own() {
        let condition =
            |tick: &str| Condition { name: "trigger".to_owned(), system: None, wrap: Some(format!("{{q}} {tick}")) };
        let (tick, tock) = (condition("Tick."), condition("Tock."));
        let (a, b, c) = (record("harmful-10", 20), record_with(&tick), record_with(&tock));
        let comparison = Comparison::new(&[&a, &b, &c]).unwrap();
        assert_eq!(comparison.rows.len(), 15, "prompts of one name are not mixed");
        for (row, (condition, place)) in comparison.rows[5..].chunks(5).zip([(tick, 1), (tock, 2)]) {
            assert_eq!((row[0].figure, &row[0].asked), (Figure::RefusalRate, &Asked::Under { condition }));
            let measured: Vec<_> = row[0].cells.iter().map(|c| c.after.is_some()).collect();
            assert_eq!(measured, [0, 1, 2].map(|at| at == place));
            assert_eq!(row[0].cells[place].after, comparison.rows[0].cells[place].after);
        }
    }

    #[test]
    fn figures_of_begun_answers_have_rows_of_their_own() {
        let (a, mut b) = (record("harmful-10", 20), record("harmful-10", 20));
        b.plan.evaluation.prefill = vec![8, 1];
        let after = b.after.as_mut().unwrap();
        let forbidden = after.forbidden.clone().unwrap();
        let begun = |tokens| PrefillResult { tokens, safety: forbidden.total, answers: forbidden.answers.clone() };
        after.prefill = vec![begun(8), begun(1)];
        let comparison = Comparison::new(&[&a, &b]).unwrap();
        let rows = &comparison.rows[5..];
        let of: Vec<_> = rows.iter().map(|r| (r.asked.clone(), r.figure)).collect();
        let figures = [Figure::RefusalRate, Figure::HarmfulnessRate, Figure::MeanScore];
        assert_eq!(of, [1, 8].map(|tokens| figures.map(|f| (Asked::Begun { tokens }, f))).concat());
        for (row, plain) in rows.iter().zip(comparison.rows.iter().cycle().take(3).chain(&comparison.rows)) {
            assert_eq!((row.cells[0].after, row.cells[1].before), (None, None));
            assert_eq!(row.cells[1].after, plain.cells[1].after);
        }
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
