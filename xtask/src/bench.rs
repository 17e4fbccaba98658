//! Speed on every backend there is, side by side. Each part is a program of its own that prints a JSON array of [`Row`]s.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use serde::{Deserialize, Serialize};

use crate::{
    process::{self, Project},
    site, test,
};

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    /// What was measured, for instance `training step`.
    name: String,
    /// On what, for instance `native CPU` or `WebGPU (swiftshader)`.
    backend: String,
    value: f64,
    /// For instance `ms`.
    unit: String,
}

/// What came of a part.
enum Part {
    Measured(Vec<Row>),
    /// This machine cannot measure it: why.
    Missing(&'static str),
}

/// Runs all parts and prints their rows as a table with one column per backend; writes them to `out` as JSON, too.
///
/// # Errors
/// If a build fails, or a part that is there fails or prints something else than rows; what the others measured is
/// printed all the same.
pub fn run(project: &Project, gpu: bool, out: Option<&Path>) -> Result<()> {
    let mut report = Report::default();
    report.add("native CPU", || native(project, "cpu"));
    if gpu {
        report.add("native GPU", || native(project, "gpu"));
    }
    report.add("browser", || browser(project));
    report.add("PyTorch", || torch(project));
    report.close(out)
}

/// What the parts came to so far.
#[derive(Default)]
struct Report {
    rows: Vec<Row>,
    /// Why rows are missing.
    notes: Vec<String>,
    failed: Vec<&'static str>,
}

impl Report {
    fn add(&mut self, name: &'static str, measure: impl FnOnce() -> Result<Part>) {
        println!("\n== {name}");
        match measure() {
            Ok(Part::Measured(rows)) => self.rows.extend(rows),
            Ok(Part::Missing(why)) => self.notes.push(format!("{name}: not measured, {why}")),
            Err(error) => {
                self.notes.push(format!("{name}: failed, {error:#}"));
                self.failed.push(name);
            }
        }
    }

    fn close(self, out: Option<&Path>) -> Result<()> {
        println!("\n{}\n{}", table(&self.rows), self.notes.join("\n"));
        if let Some(file) = out {
            let text = serde_json::to_string_pretty(&self.rows)?;
            fs::write(file, text).with_context(|| format!("writing {}", file.display()))?;
        }
        if !self.failed.is_empty() {
            bail!("failed: {}", self.failed.join("; "));
        }
        Ok(())
    }
}

fn native(project: &Project, device: &str) -> Result<Part> {
    let mut command = project.command("cargo");
    command.args(["run", "--release", "--locked", "--bin", "tenshot", "--", "bench", "--json", "--device", device]);
    parse(&process::read(&mut command)?)
}

fn browser(project: &Project) -> Result<Part> {
    if !project.path("tests/browser/bench.mjs").is_file() {
        return Ok(Part::Missing("there is no tests/browser/bench.mjs"));
    }
    site::build(project, "./")?;
    parse(&test::in_browser(project, |command| process::read(command.args(["node", "bench.mjs"])))?)
}

fn torch(project: &Project) -> Result<Part> {
    const SCRIPT: &str = "tests/golden/bench_torch.py";
    if !project.path(SCRIPT).is_file() {
        return Ok(Part::Missing("there is no tests/golden/bench_torch.py"));
    }
    if process::probe(project.command("python3").args(["-c", "import torch"])).is_none() {
        return Ok(Part::Missing("there is no python3 with torch"));
    }
    parse(&process::read(project.command("python3").arg(SCRIPT))?)
}

fn parse(printed: &str) -> Result<Part> {
    let rows = serde_json::from_str(printed);
    rows.map(Part::Measured).with_context(|| format!("expected a JSON array of benchmark rows, got: {printed}"))
}

/// One row per measurement, one column per backend, both in the order of their first appearance.
fn table(rows: &[Row]) -> Table {
    let backends = distinct(rows.iter().map(|row| row.backend.as_str()));
    let measurements = distinct(rows.iter().map(|row| (row.name.as_str(), row.unit.as_str())));
    let mut table = Table::new();
    table.load_preset(presets::ASCII_BORDERS_ONLY_CONDENSED);
    table.set_header(["measurement", "unit"].into_iter().chain(backends.iter().copied()));
    for (name, unit) in measurements {
        let cell = |backend: &str| {
            let found = rows
                .iter()
                .find(|row| (row.name.as_str(), row.unit.as_str(), row.backend.as_str()) == (name, unit, backend));
            found.map_or_else(|| "-".to_owned(), |row| figure(row.value))
        };
        table.add_row(
            [name.to_owned(), unit.to_owned()].into_iter().chain(backends.iter().map(|backend| cell(backend))),
        );
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// Three significant digits, without an exponent.
fn figure(value: f64) -> String {
    let digits = match value.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_all_parts_meet_in_one_table() {
        let Part::Measured(rows) = parse(
            r#"[{"name":"training step","backend":"native CPU","value":41.234,"unit":"ms"},
                {"name":"66 answers","backend":"native CPU","value":0.251,"unit":"s"},
                {"name":"training step","backend":"PyTorch","value":139.6,"unit":"ms"}]"#,
        )
        .unwrap() else {
            panic!("rows were printed")
        };
        let text = table(&rows).to_string();
        let line = |start: &str| {
            text.lines().find(|line| line.contains(start)).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(line("measurement").contains("unit native CPU PyTorch"), "{text}");
        assert!(line("training step").contains("ms 41.2 140"), "{text}");
        assert!(line("66 answers").contains("s 0.25 -"), "{text}");
    }

    #[test]
    fn a_part_that_fails_fails_the_whole_and_keeps_the_others_rows() {
        let mut report = Report::default();
        report.add("good", || parse(r#"[{"name":"step","backend":"CPU","value":1,"unit":"ms"}]"#));
        report.add("absent", || Ok(Part::Missing("no such machine")));
        report.add("bad", || parse("oops"));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(report.close(Some(file.path())).unwrap_err().to_string(), "failed: bad");
        let written: Vec<Row> = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        assert_eq!((written.len(), written[0].value), (1, 1.0));
    }

    #[test]
    fn something_else_than_rows_is_an_error() {
        assert!(parse("Compiling ...").err().unwrap().to_string().contains("Compiling"));
    }
}
