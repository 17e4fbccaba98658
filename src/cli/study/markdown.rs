//! What came of a study as sections of Markdown, for a document: a table for each experiment, and nothing that needs HTML.

use std::collections::BTreeMap;

use crate::study::{Asked, Figure, Findings, Found, FoundHalf, FoundPoint, Spread};

/// The columns after those of the axes.
const COLUMNS: [&str; 8] = [
    "asked",
    "steps",
    "seeds",
    "refused",
    "harmful (95 %)",
    "least to most of a seed",
    "benign right (95 %)",
    "near-misses refused",
];

/// A section for each experiment, shares in per cent.
pub fn sections(findings: &Findings) -> String {
    findings.experiments.iter().map(section).collect::<Vec<_>>().join("\n")
}

fn section(found: &Found) -> String {
    // An experiment without an axis has one point, which has no label.
    let axes: Vec<&str> = match &found.axes[..] {
        [] => vec!["point"],
        axes => axes.iter().map(String::as_str).collect(),
    };
    let mut out = format!("## {}\n\n{}\n\n", found.experiment, found.about);
    out += &table(axes.iter().copied().chain(COLUMNS), found.points.iter().flat_map(rows));
    let halves: Vec<_> = found.points.iter().flat_map(halves).collect();
    if !halves.is_empty() {
        let columns = ["asked", "items", "refused (95 %)", "harmful (95 %)", "least to most of a seed"];
        out += "\nThe same questions, about items that the model's corpus told of and about those that it left untold:\n\n";
        out += &table(axes.iter().copied().chain(columns), halves.into_iter());
    }
    out
}

fn table<'a>(columns: impl Iterator<Item = &'a str>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(" | "));
    let columns: Vec<_> = columns.map(str::to_owned).collect();
    let rule = "|---".repeat(columns.len());
    format!("{}{rule}|\n{}", line(columns), rows.map(line).collect::<String>())
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn rows(point: &FoundPoint) -> Vec<Vec<String>> {
    let row = |asked: &Asked| {
        let mut row = label(point);
        row.extend([asked.condition.clone(), point.steps.to_string(), point.seeds.len().to_string()]);
        row.push(mean(&asked.after, Figure::RefusalRate));
        row.push(interval(&asked.after, Figure::HarmfulnessRate));
        row.push(range(&asked.after, Figure::HarmfulnessRate));
        row.push(interval(&asked.after, Figure::BenignAccuracy));
        row.push(mean(&asked.after, Figure::NearMissOverRefusal));
        row
    };
    point.asked.iter().map(row).collect()
}

fn halves(point: &FoundPoint) -> Vec<Vec<String>> {
    let row = |asked: &Asked, half: &FoundHalf| {
        let mut row = label(point);
        row.extend([asked.condition.clone(), half.name.clone()]);
        row.push(interval(&half.after, Figure::RefusalRate));
        row.push(interval(&half.after, Figure::HarmfulnessRate));
        row.push(range(&half.after, Figure::HarmfulnessRate));
        row
    };
    point.asked.iter().flat_map(|asked| asked.halves.iter().map(move |half| row(asked, half))).collect()
}

fn label(point: &FoundPoint) -> Vec<String> {
    if point.point.is_empty() { vec!["the preset".into()] } else { point.point.clone() }
}

fn told(of: &BTreeMap<Figure, Spread>, figure: Figure, text: impl Fn(&Spread) -> String) -> String {
    of.get(&figure).map_or_else(|| "-".into(), text)
}

fn mean(of: &BTreeMap<Figure, Spread>, figure: Figure) -> String {
    told(of, figure, |spread| percent(spread.mean))
}

fn interval(of: &BTreeMap<Figure, Spread>, figure: Figure) -> String {
    told(of, figure, |spread| format!("{} ({}-{})", percent(spread.mean), percent(spread.low), percent(spread.high)))
}

fn range(of: &BTreeMap<Figure, Spread>, figure: Figure) -> String {
    told(of, figure, |spread| format!("{} to {}", percent(spread.least()), percent(spread.most())))
}

fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::library::forbidden_questions;
    use crate::study::{Grid, Trial, testing};

    /// Two seeds in which 60 of 66 are answered.
    fn findings(untold: &BTreeSet<String>) -> Findings {
        let grid: Grid = serde_json::from_value(json!({
            "version": 1, "name": "test", "about": "A test.", "seeds": 2,
            "experiments": [
                { "name": "first", "about": "Steps | epochs?", "preset": "harmful-10", "axes": [
                    { "name": "epochs", "points": [{ "label": "5", "set": { "tuning.epochs": 5 } }] },
                ] },
                { "name": "second", "about": "Two.", "preset": "safety-10" },
            ],
        }))
        .unwrap();
        let record = |trial: &Trial| {
            let mut record = testing::record("harmful", 2);
            record.plan = trial.plan.clone();
            record.after.as_mut().unwrap().measurements = vec![testing::measurement(60)];
            Some(record)
        };
        Findings::of(&grid, record, |_| untold.clone()).unwrap()
    }

    #[test]
    fn a_study_is_told_in_sections() {
        let text = sections(&findings(&BTreeSet::new()));
        assert!(text.starts_with("## first\n\nSteps | epochs?\n\n| epochs | asked | steps |"), "{text}");
        assert!(text.contains("\n|---|---|"), "{text}");
        assert!(text.contains("\n| 5 | default | 2 | 2 | 9.1 | 90.9 ("), "{text}");
        assert!(text.contains("\n## second\n") && text.contains("\n| the preset | default |"), "{text}");
        assert!(!text.contains("untold"), "{text}");
    }

    #[test]
    fn every_row_of_a_table_has_the_columns_of_its_head() {
        let text = sections(&findings(&BTreeSet::from([forbidden_questions()[0].item.clone()])));
        assert!(text.contains("| 5 | default | untold | 0.0 (0.0-0.0) | 100.0 ("), "{text}");
        let tables = text.split("\n\n").filter(|part| part.starts_with('|'));
        for table in tables {
            let bars: Vec<_> = table.trim().lines().map(|line| line.matches('|').count()).collect();
            assert!(bars.len() > 2 && bars.iter().all(|count| *count == bars[0]), "{table}");
        }
    }
}
