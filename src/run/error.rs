//! Why a plan cannot be run, or a run cannot go on.

use crate::defence::DefenceError;
use crate::engine::EngineError;
use crate::evaluate::EvaluateError;
use crate::llama::LlamaError;
use crate::study::PlanError;
use crate::tune::TuneError;

/// Why a plan cannot be run, or a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The pulse ended the work: the run stands where it stood and can go on.
    #[error("The run was interrupted.")]
    Interrupted,
    /// The plan asks for something that makes no sense.
    #[error("The plan cannot be run: {0}.")]
    Plan(#[from] PlanError),
    /// The plan's data or defences cannot be had.
    #[error("The plan cannot be run: {0}.")]
    Data(#[from] DefenceError),
    /// A conversation of the tuning data is too long for the model.
    #[error(
        "Conversation {number} of the tuning data has {tokens} tokens, and the model reads at most {limit}. Shorten it."
    )]
    ConversationTooLong {
        /// Which, from 1.
        number: usize,
        /// Its tokens.
        tokens: usize,
        /// The model's limit.
        limit: usize,
    },
    /// The model or the text failed.
    #[error(transparent)]
    Engine(EngineError),
    /// The questions cannot be asked.
    #[error(transparent)]
    Evaluate(EvaluateError),
    /// Tuning failed.
    #[error(transparent)]
    Tune(TuneError),
}

impl From<EngineError> for RunError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Interrupted => Self::Interrupted,
            other => Self::Engine(other),
        }
    }
}

impl From<LlamaError> for RunError {
    fn from(error: LlamaError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<EvaluateError> for RunError {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Engine(error) => error.into(),
            other => Self::Evaluate(other),
        }
    }
}

impl From<TuneError> for RunError {
    fn from(error: TuneError) -> Self {
        match error {
            TuneError::Model(error) => error.into(),
            other => Self::Tune(other),
        }
    }
}
