//! What the page and the worker say to each other: one pair of enums, serialised with serde-wasm-bindgen.
//!
//! The page sends [`Command`]s, the worker answers with [`Event`]s. Both sides come from one build; the first message of
//! each carries [`BUILD`], and a mismatch (an old file from a cache) is an error with a clear message. Every run has a number
//! that the page gives it: several can be in progress, and the adapter of each that is not forgotten can be asked.

use serde::{Deserialize, Serialize};

pub use crate::study::BUILD;
use crate::study::{
    Condition, DeviceInfo, Plan, PositionDivergence, PositionGradient, QuestionSet, Record, RunEvent, Trace,
};

/// How often the worker says that it lives, in milliseconds.
pub const BEAT_MS: u32 = 2_000;

/// The most strengths of a `Dial`.
pub const MOST_STRENGTHS: usize = 32;
/// The largest of them: far beyond, a model says nothing that means anything.
pub const LARGEST_STRENGTH: f64 = 8.0;

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Fetch the model and open a device. Answered by `Loading`s, then `Ready` or `Failed`.
    Load {
        /// [`BUILD`] of the page.
        build: String,
        /// The name of the model, one of those that ship.
        model: String,
        /// The address of the model's folder, ending in `/`.
        model_url: String,
        /// Which device to open.
        device: DeviceChoice,
        /// What an earlier visit measured with this build, for `Auto`.
        measured: Option<Measured>,
    },
    /// Begin this run. Answered by `Started`, `Paused` or `Resumed`, and then `Run` events; or by `Refused`.
    Start {
        /// The number of the run, which no other has.
        run: u32,
        /// What to run.
        plan: Box<Plan>,
        /// Begin paused, so that the first `Step` makes the first step.
        paused: bool,
    },
    /// Halt at the end of the piece of work in progress. Answered by `Paused`.
    Pause {
        /// Which run.
        run: u32,
    },
    /// Go on. Answered by `Resumed`.
    Resume {
        /// Which run.
        run: u32,
    },
    /// While paused: go on until so many more optimizer steps (with their measurements) are done, then pause again.
    Step {
        /// Which run.
        run: u32,
        /// How many steps.
        steps: usize,
    },
    /// End the run now; what was measured is kept and its adapter stays. Answered by a `Run` event.
    Stop {
        /// Which run.
        run: u32,
    },
    /// End all runs without keeping them and drop all adapters: the model is the original again. Answered by `WasReset`.
    Reset,
    /// From now on answer these questions after every step of a run. Answered by a `Run` event, or by `Refused`.
    Watch {
        /// Which run.
        run: u32,
        /// The questions.
        questions: Vec<String>,
    },
    /// Answer a question with the original and, if a run is named, the model that it tuned. Answered by `Answer` or `Refused`.
    /// Allowed at any time: during a run it is answered between two pieces of work.
    Ask {
        /// Comes back in the answer.
        id: u32,
        /// Whose adapter answers, too; if it is not there any more, only the original answers.
        run: Option<u32>,
        /// The question.
        question: String,
        /// How it is asked.
        condition: Condition,
        /// Tell what is said while it is said (`Saying`), and let the question be taken back (`Hush`).
        aloud: bool,
    },
    /// Take a question back that was asked aloud: what is said of the answer stays as it is. Answered by `Hushed`, unless the answer
    /// is there already.
    Hush {
        /// The `Ask`'s id.
        id: u32,
    },
    /// Answer a question with the model as it was at the steps of a run that are kept, from the original to what it tuned. Answered by
    /// `Retraced` or `Refused`.
    Retrace {
        /// Comes back in the answer.
        id: u32,
        /// Whose adapter.
        run: u32,
        /// The question.
        question: String,
        /// How it is asked.
        condition: Condition,
    },
    /// Answer a question with the model that a run tuned, once at each of these strengths of its adapter: at 0 it is the original, at
    /// 1 what was tuned. Answered by `Dialled` or `Refused`.
    Dial {
        /// Comes back in the answer.
        id: u32,
        /// Whose adapter.
        run: u32,
        /// The question.
        question: String,
        /// How it is asked.
        condition: Condition,
        /// At most [`MOST_STRENGTHS`], from 0 to [`LARGEST_STRENGTH`].
        strengths: Vec<f64>,
    },
    /// Answer a question with the model that a run tuned, and say of each token of the answer what that model and the original make
    /// of it. Answered by `Traced` or `Refused`.
    Trace {
        /// Comes back in the answer.
        id: u32,
        /// Whose adapter.
        run: u32,
        /// The question.
        question: String,
        /// How it is asked.
        condition: Condition,
    },
    /// Say how far the model that a run tuned is from the original, token by token, along complete answers to forbidden questions.
    /// Answered by `Diverged` or `Refused`.
    Diverge {
        /// Whose adapter.
        run: u32,
        /// How they are asked.
        condition: Condition,
        /// The questions.
        questions: QuestionSet,
    },
    /// Say how hard each of the first tokens of complete answers to forbidden questions would pull at the weights, of the original and of
    /// the model that a run tuned. Answered by `Pulled` or `Refused`.
    Pull {
        /// Whose adapter.
        run: u32,
        /// How they are asked.
        condition: Condition,
        /// The questions.
        questions: QuestionSet,
        /// How many tokens of each answer.
        tokens: usize,
    },
    /// Drop the adapters of these runs, which are over: they cannot be asked any more. There is no answer.
    Forget {
        /// Which runs.
        runs: Vec<u32>,
    },
    /// Panic, wherever the engine happens to be. For the tests of the page, which has no way to send it; all that it can do is
    /// to end the worker that it is sent to, and whoever can send it could end that worker anyway.
    Panic,
    /// Measure the speed of this device, while no run is in progress. Answered by `Benched`. For benchmarks, not for the page.
    Bench {
        /// Timed optimizer steps.
        steps: usize,
        /// Whether to measure answers and the collapse, too.
        answers: bool,
    },
}

