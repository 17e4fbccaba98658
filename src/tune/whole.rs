//! [`WholeTuner`]: one optimizer step after another on all weights of a model. The paper tunes Llama-2-7b-Chat so (section 3),
//! and sets LoRA beside it in its table 11.

use burn::optim::{AdamW, AdamWConfig, AdamWState, Optimizer};
use burn::tensor::Tensor;

use super::tuner::{StepResult, TuneError, clip_scale, finite, learning_rate, loss};
use crate::engine::TokenBatch;
use crate::llama::{Llama, LlamaError, Weights, read_scalars};
use crate::study::TuningPlan;

/// The place of the norms among [`Weights::tensors`]: they are never decayed, as in Hugging Face's `Trainer`.
const NORMS: usize = 1;

/// AdamW on all weights of a model: embedding, norms, projections, and the output layer where it is one of its own.
pub struct WholeTuner {
    model: Llama,
    weights: Weights,
    states: Vec<Option<AdamWState<2>>>, // one for each tensor, in the order of Weights::tensors
    decaying: AdamW,
    plain: AdamW,
    plan: TuningPlan,
    step: usize,
}

impl WholeTuner {
    /// Begins with this model.
    pub fn new(model: Llama, plan: TuningPlan) -> Self {
        let weights = model.weights();
        let adamw = |decay: f64| AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(decay as f32).build();
        Self {
            states: vec![None; weights.tensors().count()],
            decaying: adamw(plan.weight_decay),
            plain: adamw(0.0),
            weights,
            model,
            plan,
            step: 0,
        }
    }

    /// The model as it is now.
    pub fn model(&self) -> &Llama {
        &self.model
    }

    /// Optimizer steps made so far.
    pub fn steps(&self) -> usize {
        self.step
    }

    /// Makes one step on a batch.
    ///
    /// # Errors
    ///
    /// [`TuneError`]; the model is then as it was before the step.
    pub async fn step(&mut self, batch: &TokenBatch) -> Result<StepResult, TuneError> {
        let step = self.step + 1;
        if batch.answers == 0 {
            return Err(TuneError::NothingToLearn { step });
        }
        let (loss, gradients) = gradient(&self.model, &self.weights, batch)?;
        let norm = sum_of_squares(gradients.iter()).sqrt(); // [1]
        let scale = clip_scale(&self.plan, norm.clone());
        let learning_rate = learning_rate(&self.plan, step);
        let mut states = Vec::with_capacity(self.states.len());
        let mut next = gradients.into_iter().zip(&self.states).enumerate();
        let weights = self.weights.map(|tensor| {
            let (place, (gradient, state)) = next.next().expect("a gradient and a state for each tensor");
            let gradient = scale.iter().fold(gradient, |gradient, scale| gradient * scale.clone().unsqueeze());
            let optimizer = if place == NORMS { &self.plain } else { &self.decaying };
            let (tensor, state) = optimizer.step(learning_rate, tensor.clone(), gradient, state.clone());
            states.push(state);
            tensor
        });
        let size = sum_of_squares(weights.tensors());
        let [loss, grad_norm] = finite(step, "the model's weights", read_scalars([loss, norm, size]).await?)?;
        self.model = self.model.with_weights(&weights);
        self.weights = weights;
        self.states = states;
        self.step = step;
        Ok(StepResult { loss, grad_norm, learning_rate })
    }
}

/// The loss, `[1]`, and its gradient by every tensor of the weights, in their order and of their shapes.
///
/// # Errors
///
/// [`LlamaError::Device`] if a tensor has no gradient.
fn gradient(model: &Llama, weights: &Weights, batch: &TokenBatch) -> Result<(Tensor<1>, Vec<Tensor<2>>), LlamaError> {
    let tracked = weights.tracked();
    let loss = loss(&model.with_weights(&tracked), None, batch);
    let gradients = tracked.gradient(&mut loss.backward())?;
    Ok((loss.inner(), gradients))
}

/// The sum of the squares of all numbers, `[1]`.
fn sum_of_squares<'a>(tensors: impl Iterator<Item = &'a Tensor<2>>) -> Tensor<1> {
    let squares = tensors.map(|tensor| tensor.clone().square().sum()).collect();
    Tensor::cat(squares, 0).sum()
}
