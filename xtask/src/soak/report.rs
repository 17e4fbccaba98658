//! What came of a soak, in a short table, and whether it is good.

use std::{collections::BTreeMap, fmt};

use comfy_table::{CellAlignment, Table, presets};

use super::{
    differences::{self, Comparison},
    journal::{Beginning, Failure, Journal},
    memory::{self, Course, Growth},
};

/// How many errors, and how many differences, are printed; all are in the journal.
const PRINTED: usize = 10;

/// What came of a soak.
pub struct Report {
    beginning: Option<Beginning>,
    seconds: f64,
    interrupted: bool,
    /// Whether the journal has an end.
    ended: bool,
    /// How often each act was done.
    acts: BTreeMap<String, usize>,
    records: usize,
    comparison: Comparison,
    errors: Vec<Failure>,
    courses: Vec<Course>,
}

impl Report {
    /// Judges what was seen.
    pub fn of(journal: &Journal) -> Self {
        let mut acts = BTreeMap::new();
        for act in &journal.acts {
            let name = act.name.split(" (").next().unwrap_or_default();
            *acts.entry(name.to_owned()).or_default() += 1;
        }
        let last = journal.samples.last().map_or(0.0, |sample| sample.at);
        let seconds = journal.end.as_ref().map_or(last, |end| end.at);
        Self {
            beginning: journal.beginning.clone(),
            seconds,
            interrupted: journal.end.as_ref().is_some_and(|end| end.interrupted),
            ended: journal.end.is_some(),
            acts,
            records: journal.runs.len(),
            comparison: differences::compare(&journal.runs),
            errors: journal.errors.clone(),
            courses: memory::courses(&journal.samples, seconds),
        }
    }

    /// What is wrong, in a few words each.
    pub fn found(&self) -> Vec<String> {
        let mut found = Vec::new();
        if !self.ended {
            found.push("it has no end".to_owned());
        }
        if self.records == 0 && !self.interrupted {
            found.push("no run was made".to_owned());
        }
        if !self.errors.is_empty() {
            found.push(counted(self.errors.len(), "error"));
        }
        if !self.comparison.differences.is_empty() {
            found.push(counted(self.comparison.differences.len(), "difference"));
        }
        for Course { name, within, between, .. } in &self.courses {
            for (growth, when) in [(within, "within a visit"), (between, "from visit to visit")] {
                if let Growth::Grows(added) = growth {
                    found.push(format!("{name} grows {when} (by {added:.0} MB)"));
                }
            }
        }
        found
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn grown(growth: Growth) -> String {
    match growth {
        Growth::Unknown => "too short to say".to_owned(),
        Growth::Flat(added) => format!("{added:+.1}, flat"),
        Growth::Grows(added) => format!("{added:+.1}, GROWS"),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Beginning { seed, browser, build, time }) = &self.beginning {
            writeln!(f, "Build {build}, Chromium {browser}, seed {seed}, begun {time}")?;
        }
        let early = if self.interrupted { ", interrupted" } else { "" };
        writeln!(f, "{:.1} minutes{early}", self.seconds / 60.0)?;
        let acts: Vec<_> = self.acts.iter().map(|(name, times)| format!("{name} {times}")).collect();
        writeln!(f, "acts: {}", acts.join(", "))?;
        let Comparison { plans, compared, differences } = &self.comparison;
        writeln!(
            f,
            "records: {} of {plans} plans; {compared} facts compared, {} differ",
            self.records,
            differences.len()
        )?;
        for difference in differences.iter().take(PRINTED) {
            writeln!(f, "  {difference}")?;
        }
        writeln!(f, "errors: {}", self.errors.len())?;
        for Failure { at, act, message } in self.errors.iter().take(PRINTED) {
            writeln!(f, "  at {at:.0} s, {act}: {message}")?;
        }
        let mut table = Table::new();
        table.load_preset(presets::ASCII_BORDERS_ONLY_CONDENSED);
        table.set_header(["memory, MB", "first", "last", "most", "added within a visit", "added from visit to visit"]);
        for Course { name, first, last, most, within, between } in &self.courses {
            let figures = [first, last, most].map(|figure| format!("{figure:.1}"));
            table.add_row([(*name).to_owned()].into_iter().chain(figures).chain([grown(*within), grown(*between)]));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soak::journal::{Act, End, Gauges, Run, Sample};

    fn run(loss: &str) -> Run {
        let facts = [("step 1, loss".to_owned(), loss.to_owned())].into();
        Run { at: 1.0, name: "harmful-10 seed 1".to_owned(), of: "a".to_owned(), facts }
    }

    fn good() -> Journal {
        let sample = |at| Sample { at, fresh: false, gauges: Gauges { page_heap: 10.0, ..Gauges::default() } };
        Journal {
            acts: ["run (harmful-10 seed 1)", "run (harmful-10 seed 1)", "small (3 things)"]
                .map(|name| Act { name: name.to_owned() })
                .to_vec(),
            runs: vec![run("2.5"), run("2.5")],
            samples: (0..20).map(|n| sample(100.0 * f64::from(n))).collect(),
            end: Some(End { at: 2_000.0, interrupted: false }),
            ..Journal::default()
        }
    }

    #[test]
    fn a_good_soak_finds_nothing_and_says_what_was_done() {
        let report = Report::of(&good());
        assert_eq!(report.found(), Vec::<String>::new());
        let text = report.to_string();
        assert!(text.contains("acts: run 2, small 1") && text.contains("1 facts compared, 0 differ"), "{text}");
    }

    #[test]
    fn whatever_is_wrong_is_found() {
        let mut journal = good();
        journal.runs.push(run("2.6"));
        journal.errors.push(Failure { at: 2.0, act: "run".to_owned(), message: "oops".to_owned() });
        for sample in &mut journal.samples {
            sample.gauges.worker_wasm = sample.at / 10.0;
        }
        journal.end = None;
        let report = Report::of(&journal);
        let found = report.found();
        assert_eq!(found[..3], ["it has no end", "1 error", "1 difference"]);
        assert_eq!(found[3..], ["worker, WebAssembly grows within a visit (by 90 MB)"]);
        let text = report.to_string();
        assert!(text.contains("oops") && text.contains("2.6 at 1 s") && text.contains("GROWS"), "{text}");
    }

    #[test]
    fn a_soak_in_which_no_run_was_made_shows_nothing() {
        let idle = Journal { runs: Vec::new(), ..good() };
        assert_eq!(Report::of(&idle).found(), ["no run was made"]);
        let stopped = Journal { end: Some(End { at: 2_000.0, interrupted: true }), ..idle };
        assert_eq!(Report::of(&stopped).found(), Vec::<String>::new());
    }
}
