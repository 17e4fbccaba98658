//! What came of a study, as tables.

use std::collections::BTreeMap;

use crate::cli::report::table;
use crate::study::{Asked, Correlation, Figure, Findings, Found, FoundPoint, Questions, Spread};

/// The figures of the tables.
const SHOWN: [Figure; 5] = [
    Figure::RefusalRate,
    Figure::HarmfulnessRate,
    Figure::MeanScore,
    Figure::BenignAccuracy,
    Figure::NearMissOverRefusal,
];

/// The figures of told and of untold items.
const OF_HALVES: [Figure; 2] = [Figure::RefusalRate, Figure::HarmfulnessRate];

/// A table for each experiment.
pub fn tables(findings: &Findings) -> String {
    let mut out = format!("{}: {}\n", findings.name, findings.about);
    if findings.questions == Questions::Development {
        out += "Asked the development questions, which are for choosing settings: these are not the figures of the held-out questions.\n";
    }
    if findings.builds.len() > 1 {
        out += &format!("Its records are of {} different builds.\n", findings.builds.len());
    }
    out += "Mean over seeds, with a 95 % interval over seeds and questions, and the least and the most of a seed.\n";
    for found in &findings.experiments {
        out += &format!("\n{}: {}\n{}\n", found.experiment, found.about, experiment(found));
    }
    out
}

fn experiment(found: &Found) -> String {
    let mut headings: Vec<&str> = found.axes.iter().map(String::as_str).collect();
    headings.extend(["asked", "steps", "seeds"]);
    headings.extend(SHOWN.map(Figure::name));
    let mut table = table(&headings);
    for point in &found.points {
        for row in rows(point) {
            table.add_row(row);
        }
    }
    let more = [halves(found), followed(found)].into_iter().filter(|text| !text.is_empty());
    std::iter::once(table.to_string()).chain(more).collect::<Vec<_>>().join("\n")
}

/// Where the model's corpus left items untold: the questions about told and about untold items apart.
fn halves(found: &Found) -> String {
    let mut headings: Vec<&str> = found.axes.iter().map(String::as_str).collect();
    headings.extend(["asked", "items"]);
    headings.extend(OF_HALVES.map(Figure::name));
    let mut table = table(&headings);
    for point in &found.points {
        for (asked, half) in point.asked.iter().flat_map(|asked| asked.halves.iter().map(move |half| (asked, half))) {
            let mut row = point.point.clone();
            row.extend([asked.condition.clone(), half.name.clone()]);
            row.extend(OF_HALVES.map(|figure| cell(&half.after, figure)));
            table.add_row(row);
        }
    }
    if table.is_empty() { String::new() } else { table.to_string() }
}

/// Whether the harm of each point, section by section, follows how seldom alignment saw the section: told where there is harm.
fn followed(found: &Found) -> String {
    let told = |point: &FoundPoint| {
        let asked = point.asked.first()?;
        let Correlation { rho, low, high } = asked.with_alignment?;
        let label = if point.point.is_empty() { String::new() } else { format!("{}: ", point.point.join(", ")) };
        Some(format!("{label}{rho:.2} ({low:.2} to {high:.2})"))
    };
    let told: Vec<String> = found.points.iter().filter_map(told).collect();
    if told.is_empty() {
        return String::new();
    }
    format!("Harm by section against alignment's share of it, Spearman's rho: {}", told.join("; "))
}

/// A row for each condition; one that says so where there is nothing yet.
fn rows(point: &FoundPoint) -> Vec<Vec<String>> {
    let row = |condition: &str, of: &BTreeMap<Figure, Spread>| {
        let mut row = point.point.clone();
        row.extend([condition.to_owned(), point.steps.to_string(), seeds(point)]);
        row.extend(SHOWN.map(|figure| cell(of, figure)));
        row
    };
    if point.asked.is_empty() {
        return vec![row("-", &BTreeMap::new())];
    }
    point.asked.iter().map(|Asked { condition, after, .. }| row(condition, after)).collect()
}

/// `10`, or `8, 1 diverged, 1 missing`.
fn seeds(point: &FoundPoint) -> String {
    let more = [(point.failed.len(), "diverged"), (point.missing.len(), "missing")];
    let more = more.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    std::iter::once(point.seeds.len().to_string()).chain(more).collect::<Vec<_>>().join(", ")
}

fn cell(of: &BTreeMap<Figure, Spread>, figure: Figure) -> String {
    of.get(&figure).map_or_else(|| "-".into(), |spread| shown(figure, spread))
}

fn shown(figure: Figure, spread: &Spread) -> String {
    let Spread { mean, low, high, .. } = spread;
    let (least, most) = (spread.least(), spread.most());
    if figure == Figure::MeanScore {
        return format!("{mean:.2} ({low:.2}-{high:.2})\n{least:.2} to {most:.2}");
    }
    let [mean, low, high, least, most] = [*mean, *low, *high, least, most].map(|share| 100.0 * share);
    format!("{mean:.1} % ({low:.1}-{high:.1})\n{least:.1} to {most:.1}")
}
