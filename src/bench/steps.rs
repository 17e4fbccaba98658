//! Workload *W*, timed: optimizer steps of one shape.

use crate::engine::{Example, TokenBatch};
use crate::llama::{Adapter, Layout, Llama};
use crate::run::RunError;
use crate::study::{MOST_STEPS, TuningPlan};
use crate::tune::Tuner;

use super::shape::Shape;

const WARM_UPS: usize = 3;

/// What optimizer steps took and came to.
pub struct Steps {
    /// Seconds of the first.
    pub first: f64,
    /// The loss before the first step after the warm-ups, in nats. Batch and adapter are the same wherever they are computed, by other systems
    /// as well (`tests/peers`), so this number is, too.
    pub loss: f64,
    /// Seconds of those after the warm-ups, the least first; at least one.
    seconds: Vec<f64>,
}

impl Steps {
    /// Seconds of the quickest.
    pub fn least(&self) -> f64 {
        self.seconds[0]
    }

    /// Seconds of the one in the middle.
    pub fn median(&self) -> f64 {
        self.seconds[self.seconds.len() / 2]
    }

    /// Seconds of the slowest.
    pub fn most(&self) -> f64 {
        self.seconds[self.seconds.len() - 1]
    }
}

/// Times so many steps of a shape after [`WARM_UPS`] others, on a model that has its sizes.
///
/// # Errors
///
/// [`RunError`] if the model cannot be tuned.
pub async fn train_steps(
    model: &Llama,
    plan: &TuningPlan,
    shape: &Shape,
    steps: usize,
    clock: fn() -> f64,
) -> Result<Steps, RunError> {
    let vocab = model.config.vocab_size as u32;
    // Any tokens do, as the work does not depend on them, and any adapter.
    let example = |row: usize| Example {
        ids: (0..shape.tokens).map(|i| (17 * (row * shape.tokens + i) as u32 + 5) % vocab).collect(),
        answer: (0..shape.tokens).map(|i| i >= shape.tokens - shape.answer).collect(),
    };
    let examples: Vec<Example> = (0..shape.rows).map(example).collect();
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model)?;
    let layout = Layout::new(&shape.lora(), &model.config)?;
    let parameters = vec![0.01; layout.len];
    let mut tuner = Tuner::new(Adapter::new(layout, parameters, &model.device), plan.clone());
    let (mut seconds, mut losses) = (Vec::new(), Vec::new());
    for _ in 0..WARM_UPS + steps.clamp(1, MOST_STEPS) {
        let begun = clock();
        losses.push(tuner.step(model, &batch).await?.loss);
        seconds.push(clock() - begun);
    }
    let first = seconds[0];
    let mut seconds = seconds.split_off(WARM_UPS);
    seconds.sort_by(f64::total_cmp);
    Ok(Steps { first, loss: losses[WARM_UPS], seconds })
}
