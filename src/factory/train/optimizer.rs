//! [`Trainer`]: one optimizer step after another on all weights of a model.
//!
//! Projections are trained by Muon (Jordan 2024; the learning rate scaled as in Liu et al. 2025, arXiv 2502.16982), embedding
//! and norms by AdamW, both burn's; or everything by AdamW.

use burn::optim::{AdamW, AdamWConfig, AdamWState, AdjustLrFn, Muon, MuonConfig, MuonState, Optimizer};
use burn::tensor::Tensor;

use super::pack::{Packed, Rows};
use super::shards::{Gradient, Shards};
use crate::llama::{Llama, LlamaError, Weights, read_scalars};

/// The constants of the optimizers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimizerPlan {
    /// Whether Muon trains the projections.
    pub muon: bool,
    /// AdamW's second decay rate; the first is 0.9.
    pub beta_2: f32,
    /// Decoupled weight decay of the projections.
    pub weight_decay: f32,
    /// The gradient of all weights is scaled so that its norm is at most this.
    pub max_grad_norm: f64,
}

/// What is remembered of one tensor.
#[derive(Clone)]
pub(super) enum State {
    AdamW(Box<AdamWState<2>>),
    Muon(Box<MuonState<2>>),
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Mean cross-entropy over the learned tokens before the step, in nats.
    pub loss: f64,
    /// L2 norm of the gradient of all weights, before clipping.
    pub grad_norm: f64,
}

/// A model in training.
pub struct Trainer {
    /// The model as it is now.
    pub model: Llama,
    pub(super) weights: Weights,
    pub(super) states: Vec<Option<State>>, // one for each tensor, in the order of Weights::tensors
    shards: Shards,
    plan: OptimizerPlan,
    adamw: AdamW,
    decaying: AdamW,
    muon: Muon,
}

/// Embedding and norms come first among the tensors; they are never Muon's.
const ADAMW_TENSORS: usize = 2;

impl Trainer {
    /// Begins with this model.
    pub fn new(model: Llama, plan: OptimizerPlan) -> Self {
        let weights = model.weights();
        let adamw =
            |decay| AdamWConfig::new().with_beta_2(plan.beta_2).with_epsilon(1e-8).with_weight_decay(decay).build();
        let muon = MuonConfig::new().with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW).with_weight_decay(
            (plan.weight_decay > 0.0).then(|| burn::optim::decay::WeightDecayConfig::new(plan.weight_decay)),
        );
        Self {
            states: vec![None; weights.tensors().count()],
            weights,
            shards: Shards::of(&model.device),
            model,
            plan,
            adamw: adamw(0.0),
            decaying: adamw(plan.weight_decay),
            muon: muon.build(),
        }
    }

    /// A batch as [`Self::step`] takes it: in the parts that suit the device. Empty if there is nothing to learn in it.
    ///
    /// # Errors
    ///
    /// [`LlamaError`] if a token is not in the vocabulary or a row longer than the model's positions.
    pub fn pack(&self, rows: &Rows) -> Result<Vec<Packed>, LlamaError> {
        self.shards.pack(rows, &self.model)
    }

    /// One step with these learning rates for AdamW and Muon.
    ///
    /// # Errors
    ///
    /// [`LlamaError`] if the device fails, or if there is nothing to learn.
    pub async fn step(&mut self, batch: &[Packed], rates: (f64, f64)) -> Result<Step, LlamaError> {
        let Gradient { loss, tensors: gradients } = self.shards.gradient(&self.model, &self.weights, batch)?;
        let squares = gradients.iter().map(|g| g.clone().square().sum()).reduce(|a, b| a + b);
        let norm = squares.expect("a model has weights").sqrt(); // [1]
        let scale = norm.clone().add_scalar(1e-6).recip().mul_scalar(self.plan.max_grad_norm).clamp_max(1.0);
        let [loss, grad_norm] = read_scalars([loss, norm]).await?;
        let mut place = 0;
        let mut gradients = gradients.into_iter();
        self.weights = self.weights.clone().map(|tensor| {
            let gradient = gradients.next().expect("one for each tensor") * scale.clone().unsqueeze();
            let (tensor, state) = self.update(place, tensor.clone(), gradient, rates);
            self.states[place] = Some(state);
            place += 1;
            tensor
        });
        self.model = self.model.with_weights(&self.weights);
        Ok(Step { loss, grad_norm })
    }

    /// Goes on with these weights and states, as a checkpoint gives them.
    pub(super) fn resume(&mut self, weights: Weights, states: Vec<Option<State>>) {
        self.model = self.model.with_weights(&weights);
        self.weights = weights;
        self.states = states;
    }

    fn update(&self, place: usize, tensor: Tensor<2>, gradient: Tensor<2>, rates: (f64, f64)) -> (Tensor<2>, State) {
        const ALWAYS: &str = "burn's optimizers return a state";
        let state = self.states[place].clone();
        if self.plan.muon && place >= ADAMW_TENSORS {
            let state = state.and_then(State::muon);
            let (tensor, state) = self.muon.step(rates.1, tensor, gradient, state);
            return (tensor, State::Muon(Box::new(state.expect(ALWAYS))));
        }
        let optimizer = if place < ADAMW_TENSORS { &self.adamw } else { &self.decaying };
        let (tensor, state) = optimizer.step(rates.0, tensor, gradient, state.and_then(State::adamw));
        (tensor, State::AdamW(Box::new(state.expect(ALWAYS))))
    }
}

impl State {
    fn muon(self) -> Option<MuonState<2>> {
        match self {
            Self::Muon(state) => Some(*state),
            Self::AdamW(_) => None,
        }
    }

    fn adamw(self) -> Option<AdamWState<2>> {
        match self {
            Self::AdamW(state) => Some(*state),
            Self::Muon(_) => None,
        }
    }
}
