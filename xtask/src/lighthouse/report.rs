//! What came of several measurements: medians, what cost points, and what must not be missed.

use std::{collections::BTreeMap, fmt};

use comfy_table::{CellAlignment, Table, presets};
use serde::Deserialize;

/// The most that may move while the page is loaded, as a sum of shares of the window.
const MOST_SHIFT: f64 = 0.05;

/// Categories whose points depend on what the page is, and not on how fast the machine is.
const NO_MATTER_OF_SPEED: [&str; 2] = ["accessibility", "best-practices"];

/// What `tests/lighthouse/measure.mjs` prints of a measurement. Times are in milliseconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    setting: String,
    chromium: String,
    lighthouse: String,
    /// By category, 0 to 1; none if Lighthouse could not give one.
    scores: BTreeMap<String, Option<f64>>,
    first_paint: Option<f64>,
    largest_paint: Option<f64>,
    blocked: Option<f64>,
    shift: Option<f64>,
    speed_index: Option<f64>,
    bytes: f64,
    /// Addresses of other hosts that were asked for something.
    elsewhere: Vec<String>,
    lost: Vec<Lost>,
}

/// An audit that cost points.
#[derive(Clone, Debug, Deserialize)]
struct Lost {
    category: String,
    id: String,
    score: f64,
    /// What Lighthouse says of it in short, or nothing.
    said: String,
}

/// The measurements of one setting.
struct Setting<'a> {
    name: &'a str,
    measured: Vec<&'a Measured>,
}

/// All measurements, by setting.
pub struct Report<'a> {
    settings: Vec<Setting<'a>>,
    first: &'a Measured,
}

impl<'a> Report<'a> {
    /// Of these measurements, unless there are none.
    pub fn of(measured: &'a [Measured]) -> Option<Self> {
        let mut settings: Vec<Setting<'a>> = Vec::new();
        for one in measured {
            match settings.iter_mut().find(|setting| setting.name == one.setting) {
                Some(setting) => setting.measured.push(one),
                None => settings.push(Setting { name: &one.setting, measured: vec![one] }),
            }
        }
        Some(Self { settings, first: measured.first()? })
    }

