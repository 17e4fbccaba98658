//! Why a model cannot be evaluated.

use crate::engine::EngineError;
use crate::llama::LlamaError;
use crate::study::PlanError;

/// Why a model cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The model failed, or a question does not suit it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A question is about an item that the Library does not have, so that no answer to it can be judged.
    #[error(
        "Question {number} is about {item:?}, which is not on the Forbidden Shelf. Only its items can be judged: see the names in the bundled questions."
    )]
    UnknownItem {
        /// Which question, from 1.
        number: usize,
        /// The item that it names.
        item: String,
    },
    /// A question and its complete answer are no tokens, so that the answer cannot be begun, and no models compared along it.
    #[error(
        "Question {number} or the complete answer to it has no tokens in this model's tokenizer, so the answer cannot be begun, and no models can be compared along it: ask without begun answers and without a comparison."
    )]
    NoTokens {
        /// Which question, from 1.
        number: usize,
    },
    /// The plan asks for something that makes no sense.
    #[error("The questions cannot be asked: {0}.")]
    Plan(#[from] PlanError),
    /// Answers cannot be begun with so many tokens.
    #[error(
        "Answers cannot be begun with {tokens} tokens: it takes at least 1, and fewer than the longest answer has, {longest}."
    )]
    Prefill {
        /// How many.
        tokens: usize,
        /// The longest answer.
        longest: usize,
    },
    /// Two models cannot be compared token by token.
    #[error(
        "The two models write the same answers in different tokens. Only models with the same tokenizer and chat template can be compared."
    )]
    OtherTokens,
    /// There is nothing to ask.
    #[error("There is no question to ask.")]
    NoQuestions,
}

impl From<LlamaError> for EvaluateError {
    fn from(error: LlamaError) -> Self {
        Self::Engine(error.into())
    }
}
