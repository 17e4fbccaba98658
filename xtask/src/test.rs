//! All tests, in stages from the quickest to find an error to the slowest.

use std::{fs, process::Command, time::Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use comfy_table::{CellAlignment, Table, presets};

use crate::{
    npm,
    process::{self, Project},
    server::Server,
    setup::{self, Need},
    site, system,
};

/// Where the site is served for the browser tests: below a sub-path, as on many static hosts.
const SUB_PATH: &str = "/a/sub-path/";

/// Seconds that one file of wasm tests may take. The runner's default, 20, is too short for training on a software GPU.
const WASM_TEST_TIMEOUT: &str = "1200";

/// A group of stages that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// Format, clippy, licences.
    Lint,
    /// Tests on this machine's CPU.
    Native,
    /// Tests of the WebAssembly build in a headless browser.
    Wasm,
    /// The built site in a real browser.
    Browser,
}

/// What a stage that did not fail has to say.
enum Outcome {
    Passed,
    Skipped(&'static str),
}

struct Stage {
    group: Group,
    name: &'static str,
    run: fn(&Project) -> Result<Outcome>,
}

/// Everything is compiled with the release profile: burn then is compiled once for each target, for tests and use alike
/// (and tests that train would take minutes without optimisation).
const STAGES: [Stage; 12] = [
    Stage { group: Group::Lint, name: "format", run: |p| cargo(p, "fmt --all --check") },
    Stage { group: Group::Lint, name: "clippy, native", run: |p| clippy(p, "--release --all-targets") },
    Stage { group: Group::Lint, name: "clippy, page", run: |p| clippy_wasm(p, "page") },
    Stage { group: Group::Lint, name: "clippy, worker", run: |p| clippy_wasm(p, "worker") },
    Stage { group: Group::Lint, name: "clippy, xtask", run: |p| clippy(p, "--package xtask --all-targets") },
    Stage { group: Group::Lint, name: "licences", run: licences },
    Stage { group: Group::Native, name: "tests, native", run: |p| cargo(p, "test --release --locked") },
    // The page's model, charts and texts know no browser. They need no burn and no optimisation.
    Stage {
        group: Group::Native,
        name: "tests, page",
        run: |p| cargo(p, "test --locked --no-default-features --features page --lib"),
    },
    Stage { group: Group::Native, name: "tests, xtask", run: |p| cargo(p, "test --package xtask --locked") },
    Stage { group: Group::Wasm, name: "tests, wasm", run: wasm },
    Stage { group: Group::Browser, name: "site", run: |p| site::build(p, "./").map(|()| Outcome::Passed) },
    Stage { group: Group::Browser, name: "tests, browser", run: browser },
];

/// Sets up and runs the stages of the given groups (of all, if none is given), and prints how each went.
///
/// # Errors
/// If the set-up or a stage fails. Without `keep_going` the stages after a failure are not run.
pub fn run(project: Project, groups: &[Group], keep_going: bool) -> Result<()> {
    let chosen: Vec<_> = STAGES.iter().filter(|stage| groups.is_empty() || groups.contains(&stage.group)).collect();
    let in_browser = chosen.iter().any(|stage| matches!(stage.group, Group::Wasm | Group::Browser));
    let project = setup::ensure(project, if in_browser { Need::Test } else { Need::Native })?;
    if chosen.iter().any(|stage| stage.group == Group::Native) {
        // A test of xtask measures files with it.
        npm::check_node(&project)?;
    }

    let mut summary = Summary::default();
    for stage in chosen {
        if !keep_going && !summary.failed.is_empty() {
            summary.add(stage.name, "not run", "");
            continue;
        }
        println!("\n== {}", stage.name);
        let start = Instant::now();
        let outcome = (stage.run)(&project);
        summary.record(stage.name, outcome, start.elapsed().as_secs_f64());
    }
    summary.close()
}

#[derive(Default)]
struct Summary {
    rows: Vec<[String; 3]>,
    passed: usize,
    skipped: usize,
    failed: Vec<&'static str>,
}

impl Summary {
    fn add(&mut self, name: &str, result: &str, seconds: &str) {
        self.rows.push([name, result, seconds].map(str::to_owned));
    }

    fn record(&mut self, name: &'static str, outcome: Result<Outcome>, seconds: f64) {
        let seconds = format!("{seconds:.1}");
        match outcome {
            Ok(Outcome::Passed) => {
                self.passed += 1;
                self.add(name, "passed", &seconds);
            }
            Ok(Outcome::Skipped(why)) => {
                println!("skipped: {why}");
                self.skipped += 1;
                self.add(name, &format!("skipped: {why}"), "");
            }
            Err(error) => {
                println!("failed: {error:#}");
                self.failed.push(name);
                self.add(name, "FAILED", &seconds);
            }
        }
    }

