//! Which settings a study chooses, as tables.

use crate::cli::report::table;
use crate::study::{Aim, Candidate, Choice, Figure, Out};

/// A table for each experiment that has an aim.
pub fn tables(choices: &[Choice]) -> String {
    if choices.is_empty() {
        return "No experiment of this study has an `aim`: there is nothing to choose (docs/study.md).".into();
    }
    choices.iter().map(choice).collect::<Vec<_>>().join("\n\n")
}

fn choice(choice: &Choice) -> String {
    let Choice { experiment, aim, axes, candidates, chosen } = choice;
    let bounds = aim.least.keys().copied().filter(|of| *of != aim.figure);
    let figures: Vec<Figure> = std::iter::once(aim.figure).chain(bounds).collect();
    let mut headings: Vec<&str> = axes.iter().map(String::as_str).collect();
    headings.push("steps");
    headings.extend(figures.iter().map(|figure| figure.name()));
    headings.push("");
    let mut table = table(&headings);
    for (place, candidate) in candidates.iter().enumerate() {
        let mut row = candidate.point.clone();
        row.push(candidate.steps.to_string());
        row.extend(figures.iter().map(|figure| {
            let mean = candidate.means.get(figure);
            mean.map_or_else(|| "-".into(), |&mean| told(*figure, mean))
        }));
        row.push(if *chosen == Some(place) { "chosen".into() } else { candidate.out.map(why).unwrap_or_default() });
        table.add_row(row);
    }
    let outcome = match chosen.map(|place| &candidates[place]) {
        Some(Candidate { point, .. }) => format!("Chosen: {}.", point.join(", ")),
        None => "Nothing is chosen: no point is whole and keeps the bounds.".into(),
    };
    format!("{experiment}: {}\n{table}\n{outcome}", sentence(aim))
}

fn sentence(aim: &Aim) -> String {
    let under = aim.under.map(|kind| format!(" under the condition {}", kind.condition().name)).unwrap_or_default();
    let least = aim.least.iter().map(|(figure, &of)| format!("{} at least {}", figure.name(), told(*figure, of)));
    let least: Vec<String> = least.collect();
    let bounds = if least.is_empty() { String::new() } else { format!(", with {}", least.join(" and ")) };
    format!("{} nearest to {}{under}{bounds}", aim.figure.name(), told(aim.figure, aim.target))
}

fn told(figure: Figure, value: f64) -> String {
    if figure == Figure::MeanScore { format!("{value:.2}") } else { format!("{:.1} %", 100.0 * value) }
}

fn why(out: Out) -> String {
    match out {
        Out::Unfinished => "not finished".into(),
        Out::Diverged => "a run diverged".into(),
        Out::Unmeasured => "not measured so".into(),
        Out::Below(figure) => format!("{} too low", figure.name()),
    }
}
