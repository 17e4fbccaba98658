//! What a soak has written down: see `tests/browser/support/soak-journal.mjs`.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

/// All lines, by kind.
#[derive(Debug, Default, PartialEq)]
pub struct Journal {
    /// None if it broke off before anything was done.
    pub beginning: Option<Beginning>,
    pub acts: Vec<Act>,
    pub runs: Vec<Run>,
    pub samples: Vec<Sample>,
    pub errors: Vec<Failure>,
    /// None if it broke off.
    pub end: Option<End>,
}

/// On what it was.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Beginning {
    pub seed: u32,
    pub browser: String,
    pub build: String,
    pub time: String,
}

/// Something was done.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Act {
    /// For instance `run (harmful-10 seed 1)`.
    pub name: String,
}

/// A record was exported.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Run {
    /// Seconds since the beginning, here and below.
    pub at: f64,
    /// Preset and seed.
    pub name: String,
    /// A hash of all that decides a run: plan, device, build.
    pub of: String,
    /// What came of it, as far as it went: the same for the same `of`.
    pub facts: BTreeMap<String, String>,
}

/// Memory was measured, while nothing was going on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sample {
    pub at: f64,
    /// Whether the page had just been opened.
    pub fresh: bool,
    /// Megabytes.
    #[serde(flatten)]
    pub gauges: Gauges,
}

/// Where memory is, in MB.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Gauges {
    /// JavaScript's objects of the page, after a collection.
    pub page_heap: f64,
    /// The page's WebAssembly memory.
    pub page_wasm: f64,
    /// The worker's.
    pub worker_wasm: f64,
    /// The resident memory of all processes of one kind, without mapped files; only Linux says so.
    pub renderers: Option<f64>,
    pub gpu_process: Option<f64>,
    pub browser: Option<f64>,
}

/// Something went wrong.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Failure {
    pub at: f64,
    /// While this was done.
    pub act: String,
    pub message: String,
}

/// The end.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct End {
    pub at: f64,
    pub interrupted: bool,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Line {
    Begun(Beginning),
    Act(Act),
    Run(Run),
    Memory(Sample),
    Error(Failure),
    Ended(End),
}

impl Journal {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or has a line that is none of a soak's; a last line that was cut off is passed over.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("reading {}", file.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let mut journal = Self::default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for (place, line) in whole.lines().enumerate() {
            match serde_json::from_str(line).with_context(|| format!("line {}", place + 1))? {
                Line::Begun(beginning) => journal.beginning = Some(beginning),
                Line::Act(act) => journal.acts.push(act),
                Line::Run(run) => journal.runs.push(run),
                Line::Memory(sample) => journal.samples.push(sample),
                Line::Error(failure) => journal.errors.push(failure),
                Line::Ended(end) => journal.end = Some(end),
            }
        }
        Ok(journal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"{"kind":"begun","at":3.1,"seed":7,"minutes":60,"device":"auto","browser":"156.0","build":"0.1.0+ab","time":"2026-11-28T17:00:00.000Z"}
{"kind":"memory","at":4,"visit":1,"fresh":true,"runs":0,"page_heap":12.5,"nodes":900,"listeners":80,"page_wasm":3,"worker_wasm":90,"renderers":300.5,"gpu_process":80,"browser":170}
{"kind":"act","at":4.2,"name":"run (safety-10 seed 2)"}
{"kind":"run","at":40,"name":"safety-10 seed 2","status":"finished","steps":20,"of":"abcd","facts":{"planned steps":"20","step 0, loss":"null","before":"ef"}}
{"kind":"error","at":41,"act":"run (safety-10 seed 2)","message":"oops"}
{"kind":"ended","at":60,"interrupted":false}
"#;

    #[test]
    fn every_kind_of_line_is_read() {
        let journal = Journal::parse(LINES).unwrap();
        assert_eq!(journal.beginning.unwrap().seed, 7);
        assert_eq!(journal.acts[0].name, "run (safety-10 seed 2)");
        assert_eq!((journal.runs[0].of.as_str(), journal.runs[0].facts["planned steps"].as_str()), ("abcd", "20"));
        assert!(journal.samples[0].fresh);
        assert_eq!(journal.samples[0].gauges.renderers, Some(300.5));
        assert_eq!(journal.errors[0].message, "oops");
        assert_eq!(journal.end, Some(End { at: 60.0, interrupted: false }));
    }

    #[test]
    fn a_line_that_was_cut_off_is_passed_over_and_a_foreign_one_is_named() {
        let end = LINES.rfind("{").unwrap();
        let cut = Journal::parse(&LINES[..end + 9]).unwrap();
        assert_eq!((cut.errors.len(), cut.end), (1, None));
        let foreign = Journal::parse(&format!("{LINES}{{\"kind\":\"tea\"}}\n")).unwrap_err();
        assert!(format!("{foreign:#}").contains("line 7"), "{foreign:#}");
    }
}
