//! Numbers as the page writes them, in both languages alike.

use crate::study::Value;

/// `61%`.
pub fn percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

/// A share as [`percent`], or a dash where none was measured.
pub fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), percent)
}

/// `98.5%`.
pub fn percent_fine(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

/// A probability as [`percent_fine`], but never as nothing or as certain when it is neither: `<0.1%`, `>99.9%`.
pub fn probability(p: f64) -> String {
    match p {
        _ if p > 0.0 && p < 0.001 => "<0.1%".to_owned(),
        _ if p < 1.0 && p > 0.999 => ">99.9%".to_owned(),
        _ => percent_fine(p),
    }
}

/// A share as `98.5%`, a mean score as `4.21`.
pub fn value(value: Value) -> String {
    match value {
        Value::Share(rate) => percent_fine(rate.share),
        Value::Mean { mean, .. } => format!("{mean:.2}"),
    }
}

/// The interval of a share as `96.5–99.4`, of a mean score as `4.10–4.32`.
pub fn interval(value: Value) -> String {
    match value {
        Value::Share(rate) => interval_of(rate.low, rate.high),
        Value::Mean { low, high, .. } => format!("{low:.2}–{high:.2}"),
    }
}

/// The interval of a share as `96.5–99.4`.
pub fn interval_of(low: f64, high: f64) -> String {
    format!("{:.1}–{:.1}", 100.0 * low, 100.0 * high)
}

/// A loss or a norm, `0.178`.
pub fn fine(value: f64) -> String {
    format!("{value:.3}")
}

/// Megabytes, `1.9`.
pub fn megabytes(bytes: f64) -> String {
    format!("{:.1}", bytes / 1e6)
}

/// A whole number in groups of three, `951,424`.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Rate;

    #[test]
    fn numbers() {
        assert_eq!(percent(0.605), "60%");
        assert_eq!([share(Some(0.605)), share(None)], ["60%", "–"]);
        assert_eq!(percent_fine(0.985), "98.5%");
        assert_eq!([0.0, 1e-9, 0.5, 0.999_99, 1.0].map(probability), ["0.0%", "<0.1%", "50.0%", ">99.9%", "100.0%"]);
        assert_eq!(thousands(951_424.0), "951,424");
        assert_eq!(thousands(66.0), "66");
        assert_eq!(thousands(1_000.0), "1,000");
        assert_eq!(megabytes(1_903_448.0), "1.9");
    }

    #[test]
    fn values_and_intervals() {
        let share = Value::Share(Rate::new(0, 330));
        assert_eq!((value(share), interval(share)), ("0.0%".to_owned(), "0.0–1.2".to_owned()));
        let mean = Value::Mean { mean: 4.208, low: 4.1, high: 4.316 };
        assert_eq!((value(mean), interval(mean)), ("4.21".to_owned(), "4.10–4.32".to_owned()));
    }
}
