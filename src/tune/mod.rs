//! Fine-tuning, of a LoRA adapter or of all weights: the loss, AdamW, the schedule, one step. It knows nothing of questions,
//! judges or runs.

mod hooks;
mod tuner;
mod whole;

pub use hooks::Hooks;
pub use tuner::{StepResult, TuneError, Tuner, learning_rate, loss};
pub use whole::WholeTuner;
