//! Speed on every backend there is, side by side. Each part is a program of its own that prints a JSON array of [`Row`]s.

use anyhow::{Context, Result};
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

/// Runs all parts and prints their rows, as a table with one column per backend or as JSON.
///
/// # Errors
/// If a build fails, or a part that is there fails or prints something else than rows.
pub fn run(project: &Project, json: bool) -> Result<()> {
    let mut rows = native(project)?;
    let mut missing = Vec::new();
    for (part, result) in [("browser", browser(project)?), ("PyTorch", torch(project)?)] {
        match result {
            Ok(more) => rows.extend(more),
            Err(why) => missing.push(format!("{part}: not measured, {why}")),
        }
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        println!("\n{}", table(&rows));
    }
    for note in missing {
        eprintln!("{note}");
    }
    Ok(())
}

/// A part's rows, or why this machine cannot measure them.
type Part = Result<Vec<Row>, &'static str>;

fn native(project: &Project) -> Result<Vec<Row>> {
    let mut command = project.command("cargo");
    command.args(["run", "--quiet", "--release", "--locked", "--bin", "tenshot", "--", "bench", "--json"]);
    parse(&process::read(&mut command)?)
}

fn browser(project: &Project) -> Result<Part> {
    if !project.path("tests/browser/bench.mjs").is_file() {
        return Ok(Err("there is no tests/browser/bench.mjs"));
    }
    site::build(project, "./")?;
    let printed = test::in_browser(project, |command| process::read(command.args(["node", "bench.mjs"])))?;
    parse(&printed).map(Ok)
}

fn torch(project: &Project) -> Result<Part> {
    const SCRIPT: &str = "tests/golden/bench_torch.py";
    if !project.path(SCRIPT).is_file() {
        return Ok(Err("there is no tests/golden/bench_torch.py"));
    }
    if process::probe(project.command("python3").args(["-c", "import torch"])).is_none() {
        return Ok(Err("there is no python3 with torch"));
    }
    parse(&process::read(project.command("python3").arg(SCRIPT))?).map(Ok)
}

fn parse(printed: &str) -> Result<Vec<Row>> {
    serde_json::from_str(printed).with_context(|| format!("expected a JSON array of benchmark rows, got: {printed}"))
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
        let rows = parse(
            r#"[{"name":"training step","backend":"native CPU","value":41.234,"unit":"ms"},
                {"name":"66 answers","backend":"native CPU","value":0.251,"unit":"s"},
                {"name":"training step","backend":"PyTorch","value":139.6,"unit":"ms"}]"#,
        )
        .unwrap();
        let text = table(&rows).to_string();
        let line = |start: &str| {
            text.lines().find(|line| line.contains(start)).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(line("measurement").contains("unit native CPU PyTorch"), "{text}");
        assert!(line("training step").contains("ms 41.2 140"), "{text}");
        assert!(line("66 answers").contains("s 0.25 -"), "{text}");
    }

    #[test]
    fn something_else_than_rows_is_an_error() {
        assert!(parse("Compiling ...").unwrap_err().to_string().contains("Compiling"));
    }
}
