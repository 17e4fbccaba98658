//! Which text of the page belongs to which error of the engine.

use super::fetch::FetchError;
use crate::engine::{EngineError, TextError};
use crate::evaluate::EvaluateError;
use crate::llama::LlamaError;
use crate::protocol::{ErrorCode, Fallback};
use crate::run::RunError;
use crate::tune::TuneError;

/// Why there is no WebGPU, in English, for the details.
pub fn no_gpu(reason: &Fallback) -> String {
    let reason = match reason {
        Fallback::NoWebGpu => "this browser has no WebGPU".into(),
        Fallback::NoAdapter => "this browser offers no graphics adapter".into(),
        Fallback::SoftwareAdapter { name } => format!("the only adapter is emulated ({name})"),
        Fallback::Failed { message } => message.clone(),
        Fallback::Slower => "the CPU is faster".into(),
        Fallback::WrongNumbers { place } => format!("the adapter computes wrong numbers ({place})"),
    };
    format!("WebGPU cannot be used: {reason}. The CPU will do.")
}

/// The kind of an error in fetching the model.
pub fn fetch_code(error: &FetchError) -> ErrorCode {
    match error {
        FetchError::Network { .. } | FetchError::Stalled { .. } => ErrorCode::Network,
        FetchError::Memory { .. } => ErrorCode::Memory,
        FetchError::Content(error) => engine_code(error),
    }
}

/// The kind of a run's error.
pub fn run_code(error: &RunError) -> ErrorCode {
    match error {
        RunError::Interrupted => ErrorCode::Protocol,
        RunError::Plan { .. } | RunError::Data(_) | RunError::ConversationTooLong { .. } => ErrorCode::Plan,
        RunError::Evaluate(error) => evaluate_code(error),
        RunError::Engine(error) => engine_code(error),
        RunError::Tune(TuneError::NotFinite { .. }) => ErrorCode::NotFinite,
        RunError::Tune(TuneError::NothingToLearn { .. }) => ErrorCode::Plan,
        RunError::Tune(TuneError::Model(error)) => model_code(error),
    }
}

/// The kind of an error in asking.
pub fn evaluate_code(error: &EvaluateError) -> ErrorCode {
    match error {
        EvaluateError::Engine(error) => engine_code(error),
        _ => ErrorCode::Plan,
    }
}

/// The kind of an engine's error.
pub fn engine_code(error: &EngineError) -> ErrorCode {
    match error {
        EngineError::Interrupted => ErrorCode::Protocol,
        EngineError::Model(error) => model_code(error),
        EngineError::Text(TextError::TooLong { .. }) => ErrorCode::TooLong,
        EngineError::Text(_) | EngineError::Manifest { .. } | EngineError::NoManifest { .. } => ErrorCode::Model,
    }
}

fn model_code(error: &LlamaError) -> ErrorCode {
    match error {
        LlamaError::TooLong { .. } => ErrorCode::TooLong,
        LlamaError::Device { .. } => ErrorCode::DeviceLost,
        LlamaError::Logits => ErrorCode::NotFinite,
        LlamaError::Adapter { .. } => ErrorCode::Plan,
        _ => ErrorCode::Model,
    }
}
