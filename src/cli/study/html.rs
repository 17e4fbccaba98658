//! What came of a study as one HTML file, in English and Chinese, that opens without a network: pictures inline, a table behind each.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value as View};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::cli::CliError;
use crate::study::{Asked, Experiment, Figure, Findings, Found, FoundHalf, FoundPoint, Grid, Questions, Spread};

const TEMPLATE: &str = include_str!("templates/report.html");
/// Above a name that ends in this, a template escapes what it is given.
const NAME: &str = "report.html";
/// The figures that are drawn.
const DRAWN: [Figure; 3] = [Figure::HarmfulnessRate, Figure::RefusalRate, Figure::BenignAccuracy];
/// Width of the strip from 0 to 100 %, in pixels of the picture.
const STRIP: f64 = 420.0;

/// What the template is given. Numbers are texts and places already: it lays out and computes nothing.
#[derive(Serialize)]
struct Page<'a> {
    name: &'a str,
    about: &'a str,
    development: bool,
    builds: &'a [String],
    experiments: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    about: &'a str,
    axes: &'a [String],
    rows: Vec<Row>,
    /// Of a model whose corpus left items untold: point, `told` or `untold`, refused, harmful.
    halves: Vec<[String; 4]>,
    /// Whether harm by section follows how often alignment saw it, point by point.
    followed: Vec<String>,
    /// What the paper reports of the same, and the rate in per cent.
    paper: Vec<(&'a str, String)>,
}

/// A point under one condition.
#[derive(Serialize)]
struct Row {
    label: String,
    point: Vec<String>,
    condition: String,
    steps: usize,
    seeds: usize,
    /// Seeds that diverged or are missing.
    lost: usize,
    figures: Vec<Drawn>,
}

/// A figure as it is drawn and written.
#[derive(Serialize)]
struct Drawn {
    key: &'static str,
    /// Each seed, the mean, and the interval, as places on the strip.
    dots: Vec<f64>,
    mean: f64,
    low: f64,
    width: f64,
    text: String,
}

/// The page.
///
/// # Errors
///
/// [`CliError::Output`] if it cannot be made, which is a mistake of the template.
pub fn page(grid: &Grid, findings: &Findings) -> Result<String, CliError> {
    let experiments = findings.experiments.iter().zip(&grid.experiments).map(|(found, of)| shown(found, of));
    let page = Page {
        name: &findings.name,
        about: &findings.about,
        development: findings.questions == Questions::Development,
        builds: &findings.builds,
        experiments: experiments.collect(),
    };
    let failed = |error: minijinja::Error| CliError::Option(format!("--html: the page cannot be made: {error:#}"));
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    templates.set_syntax(syntax.map_err(failed)?);
    templates.add_template(NAME, TEMPLATE).map_err(failed)?;
    templates.get_template(NAME).and_then(|template| template.render(View::from(Serde(page)))).map_err(failed)
}

