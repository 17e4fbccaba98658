//! LoRA fine-tuning: the loss, AdamW, the schedule, one step. It knows nothing of questions, judges or runs.

mod hooks;
mod tuner;

pub use hooks::Hooks;
pub use tuner::{StepResult, TuneError, Tuner, learning_rate, loss};
