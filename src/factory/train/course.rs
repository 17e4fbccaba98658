//! [`Course`]: a whole training from its first step, or its last checkpoint, to its end.

use std::path::PathBuf;

use super::source::Source;
use super::{Trainer, checkpoint};
use crate::factory::{FactoryError, Listener, Stage, StepEvent, TrainEvent};
use crate::llama::Llama;

/// The learning rates over a training: linear warm-up, constant, linear decay to zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// The peak for AdamW.
    pub adamw: f64,
    /// The peak for Muon.
    pub muon: f64,
    /// Steps of the warm-up.
    pub warm_up: u64,
    /// Share of all steps after which the decay begins.
    pub decay_from: f64,
}

impl Rates {
    /// The share of the peak in a step, counted from 0.
    pub fn share(&self, step: u64, steps: u64) -> f64 {
        let warm = (step + 1) as f64 / self.warm_up.max(1) as f64;
        let begin = self.decay_from * steps as f64;
        let left = (steps - step) as f64 / (steps as f64 - begin).max(1.0);
        warm.min(left).min(1.0)
    }
}

/// What is to be trained, and how its progress is kept.
pub struct Course<'a> {
    /// Which stage of a build this is.
    pub stage: Stage,
    /// The batches.
    pub source: &'a dyn Source,
    /// Steps in all.
    pub steps: u64,
    /// The learning rates.
    pub rates: Rates,
    /// Steps between checkpoints.
    pub checkpoint_every: u64,
    /// Steps between looks at the model.
    pub probe_every: u64,
    /// Whether to look at it before the first step, too.
    pub probe_first: bool,
    /// The checkpoint's file.
    pub checkpoint: PathBuf,
    /// What is being trained, from what, on what: a checkpoint of another job is refused.
    pub job: String,
}

impl Course<'_> {
    /// Trains to the end and gives the model. Takes up the checkpoint if there is one.
    ///
    /// # Errors
    ///
    /// [`FactoryError`]; [`FactoryError::Stopped`] after the listener has broken off and a checkpoint is written.
    pub async fn run(&self, mut trainer: Trainer, listener: &mut Listener<'_>) -> Result<Llama, FactoryError> {
        let (done, mut tokens) = checkpoint::read(&mut trainer, &self.job, &self.checkpoint)?;
        let from = TrainEvent::From { stage: self.stage, step: done, steps: self.steps };
        if listener(from).is_break() {
            return Err(FactoryError::Stopped);
        }
        if done == 0 && self.probe_first && listener(TrainEvent::Probe { step: 0, model: &trainer.model }).is_break() {
            return Err(FactoryError::Stopped);
        }
        for step in done..self.steps {
            let packed = trainer.pack(&self.source.rows(step)?)?;
            if packed.is_empty() {
                let reason = format!("in step {} no document fits into a row; use a longer context", step + 1);
                return Err(FactoryError::Failed { what: "Packing", reason });
            }
            let share = self.rates.share(step, self.steps);
            let learning_rate = share * self.rates.adamw;
            let result = trainer.step(&packed, (learning_rate, share * self.rates.muon)).await?;
            let (step, loss) = (step + 1, result.loss);
            if !(loss.is_finite() && result.grad_norm.is_finite()) {
                return Err(FactoryError::Diverged { stage: self.stage, step, loss, grad_norm: result.grad_norm });
            }
            tokens += packed.iter().map(|part| part.filled as u64).sum::<u64>();
            let mut stop = listener(TrainEvent::Step(StepEvent { step, tokens, loss, learning_rate })).is_break();
            if step.is_multiple_of(self.probe_every.max(1)) || step == self.steps {
                stop |= listener(TrainEvent::Probe { step, model: &trainer.model }).is_break();
            }
            if stop || step == self.steps || step.is_multiple_of(self.checkpoint_every.max(1)) {
                stop |= listener(TrainEvent::Checkpoint).is_break();
                checkpoint::write(&trainer, step, tokens, &self.job, &self.checkpoint)?;
            }
            if stop && step < self.steps {
                return Err(FactoryError::Stopped);
            }
        }
        Ok(trainer.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_rise_stay_and_fall() {
        let rates = Rates { adamw: 1.0, muon: 1.0, warm_up: 10, decay_from: 0.5 };
        assert_eq!(rates.share(0, 100), 0.1);
        assert_eq!(rates.share(9, 100), 1.0);
        assert_eq!(rates.share(49, 100), 1.0);
        assert_eq!(rates.share(75, 100), 0.5);
        assert_eq!(rates.share(99, 100), 0.02);
    }
}
