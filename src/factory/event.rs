//! What a training tells its caller while it works.

use std::ops::ControlFlow;

use super::stage::Stage;
use crate::llama::Llama;

/// Something that happened in a training.
#[derive(Clone, Copy, Debug)]
pub enum TrainEvent<'a> {
    /// The training goes on from a checkpoint: steps up to this one are done. Told once, first, also with 0.
    From {
        /// Which training.
        stage: Stage,
        /// The last step that is done.
        step: u64,
        /// All steps.
        steps: u64,
    },
    /// An optimizer step was made.
    Step(StepEvent),
    /// A checkpoint is about to be written: what was noted of the steps until now must be on the disk before it.
    Checkpoint,
    /// The model as it is now, for a look at what it can do.
    Probe {
        /// Steps made.
        step: u64,
        /// The model.
        model: &'a Llama,
    },
}

/// An optimizer step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepEvent {
    /// Its number, from 1.
    pub step: u64,
    /// Tokens read since the training began, in all sittings.
    pub tokens: u64,
    /// Mean cross-entropy before the step, in nats.
    pub loss: f64,
    /// The learning rate that is drawn (AdamW's).
    pub learning_rate: f64,
}

/// Takes events, and says whether to go on. After a break the training writes a checkpoint and ends with
/// [`super::FactoryError::Stopped`].
pub type Listener<'a> = dyn FnMut(TrainEvent<'_>) -> ControlFlow<()> + 'a;
