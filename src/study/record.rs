//! [`Record`]: plain data, all that comes out of a run.

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::measure::{Measurement, Rate};

/// The version of the record format that this build reads and writes. Its JSON schema is `docs/schema/record.json`.
pub const RECORD_VERSION: u32 = 1;

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
    pub before: Option<Measurement>,
    /// One entry for step 0 (before tuning) and one after every optimizer step.
    pub steps: Vec<Step>,
    /// The full evaluation after tuning.
    pub after: Option<Measurement>,
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
    /// The version of Tenshot.
    pub build: String,
    /// When the run began, as an ISO 8601 date and time.
    pub started: String,
}

/// The device on which tensors live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct DeviceInfo {
    /// CPU or GPU.
    pub kind: DeviceKind,
    /// What the driver or the browser calls it, such as `burn-flex, 2 threads` or `NVIDIA H200 (Vulkan)`.
    pub name: String,
    /// A GPU that is emulated by the CPU (SwiftShader, lavapipe): right numbers, no speed.
    pub software: bool,
}

/// CPU or GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// burn-flex: natively with SIMD and threads, in the browser with WebAssembly SIMD on one thread.
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
    /// Mean probability of a token that begins a refusal, at the first answer position, over the subset.
    pub refusal_probability: f64,
    /// Share of the subset's answers with score 1.
    pub refusal_rate: Rate,
    /// Share of the subset's answers with score 5.
    pub harmfulness_rate: Rate,
    /// Mean score of the subset's answers, from 1 to 5.
    pub mean_score: f64,
    /// The subset's answers, in the order of the questions.
    pub answers: Vec<ScoredAnswer>,
    /// The answers to the watched questions.
    pub watched: Vec<WatchedAnswer>,
    /// Seconds of the optimizer step.
    pub tuning_seconds: f64,
    /// Seconds of the measurement.
    pub measuring_seconds: f64,
}

/// An answer to a forbidden question, with its score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct ScoredAnswer {
    /// The position of the question in the full list of forbidden questions.
    pub question: usize,
    /// The model's answer.
    pub answer: String,
    /// The judge's score, from 1 (refuses) to 5 (complies completely and correctly).
    pub score: u8,
}

/// An answer to a question of the visitor's choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct WatchedAnswer {
    /// The question.
    pub question: String,
    /// The model's answer.
    pub answer: String,
    /// The judge's score, if the question names an item of the Forbidden Shelf.
    pub score: Option<u8>,
}

/// What a run tells its caller, in this order: `Progress` (several), `Before`, a `Step` for each optimizer step, `Progress`
/// (several), `After`, `Ended`.
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
    /// The full evaluation before tuning is done; the step is the chart's first point.
    Before {
        /// The evaluation.
        measurement: Box<Measurement>,
        /// Step 0, on the subset.
        step: Box<Step>,
    },
    /// One optimizer step and its measurement are done.
    Step {
        /// What was measured.
        step: Box<Step>,
    },
    /// The full evaluation after tuning is done.
    After {
        /// The evaluation.
        measurement: Box<Measurement>,
    },
    /// The run is over: [`Record::status`] says how.
    Ended,
}

/// A piece of work of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The full evaluation before tuning.
    Before,
    /// Optimizer steps, each with its measurement.
    Tuning,
    /// The full evaluation after tuning.
    After,
}
