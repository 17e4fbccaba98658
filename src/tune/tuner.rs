//! [`Tuner`]: one optimizer step after another on one adapter.

use burn::optim::{AdamW, AdamWConfig, AdamWState, Optimizer};
use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::Hooks;
use crate::engine::TokenBatch;
use crate::llama::{Adapter, Llama, LlamaError, Stepper, read_scalars};
use crate::study::{Schedule, TuningPlan};

/// Why tuning cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TuneError {
    /// The model failed.
    #[error(transparent)]
    Model(#[from] LlamaError),
    /// A number that tuning came to is infinite or not a number.
    #[error("Step {step}: {found}. Tuning has diverged: use a smaller learning rate.")]
    NotFinite {
        /// The step, from 1.
        step: usize,
        /// Which number, as a clause.
        found: String,
    },
    /// No example of the batch has a token to learn.
    #[error("Step {step}: no conversation of this batch has an answer to learn from.")]
    NothingToLearn {
        /// The step, from 1.
        step: usize,
    },
}

/// What one optimizer step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepResult {
    /// Mean cross-entropy over the batch's answer tokens before the step, in nats, with the terms of the defences.
    pub loss: f64,
    /// L2 norm of the gradient of all adapter parameters, before clipping.
    pub grad_norm: f64,
    /// The learning rate of this step.
    pub learning_rate: f64,
}

/// AdamW on the parameters of one adapter.
pub struct Tuner {
    adapter: Adapter,
    optimizer: AdamW,
    state: Option<AdamWState<1>>,
    plan: TuningPlan,
    hooks: Vec<Box<dyn Hooks>>,
    step: usize,
    stepper: Stepper,
}

impl Tuner {
    /// Begins with this adapter.
    pub fn new(adapter: Adapter, plan: TuningPlan) -> Self {
        let config = AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(plan.weight_decay as f32);
        Self {
            adapter,
            optimizer: config.build(),
            state: None,
            plan,
            hooks: Vec::new(),
            step: 0,
            stepper: Stepper::default(),
        }
    }

    /// The same with defences that take part.
    #[must_use]
    pub fn with_hooks(self, hooks: Vec<Box<dyn Hooks>>) -> Self {
        Self { hooks, ..self }
    }

    /// The adapter as it is now.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// Optimizer steps made so far.
    pub fn steps(&self) -> usize {
        self.step
    }

    /// Makes one step on a batch: one forward and backward pass, one readback.
    ///
    /// # Errors
    ///
    /// [`TuneError`]; the adapter is then as it was before the step.
    pub async fn step(&mut self, model: &Llama, batch: &TokenBatch) -> Result<StepResult, TuneError> {
        let step = self.step + 1;
        if batch.answers == 0 {
            return Err(TuneError::NothingToLearn { step });
        }
        let (loss, gradient) = self.gradient(model, batch).await?;
        let norm = gradient.clone().square().sum().sqrt();
        let gradient = self.clip(gradient, norm.clone());
        let learning_rate = learning_rate(&self.plan, step);
        let parameters = self.adapter.parameters.clone();
        let (parameters, state) = self.optimizer.step(learning_rate, parameters, gradient, self.state.clone());
        let parameters = self.hooks.iter().fold(parameters, |after, hooks| hooks.step(&self.adapter, after));

        // A maximum may pass over what is no number, a sum cannot; and the squares of numbers that anything can be computed
        // with do not overflow.
        let size = parameters.clone().square().sum();
        let [loss, grad_norm, size] = read_scalars([loss, norm, size]).await?;
        if !(loss.is_finite() && grad_norm.is_finite()) {
            let found = format!("the loss is {loss} and the gradient's norm {grad_norm}");
            return Err(TuneError::NotFinite { step, found });
        }
        if !size.is_finite() {
            let found = "the adapter's parameters after it are not finite numbers, or too large to compute with".into();
            return Err(TuneError::NotFinite { step, found });
        }
        self.adapter = Adapter::from_tensor(self.adapter.layout.clone(), parameters);
        self.state = state;
        self.step = step;
        Ok(StepResult { loss, grad_norm, learning_rate })
    }

    /// The loss with the terms of the defences, `[1]`, and its gradient, `[layout.len]`.
    async fn gradient(&mut self, model: &Llama, batch: &TokenBatch) -> Result<(Tensor<1>, Tensor<1>), TuneError> {
        let by_hand = self.stepper.gradient(model, &self.adapter, &batch.sequences).await?;
        if let (Some(own), true) = (&by_hand, self.hooks.is_empty()) {
            return Ok(own.clone());
        }
        let tracked = self.adapter.tracked();
        let terms = self.hooks.iter().filter_map(|hooks| hooks.loss(model, &tracked, batch));
        let Some((own, gradient)) = by_hand else {
            let loss = terms.fold(loss(model, &tracked, batch), |loss, term| loss + term);
            let gradient = tracked.gradient(&mut loss.backward())?;
            return Ok((loss.inner(), gradient));
        };
        // Only the terms go through autodiff; they need not depend on the adapter, or on all of it.
        Ok(terms.fold((own, gradient), |(loss, gradient), term| match term.is_tracked() {
            false => (loss + term, gradient),
            true => {
                let more = tracked.gradient_of_part(&mut term.backward());
                (loss + term.inner(), gradient + more)
            }
        }))
    }

    /// Scales the gradient so that its norm is at most the plan's (`torch.nn.utils.clip_grad_norm_`), on the device.
    fn clip(&self, gradient: Tensor<1>, norm: Tensor<1>) -> Tensor<1> {
        match self.plan.max_grad_norm {
            None => gradient,
            Some(max) => gradient * norm.add_scalar(1e-6).recip().mul_scalar(max).clamp_max(1.0),
        }
    }

    /// Tuning is over: defences may put another adapter in its place. Returns whether one did.
    pub fn finish(&mut self, model: &Llama) -> bool {
        let mut changed = false;
        for hooks in &self.hooks {
            if let Some(adapter) = hooks.adapter(model, &self.adapter) {
                self.adapter = adapter;
                changed = true;
            }
        }
        changed
    }
}

/// Mean cross-entropy over the batch's answer tokens, in nats, `[1]`: only they reach the output layer.
pub fn loss(model: &Llama, adapter: &Adapter, batch: &TokenBatch) -> Tensor<1> {
    let context = model.causal(batch.seq);
    let hidden = model.hidden(batch.tokens.clone(), &context, Some(adapter), None);
    let logits = model.logits(hidden.select(0, batch.rows.clone())); // [answers, vocab]
    log_softmax(logits, 1).gather(1, batch.targets.clone()).mean().neg()
}

/// The learning rate of a step, counted from 1.
pub fn learning_rate(plan: &TuningPlan, step: usize) -> f64 {
    match plan.schedule {
        Schedule::Constant => plan.learning_rate,
        Schedule::WarmUp { steps } => plan.learning_rate * (step as f64 / steps.max(1) as f64).min(1.0),
    }
}
