//! LoRA fine-tuning: masked batches, the loss, AdamW, the schedule, one step.

mod batch;
mod tuner;

pub use batch::TokenBatch;
pub use tuner::{StepResult, TuneError, Tuner, learning_rate, loss, steps_per_epoch};
