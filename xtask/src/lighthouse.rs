//! The page as Lighthouse sees it: scores, when there is something to read, how long it is blocked, what moves. And what keeps the
//! page's main thread during a run. See `docs/loading.md`.

mod report;

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use self::report::{Measured, Report};
use crate::{
    npm,
    process::{self, Project},
    server::Server,
    site, test,
};

/// What measures, with a lock file of its own: nothing else needs it.
const FOLDER: &str = "tests/lighthouse";

/// Measures the page so many times in each setting and prints the medians, and what cost points; writes all measurements to
/// `out` as JSON, too.
///
/// # Errors
/// If the site cannot be built or measured, or misses what does not depend on the machine's speed: all points for accessibility
/// and best practices, hardly anything that moves, and nothing that is fetched from elsewhere.
pub fn run(project: &Project, runs: usize, built: bool, out: Option<&Path>) -> Result<()> {
    if runs == 0 {
        bail!("--runs is how often each setting is measured, at least 1");
    }
    npm::ensure(project, FOLDER, "Lighthouse")?;
    if !built {
        site::build(project, "./")?;
    }
    let printed = measure(project, runs)?;
    if let Some(file) = out {
        fs::write(file, &printed).with_context(|| format!("writing {}", file.display()))?;
    }
    let measured: Vec<Measured> = serde_json::from_str(&printed).context("reading what Lighthouse measured")?;
    let report = Report::of(&measured).context("Lighthouse measured nothing")?;
    println!("\n{report}");
    println!("{}", longest(project)?);
    let missed = report.missed();
    if !missed.is_empty() {
        bail!("the page misses: {}", missed.join("; "));
    }
    Ok(())
}

/// What Lighthouse measured, as JSON. The site is served as static hosts do it, which compress.
fn measure(project: &Project, runs: usize) -> Result<String> {
    let compressed = project.target().join("xtask").join("compressed");
    let dist = test::dist(project)?;
    let mut command = project.command("node");
    process::run(command.arg(project.path(FOLDER).join("compress.mjs")).args([&dist, &compressed]))?;
    let server = Server::compressed(&dist, &compressed, test::SUB_PATH)?;
    let settings = serde_json::json!({ "runs": runs }).to_string();
    test::in_browser_at(project, &server, |command| {
        process::read(command.current_dir(project.path(FOLDER)).args(["node", "measure.mjs", &settings]))
    })
}

/// What a browser told of the page's main thread during a run.
#[derive(Deserialize)]
struct Run {
    seconds: f64,
    tasks: Vec<Task>,
}

/// A task of the main thread that took 50 ms or more.
#[derive(Deserialize)]
struct Task {
    ms: f64,
}

/// Says how long the main thread was kept during a run.
fn longest(project: &Project) -> Result<String> {
    let printed = test::in_browser(project, |command| process::read(command.args(["node", "long-tasks.mjs"])))?;
    let run: Run = serde_json::from_str(&printed).context("reading the long tasks of a run")?;
    Ok(in_words(&run))
}

fn in_words(run: &Run) -> String {
    let during = format!("during a run of {:.0} s on the CPU", run.seconds);
    match run.tasks.iter().map(|task| task.ms).max_by(f64::total_cmp) {
        None => format!("main thread: no task of 50 ms or more {during}"),
        Some(longest) => {
            format!("main thread: {} tasks of 50 ms or more {during}, the longest {longest:.0} ms", run.tasks.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_task_is_named() {
        let run: Run = serde_json::from_str(
            r#"{"seconds": 31.4, "tasks": [{"at": 1.5, "ms": 61.2}, {"at": 90, "ms": 118.6}], "frames": []}"#,
        )
        .unwrap();
        let said = "main thread: 2 tasks of 50 ms or more during a run of 31 s on the CPU, the longest 119 ms";
        assert_eq!(in_words(&run), said);
        assert!(in_words(&Run { tasks: Vec::new(), ..run }).contains("no task of 50 ms"));
    }
}
