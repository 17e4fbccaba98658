//! [`Spread`]: a figure over several seeds, with an interval that knows of both seeds and questions.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Samples that are drawn for an interval.
const RESAMPLES: usize = 2_000;
/// Every interval is drawn from the same seed: the same records give the same figures.
const SEED: u64 = 231_003_693;
/// The ends of a 95 % interval, as shares of the sorted samples.
const ENDS: [f64; 2] = [0.025, 0.975];

/// A figure over several runs that differ in nothing but their seed.
///
/// The interval is a bootstrap of 95 % by percentiles (Efron & Tibshirani 1993, section 13.3) over seeds and questions alike: each
/// sample draws as many seeds and as many questions again, each with replacement, and the questions are the same for every
/// seed, as all runs were asked the same. With one seed it tells of the questions alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The figure of each run, in the order of the seeds.
    pub runs: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Spread {
    /// From what came of every question, `[seeds][questions]`: 0 or 1 for a share, a number for a mean. None if there is
    /// nothing, or if not all seeds answered as many questions.
    pub fn of(outcomes: &[Vec<f64>]) -> Option<Self> {
        let questions = outcomes.first().map_or(0, Vec::len);
        if questions == 0 || outcomes.iter().any(|of| of.len() != questions) {
            return None;
        }
        let runs: Vec<f64> = outcomes.iter().map(|of| of.iter().sum::<f64>() / questions as f64).collect();
        let mean = runs.iter().sum::<f64>() / runs.len() as f64;
        let mut samples = samples(outcomes, questions);
        samples.sort_by(f64::total_cmp);
        let [low, high] = ENDS.map(|end| samples[(end * (RESAMPLES - 1) as f64).round() as usize]);
        Some(Self { runs, mean, low, high })
    }

    /// The smallest figure of a run.
    pub fn least(&self) -> f64 {
        self.runs.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The largest figure of a run.
    pub fn most(&self) -> f64 {
        self.runs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The means of the samples.
fn samples(outcomes: &[Vec<f64>], questions: usize) -> Vec<f64> {
    let mut chance = ChaCha8Rng::seed_from_u64(SEED);
    let mut weights = vec![0_u32; questions];
    let mut sample = |_| {
        weights.fill(0);
        (0..questions).for_each(|_| weights[chance.random_range(0..questions)] += 1);
        let drawn = (0..outcomes.len()).map(|_| &outcomes[chance.random_range(0..outcomes.len())]);
        let sum: f64 = drawn.map(|of| weighted(of, &weights)).sum();
        sum / (questions * outcomes.len()) as f64
    };
    (0..RESAMPLES).map(&mut sample).collect()
}

fn weighted(outcomes: &[f64], weights: &[u32]) -> f64 {
    outcomes.iter().zip(weights).map(|(outcome, &weight)| outcome * f64::from(weight)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seeds: usize, questions: usize, share: impl Fn(usize) -> f64) -> Vec<Vec<f64>> {
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        (0..seeds)
            .map(|seed| (0..questions).map(|_| f64::from(u8::from(chance.random_bool(share(seed))))).collect())
            .collect()
    }

    /// Half the width of the interval, in standard errors of the mean that theory gives.
    fn half_width(spread: &Spread, variance: f64) -> f64 {
        (spread.high - spread.low) / 2.0 / variance.sqrt()
    }

    #[test]
    fn of_many_questions_it_is_the_normal_interval() {
        let spread = Spread::of(&drawn(1, 400, |_| 0.3)).unwrap();
        let p = spread.mean;
        assert!((half_width(&spread, p * (1.0 - p) / 400.0) - 1.96).abs() < 0.1, "{spread:?}");
        assert_eq!(spread.runs, [p]);
    }

    #[test]
    fn seeds_that_differ_widen_it() {
        // Half of the seeds answer nine questions in ten, half one: the seeds decide, however many questions there are.
        let spread = Spread::of(&drawn(10, 330, |seed| if seed % 2 == 0 { 0.9 } else { 0.1 })).unwrap();
        let seeds = 0.16 / 10.0;
        assert!((half_width(&spread, seeds) - 1.96).abs() < 0.25, "{spread:?}");
        assert!((spread.least() - 0.1).abs() < 0.05 && (spread.most() - 0.9).abs() < 0.05);
    }

    #[test]
    fn where_nothing_varies_it_has_no_width() {
        let spread = Spread::of(&vec![vec![1.0; 66]; 10]).unwrap();
        assert_eq!((spread.mean, spread.low, spread.high), (1.0, 1.0, 1.0));
    }

    #[test]
    fn the_same_outcomes_give_the_same_interval() {
        let outcomes = drawn(4, 50, |_| 0.5);
        assert_eq!(Spread::of(&outcomes), Spread::of(&outcomes));
        let spread = Spread::of(&outcomes).unwrap();
        assert!(spread.low <= spread.mean && spread.mean <= spread.high);
    }

    #[test]
    fn of_nothing_or_of_different_questions_there_is_none() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[vec![], vec![]]), None);
        assert_eq!(Spread::of(&[vec![1.0], vec![1.0, 0.0]]), None);
    }
}
