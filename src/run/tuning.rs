//! [`Tuning`]: what a run tunes, and what it then asks.

use crate::defence;
use crate::engine::{Engine, TokenBatch};
use crate::evaluate::Speaker;
use crate::llama::{Adapter, Layout};
use crate::study::{Plan, PlanError, TunedWeights};
#[cfg(feature = "cli")]
use crate::tune::WholeTuner;
use crate::tune::{Hooks, StepResult, TuneError, Tuner};

use super::{RunError, Stream, rng};

/// What a run tunes.
pub(super) enum Tuning {
    /// An adapter of the engine's model.
    Adapter(Box<Tuner>),
    /// All weights: a copy of the engine, whose model changes with each step. The page's engine does without it, and its bytes.
    #[cfg(feature = "cli")]
    Whole(Box<WholeTuner>, Box<Engine>),
}

impl Tuning {
    /// What a plan tunes, as it is before the first step.
    ///
    /// # Errors
    ///
    /// [`RunError`] if the adapter does not suit the model, or a defence does not suit what is tuned.
    pub fn new(plan: &Plan, engine: &Engine) -> Result<Self, RunError> {
        let model = &engine.model;
        match plan.tuning.weights {
            TunedWeights::Adapter => {
                let layout = Layout::new(&plan.lora, &model.config)?;
                let parameters = layout.initial(&mut rng(plan.seed, Stream::AdapterInit));
                let adapter = Adapter::new(layout, parameters, &model.device);
                let tuner = Tuner::new(adapter, plan.tuning.clone()).with_hooks(hooks(plan)?);
                Ok(Self::Adapter(Box::new(tuner)))
            }
            #[cfg(not(feature = "cli"))]
            TunedWeights::All => Err(PlanError::AllWeights.into()),
            // A defence that takes part in tuning does so by the adapter.
            #[cfg(feature = "cli")]
            TunedWeights::All if !hooks(plan)?.is_empty() => Err(PlanError::DefenceOfAdapters.into()),
            #[cfg(feature = "cli")]
            TunedWeights::All => {
                let tuner = WholeTuner::new(model.clone(), plan.tuning.clone());
                Ok(Self::Whole(Box::new(tuner), Box::new(engine.with_model(model.clone()))))
            }
        }
    }

    /// Optimizer steps made so far.
    pub fn steps(&self) -> usize {
        match self {
            Self::Adapter(tuner) => tuner.steps(),
            #[cfg(feature = "cli")]
            Self::Whole(tuner, _) => tuner.steps(),
        }
    }

    /// Makes one step on a batch.
    ///
    /// # Errors
    ///
    /// [`TuneError`]; what is tuned is then as it was before the step.
    pub async fn step(&mut self, engine: &Engine, batch: &TokenBatch) -> Result<StepResult, TuneError> {
        match self {
            Self::Adapter(tuner) => tuner.step(&engine.model, batch).await,
            #[cfg(feature = "cli")]
            Self::Whole(tuner, tuned) => {
                let made = tuner.step(batch).await?;
                tuned.model = tuner.model().clone();
                Ok(made)
            }
        }
    }

    /// Tuning is over: defences may change what was tuned. Returns whether one did.
    pub fn finish(&mut self, engine: &Engine) -> bool {
        match self {
            Self::Adapter(tuner) => tuner.finish(&engine.model),
            #[cfg(feature = "cli")]
            Self::Whole(..) => false,
        }
    }

    /// Who answers for the tuned model.
    pub fn speaker<'a>(&'a self, engine: &'a Engine) -> Speaker<'a> {
        match self {
            Self::Adapter(tuner) => Speaker { engine, adapter: Some(tuner.adapter()) },
            #[cfg(feature = "cli")]
            Self::Whole(_, tuned) => Speaker { engine: tuned, adapter: None },
        }
    }

    /// The adapter as it is now, if that is what is tuned.
    pub fn adapter(&self) -> Option<&Adapter> {
        match self {
            Self::Adapter(tuner) => Some(tuner.adapter()),
            #[cfg(feature = "cli")]
            Self::Whole(..) => None,
        }
    }
}

/// The places where the plan's defences take part in tuning.
fn hooks(plan: &Plan) -> Result<Vec<Box<dyn Hooks>>, RunError> {
    let defences = defence::defences(plan)?;
    Ok(defences.into_iter().filter_map(|(defence, settings)| defence.hooks(&settings)).collect())
}
