//! [`Event`]: what the worker tells the page.

use serde::{Deserialize, Serialize};

use super::WorkerError;
#[cfg(doc)]
use super::{BEAT_MS, BUILD};
use crate::study::{DeviceInfo, PositionDivergence, PositionGradient, Record, RunEvent, Trace};

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// The worker's code runs and waits for `Load`.
    Alive {
        /// [`BUILD`] of the worker.
        build: String,
    },
    /// The worker lives: sent every [`BEAT_MS`] milliseconds, as long as its event loop turns.
    Beat {
        /// How many pieces of work it has done so far, loading not counted. While there is work and this stands still, nothing
        /// gets on.
        pieces: u32,
    },
    /// Bytes of the model have arrived.
    Loading {
        /// The file in progress.
        file: String,
        /// Bytes so far, over all files.
        done: f64,
        /// Bytes of all files, where known.
        total: Option<f64>,
    },
    /// The model is on the device.
    Ready {
        /// The device in use.
        device: DeviceInfo,
        /// Why `Auto` took the CPU; absent if it did not.
        fallback: Option<Fallback>,
        /// What `Auto` measured of both devices, to be remembered; absent if it had nothing to choose between.
        measured: Option<Measured>,
        /// The number of weights.
        parameters: f64,
    },
    /// A run is about to begin.
    Started {
        /// Its number.
        run: u32,
        /// Its record so far: the plan as its defences want it, the environment, the number of steps.
        record: Box<Record>,
    },
    /// A run has something to tell.
    Run {
        /// Which run.
        run: u32,
        /// What.
        event: RunEvent,
    },
    /// A run has halted.
    Paused {
        /// Which run.
        run: u32,
    },
    /// A run goes on.
    Resumed {
        /// Which run.
        run: u32,
    },
    /// The runs and their adapters are gone.
    WasReset,
    /// The answers to an `Ask`.
    Answer {
        /// The `Ask`'s id.
        id: u32,
        /// The original model's answer.
        original: String,
        /// The tuned model's answer, if there is a tuned model.
        tuned: Option<String>,
    },
    /// What is said so far of an answer to an `Ask` aloud.
    Saying {
        /// The `Ask`'s id.
        id: u32,
        /// Whether the tuned model says it; otherwise it is the original.
        tuned: bool,
        /// The answer so far.
        text: String,
    },
    /// A question was taken back.
    Hushed {
        /// The `Ask`'s id.
        id: u32,
    },
    /// The answers to a `Retrace`.
    Retraced {
        /// The `Retrace`'s id.
        id: u32,
        /// The steps, 0 first, and what the model answers after each.
        answers: Vec<(usize, String)>,
    },
    /// The answers to a `Dial`.
    Dialled {
        /// The `Dial`'s id.
        id: u32,
        /// An answer for each strength.
        answers: Vec<String>,
    },
    /// The answer to a `Trace`.
    Traced {
        /// The `Trace`'s id.
        id: u32,
        /// The answer, token by token.
        trace: Trace,
    },
    /// The answer to a `Diverge`.
    Diverged {
        /// Which run.
        run: u32,
        /// KL(tuned || original) and both losses (p: tuned) at each of the first tokens.
        positions: Vec<PositionDivergence>,
    },
    /// The answer to a `Pull`: gradient norms of the loss by all weights.
    Pulled {
        /// Which run.
        run: u32,
        /// Those of the original.
        original: Vec<PositionGradient>,
        /// Those of the tuned model.
        tuned: Vec<PositionGradient>,
    },
    /// The figures of a `Bench`.
    Benched {
        /// Rows with `name`, `backend`, `value` and `unit`.
        rows: Vec<BenchRow>,
    },
    /// The figures of a `Grow`.
    Grown {
        /// One for each shape.
        rows: Vec<GrowthRow>,
    },
    /// A command was not obeyed, and nothing has changed.
    Refused {
        /// Which.
        command: Refused,
        /// Why.
        error: WorkerError,
    },
    /// Something went wrong. If a run cannot go on, a `Run` event that ends it follows.
    Failed {
        /// What.
        error: WorkerError,
    },
}

/// A command that was not obeyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Refused {
    /// `Start`: there is no such run.
    Start {
        /// Which run.
        run: u32,
        /// The watched questions that leave the model no room for an answer.
        too_long: Vec<String>,
    },
    /// `Watch`: the questions before it are still watched.
    Watch {
        /// In which run.
        run: u32,
        /// Those that leave the model no room for an answer.
        too_long: Vec<String>,
    },
    /// `Ask`: there will be no answer.
    Ask {
        /// The `Ask`'s id.
        id: u32,
    },
    /// `Dial`: there will be no answers.
    Dial {
        /// The `Dial`'s id.
        id: u32,
    },
    /// `Retrace`: there will be no answers.
    Retrace {
        /// The `Retrace`'s id.
        id: u32,
    },
    /// `Diverge`: there will be no answer.
    Diverge {
        /// Which run.
        run: u32,
    },
    /// `Pull`: there will be no answer.
    Pull {
        /// Which run.
        run: u32,
    },
    /// `Trace`: there will be no answer.
    Trace {
        /// The `Trace`'s id.
        id: u32,
    },
}

/// Why `Auto` took the CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Fallback {
    /// The browser has no WebGPU.
    NoWebGpu,
    /// The browser has WebGPU but offers no adapter.
    NoAdapter,
    /// The only adapter is emulated in software and slower than the CPU backend.
    SoftwareAdapter {
        /// What the browser calls it.
        name: String,
    },
    /// Opening the device failed, or using it.
    Failed {
        /// The driver's message.
        message: String,
    },
    /// The adapter computes right numbers, and the CPU computes them sooner.
    Slower,
    /// The adapter computes wrong numbers.
    WrongNumbers {
        /// The one that is farthest off, such as `the loss of step 3`.
        place: String,
    },
}

/// How long a graphics device and the CPU take for what a visitor waits for: a training step, and the 66 questions after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// What the browser calls the adapter.
    pub adapter: String,
    /// Milliseconds of the adapter; none if it was not waited for.
    pub gpu_ms: Option<f64>,
    /// Milliseconds of the CPU.
    pub cpu_ms: f64,
}

impl Measured {
    /// Whether the CPU is the faster one.
    pub fn takes_cpu(&self) -> bool {
        self.gpu_ms.is_none_or(|gpu| gpu > self.cpu_ms)
    }
}

/// One figure of the benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchRow {
    /// `first_step_ms`, `train_step_ms` with its `least` and `most`, `train_loss`, `train_step_gflops`; what burn's own operators reach on this
    /// device, `matmul_gflops` and `copy_gbs`, and the step's share of that, `train_step_of_matmul`; `answers_66_s`,
    /// `answers_330_s`, `first_point_s`, `collapse_s`.
    pub name: String,
    /// The device.
    pub backend: String,
    /// The median, where it was measured several times.
    pub value: f64,
    /// `ms`, `s`, `nats`, `GFLOP/s`, `GB/s` or `%`.
    pub unit: String,
}

/// What a training step costs with a model and a batch of one shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrowthRow {
    /// What grows: the `tokens` of a row, LoRA's `rank`, `layers`, the `width` of the model, or all of it, `model`.
    pub axis: String,
    /// How large it is, or the model's name.
    pub at: String,
    /// The device.
    pub backend: String,
    /// Milliseconds of a step: the quickest, the one in the middle, the slowest.
    pub step_ms: [f64; 3],
    /// Floating-point operations of a step by theory, in billions.
    pub gflop: f64,
    /// Seconds of 66 answers of 40 tokens, where they were measured.
    pub answers_s: Option<f64>,
}
