//! Speed on every backend there is, side by side. Each part is a program of its own that prints a JSON array of [`Row`]s.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use serde::{Deserialize, Serialize};

use crate::{
    npm,
    process::{self, Project},
    site, test,
};

/// Other systems for the browser, with a lock file of their own: nothing else needs them.
const PEERS: &str = "tests/peers";

/// PyTorch's side of the benchmark, and what it needs.
const TORCH: &str = "tests/golden/bench_torch.py";
const TORCH_NEEDS: &str = "tests/golden/requirements.txt";

/// Measures how a step's cost grows, natively.
const GROWTH: [&str; 8] = ["run", "--release", "--locked", "--bin", "tenshot", "--", "bench", "--growth"];

/// The row that is the same on every backend, and by how much of it backends may differ, which round in other orders.
const LOSS: &str = "train_loss";
const LOSS_TOLERANCE: f64 = 1e-4;

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

/// Runs all parts and prints their rows as a table; writes them to `out` as JSON, too. With `peers` other
/// systems are installed and measured beside Tenshot.
///
/// # Errors
/// If a build fails, or a part that is there fails or prints something else than rows, or backends did not compute the same; what
/// the others measured is printed all the same.
pub fn run(project: &Project, gpu: bool, peers: bool, out: Option<&Path>) -> Result<()> {
    let mut report = Report::default();
    report.add("native CPU", || native(project, "cpu"));
    let ours = report.rows.clone();
    if gpu {
        report.add("native GPU", || native(project, "gpu"));
    }
    report.add("browser", || browser(project));
    if peers {
        report.add("peers in the browser", || peers_in_browser(project));
    }
    report.add("PyTorch", || torch(project, peers, &ours));
    report.close(out)
}

/// How the cost of a step grows, on every backend that there is, as a table and drawn. What is measured first lies in files of the
/// target folder; the last part reads them.
///
/// # Errors
/// If a build or a part fails.
pub fn growth(project: &Project, gpu: bool, plot: &Path) -> Result<()> {
    site::build(project, "./")?;
    let printed = test::in_browser(project, |command| process::read(command.args(["node", "bench.mjs", "growth"])))?;
    let mut beside = vec![kept(project, "browser", &printed)?];
    if gpu {
        let mut command = project.command("cargo");
        command.args(GROWTH).args(["--device", "gpu", "--json"]);
        beside.push(kept(project, "gpu", &process::read(&mut command)?)?);
    }
    let mut command = project.command("cargo");
    command.args(GROWTH).args(["--device", "cpu", "--most", "250"]).arg("--plot").arg(plot);
    for file in beside {
        command.arg("--beside").arg(file);
    }
    process::run(&mut command)
}