    /// What no measurement may miss. How fast the page is stands in the table, and fails nothing.
    pub fn missed(&self) -> Vec<String> {
        let mut missed = Vec::new();
        for one in self.settings.iter().flat_map(|setting| &setting.measured) {
            let setting = &one.setting;
            for category in NO_MATTER_OF_SPEED {
                match one.scores.get(category).copied().flatten() {
                    Some(score) if score >= 1.0 => {}
                    score => missed.push(format!("{setting}: {category} has {} points of 100", points(score))),
                }
            }
            match one.shift {
                Some(shift) if shift <= MOST_SHIFT => {}
                shift => missed.push(format!("{setting}: layout shift is {}, of at most {MOST_SHIFT}", share(shift))),
            }
            missed.extend(one.elsewhere.iter().map(|address| format!("{setting}: {address} was asked for")));
        }
        missed.sort();
        missed.dedup();
        missed
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(presets::ASCII_BORDERS_ONLY_CONDENSED);
        let header = "setting|performance|accessibility|best practices|FCP|LCP|blocked|CLS|speed index|bytes";
        table.set_header(header.split('|'));
        for setting in &self.settings {
            let score = |category: &str| points(setting.median(|one| *one.scores.get(category)?));
            let time = |figure: fn(&Measured) -> Option<f64>| milliseconds(setting.median(figure));
            table.add_row([
                setting.name.to_owned(),
                score("performance"),
                score("accessibility"),
                score("best-practices"),
                time(|one| one.first_paint),
                time(|one| one.largest_paint),
                time(|one| one.blocked),
                share(setting.median(|one| one.shift)),
                time(|one| one.speed_index),
                setting.median(|one| Some(one.bytes)).map_or_else(none, |bytes| format!("{:.2} MB", bytes / 1e6)),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = self.settings.first().map_or(0, |setting| setting.measured.len());
        let Measured { chromium, lighthouse, .. } = self.first;
        writeln!(f, "Lighthouse {lighthouse}, Chromium {chromium}; medians of {times}\n{}", self.table())?;
        for setting in &self.settings {
            for (category, id) in setting.lost() {
                let audit = |one: &&Measured| {
                    one.lost.iter().find(|lost| (&*lost.category, &*lost.id) == (category, id)).cloned()
                };
                let found: Vec<Lost> = setting.measured.iter().filter_map(audit).collect();
                let worst = found.iter().min_by(|a, b| a.score.total_cmp(&b.score));
                if let Some(worst) = worst {
                    let said = if worst.said.is_empty() { String::new() } else { format!(" ({})", worst.said) };
                    let at = points(Some(worst.score));
                    writeln!(f, "{}: {category}: {id} has at the least {at} points{said}", setting.name)?;
                }
            }
        }
        Ok(())
    }
}

impl Setting<'_> {
    /// The median of those measurements that have the figure.
    fn median(&self, figure: impl Fn(&Measured) -> Option<f64>) -> Option<f64> {
        let mut values: Vec<f64> = self.measured.iter().filter_map(|one| figure(one)).collect();
        values.sort_by(f64::total_cmp);
        let upper = *values.get(values.len() / 2)?;
        Some(if values.len().is_multiple_of(2) { f64::midpoint(values[values.len() / 2 - 1], upper) } else { upper })
    }

    /// The audits that cost points in any measurement, in the order of their first appearance.
    fn lost(&self) -> Vec<(&str, &str)> {
        let mut seen = Vec::new();
        for lost in self.measured.iter().flat_map(|one| &one.lost) {
            let audit = (&*lost.category, &*lost.id);
            if !seen.contains(&audit) {
                seen.push(audit);
            }
        }
        seen
    }
}

fn none() -> String {
    "-".to_owned()
}

/// A score as Lighthouse prints it.
fn points(score: Option<f64>) -> String {
    score.map_or_else(none, |score| format!("{:.0}", score * 100.0))
}

fn milliseconds(time: Option<f64>) -> String {
    time.map_or_else(none, |time| format!("{time:.0} ms"))
}

fn share(shift: Option<f64>) -> String {
    shift.map_or_else(none, |shift| format!("{shift:.3}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A measurement without a fault, but for what is changed in it.
    fn measured(changes: Value) -> Measured {
        let mut whole = json!({
            "setting": "phone", "chromium": "156.0", "lighthouse": "12.0",
            "scores": { "performance": 0.9, "accessibility": 1, "best-practices": 1 },
            "firstPaint": 900.4, "largestPaint": 1000, "blocked": 100, "shift": 0.001, "speedIndex": 1200,
            "bytes": 10_800_000, "elsewhere": [], "lost": []
        });
        let Value::Object(changes) = changes else { panic!("changes are an object") };
        whole.as_object_mut().unwrap().extend(changes);
        serde_json::from_value(whole).unwrap()
    }

    fn slow(ms: u32) -> Measured {
        let lost = json!([{
            "category": "performance", "id": "total-blocking-time", "weight": 30, "score": 0.5, "said": format!("{ms} ms")
        }]);
        measured(
            json!({ "blocked": ms, "scores": { "performance": 0.5, "accessibility": 1, "best-practices": 1 }, "lost": lost }),
        )
    }

    #[test]
    fn medians_are_printed_and_what_cost_points() {
        let all = [slow(700), measured(json!({})), slow(300), measured(json!({ "setting": "desktop" }))];
        let text = Report::of(&all).unwrap().to_string();
        let row = |name: &str| {
            text.lines().find(|line| line.contains(name)).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(row("| phone").contains("50 100 100 900 ms 1000 ms 300 ms 0.001 1200 ms 10.80 MB"), "{text}");
        assert!(row("| desktop").contains("90 100 100"), "{text}");
        assert!(text.contains("phone: performance: total-blocking-time has at the least 50 points (700 ms)"), "{text}");
        assert!(!text.contains("desktop: performance"), "{text}");
    }

    #[test]
    fn speed_fails_nothing() {
        assert_eq!(Report::of(&[slow(9_000)]).unwrap().missed(), [""; 0]);
    }

    #[test]
    fn what_does_not_depend_on_speed_is_a_fault() {
        let faults = [
            (json!({ "scores": { "accessibility": 0.98, "best-practices": 1 } }), "accessibility has 98 points of 100"),
            (json!({ "scores": { "accessibility": 1, "best-practices": null } }), "best-practices has - points of 100"),
            (json!({ "shift": 0.051 }), "layout shift is 0.051"),
            (json!({ "shift": null }), "layout shift is -"),
            (json!({ "elsewhere": ["https://example.org/a.js"] }), "https://example.org/a.js was asked for"),
        ];
        for (change, expected) in faults {
            // Said once, however often it was measured.
            let all = [measured(json!({})), measured(change.clone()), measured(change)];
            let missed = Report::of(&all).unwrap().missed();
            assert!(missed.len() == 1 && missed[0].contains(expected), "{missed:?}");
        }
    }

    #[test]
    fn the_median_of_two_is_between_them() {
        let all = [slow(100), slow(300)];
        assert_eq!(Report::of(&all).unwrap().settings[0].median(|one| one.blocked), Some(200.0));
        assert!(Report::of(&[]).is_none());
    }
}
