//! [`Command`]: what the page asks of the worker.

use serde::{Deserialize, Serialize};

use super::Measured;
#[cfg(doc)]
use super::{BUILD, LARGEST_STRENGTH, MOST_STRENGTHS};
use crate::study::{Condition, Plan, QuestionSet};

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
    /// Measure how the cost of a step grows, while no run is in progress. Answered by `Grown`. For benchmarks, not for the page.
    Grow {
        /// The largest step that is tried, in billions of operations.
        most_gflop: f64,
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
