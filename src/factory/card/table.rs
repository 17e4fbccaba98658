//! Tables of cards: which figures each of them shows, what these are called there, and how a value is told.
//!
//! One more figure in a table is one more entry in its list.

use std::fmt;

use serde::{Serialize, Serializer};

use super::data::{SizeTried, Tuning};
use crate::factory::Stage;
use crate::study::{Figure, Figures, Value};

/// A model's figures under each prompt.
pub const PROMPTS: &[Figure] = &Figure::TABLE;
/// A model's figures when its answers are begun for it.
pub const BEGUN: &[Figure] = &[Figure::RefusalRate, Figure::HarmfulnessRate];
/// The figure of all models side by side when their answers are begun for them.
pub const BEGUN_COMPARED: Figure = Figure::HarmfulnessRate;
/// A model's figures in each section of the Forbidden Shelf.
pub const SECTIONS: &[Figure] = &[Figure::RefusalRate];
/// A model's figures of told and of untold items.
pub const HALVES: &[Figure] = &[Figure::RefusalRate, Figure::HarmfulnessRate];
/// A model's figures in each category of the benign questions.
pub const SKILLS: &[Figure] = &[Figure::BenignAccuracy];
/// What fine-tuning made of a model.
const TUNINGS: &[Figure] = &[Figure::RefusalRate, Figure::HarmfulnessRate, Figure::BenignAccuracy];
/// Sizes side by side: figures of the models of one build.
const SIZES: &[(Stage, Figure)] = &[
    (Stage::Base, Figure::HarmfulnessRate),
    (Stage::Aligned, Figure::RefusalRate),
    (Stage::Aligned, Figure::BenignAccuracy),
];

/// What a figure is called above a column; where cards have no shorter name, as in the study.
fn heading(figure: Figure) -> &'static str {
    match figure {
        Figure::RefusalRate => "refused",
        Figure::HarmfulnessRate => "harmful",
        Figure::MeanScore => "mean score",
        Figure::BenignAccuracy => "benign right",
        Figure::OverRefusal => "over-refused",
        Figure::NearMissOverRefusal => "near-misses refused",
        other => other.name(),
    }
}

/// A table. In a template it stands as Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these rows, each with a cell for each heading.
    pub fn new(headings: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        Self { headings, rows }
    }

    /// Names in the first columns, figures in the others.
    pub fn of_figures<'a>(
        names: &[&str],
        figures: &[Figure],
        rows: impl IntoIterator<Item = (Vec<String>, &'a Figures)>,
    ) -> Self {
        let row = |(mut cells, measured): (Vec<String>, &Figures)| {
            cells.extend(figures.iter().map(|&figure| told(measured.get(figure))));
            cells
        };
        Self::new(headings(names, figures), rows.into_iter().map(row).collect())
    }

    /// What fine-tuning came to: nothing if there was none.
    pub fn of_tunings(tunings: &[Tuning]) -> Option<Self> {
        let row = |tuning: &Tuning| {
            let seeds = tuning.runs.iter().map(|run| run.seed.to_string()).collect::<Vec<_>>().join(", ");
            let rate = format!("{:e}", tuning.learning_rate);
            let figures = TUNINGS.iter().map(|&figure| over_seeds(&tuning.values(figure)));
            [tuning.what.clone(), tuning.steps.clone(), rate, seeds].into_iter().chain(figures).collect()
        };
        let headings = headings(&["tuned on", "steps", "learning rate", "seeds"], TUNINGS);
        (!tunings.is_empty()).then(|| Self::new(headings, tunings.iter().map(row).collect()))
    }

    /// Sizes side by side: nothing if none was tried.
    pub fn of_sizes(sizes: &[SizeTried]) -> Option<Self> {
        let row = |size: &SizeTried| {
            let figures = SIZES.iter().map(|(stage, figure)| told(size.models.get(stage).and_then(|f| f.get(*figure))));
            let about = [
                size.recipe.clone(),
                size.shape.clone(),
                thousands(size.parameters as u64),
                format!("{:.1}", 2.0 * size.parameters as f64 / 1e6),
                thousands(size.tokens),
                format!("{:.3}", size.loss),
                size.time.clone(),
            ];
            about.into_iter().chain(figures).collect()
        };
        let mut headings = headings(&["recipe", "shape", "parameters", "MB (F16)", "tokens", "loss", "time"], &[]);
        headings.extend(SIZES.iter().map(|(stage, figure)| format!("{stage}: {}", heading(*figure))));
        (!sizes.is_empty()).then(|| Self::new(headings, sizes.iter().map(row).collect()))
    }
}

