//! The charts' contents as plain data: option objects of Apache ECharts, with the texts of their tooltips.

mod compared;
mod live;
mod parts;

pub use compared::compared;
pub use live::live;

use serde_json::{Value, json};

use super::palette::Palette;
use crate::measure::Rate;
use crate::study::{MOST_COMPARED, Step};

/// How the lines of the compared runs look beside their colours: dash and marker. Colour alone never tells runs apart. The
/// swatches of the list of runs look the same.
pub const RUN_STYLES: [([f64; 2], &str); MOST_COMPARED] =
    [([12.0, 3.0], "circle"), ([4.0, 3.0], "triangle"), ([1.5, 3.0], "rect")];

/// What a chart is drawn with.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// The colours.
    pub palette: Palette,
    /// The size of the page's text in pixels; everything in a chart follows it.
    pub text: f64,
    /// There is little room: labels are short.
    pub narrow: bool,
}

/// The words in a chart, in the visitor's language.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// For example `refuses`.
    pub refuses: String,
    /// For example `complies`.
    pub complies: String,
    /// For example `loss`.
    pub loss: String,
    /// The name of the axis, for example `step`.
    pub step: String,
    /// For example `step {n}`.
    pub step_at: String,
    /// For example `run {n}`.
    pub run: String,
}

impl Words {
    fn step_at(&self, step: usize) -> String {
        self.step_at.replace("{n}", &step.to_string())
    }

    fn run(&self, run: u32) -> String {
        self.run.replace("{n}", &run.to_string())
    }
}

/// A run in a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The run's number.
    pub run: u32,
    /// Its place in the comparison, which decides its dash and marker.
    pub place: usize,
    /// Its points.
    pub points: Vec<Point>,
}

impl Line {
    /// The dash and the marker of its place.
    fn look(&self) -> ([f64; 2], &'static str) {
        RUN_STYLES[self.place.min(MOST_COMPARED - 1)]
    }
}

/// A point of a run's lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The step.
    pub step: usize,
    /// The refusal rate.
    pub refusal: Rate,
    /// The harmfulness rate.
    pub harmfulness: Rate,
    /// The loss.
    pub loss: Option<f64>,
}

impl From<&Step> for Point {
    fn from(step: &Step) -> Self {
        Self { step: step.step, refusal: step.refusal_rate, harmfulness: step.harmfulness_rate, loss: step.loss }
    }
}

/// One of the two rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Share of refusals.
    Refusal,
    /// Share of complete answers.
    Harmfulness,
}

impl Metric {
    fn of(self, point: &Point) -> Rate {
        match self {
            Self::Refusal => point.refusal,
            Self::Harmfulness => point.harmfulness,
        }
    }

    fn colour(self, palette: &Palette) -> &'static str {
        match self {
            Self::Refusal => palette.refuse,
            Self::Harmfulness => palette.comply,
        }
    }

    fn word(self, words: &Words) -> &str {
        match self {
            Self::Refusal => &words.refuses,
            Self::Harmfulness => &words.complies,
        }
    }
}

/// What a chart shows: the option object, and a tooltip for each step.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The option object of Apache ECharts.
    pub option: Value,
    /// Texts by step.
    pub tooltips: Vec<(usize, String)>,
}

impl Chart {
    /// Both as JSON, for the script that draws.
    pub fn json(&self) -> String {
        let tooltips: serde_json::Map<_, _> =
            self.tooltips.iter().map(|(step, text)| (step.to_string(), json!(text))).collect();
        json!({ "option": self.option, "tooltips": tooltips }).to_string()
    }
}

#[cfg(test)]
mod tests;
