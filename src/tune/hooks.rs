//! [`Hooks`]: where a defence may take part in tuning.

use burn::tensor::Tensor;

use crate::engine::TokenBatch;
use crate::llama::{Adapter, Llama};

/// What a defence does while tuning and after it. What it does not need stays as it is here.
pub trait Hooks {
    /// A further term of a step's loss, in nats, `[1]`, computed with the tracked adapter of the step.
    fn loss(&self, model: &Llama, adapter: &Adapter, batch: &TokenBatch) -> Option<Tensor<1>> {
        let _ = (model, adapter, batch);
        None
    }

    /// The adapter's parameters after an optimizer step, `[layout.len]`, from those before it and those that the optimizer
    /// came to.
    fn step(&self, before: &Adapter, parameters: Tensor<1>) -> Tensor<1> {
        let _ = before;
        parameters
    }

    /// Another adapter in place of the tuned one, when tuning is over.
    fn adapter(&self, model: &Llama, tuned: &Adapter) -> Option<Adapter> {
        let _ = (model, tuned);
        None
    }
}