/// The headings of a table of names and figures.
pub fn headings(names: &[&str], figures: &[Figure]) -> Vec<String> {
    let names = names.iter().map(|name| (*name).to_owned());
    names.chain(figures.iter().map(|&figure| heading(figure).to_owned())).collect()
}

/// Markdown, without an end of line.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |\n|{}", self.headings.join(" | "), "---|".repeat(self.headings.len()))?;
        self.rows.iter().try_for_each(|row| write!(f, "\n| {} |", row.join(" | ")))
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const NOT_MEASURED: &str = "not measured";

/// A share with its interval, `98.5 % (96.5-99.4)`; a mean alone, `1.02`.
pub fn told(value: Option<Value>) -> String {
    match value {
        Some(share @ Value::Share(_)) => share.to_string(),
        Some(Value::Mean { mean, .. }) => format!("{mean:.2}"),
        None => NOT_MEASURED.into(),
    }
}

/// The mean over seeds and the seeds' own values with the widest interval: `91.1 % (92.1, 90.9, 90.3; each ±3.1 at most)`.
fn over_seeds(values: &[Value]) -> String {
    let Some(first) = values.first() else { return NOT_MEASURED.into() };
    let is_share = matches!(first, Value::Share(_));
    let number = |x: f64| if is_share { format!("{:.1}", 100.0 * x) } else { format!("{x:.2}") };
    let bounds: Vec<(f64, f64, f64)> = values.iter().map(|value| value.bounds()).collect();
    let mean = bounds.iter().map(|(value, ..)| value).sum::<f64>() / bounds.len() as f64;
    let each: Vec<String> = bounds.iter().map(|(value, ..)| number(*value)).collect();
    let widest = bounds.iter().map(|(value, low, high)| (value - low).max(high - value)).fold(0.0, f64::max);
    let unit = if is_share { " %" } else { "" };
    format!("{}{unit} ({}; each ±{} at most)", number(mean), each.join(", "), number(widest))
}

/// A whole number with commas: `951,424`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() + 2) % 3 + 1;
    let (head, tail) = digits.split_at(first);
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    std::iter::once(head.to_string()).chain(groups).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Rate;

    #[test]
    fn a_table_is_markdown() {
        let figures = [(Figure::RefusalRate, Value::Share(Rate::new(6, 6)))].into_iter().collect();
        let table = Table::of_figures(&["section"], BEGUN, [(vec!["storms".to_owned()], &figures)]);
        let text = "| section | refused | harmful |\n|---|---|---|\n| storms | 100.0 % (61.0-100.0) | not measured |";
        assert_eq!(table.to_string(), text);
        assert_eq!((Table::of_tunings(&[]), Table::of_sizes(&[])), (None, None));
    }

    #[test]
    fn no_two_figures_have_one_heading() {
        let all = headings(&[], &Figure::ALL);
        assert!((0..all.len()).all(|i| !all[..i].contains(&all[i])), "{all:?}");
    }

    #[test]
    fn values_come_with_what_is_known_of_them() {
        let mean = |mean: f64| Value::Mean { mean, low: mean - 0.25, high: mean + 0.5 };
        assert_eq!(told(Some(Value::Share(Rate::new(0, 330)))), "0.0 % (0.0-1.2)");
        assert_eq!(told(Some(mean(4.206))), "4.21");
        assert_eq!(told(None), "not measured");
        assert_eq!(over_seeds(&[mean(1.0), mean(2.0)]), "1.50 (1.00, 2.00; each ±0.50 at most)");
        let shares = [300, 306, 303].map(|count| Value::Share(Rate::new(count, 330)));
        assert_eq!(over_seeds(&shares), "91.8 % (90.9, 92.7, 91.8; each ±3.6 at most)");
        assert_eq!(over_seeds(&[]), "not measured");
    }

    #[test]
    fn numbers_have_commas() {
        let cases =
            [(0, "0"), (12, "12"), (123, "123"), (1_234, "1,234"), (951_424, "951,424"), (5_054_464, "5,054,464")];
        for (number, text) in cases {
            assert_eq!(thousands(number), text);
        }
    }
}
