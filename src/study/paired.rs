//! [`Paired`]: two runs that answered the same questions, question by question.

use serde::{Deserialize, Serialize};

use super::{Figure, Record};

/// McNemar's test of a share on the same questions in two runs (McNemar 1947), exact: of the questions that came out differently,
/// were more of them lost than won?
///
/// Two intervals side by side ask too much where the questions are the same: a difference can be certain though they overlap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// Questions that count in the first run alone.
    pub first_alone: usize,
    /// Questions that count in the other run alone.
    pub other_alone: usize,
    /// How often chance alone would come to a difference as large as this, two-sided.
    pub p: f64,
}

impl Paired {
    /// From what came of every question in each run, 0 or 1. None if not both answered as many questions, or none at all.
    pub fn of(first: &[f64], other: &[f64]) -> Option<Self> {
        if first.is_empty() || first.len() != other.len() {
            return None;
        }
        let alone = |a: &[f64], b: &[f64]| a.iter().zip(b).filter(|(a, b)| **a == 1.0 && **b == 0.0).count();
        let (first_alone, other_alone) = (alone(first, other), alone(other, first));
        Some(Self { first_alone, other_alone, p: two_sided(first_alone, other_alone) })
    }
}

/// A share after tuning, of the first record and of another one, question by question.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PairedFigure {
    /// Which record the first is compared with, from 2.
    pub record: usize,
    /// The figure.
    pub figure: Figure,
    /// What came of it.
    #[serde(flatten)]
    pub paired: Paired,
}

/// The shares that tables show, under the main condition, of the first record and of each of the others that was asked the same
/// questions.
pub fn paired(records: &[&Record]) -> Vec<PairedFigure> {
    let Some((first, others)) = records.split_first() else { return Vec::new() };
    let outcomes = |record: &Record, figure| {
        let main = record.after.as_ref()?.main()?;
        Some(main.outcomes(figure, &record.plan.evaluation.questions))
    };
    let pair = |record: usize, other: &Record, figure| {
        let paired = Paired::of(&outcomes(first, figure)?, &outcomes(other, figure)?)?;
        Some(PairedFigure { record, figure, paired })
    };
    let same = |other: &&&Record| first.plan.evaluation.questions == other.plan.evaluation.questions;
    let shares = Figure::TABLE.into_iter().filter(|figure| *figure != Figure::MeanScore);
    let pairs = others.iter().enumerate().filter(|(_, other)| same(other));
    pairs.flat_map(|(place, other)| shares.clone().filter_map(move |figure| pair(place + 2, other, figure))).collect()
}

/// The probability that so many fair coins fall as unevenly as this, or more so.
fn two_sided(a: usize, b: usize) -> f64 {
    let (few, all) = (a.min(b), a + b);
    // In logarithms: half to the power of a thousand is no number any more.
    let mut term = all as f64 * 0.5_f64.ln();
    let mut tail = 0.0;
    for heads in 0..=few {
        tail += term.exp();
        term += ((all - heads) as f64 / (heads + 1) as f64).ln();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::{measurement, record};

    /// Reference values: SciPy 1.17.1, `binomtest(min(b, c), b + c, 0.5).pvalue`.
    #[test]
    fn p_is_that_of_scipy() {
        for (first, other, p) in [
            (0, 0, 1.0),
            (1, 0, 1.0),
            (5, 0, 0.0625),
            (3, 7, 0.343_75),
            (10, 10, 1.0),
            (40, 12, 1.275_387_838_557_407e-4),
            (300, 2, 1.123_053_312_056_160_9e-86),
            (0, 330, 9.143_899_130_258_2e-100),
        ] {
            let found = two_sided(first, other);
            assert!((found / p - 1.0).abs() < 1e-9, "{first} {other}: {found} and not {p}");
        }
    }

    #[test]
    fn records_of_the_same_questions_are_paired() {
        let [first, mut other] = [40, 45].map(|answered| {
            let mut record = record("harmful", 20);
            record.after.as_mut().unwrap().measurements = vec![measurement(answered)];
            record
        });
        let found = paired(&[&first, &other]);
        assert_eq!(found.len(), 5);
        let harmful = found.iter().find(|row| row.figure == Figure::HarmfulnessRate).unwrap();
        assert_eq!((harmful.record, harmful.paired), (2, Paired { first_alone: 0, other_alone: 5, p: 0.0625 }));
        other.plan.evaluation.questions = crate::study::QuestionSet::Development;
        assert_eq!(paired(&[&first, &other]), []);
        assert_eq!(paired(&[]), []);
    }

    #[test]
    fn only_questions_that_came_out_differently_count() {
        let paired = Paired::of(&[1.0, 1.0, 1.0, 0.0, 0.0], &[1.0, 0.0, 0.0, 1.0, 0.0]).unwrap();
        assert_eq!((paired.first_alone, paired.other_alone, paired.p), (2, 1, 1.0));
        assert_eq!(Paired::of(&[1.0], &[1.0, 0.0]), None);
        assert_eq!(Paired::of(&[], &[]), None);
    }
}
