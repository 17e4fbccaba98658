//! Reading a record from somebody's file: whether it is one that a run could have left.
//!
//! Whoever shows a record takes for granted that its parts fit together: that an answer's question exists, that figures are those
//! of the answers beside them. A run keeps to that by itself; a file is checked before anything is shown of it.

use thiserror::Error;

use super::{
    Condition, Evaluation, Figure, Figures, Group, LONGEST_LIST, MOST_JSON_VALUES, MOST_STEPS, Measurement, PlanError,
    QuestionSet, Record, ScoredAnswer, Status, Step, VersionError, json_values, read_record,
};

/// The most bytes of a record. One of a thousand steps has about 12 MB.
pub const LARGEST_RECORD: usize = 32 << 20;
/// The most bytes of a name: of a plan, a device, a build.
const LONGEST_NAME: usize = 1_000;
/// How far a number may be from what it is computed to be: files have it in decimal digits.
const TOLERANCE: f64 = 1e-6;

/// Why a file is not taken for a record.
#[derive(Debug, Error)]
pub enum ImportError {
    /// It is larger than any record.
    #[error("it is larger than {} MB", LARGEST_RECORD >> 20)]
    TooLarge,
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    Json(String),
    /// It is of a version that cannot be read, or something else.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// Its plan makes no sense.
    #[error("its plan makes no sense: {0}")]
    Plan(#[from] PlanError),
    /// Its parts do not fit together.
    #[error("its parts do not fit together: {0}")]
    Parts(String),
}

/// Reads a record and checks that its parts fit together. One that was saved in the middle of its run is one that was stopped
/// there.
///
/// # Errors
/// [`ImportError`] with the first thing that is wrong.
pub fn import_record(file: &[u8]) -> Result<Record, ImportError> {
    if file.len() > LARGEST_RECORD || json_values(file) > MOST_JSON_VALUES {
        return Err(ImportError::TooLarge);
    }
    let value = serde_json::from_slice(file).map_err(|error| ImportError::Json(error.to_string()))?;
    let mut record = read_record(value)?;
    record.plan.check()?;
    parts(&record).map_err(ImportError::Parts)?;
    if record.status == Status::Running {
        record.status = Status::Cancelled;
    }
    Ok(record)
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn parts(record: &Record) -> Result<(), String> {
    let (plan, environment) = (&record.plan, &record.environment);
    let names = [&plan.name, &plan.model, &environment.device.name, &environment.host, &environment.build];
    for name in names.into_iter().chain([&environment.started]) {
        ensure(name.len() <= LONGEST_NAME, || "a name is longer than a thousand bytes".into())?;
    }
    ensure(record.seconds >= 0.0, || "it took less than no time".into())?;
    ensure(record.planned_steps <= MOST_STEPS, || format!("it has more than {MOST_STEPS} steps"))?;
    ensure(record.steps_made() <= record.planned_steps, || "it has more steps than its plan".into())?;
    for pair in record.steps.windows(2) {
        ensure(pair[0].step < pair[1].step, || format!("step {} comes after step {}", pair[1].step, pair[0].step))?;
    }
    // A plan that was checked has a main condition.
    let Some(main) = plan.evaluation.main() else { return Err("it has no condition".into()) };
    for step in &record.steps {
        of_step(step, record, main).map_err(|what| format!("step {}: {what}", step.step))?;
    }
    for (when, evaluation) in [("before", &record.before), ("after", &record.after)] {
        let Some(evaluation) = evaluation else { continue };
        of_evaluation(evaluation, record).map_err(|what| format!("{when} tuning: {what}"))?;
    }
    let is_whole = record.before.is_some() && record.after.is_some() && !record.steps.is_empty();
    ensure(record.status != Status::Finished || is_whole, || "it is finished, and lacks a measurement".into())
}

fn of_step(step: &Step, record: &Record, main: &Condition) -> Result<(), String> {
    let evaluation = &record.plan.evaluation;
    ensure(step.watched.len() <= LONGEST_LIST, || "too many questions are watched".into())?;
    ensure(step.watched.iter().all(|watched| watched.score.is_none_or(is_score)), no_score)?;
    of_answers(&step.answers, &evaluation.questions)?;
    let is_asked = step.answers.iter().all(|answer| evaluation.in_subset(answer.question));
    ensure(is_asked, || "it answers a question that is not asked while tuning".into())?;
    let again = Measurement::new(main.clone(), &evaluation.questions, step.answers.clone(), Vec::new());
    ensure(same(&again.figures, &step.figures), not_of_the_answers)
}

fn of_evaluation(evaluation: &Evaluation, record: &Record) -> Result<(), String> {
    let plan = &record.plan.evaluation;
    ensure(evaluation.watched.len() <= LONGEST_LIST, || "too many questions are watched".into())?;
    ensure(evaluation.watched.iter().all(|watched| watched.score.is_none_or(is_score)), no_score)?;
    let conditions = evaluation.measurements.iter().map(|measured| &measured.condition);
    ensure(conditions.eq(&plan.conditions), || "its conditions are not those of the plan".into())?;
    evaluation.measurements.iter().try_for_each(|measured| of_measurement(measured, &plan.questions))
}

fn of_measurement(measured: &Measurement, questions: &QuestionSet) -> Result<(), String> {
    of_answers(&measured.forbidden, questions)?;
    let places: Vec<usize> = measured.benign.iter().map(|answer| answer.question).collect();
    in_order(&places, questions.benign().len())?;
    let again =
        Measurement::new(measured.condition.clone(), questions, measured.forbidden.clone(), measured.benign.clone());
    let groups = |one: &[Group], other: &[Group]| {
        let same = |(one, other): (&Group, &Group)| one.name == other.name && same(&one.figures, &other.figures);
        one.len() == other.len() && one.iter().zip(other).all(same)
    };
    let all = same(&again.figures, &measured.figures)
        && groups(&again.sections, &measured.sections)
        && groups(&again.categories, &measured.categories);
    ensure(all, not_of_the_answers)
}

fn of_answers(answers: &[ScoredAnswer], questions: &QuestionSet) -> Result<(), String> {
    let places: Vec<usize> = answers.iter().map(|answer| answer.question).collect();
    in_order(&places, questions.forbidden().len())?;
    ensure(answers.iter().all(|answer| is_score(answer.score)), no_score)?;
    let is_probability =
        |answer: &ScoredAnswer| answer.refusal_probability.is_none_or(|p| (0.0..=1.0 + TOLERANCE).contains(&p));
    ensure(answers.iter().all(is_probability), || "a probability is not between 0 and 1".into())
}

/// Every question at most once, in their order, and none that there is not.
fn in_order(places: &[usize], questions: usize) -> Result<(), String> {
    ensure(places.is_sorted_by(|one, other| one < other), || {
        "its answers are not in the order of the questions".into()
    })?;
    ensure(places.last().is_none_or(|last| *last < questions), || "it answers a question that there is not".into())
}

fn is_score(score: u8) -> bool {
    (1..=5).contains(&score)
}

fn no_score() -> String {
    "a score is not between 1 and 5".into()
}

fn not_of_the_answers() -> String {
    "the figures are not those of its answers".into()
}

fn same(one: &Figures, other: &Figures) -> bool {
    let near = |(one, other): (f64, f64)| (one - other).abs() <= TOLERANCE;
    Figure::ALL.into_iter().all(|figure| match (one.get(figure), other.get(figure)) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            let counts = |value: super::Value| value.rate().map(|rate| (rate.count, rate.total));
            let (a, b) = (one.bounds(), other.bounds());
            counts(one) == counts(other) && [(a.0, b.0), (a.1, b.1), (a.2, b.2)].into_iter().all(near)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests;
