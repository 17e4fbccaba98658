//! [`State`]: how it stands, for programs that only read the document.

use std::collections::BTreeMap;

use serde::Serialize;

use super::VERSION;
use super::refusal::{Code, Refusal};
use crate::page::model::Model;
use crate::page::supervisor::EngineState;
use crate::protocol::{BUILD, Fallback};
use crate::study::{DataPart, DeviceInfo, Evaluation, Outcome, Record, Status, Verdict};

/// How it stands, in a word: `data-tenshot` of the document's root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The engine is on the way.
    Loading,
    /// It is there, and nothing has been asked of it.
    Ready,
    /// It computes.
    Running,
    /// What was asked for is done.
    Done,
    /// It is not, and will not be: see the code.
    Failed,
}

impl Phase {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// In a word.
    pub phase: Phase,
    /// Why it failed.
    pub refusal: Option<Refusal>,
    /// The run that it is about.
    pub run: Option<u32>,
}

impl State {
    /// That of a page.
    pub fn of(model: &Model) -> Self {
        let state = |phase| Self { phase, refusal: None, run: model.door.last };
        let failed = |refusal: Refusal| Self { refusal: Some(refusal), ..state(Phase::Failed) };
        if let EngineState::Failed(problem) = &model.supervisor.engine {
            return failed(problem.into());
        }
        if model.runs.in_progress().next().is_some() || model.door.bench.is_some() {
            return state(Phase::Running);
        }
        if model.is_awaited() || model.door.is_expecting() {
            return state(Phase::Loading);
        }
        match &model.door.outcome {
            Some(Err(refusal)) => failed(refusal.clone()),
            Some(Ok(())) => state(Phase::Done),
            None if model.supervisor.ready().is_some() => state(Phase::Ready),
            None => state(Phase::Loading),
        }
    }

    /// The code of a failure.
    pub fn code(&self) -> Option<Code> {
        self.refusal.as_ref().map(|refusal| refusal.code)
    }
}

/// What the document's result holds.
#[derive(Serialize)]
struct Summary<'a> {
    /// [`VERSION`].
    door: u32,
    state: Phase,
    code: Option<Code>,
    message: Option<&'a str>,
    build: &'a str,
    device: Option<&'a DeviceInfo>,
    fallback: Option<&'a Fallback>,
    run: Option<RunSummary<'a>>,
    check: Option<&'a Verdict>,
}

/// A run in a few numbers.
#[derive(Serialize)]
struct RunSummary<'a> {
    run: u32,
    plan: &'a str,
    seed: u64,
    draw: Option<u64>,
    status: &'a Status,
    steps: usize,
    planned_steps: usize,
    seconds: f64,
    before: Option<BTreeMap<&'static str, f64>>,
    after: Option<BTreeMap<&'static str, f64>>,
    outcome: Option<Outcome>,
    losses: Vec<Option<f64>>,
    grad_norms: Vec<Option<f64>>,
}

/// The result as JSON without a character that HTML would write in another way: it can be cut out of a dumped document.
pub fn summary(model: &Model, state: &State) -> String {
    let ready = model.supervisor.ready();
    let run = state.run.and_then(|run| model.runs.get(run)).map(|run| of_record(run.id, &run.record));
    let summary = Summary {
        door: VERSION,
        state: state.phase,
        code: state.code(),
        message: state.refusal.as_ref().map(|refusal| refusal.message.as_str()),
        build: BUILD,
        device: ready.map(|ready| &ready.device),
        fallback: ready.and_then(|ready| ready.fallback.as_ref()),
        run,
        check: model.door.verdict.as_ref(),
    };
    let json = serde_json::to_string(&summary).unwrap_or_default();
    // These stand in texts alone, where JSON has another way to write them.
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn of_record(run: u32, record: &Record) -> RunSummary<'_> {
    RunSummary {
        run,
        plan: &record.plan.name,
        seed: record.plan.seed,
        draw: record.plan.data.iter().find_map(DataPart::draw),
        status: &record.status,
        steps: record.steps_made(),
        planned_steps: record.planned_steps,
        seconds: record.seconds,
        before: record.before.as_ref().map(figures),
        after: record.after.as_ref().map(figures),
        outcome: Outcome::of_record(record),
        losses: record.steps.iter().skip(1).map(|step| step.loss).collect(),
        grad_norms: record.steps.iter().skip(1).map(|step| step.grad_norm).collect(),
    }
}

/// The figures under the main condition.
fn figures(evaluation: &Evaluation) -> BTreeMap<&'static str, f64> {
    let main = evaluation.measurements.iter().take(1);
    main.flat_map(|main| main.figures.iter().map(|(figure, value)| (figure.key(), value.bounds().0))).collect()
}
