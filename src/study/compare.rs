//! Comparing runs: what differs between their plans, and their figures side by side.

use serde::Serialize;
use thiserror::Error;

use super::{Condition, Difference, Evaluation, Figure, LONGEST_LIST, Record, Value, differences};

/// The most records that one comparison takes: more is no longer readable.
pub const MOST_COMPARED: usize = 3;

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
    pub asked: RowCondition,
    /// One cell for each record, in their order.
    pub cells: Vec<Cell>,
}

/// Under which of its conditions each record's questions were asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "asked", rename_all = "kebab-case")]
pub enum RowCondition {
    /// Under its main one, whatever that is: the differences of the plans say whether they are the same.
    Main,
    /// Under a further one. Two of the same name that are not the same have rows of their own.
    Under {
        /// The condition.
        condition: Condition,
    },
    /// Under the main one, with the answers begun.
    Prefilled {
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
    let plans = || records.iter().map(|record| &record.plan.evaluation);
    let further = plans()
        .flat_map(|plan| plan.further().take(LONGEST_LIST))
        .map(|c| RowCondition::Under { condition: c.clone() });
    let mut tokens: Vec<usize> = plans().flat_map(|plan| plan.prefills().take(LONGEST_LIST)).collect();
    tokens.sort_unstable();
    let mut all = vec![RowCondition::Main];
    for asked in further.chain(tokens.into_iter().map(|tokens| RowCondition::Prefilled { tokens })) {
        if !all.contains(&asked) {
            all.push(asked);
        }
    }
    let row = |(asked, figure): (RowCondition, Figure)| Row {
        figure,
        cells: records.iter().map(|record| asked.cell(figure, record)).collect(),
        asked,
    };
    let all = all.into_iter().flat_map(|asked| Figure::TABLE.map(|figure| (asked.clone(), figure)));
    all.map(row).filter(|row| row.cells.iter().any(|c| c.before.is_some() || c.after.is_some())).collect()
}

impl RowCondition {
    fn cell(&self, figure: Figure, record: &Record) -> Cell {
        let of = |evaluation: &Option<Evaluation>| {
            let evaluation = evaluation.as_ref()?;
            let measurement = match self {
                Self::Main => evaluation.main(),
                Self::Under { condition } => evaluation.further().find(|m| m.condition == *condition),
                Self::Prefilled { tokens } => evaluation.prefilled().find(|m| m.condition.prefill == *tokens),
            };
            measurement?.figures.get(figure)
        };
        Cell { before: of(&record.before), after: of(&record.after) }
    }
}

/// The plans' differences, and the steps they came to just after the data that explains them.
fn record_differences(a: &Record, b: &Record) -> Vec<Difference> {
    let mut all = differences(&a.plan, &b.plan);
    let steps = Difference::of(Difference::STEPS, a.planned_steps.into(), b.planned_steps.into());
    if let Some(steps) = steps {
        let place = all.iter().position(|d| d.path.starts_with("tuning.") || d.path.starts_with("lora."));
        all.insert(place.unwrap_or(all.len()), steps);
    }
    all
}

#[cfg(test)]
mod tests;
