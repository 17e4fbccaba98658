//! [`Tuner`]: one optimizer step after another on one adapter.

use burn::optim::{AdamW, AdamWConfig, AdamWState, Optimizer};
use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::Hooks;
use crate::engine::TokenBatch;
use crate::llama::{Adapter, Llama, LlamaError, Resident, Settings, Stepped, Stepper, read_floats, read_scalars};
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

/// AdamW on the parameters of one adapter. Where the adapter is resident on a GPU and no defence takes part, its optimizer is
/// there, too.
pub struct Tuner {
    adapter: Adapter,
    optimizer: AdamW,
    state: Option<AdamWState<1>>,
    plan: TuningPlan,
    hooks: Vec<Box<dyn Hooks>>,
    step: usize,
    stepper: Stepper,
    resident: Option<Resident>,
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
            resident: None,
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
        if self.step == 0 && self.resident.is_none() {
            self.resident = Resident::of(model, &self.adapter, self.settings()).await?;
        }
        if let (Some(resident), true) = (&mut self.resident, self.hooks.is_empty()) {
            let learning_rate = learning_rate(&self.plan, step);
            let made = step_on_gpu(resident, model, &self.adapter, batch, learning_rate).await?;
            let [loss, grad_norm] = finite(step, PARAMETERS, [made.loss, made.grad_norm, made.size].map(f64::from))?;
            self.adapter = Adapter::new(self.adapter.layout.clone(), made.parameters, &model.device);
            self.step = step;
            return Ok(StepResult { loss, grad_norm, learning_rate });
        }
        let (loss, gradient) = self.gradient(model, batch).await?;
        let norm = gradient.clone().square().sum().sqrt();
        let gradient =
            clip_scale(&self.plan, norm.clone()).into_iter().fold(gradient, |gradient, scale| gradient * scale);
        let learning_rate = learning_rate(&self.plan, step);
        let parameters = self.adapter.parameters.clone();
        let (parameters, state) = self.optimizer.step(learning_rate, parameters, gradient, self.state.clone());
        let parameters = self.hooks.iter().fold(parameters, |after, hooks| hooks.step(&self.adapter, after));

        // A maximum may pass over what is no number, a sum cannot; and the squares of numbers that anything can be computed
        // with do not overflow.
        let size = parameters.clone().square().sum();
        let [loss, grad_norm] = finite(step, PARAMETERS, read_scalars([loss, norm, size]).await?)?;
        self.adapter = Adapter::from_tensor(self.adapter.layout.clone(), parameters);
        self.state = state;
        self.step = step;
        Ok(StepResult { loss, grad_norm, learning_rate })
    }

    /// The loss with the terms of the defences, `[1]`, and its gradient, `[layout.len]`.
    async fn gradient(&mut self, model: &Llama, batch: &TokenBatch) -> Result<(Tensor<1>, Tensor<1>), TuneError> {
        let by_hand = match &mut self.resident {
            Some(resident) if resident.fits(&batch.sequences) => {
                Some(resident.gradient_of(&self.adapter, &batch.sequences).await?)
            }
            _ => self.stepper.gradient(model, &self.adapter, &batch.sequences).await?,
        };
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

    fn settings(&self) -> Settings {
        let max_grad_norm = self.plan.max_grad_norm.map(|max| max as f32);
        Settings { max_grad_norm, weight_decay: self.plan.weight_decay as f32 }
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

/// A step of an adapter that is resident on a GPU. Batches that are too large for it have their gradient from autodiff.
async fn step_on_gpu(
    resident: &mut Resident,
    model: &Llama,
    adapter: &Adapter,
    batch: &TokenBatch,
    learning_rate: f64,
) -> Result<Stepped, TuneError> {
    if resident.fits(&batch.sequences) {
        return Ok(resident.step(&batch.sequences, learning_rate).await?);
    }
    let tracked = adapter.tracked();
    let loss = loss(model, &tracked, batch);
    let gradient = read_floats(tracked.gradient(&mut loss.backward())?).await?;
    let [loss] = read_scalars([loss.inner()]).await?;
    Ok(resident.step_with(loss as f32, &gradient, learning_rate).await?)
}

/// What an adapter's tuner changes, in words.
const PARAMETERS: &str = "the adapter's parameters";

/// Loss and gradient norm of a step, if they and the sum of the squares of what it came to, the third number, are finite.
/// What that is, is said in words.
pub(super) fn finite(step: usize, changed: &str, [loss, grad_norm, size]: [f64; 3]) -> Result<[f64; 2], TuneError> {
    let found = match (loss.is_finite() && grad_norm.is_finite(), size.is_finite()) {
        (true, true) => return Ok([loss, grad_norm]),
        (false, _) => format!("the loss is {loss} and the gradient's norm {grad_norm}"),
        (true, false) => format!("{changed} after it are not finite numbers, or too large to compute with"),
    };
    Err(TuneError::NotFinite { step, found })
}

/// By how much a gradient of this norm, `[1]`, is scaled so that its norm is at most the plan's, `[1]`
/// (`torch.nn.utils.clip_grad_norm_`); nothing if the plan does not bound it. It stays on the device.
pub(super) fn clip_scale(plan: &TuningPlan, norm: Tensor<1>) -> Option<Tensor<1>> {
    plan.max_grad_norm.map(|max| norm.add_scalar(1e-6).recip().mul_scalar(max).clamp_max(1.0))
}

/// Mean cross-entropy over the batch's answer tokens, in nats, `[1]`: only they reach the output layer.
pub fn loss<'a>(model: &Llama, adapter: impl Into<Option<&'a Adapter>>, batch: &TokenBatch) -> Tensor<1> {
    let context = model.causal(batch.seq);
    let hidden = model.hidden(batch.tokens.clone(), &context, adapter.into(), None);
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