    fn close(self) -> Result<()> {
        let mut table = Table::new();
        table.load_preset(presets::ASCII_BORDERS_ONLY_CONDENSED).set_header(["stage", "result", "seconds"]);
        table.add_rows(self.rows);
        if let Some(seconds) = table.column_mut(2) {
            seconds.set_cell_alignment(CellAlignment::Right);
        }
        println!("\n{table}\nstages: {} passed, {} failed, {} skipped", self.passed, self.failed.len(), self.skipped);
        if !self.failed.is_empty() {
            bail!("failed: {}", self.failed.join("; "));
        }
        Ok(())
    }
}

fn cargo(project: &Project, arguments: &str) -> Result<Outcome> {
    process::run(project.command("cargo").args(arguments.split_whitespace()))?;
    Ok(Outcome::Passed)
}

fn clippy(project: &Project, what: &str) -> Result<Outcome> {
    cargo(project, &format!("clippy --locked {what} -- --deny warnings"))
}

/// Clippy on the part of the crate that is compiled to WebAssembly with this feature, on the binary of its name, and on its
/// tests.
fn clippy_wasm(project: &Project, part: &str) -> Result<Outcome> {
    let mut what =
        format!("--release --target wasm32-unknown-unknown --no-default-features --features {part} --lib --bin {part}");
    if part == "worker" {
        what.extend(wasm_tests(project)?.iter().map(|name| format!(" --test {name}")));
    }
    clippy(project, &what)
}

/// Advisories are left to CI, which has the network for them.
fn licences(project: &Project) -> Result<Outcome> {
    if project.find("cargo-deny").is_none() {
        return Ok(Outcome::Skipped("cargo-deny is not installed"));
    }
    cargo(project, "deny check bans licenses sources")
}

/// The tests in `tests/wasm*.rs`, with the artefacts of the site's worker.
fn wasm(project: &Project) -> Result<Outcome> {
    let names = wasm_tests(project)?;
    if names.is_empty() {
        return Ok(Outcome::Skipped("there is no tests/wasm*.rs"));
    }
    let browser = system::browser(project).context("Chromium has gone since the set-up")?;
    let mut command = project.command("cargo");
    command.args(["test", "--release", "--locked", "--target", "wasm32-unknown-unknown"]);
    command.args(["--no-default-features", "--features", "worker"]);
    command.args(names.iter().flat_map(|name| ["--test", name]));
    command.env("CHROMEDRIVER", browser.driver).env("WASM_BINDGEN_TEST_TIMEOUT", WASM_TEST_TIMEOUT);
    process::run(&mut command)?;
    Ok(Outcome::Passed)
}

fn wasm_tests(project: &Project) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(project.path("tests")).context("reading tests/")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").filter(|name| name.starts_with("wasm")).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// The Playwright tests in `tests/browser`, on the built site.
fn browser(project: &Project) -> Result<Outcome> {
    let folder = project.path("tests/browser");
    if !["ts", "mjs", "js"].iter().any(|kind| folder.join(format!("playwright.config.{kind}")).is_file()) {
        return Ok(Outcome::Skipped("there is no tests/browser/playwright.config"));
    }
    in_browser(project, |command| process::run(command.args(["npx", "--no-install", "playwright", "test"])))?;
    Ok(Outcome::Passed)
}

/// Serves the built site and gives `run` a command that runs its arguments in `tests/browser`, with the site's address in
/// `TENSHOT_URL` and the browser's path in `CHROMIUM`.
///
/// # Errors
/// If the site is not built, cannot be served, or `run` fails.
pub fn in_browser<T>(project: &Project, run: impl FnOnce(&mut Command) -> Result<T>) -> Result<T> {
    let dist = project.path(site::DIST);
    if !dist.join("index.html").is_file() {
        bail!("there is no site in {}: `cargo xtask build` makes it", dist.display());
    }
    let browser = system::browser(project).context("Chromium has gone since the set-up")?;
    let server = Server::start(&dist, SUB_PATH)?;
    let mut command = project.command("env");
    command.current_dir(project.path("tests/browser"));
    command.env("TENSHOT_URL", &server.url).env("CHROMIUM", browser.chromium);
    run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_stage_fails_the_whole() {
        let mut summary = Summary::default();
        summary.record("good", Ok(Outcome::Passed), 1.0);
        summary.record("absent", Ok(Outcome::Skipped("no tool")), 0.0);
        summary.record("bad", Err(anyhow::anyhow!("broken")), 2.0);
        assert_eq!((summary.passed, summary.skipped), (1, 1));
        assert_eq!(summary.close().unwrap_err().to_string(), "failed: bad");
    }

    #[test]
    fn skipped_stages_do_not_fail_the_whole() {
        let mut summary = Summary::default();
        summary.record("absent", Ok(Outcome::Skipped("no tool")), 0.0);
        summary.close().unwrap();
    }
}
