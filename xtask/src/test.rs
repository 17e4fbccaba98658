//! All tests, in stages from the quickest to find an error to the slowest.

mod stages;
mod summary;

use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

pub use self::stages::{SUB_PATH, dist, in_browser, in_browser_at};
use self::{
    stages::{cargo, clippy, clippy_wasm},
    summary::{Outcome, Summary},
};
use crate::{
    documents,
    process::Project,
    setup::{self, Need},
    site, soak,
};

/// A group of stages that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// Format, clippy, licences, and what the documents name.
    Lint,
    /// Tests on this machine's CPU.
    Native,
    /// Mutated inputs for all that reads what comes from elsewhere; a part of `native`.
    Fuzz,
    /// Tests of the WebAssembly build in a headless browser.
    Wasm,
    /// The built site in real browsers.
    Browser,
    /// The story and the lab in Firefox, where it can be installed; a part of `browser`.
    Firefox,
    /// The commands in the documents, run as they stand there.
    Documents,
}

impl Group {
    fn need(self) -> Need {
        match self {
            Self::Lint => Need::Lint,
            Self::Native | Self::Fuzz => Need::Native,
            Self::Wasm | Self::Browser | Self::Firefox | Self::Documents => Need::Test,
        }
    }
}

struct Stage {
    groups: &'static [Group],
    name: &'static str,
    run: fn(&Project) -> Result<Outcome>,
}

const LINT: &[Group] = &[Group::Lint];
const NATIVE: &[Group] = &[Group::Native];
const WASM: &[Group] = &[Group::Wasm];
const BROWSER: &[Group] = &[Group::Browser];
const DOCUMENTS: &[Group] = &[Group::Documents];

/// Everything is compiled with the release profile: burn then is compiled once for each target, for tests and use alike
/// (and tests that train would take minutes without optimisation).
const STAGES: [Stage; 19] = [
    Stage { groups: LINT, name: "format", run: |p| cargo(p, "fmt --all --check") },
    Stage { groups: LINT, name: "names in documents", run: |p| documents::names(p).map(|()| Outcome::Passed) },
    Stage { groups: LINT, name: "licences", run: stages::licences },
    Stage { groups: LINT, name: "clippy, native", run: |p| clippy(p, "--release --all-targets") },
    Stage { groups: LINT, name: "clippy, page", run: |p| clippy_wasm(p, "page") },
    Stage { groups: LINT, name: "clippy, worker", run: |p| clippy_wasm(p, "worker") },
    Stage { groups: LINT, name: "clippy, xtask", run: |p| clippy(p, "--package xtask --all-targets") },
    // The command that the world's own README names: texts and tables need no burn.
    Stage { groups: NATIVE, name: "tests, world", run: |p| cargo(p, "test --locked --no-default-features") },
    Stage { groups: NATIVE, name: "tests, native", run: |p| cargo(p, "test --release --locked") },
    // The page's model, charts and texts know no browser. They need no burn and no optimisation.
    Stage {
        groups: NATIVE,
        name: "tests, page",
        run: |p| cargo(p, "test --locked --no-default-features --features page --lib"),
    },
    Stage { groups: NATIVE, name: "tests, xtask", run: |p| cargo(p, "test --package xtask --locked") },
    Stage { groups: &[Group::Native, Group::Fuzz], name: "fuzz", run: stages::fuzz },
    Stage { groups: WASM, name: "tests, wasm", run: stages::wasm },
    Stage {
        groups: DOCUMENTS,
        name: "examples in documents",
        run: |p| documents::examples(p).map(|()| Outcome::Passed),
    },
    // The fresh clone goes on with what was compiled for the site.
    Stage {
        groups: &[Group::Browser, Group::Firefox, Group::Documents],
        name: "site",
        run: |p| site::build(p, "./").map(|()| Outcome::Passed),
    },
    Stage { groups: DOCUMENTS, name: "fresh clone", run: stages::fresh_clone },
    Stage { groups: BROWSER, name: "tests, browser", run: stages::browser },
    Stage { groups: &[Group::Browser, Group::Firefox], name: "tests, Firefox", run: stages::firefox },
    Stage { groups: BROWSER, name: "soak, a minute", run: |p| soak::minute(p).map(|()| Outcome::Passed) },
];

/// Sets up and runs the stages of the given groups (of all, if none is given), and prints how each went.
///
/// # Errors
/// If the set-up or a stage fails. Without `keep_going` the stages after a failure are not run.
pub fn run(project: Project, groups: &[Group], keep_going: bool) -> Result<()> {
    let groups = if groups.is_empty() { Group::value_variants() } else { groups };
    let chosen = STAGES.iter().filter(|stage| stage.groups.iter().any(|group| groups.contains(group)));
    let need = groups.iter().map(|group| group.need()).max().unwrap_or(Need::Test);
    let project = setup::ensure(project, need)?;

    let mut summary = Summary::new();
    for stage in chosen {
        if !keep_going && summary.has_failed() {
            summary.leave_out(stage.name);
            continue;
        }
        println!("\n== {}", stage.name);
        let start = Instant::now();
        let outcome = (stage.run)(&project);
        summary.record(stage.name, outcome, start.elapsed().as_secs_f64());
    }
    summary.close()
}
