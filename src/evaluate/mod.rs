//! Asking a model: an [`EvaluationSet`] of prompts, and a [`Cursor`] that goes through it; how far two models are apart, what each
//! makes of an answer's tokens, and how hard these would pull at its weights. It knows nothing of tuning.
//!
//! Runs, `tenshot eval`, the cards of the models and the page all ask in this way.

mod complete;
mod cursor;
mod divergence;
mod error;
mod gradients;
mod notes;
mod set;
mod trace;
mod visitors;

pub use complete::CompleteAnswer;
pub use cursor::{Cursor, Wanted};
pub use divergence::{POSITIONS, Speaker, divergence};
pub use error::EvaluateError;
pub use gradients::gradient_norms;
pub use notes::{WITH_NOTES, with_notes};
pub use set::{EvaluationSet, Prompt, Question, prompt};
pub use trace::trace;
pub use visitors::{VisitorAnswer, VisitorAnswers, visitors};

/// Prompts of one batch. Larger batches are quicker by little and hold the caller up for longer.
const BATCH: usize = 72;