/// Writes rows to a file for the last part.
fn kept(project: &Project, part: &str, rows: &str) -> Result<PathBuf> {
    let folder = project.target().join("xtask");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let file = folder.join(format!("growth-{part}.json"));
    fs::write(&file, rows).with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
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

    fn close(mut self, out: Option<&Path>) -> Result<()> {
        if let Some(differs) = differing(&self.rows) {
            self.notes.push(format!("Not the same was computed: {differs}."));
            self.failed.push("the losses differ");
        }
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

/// Other systems in turns with Tenshot, on the site that was built last.
fn peers_in_browser(project: &Project) -> Result<Part> {
    npm::ensure(project, PEERS, "TensorFlow.js and jax-js")?;
    let folder = project.path(PEERS);
    parse(&test::in_browser(project, |command| process::read(command.current_dir(folder).args(["node", "bench.mjs"])))?)
}

/// PyTorch, and how it compares with what Tenshot needs natively.
fn torch(project: &Project, install: bool, ours: &[Row]) -> Result<Part> {
    let Some(python) = python(project, install)? else { return Ok(Part::Missing("there is no python3 with torch")) };
    let mut rows = rows_of(&process::read(project.command(python).arg(TORCH))?)?;
    let compared: Vec<Row> = rows.iter().filter_map(|row| beside(row, ours)).collect();
    rows.extend(compared);
    Ok(Part::Measured(rows))
}

/// A Python with PyTorch. Unless the system's has it, one is made in the target folder, if it is to be.
fn python(project: &Project, install: bool) -> Result<Option<PathBuf>> {
    let has_torch = |python: &Path| process::probe(project.command(python).args(["-c", "import torch"])).is_some();
    let system = PathBuf::from("python3");
    let own = project.target().join("xtask").join("python");
    let made = own.join("bin").join("python3");
    if let Some(ready) = [&system, &made].into_iter().find(|python| has_torch(python)) {
        return Ok(Some(ready.clone()));
    }
    if !install || project.find("python3").is_none() {
        return Ok(None);
    }
    println!("set-up: installing what {TORCH_NEEDS} lists in {} (some GB)", own.display());
    process::run(project.command(&system).args(["-m", "venv"]).arg(&own))?;
    process::run(project.command(&made).args(["-m", "pip", "install", "--quiet", "--requirement", TORCH_NEEDS]))?;
    Ok(Some(made))
}

/// How many times what Tenshot needs for the same a row of seconds is.
fn beside(row: &Row, ours: &[Row]) -> Option<Row> {
    let own = ours.iter().find(|own| (&own.name, &own.unit) == (&row.name, &row.unit) && own.name != LOSS)?;
    let (name, backend) = (format!("{} / ours", row.name), row.backend.clone());
    Some(Row { name, backend, value: row.value / own.value, unit: "x".into() })
}

/// The two backends whose losses differ the most, if by more than rounding, in words.
fn differing(rows: &[Row]) -> Option<String> {
    let losses = || rows.iter().filter(|row| row.name == LOSS);
    let least = losses().min_by(|a, b| a.value.total_cmp(&b.value))?;
    let most = losses().max_by(|a, b| a.value.total_cmp(&b.value))?;
    let is_same = most.value - least.value <= LOSS_TOLERANCE * least.value.abs();
    let of = |row: &Row| format!("{} on {}", row.value, row.backend);
    (!is_same).then(|| format!("the loss is {} and {}", of(least), of(most)))
}

fn parse(printed: &str) -> Result<Part> {
    rows_of(printed).map(Part::Measured)
}

fn rows_of(printed: &str) -> Result<Vec<Row>> {
    serde_json::from_str(printed).with_context(|| format!("expected a JSON array of benchmark rows, got: {printed}"))
}

/// A block of rows for each measurement, and in it one for each backend, both in the order of their first appearance.
fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_BORDERS_ONLY_CONDENSED);
    table.set_header(["measurement", "backend", "value", "unit"]);
    for name in distinct(rows.iter().map(|row| row.name.as_str())) {
        for (place, row) in rows.iter().filter(|row| row.name == name).enumerate() {
            let named = if place == 0 { name } else { "" };
            table.add_row([named, &row.backend, &figure(row.value), &row.unit]);
        }
    }
    if let Some(values) = table.column_mut(2) {
        values.set_cell_alignment(CellAlignment::Right);
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
        let lines: Vec<String> =
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let expected = [
            "| measurement backend value unit |",
            "| training step native CPU 41.2 ms |",
            "| PyTorch 140 ms |",
            "| 66 answers native CPU 0.25 s |",
        ];
        assert_eq!(
            lines.iter().filter(|line| line.starts_with("| ")).collect::<Vec<_>>(),
            expected.each_ref(),
            "{text}"
        );
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

    fn row(name: &str, backend: &str, value: f64, unit: &str) -> Row {
        Row { name: name.into(), backend: backend.into(), value, unit: unit.into() }
    }

    #[test]
    fn another_loss_is_other_work() {
        let rows =
            [row(LOSS, "CPU", 18.4586, "nats"), row(LOSS, "a peer", 18.4589, "nats"), row("step", "CPU", 1.0, "ms")];
        assert_eq!(differing(&rows), None, "rounding");
        assert_eq!(differing(&rows[2..]), None, "nothing to compare");
        let other = row(LOSS, "another peer", 18.6, "nats");
        let said = differing(&[&rows[..], &[other]].concat()).unwrap();
        assert_eq!(said, "the loss is 18.4586 on CPU and 18.6 on another peer");
        let nothing = row(LOSS, "no number", f64::NAN, "nats");
        assert!(differing(&[&rows[..], &[nothing]].concat()).is_some());
    }

    #[test]
    fn a_peer_is_compared_with_the_same_work() {
        let ours = [row("step", "CPU", 20.0, "ms"), row(LOSS, "CPU", 18.0, "nats")];
        let beside = |name: &str, unit: &str| beside(&row(name, "PyTorch", 50.0, unit), &ours);
        assert_eq!(beside("step", "ms"), Some(row("step / ours", "PyTorch", 2.5, "x")));
        assert_eq!([beside("step", "s"), beside("answers", "ms"), beside(LOSS, "nats")], [None, None, None]);
    }

    #[test]
    fn something_else_than_rows_is_an_error() {
        assert!(parse("Compiling ...").err().unwrap().to_string().contains("Compiling"));
    }
}
