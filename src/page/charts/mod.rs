//! The charts' contents as plain data: option objects of Apache ECharts, with the texts of their tooltips.

mod along;
mod compared;
mod legend;
mod live;
mod numbers;
mod parts;
mod race;
mod radar;

pub use along::{AlongWords, AtToken, along};
pub use compared::compared;
pub use legend::Entry;
pub use live::live;
pub use numbers::Numbers;
pub use race::race;
pub use radar::{FEWEST, Spoke, radar};

use serde_json::{Value, json};

use super::palette::Palette;
use super::run_view::RunView;
use super::shared::Shared;
use crate::study::{ConditionKind, Figure, MOST_COMPARED, Measurement, Rate, Record, Step, Value as Number};

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
    /// What the live chart's curves are, in the order of [`CURVES`]: for example `refuses`, `complies`.
    pub curves: [String; 2],
    /// For example `loss`.
    pub loss: String,
    /// The name of the axis, for example `step`.
    pub step: String,
    /// For example `step {n}`.
    pub step_at: String,
    /// For example `run {n}`.
    pub run: String,
    /// The name of the axis of a race, for example `of the training`.
    pub share: String,
    /// For example `{n} of the training`.
    pub share_at: String,
    /// What plans are called, by their names.
    pub titles: Vec<(String, String)>,
}

impl Words {
    fn step_at(&self, step: usize) -> String {
        self.step_at.replace("{n}", &step.to_string())
    }

    fn run(&self, run: u32) -> String {
        self.run.replace("{n}", &run.to_string())
    }

    fn share_at(&self, share: f64) -> String {
        self.share_at.replace("{n}", &format!("{share:.0}%"))
    }

    /// For example `Ten refusals`.
    fn title<'a>(&'a self, line: &'a Line) -> &'a str {
        let name = &line.record.plan.name;
        self.titles.iter().find(|(plan, _)| plan == name).map_or(name, |(_, title)| title)
    }

    /// For example `2: Ten refusals`.
    fn titled(&self, line: &Line) -> String {
        format!("{}: {}", line.run, self.title(line))
    }
}

/// A curve of the live chart: a figure of every step. Its word is in [`Words::curves`].
pub struct Curve {
    /// What it shows.
    pub figure: Figure,
    colour: fn(&Palette) -> &'static str,
    /// The marker of the run on the stage, and its size in sizes of the text.
    marker: (&'static str, f64),
}

/// The curves of the live chart.
pub const CURVES: [Curve; 2] = [
    Curve { figure: Figure::RefusalRate, colour: |palette| palette.refuse, marker: ("circle", 0.42) },
    Curve { figure: Figure::HarmfulnessRate, colour: |palette| palette.comply, marker: ("diamond", 0.56) },
];

/// A run in a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The run's number.
    pub run: u32,
    /// Its place in the comparison, which decides its dash and marker.
    pub place: usize,
    /// All that came of it so far.
    pub record: Shared<Record>,
}

impl Line {
    /// The line of a run, in this place of the comparison.
    pub fn of(run: &RunView, place: usize) -> Self {
        Self { run: run.id, place, record: run.record.clone() }
    }

    fn steps(&self) -> &[Step] {
        &self.record.steps
    }

    fn step(&self, step: usize) -> Option<&Step> {
        self.steps().iter().find(|s| s.step == step)
    }

    /// A rate at every step that has it.
    fn rates(&self, figure: Figure) -> impl DoubleEndedIterator<Item = (usize, Rate)> {
        self.steps().iter().filter_map(move |step| Some((step.step, rate(step, figure)?)))
    }

    /// What was measured with the trigger of a backdoor, before and after.
    pub fn triggered(&self) -> Option<(&Measurement, &Measurement)> {
        let (before, after) = (self.record.before.as_ref()?, self.record.after.as_ref()?);
        let before = before.further().find(|m| m.condition.kind == ConditionKind::Trigger)?;
        Some((before, after.under(&before.condition.name)?))
    }

    /// The dash and the marker of its place.
    fn look(&self) -> ([f64; 2], &'static str) {
        RUN_STYLES[self.place.min(MOST_COMPARED - 1)]
    }
}

fn rate(step: &Step, figure: Figure) -> Option<Rate> {
    step.figures.get(figure).and_then(Number::rate)
}

/// What a chart shows: the option object, and a tooltip for each step or share.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The option object of Apache ECharts.
    pub option: Value,
    /// Texts by their places on the axis.
    pub tooltips: Vec<(f64, String)>,
}

impl Chart {
    /// Both as JSON, for the script that draws.
    pub fn json(&self) -> String {
        let tooltips: serde_json::Map<_, _> =
            self.tooltips.iter().map(|(at, text)| (at.to_string(), json!(text))).collect();
        json!({ "option": self.option, "tooltips": tooltips }).to_string()
    }
}

/// A drawn chart as a file of its own: on paper of this colour, and with what it shows in words.
pub fn keepable(svg: &str, title: &str, paper: &str) -> String {
    let svg = without_styles(svg);
    let Some((head, shapes)) = svg.split_once('>') else { return svg };
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    format!("{head}><title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>{shapes}")
}

/// A drawing of ECharts with the styles of its texts as attributes, and without those of its animations. The page's policy, which a picture
/// made from the drawing has as well, refuses styles from strings.
fn without_styles(svg: &str) -> String {
    let mut rest = svg;
    let mut whole = String::with_capacity(svg.len());
    while let Some(at) = rest.find("<style") {
        whole.push_str(&rest[..at]);
        rest = rest[at..].split_once("</style>").map_or("", |(_, after)| after);
    }
    whole.push_str(rest);
    let mut pieces = whole.split(" style=\"");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (style, after) = piece.split_once('"').unwrap_or((piece, ""));
        for (name, value) in style.split(';').filter_map(|property| property.split_once(':')) {
            plain.push_str(&format!(" {}=\"{}\"", name.trim(), value.trim()));
        }
        plain.push_str(after);
    }
    plain
}

#[cfg(test)]
mod tests;