fn shown<'a>(found: &'a Found, experiment: &'a Experiment) -> Shown<'a> {
    let followed = found.points.iter().filter_map(|point| {
        let of = point.asked.first()?.with_alignment?;
        Some(format!("{} {:.2} ({:.2} to {:.2})", label(point), of.rho, of.low, of.high).trim().to_owned())
    });
    let halves = |point: &FoundPoint| {
        let asked = point.asked.first()?;
        let text = |half: &FoundHalf, figure| half.after.get(&figure).map_or_else(String::new, text);
        let row = |half: &FoundHalf| {
            let [refused, harmful] = [Figure::RefusalRate, Figure::HarmfulnessRate].map(|figure| text(half, figure));
            [label(point), half.name.clone(), refused, harmful]
        };
        Some(asked.halves.iter().map(row).collect::<Vec<_>>())
    };
    Shown {
        name: &found.experiment,
        about: &found.about,
        axes: &found.axes,
        rows: found.points.iter().flat_map(rows).collect(),
        halves: found.points.iter().filter_map(halves).flatten().collect(),
        followed: followed.collect(),
        paper: experiment.paper.iter().map(|of| (of.what.as_str(), percent(of.harmfulness_rate))).collect(),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

fn label(point: &FoundPoint) -> String {
    point.point.join(", ")
}

fn rows(point: &FoundPoint) -> Vec<Row> {
    let row = |asked: &Asked| Row {
        label: label(point),
        point: point.point.clone(),
        condition: asked.condition.clone(),
        steps: point.steps,
        seeds: point.seeds.len(),
        lost: point.failed.len() + point.missing.len(),
        figures: DRAWN.iter().filter_map(|&figure| Some(drawn(figure, asked.after.get(&figure)?))).collect(),
    };
    point.asked.iter().map(row).collect()
}

fn drawn(figure: Figure, spread: &Spread) -> Drawn {
    let place = |share: f64| (share * STRIP * 10.0).round() / 10.0;
    let Spread { runs, mean, low, high } = spread;
    Drawn {
        key: figure.key(),
        dots: runs.iter().map(|&run| place(run)).collect(),
        mean: place(*mean),
        low: place(*low),
        width: place(high - low),
        text: text(spread),
    }
}

/// Mean, interval, least and most of a seed, in per cent.
fn text(spread: &Spread) -> String {
    let [mean, low, high] = [spread.mean, spread.low, spread.high].map(percent);
    format!("{mean} % ({low}-{high}), {} to {}", percent(spread.least()), percent(spread.most()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::library::forbidden_questions;
    use crate::study::{Trial, testing};

    fn report(name: &str, paper: &serde_json::Value, untold: &BTreeSet<String>) -> String {
        let grid: Grid = serde_json::from_value(json!({
            "version": 1, "name": "test", "about": "Less < more & so on.", "seeds": 2,
            "experiments": [{ "name": name, "about": "One.", "preset": "harmful-10", "paper": paper, "axes": [
                { "name": "epochs", "points": [{ "label": "5", "set": { "tuning.epochs": 5 } }, { "label": "10" }] },
            ] }],
        }))
        .unwrap();
        let record = |trial: &Trial| {
            let mut record = testing::record("harmful", 2);
            record.plan = trial.plan.clone();
            record.before.as_mut().unwrap().measurements = vec![testing::measurement(0)];
            record.after.as_mut().unwrap().measurements = vec![testing::measurement(60)];
            Some(record)
        };
        let findings = Findings::of(&grid, record, |_| untold.clone());
        page(&grid, &findings.unwrap()).unwrap()
    }

    /// It is well-formed, has both languages, draws every seed, and fetches nothing.
    #[test]
    fn a_report_is_one_file_that_needs_no_other() {
        let paper = json!([{ "what": "GPT-3.5, ten examples", "harmfulness_rate": 0.888 }]);
        let page = report("first", &paper, &BTreeSet::new());
        let document = roxmltree::Document::parse(page.trim_start_matches("<!doctype html>").trim()).unwrap();
        let named = |name| document.descendants().filter(move |node| node.has_tag_name(name)).count();
        // Two points of two seeds and three figures.
        assert_eq!((named("circle"), named("svg"), named("table")), (12, 1, 2));
        assert!(page.contains("Less &lt; more &amp; so on."), "{page}");
        assert!(page.contains("90.9 % (") && page.contains("GPT-3.5, ten examples") && page.contains("88.8"), "{page}");
        for language in ["lang=\"en\"", "lang=\"zh\""] {
            assert!(page.contains(language));
        }
        for foreign in ["http://", "https://", "src=", "<script", "@import", "url("] {
            assert!(!page.replace("https://arxiv.org/abs/2310.03693", "").contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn without_figures_of_the_paper_there_is_no_table_of_them() {
        assert!(!report("first", &json!([]), &BTreeSet::new()).contains("GPT-4"));
    }

    #[test]
    fn where_items_were_untold_they_stand_apart() {
        let untold = BTreeSet::from([forbidden_questions()[0].item.clone()]);
        let page = report("first", &json!([]), &untold);
        roxmltree::Document::parse(page.trim_start_matches("<!doctype html>").trim()).unwrap();
        assert!(page.contains("<td>told</td>") && page.contains("<td>untold</td>"), "{page}");
    }
}
