//! [`Record`]: plain data, all that comes out of a run.

use serde::{Deserialize, Serialize};

use super::{Evaluation, Figures, Plan, ScoredAnswer, WatchedAnswer};

/// The version of the record format that this build writes. Version 1 is read, too. Its JSON schema is `docs/schema/record.json`.
pub const RECORD_VERSION: u32 = 2;

/// All that came out of a run. Every number that the page or the command line shows is found here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Record {
    /// [`RECORD_VERSION`].
    pub version: u32,
    /// What was run.
    pub plan: Plan,
    /// Where it was run.
    pub environment: Environment,
    /// How it ended.
    pub status: Status,
    /// The number of optimizer steps that the plan asks for.
    pub planned_steps: usize,
    /// The full evaluation before tuning.
    pub before: Option<Evaluation>,
    /// One entry for step 0 (before tuning) and one after every optimizer step.
    pub steps: Vec<Step>,
    /// The full evaluation after tuning.
    pub after: Option<Evaluation>,
    /// Wall-clock seconds of the run, pauses not counted.
    pub seconds: f64,
}

/// Where a run was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Environment {
    /// The device of the tensors.
    pub device: DeviceInfo,
    /// The browser's user agent, or the operating system of the command line.
    pub host: String,
    /// [`BUILD`] of the program that made the record.
    pub build: String,
    /// When the run began, as an ISO 8601 date and time.
    pub started: String,
}

/// Names the build: the version, and a hash of the sources that it was made from.
pub const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("TENSHOT_SOURCES"));

/// The device on which tensors live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct DeviceInfo {
    /// CPU or GPU.
    pub kind: DeviceKind,
    /// What the driver or the browser calls it, such as `CPU, 2 threads` or `NVIDIA H200 (Vulkan)`.
    pub name: String,
    /// A GPU that is emulated by the CPU (SwiftShader, lavapipe): right numbers, no speed.
    pub software: bool,
}

/// CPU or GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// By hand (`llama::cpu`) or with burn-flex: natively with SIMD and threads, in the browser with WebAssembly SIMD on one thread.
    Cpu,
    /// wgpu: WebGPU in the browser; Vulkan, Metal or DX12 natively.
    Gpu,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Status {
    /// It is still going on (or was saved while it was).
    Running,
    /// Every step and both evaluations are there.
    Finished,
    /// The user stopped it: everything up to that moment is there.
    Cancelled,
    /// It could not go on.
    Failed {
        /// What happened, in the user's words.
        message: String,
    },
}

/// What was measured after one optimizer step (or, at step 0, before the first).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Step {
    /// Optimizer steps made so far.
    pub step: usize,
    /// The batch's mean cross-entropy over the answer tokens, before the step, in nats. Absent at step 0.
    pub loss: Option<f64>,
    /// The joint L2 norm of all adapter gradients, before clipping. Absent at step 0.
    pub grad_norm: Option<f64>,
    /// The learning rate of the step. Absent at step 0.
    pub learning_rate: Option<f64>,
    /// The figures of the subset's answers, under the main condition.
    pub figures: Figures,
    /// The subset's answers, in the order of the questions.
    pub answers: Vec<ScoredAnswer>,
    /// The answers to the watched questions.
    pub watched: Vec<WatchedAnswer>,
    /// Seconds of the optimizer step.
    pub tuning_seconds: f64,
    /// Seconds of the measurement.
    pub measuring_seconds: f64,
}

/// What a run tells its caller, in this order: `Progress` (several), a `Step` for step 0 and for each optimizer step, each with
/// `Progress` before it; then for `Before` and for `After` `Progress` (several) and `Evaluated`; `Ended`.
///
/// A record is the fold of these events: see [`Record::apply`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum RunEvent {
    /// A part of a longer piece of work is done.
    Progress {
        /// Which piece of work.
        phase: Phase,
        /// Questions answered (or steps made) so far.
        done: usize,
        /// Of how many.
        total: usize,
    },
    /// One optimizer step and its measurement are done; step 0 is the measurement before the first.
    Step {
        /// What was measured.
        step: Box<Step>,
    },
    /// A full evaluation is done.
    Evaluated {
        /// Of which model.
        model: Evaluated,
        /// The evaluation.
        evaluation: Box<Evaluation>,
    },
    /// From now on these questions are watched.
    Watching {
        /// The questions.
        questions: Vec<String>,
    },
    /// The run is over.
    Ended {
        /// How.
        status: Status,
        /// Wall-clock seconds of the run, pauses not counted.
        seconds: f64,
    },
}

/// Which model was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evaluated {
    /// The model as it was before tuning.
    Before,
    /// The tuned one.
    After,
}

/// A piece of work of a run, in the order in which they are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The subset and the watched questions, before tuning.
    Start,
    /// Optimizer steps, each with its measurement.
    Tuning,
    /// All questions, asked of the model as it was before tuning. Only now: the base is frozen and can be asked at any time,
    /// and the visitor waits for the curve.
    Before,
    /// All questions, asked of the tuned model.
    After,
}

impl Record {
    /// The record of a run that is about to begin.
    pub fn new(plan: Plan, environment: Environment, planned_steps: usize) -> Self {
        Self {
            version: RECORD_VERSION,
            plan,
            environment,
            status: Status::Running,
            planned_steps,
            before: None,
            steps: Vec::new(),
            after: None,
            seconds: 0.0,
        }
    }

    /// Takes in what the run tells: the engine and the page keep the same record in this way.
    pub fn apply(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Progress { .. } => {}
            RunEvent::Step { step } => self.steps.push((**step).clone()),
            RunEvent::Evaluated { model: Evaluated::Before, evaluation } => self.before = Some((**evaluation).clone()),
            RunEvent::Evaluated { model: Evaluated::After, evaluation } => self.after = Some((**evaluation).clone()),
            RunEvent::Watching { questions } => self.plan.evaluation.watch.clone_from(questions),
            RunEvent::Ended { status, seconds } => {
                self.status = status.clone();
                self.seconds = *seconds;
            }
        }
    }

    /// The share of the planned training that is done, from 0 to 1.
    pub fn share(&self) -> f64 {
        self.steps_made() as f64 / self.planned_steps.max(1) as f64
    }

    /// Optimizer steps made so far.
    pub fn steps_made(&self) -> usize {
        self.steps.last().map_or(0, |step| step.step)
    }
}
