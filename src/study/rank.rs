//! [`Correlation`]: whether one order follows another.

use serde::{Deserialize, Serialize};

use super::rates::Z;

/// The fewest pairs of which an interval can be told: its width divides by three fewer.
const LEAST: usize = 5;

/// Spearman's rank correlation with a 95 % interval (Spearman 1904; the interval by Fisher's z with the variance 1.06 / (n - 3) of Fieller,
/// Hartley & Pearson 1957).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// From -1, the other way round, to 1, the same order.
    pub rho: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Correlation {
    /// Of pairs of numbers; none if there are fewer than five, or if one side has no order because all are equal.
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        if pairs.len() < LEAST {
            return None;
        }
        let sides = [ranks(pairs.iter().map(|pair| pair.0)), ranks(pairs.iter().map(|pair| pair.1))];
        let rho = pearson(&sides[0], &sides[1])?;
        let half = Z * (1.06 / (pairs.len() - 3) as f64).sqrt();
        // At the ends z is infinite, and so are the interval's.
        let [low, high] = [-half, half].map(|step| (rho.atanh() + step).tanh());
        Some(Self { rho, low, high })
    }
}

/// The place of each number in their order, from 1; of equal ones the mean of their places.
fn ranks(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let numbers: Vec<f64> = numbers.collect();
    let rank = |of: f64| {
        let below = numbers.iter().filter(|other| **other < of).count();
        let equal = numbers.iter().filter(|other| **other == of).count();
        below as f64 + (equal + 1) as f64 / 2.0
    };
    numbers.iter().map(|&number| rank(number)).collect()
}

fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let product = |a: &[f64], mean_a: f64, b: &[f64], mean_b: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum()
    };
    let scale = (product(x, mean_x, x, mean_x) * product(y, mean_y, y, mean_y)).sqrt();
    (scale > 0.0).then(|| (product(x, mean_x, y, mean_y) / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference values: SciPy 1.x `spearmanr`, and the formula of the interval by hand.
    #[test]
    fn rank_correlations_are_those_of_scipy() {
        let x = [1.6, 1.2, 1.0, 1.0, 0.8, 1.2, 0.6, 1.4, 0.8, 0.6, 0.4];
        let y = [0.0, 0.03, 0.1, 0.0, 0.2, 0.07, 0.93, 0.13, 0.4, 0.3, 0.27];
        let pairs: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
        let Correlation { rho, low, high } = Correlation::of(&pairs).unwrap();
        for (found, known) in
            [(rho, -0.765_535_446_957_190_4), (low, -0.938_210_095_092_181_9), (high, -0.287_661_369_559_177_2)]
        {
            assert!((found - known).abs() < 1e-12, "{found} {known}");
        }
    }

    #[test]
    fn orders_that_are_the_same_or_the_other_way_round() {
        let pairs = |sign: f64| (0..6).map(|i| (f64::from(i), sign * f64::from(i * i))).collect::<Vec<_>>();
        assert_eq!(Correlation::of(&pairs(1.0)).map(|of| (of.rho, of.low, of.high)), Some((1.0, 1.0, 1.0)));
        assert_eq!(Correlation::of(&pairs(-1.0)).map(|of| of.rho), Some(-1.0));
    }

    #[test]
    fn without_an_order_there_is_no_correlation() {
        assert_eq!(Correlation::of(&[(1.0, 2.0); 8]), None);
        assert_eq!(Correlation::of(&[(1.0, 2.0), (2.0, 3.0)]), None);
    }
}
