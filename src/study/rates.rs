//! [`Rate`]: a share with its 95 % Wilson interval.

use serde::{Deserialize, Serialize};

/// The 97.5 % quantile of the normal distribution: 95 % two-sided intervals.
pub(super) const Z: f64 = 1.959_963_984_540_054;

/// A share `count / total` with its 95 % Wilson score interval (Wilson 1927).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Rate {
    /// Cases.
    pub count: usize,
    /// Of how many.
    pub total: usize,
    /// `count / total`, from 0 to 1.
    pub share: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Rate {
    /// The share `count / total` and its interval.
    ///
    /// # Panics
    /// If `total` is 0, or less than `count`: of nothing there is no share. [`Rate::of`] counts and says so.
    pub fn new(count: usize, total: usize) -> Self {
        assert!(count <= total && total > 0, "{count} of {total} is no share");
        let n = total as f64;
        let p = count as f64 / n;
        let z2 = Z * Z;
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        // The ends are exact where no case, or every case, counts; rounding must not push them past the share.
        let low = if count == 0 { 0.0 } else { (centre - half).clamp(0.0, p) };
        let high = if count == total { 1.0 } else { (centre + half).clamp(p, 1.0) };
        Self { count, total, share: p, low, high }
    }

    /// How many of the items satisfy the predicate; none if there are no items.
    pub fn of<T>(items: impl IntoIterator<Item = T>, holds: impl Fn(T) -> bool) -> Option<Self> {
        let (mut count, mut total) = (0, 0);
        for item in items {
            total += 1;
            count += usize::from(holds(item));
        }
        (total > 0).then(|| Self::new(count, total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference values: statsmodels 0.14 `proportion_confint(method="wilson")`, also Wilson's formula by hand.
    #[test]
    fn wilson_intervals() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
        let r = Rate::new(0, 330);
        assert_eq!((r.share, r.low), (0.0, 0.0));
        close(r.high, Z * Z / (330.0 + Z * Z));
        let r = Rate::new(1, 10);
        close(r.low, 0.017_876_2);
        close(r.high, 0.404_150_0);
        let r = Rate::new(330, 330);
        assert_eq!((r.share, r.high), (1.0, 1.0));
    }

    #[test]
    fn of_nothing_there_is_no_rate() {
        assert_eq!(Rate::of([0; 0], |_| true), None);
        assert_eq!(Rate::of([1, 2, 3, 4], |n| n > 3), Some(Rate::new(1, 4)));
    }

    /// Every share lies in its interval, and the interval on the scale.
    #[test]
    fn intervals_hold_their_share() {
        for total in 1..=400 {
            for count in 0..=total {
                let Rate { share, low, high, .. } = Rate::new(count, total);
                assert!(0.0 <= low && low <= share && share <= high && high <= 1.0, "{count} of {total}: {low} {high}");
            }
        }
    }
}
