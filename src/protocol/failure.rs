//! [`WorkerError`]: what went wrong in the worker.

use serde::{Deserialize, Serialize};

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