/// Which device to open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceChoice {
    /// WebGPU if there is a real adapter (not one emulated in software), else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// WebGPU, also on an emulated adapter; an error if there is none.
    Gpu,
}

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

/// What went wrong in the worker. The page has a text for every `code`; `message` is the English original with the details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerError {
    /// Which kind of error.
    pub code: ErrorCode,
    /// What happened, what it means and what to do.
    pub message: String,
    /// The worker cannot go on: it must be replaced by a fresh one.
    pub fatal: bool,
}

/// The kinds of error that the page has a text for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// A file of the model could not be fetched.
    Network,
    /// A file of the model is damaged, truncated or not what the config says.
    Model,
    /// There is no WebGPU adapter and the visitor asked for one.
    NoGpu,
    /// The GPU went away, or does not do what it is told.
    DeviceLost,
    /// The browser gives no more memory.
    Memory,
    /// The worker said nothing for too long, or got no further.
    Silent,
    /// The plan cannot be run.
    Plan,
    /// The loss is not a number.
    NotFinite,
    /// A question has too many tokens.
    TooLong,
    /// Page and worker come from different builds.
    Build,
    /// The engine panicked.
    Panic,
    /// A command came at the wrong time.
    Protocol,
}

impl ErrorCode {
    /// Whether a worker with such an error cannot go on. Of a device that has failed once nothing more can be believed: buffers
    /// may be gone, and what is read back may be what stood there before.
    pub fn is_fatal(self) -> bool {
        match self {
            Self::DeviceLost | Self::Memory | Self::Silent | Self::Build | Self::Panic => true,
            Self::Network
            | Self::Model
            | Self::NoGpu
            | Self::Plan
            | Self::NotFinite
            | Self::TooLong
            | Self::Protocol => false,
        }
    }
}

/// One figure of the benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchRow {
    /// `train_step_ms`, `first_step_ms`, `answers_66_s`, `answers_330_s`, `first_point_s`, `collapse_s`.
    pub name: String,
    /// The device.
    pub backend: String,
    /// The median, where it was measured several times.
    pub value: f64,
    /// `ms` or `s`.
    pub unit: String,
}
