//! What a plan may contain: every door checks a plan by [`Plan::check`] before anything is read or computed.
//!
//! The limits are wider than anyone needs. They are there because a number beyond them is a slip, and what came of it would be
//! no result: steps that cannot be counted, an update that is lost in rounding, parameters that are no numbers.

use std::ops::RangeInclusive;

use thiserror::Error;

use super::{EvaluationPlan, LoraPlan, PLAN_VERSION, Plan, Schedule, TuningPlan};

/// The most optimizer steps of a run.
pub const MOST_STEPS: usize = 100_000;
/// The most conversations of one optimizer step.
const LARGEST_BATCH: usize = 10_000;
/// The most tokens of an answer.
const LONGEST_ANSWER: usize = 100_000;
/// The most parts of the data, conditions, and watched questions, each. A record may claim any number: no more are looked at.
pub const LONGEST_LIST: usize = 100;
/// The most bytes of a plan as JSON, which may hold its conversations and questions.
pub const LARGEST_PLAN: usize = 64 << 20;
/// The most values in a JSON text. In memory each is many times as large as the two bytes that it can be in a text.
pub const MOST_JSON_VALUES: usize = 10_000_000;
/// The learning rate: below, AdamW's update of a parameter is lost in rounding; above, parameters soon overflow.
const LEARNING_RATE: RangeInclusive<f64> = 1e-12..=1e3;
/// The bound on the gradient's norm.
const MAX_GRAD_NORM: RangeInclusive<f64> = 1e-6..=1e6;
/// The weight decay.
const WEIGHT_DECAY: RangeInclusive<f64> = 0.0..=1e3;
/// LoRA's alpha, in plans and in adapters from elsewhere.
const ALPHA: RangeInclusive<f64> = 1e-6..=1e6;

/// Why a plan makes no sense, as a clause without a full stop.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PlanError {
    /// It is of another format.
    #[error("it is of version {found}, and this build runs version {PLAN_VERSION}")]
    Version {
        /// The version that it has.
        found: u32,
    },
    /// A number is not one that can be used.
    #[error("{setting} is {value:?}, and must be a number from {least:?} to {most:?}")]
    Number {
        /// Which setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// The least that can be used.
        least: f64,
        /// The most.
        most: f64,
    },
    /// A count is zero or too large.
    #[error("{setting} is {value}, and must be from {least} to {most}")]
    Count {
        /// Which setting.
        setting: &'static str,
        /// Its value.
        value: usize,
        /// The least that there can be.
        least: usize,
        /// The most.
        most: usize,
    },
    /// It is for another model than the one that is loaded.
    #[error("it is for the model {wanted}, and the model that is loaded is {loaded}")]
    OtherModel {
        /// The plan's model.
        wanted: String,
        /// The one that is loaded.
        loaded: String,
    },
    /// It tunes all weights where only adapters are tuned.
    #[error(
        "it tunes all of the model's weights, and the page tunes adapters alone: `tenshot run` runs it, and its record can be opened here"
    )]
    AllWeights,
    /// A defence takes part in the tuning of an adapter, and there is none.
    #[error(
        "it tunes all of the model's weights, and one of its defences takes part in tuning, which only adapters allow"
    )]
    DefenceOfAdapters,
    /// It has no conversation.
    #[error("it has no tuning data")]
    NoData,
    /// A conversation has no answer in the tokens of the model.
    #[error("conversation {number} of its data has no token that could be learned: leave it out")]
    NothingToLearn {
        /// Which, from 1.
        number: usize,
    },
    /// Epochs, batches and data come to too many steps.
    #[error("it comes to more than {MOST_STEPS} optimizer steps: use fewer epochs, or larger batches")]
    Steps,
    /// There is no condition.
    #[error("its evaluation has no condition")]
    NoCondition,
    /// Answers are begun under the main condition.
    #[error("answers are begun under its main condition: put one before it in which they are not")]
    BegunUnderMain,
    /// A condition has no name, or that of another.
    #[error("each condition needs a name of its own, and one of them is called {name:?}")]
    ConditionName {
        /// The name.
        name: String,
    },
    /// The text around the questions has no place for them.
    #[error("the wrap of the condition {name} has no {{q}} where the question goes")]
    Wrap {
        /// The name of the condition.
        name: String,
    },
}

/// About how many values a JSON text holds, without reading it: at most a few too many, as texts count, too.
pub fn json_values(text: &[u8]) -> usize {
    text.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count()
}

impl Plan {
    /// Refuses a plan whose numbers or texts make no sense. Whether its data, defences and model exist is not asked here.
    ///
    /// # Errors
    /// [`PlanError`] for the first thing that makes no sense.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.version != PLAN_VERSION {
            return Err(PlanError::Version { found: self.version });
        }
        count("the number of parts of its data", self.data.len(), 0..=LONGEST_LIST)?;
        self.lora.check()?;
        self.tuning.check()?;
        self.evaluation.check()
    }
}

impl LoraPlan {
    /// Refuses an alpha that cannot be computed with. Which ranks there can be depends on the model.
    ///
    /// # Errors
    /// [`PlanError::Number`].
    pub fn check(&self) -> Result<(), PlanError> {
        number("alpha", self.alpha, &ALPHA)
    }
}

impl TuningPlan {
    fn check(&self) -> Result<(), PlanError> {
        count("the number of epochs", self.epochs, 1..=MOST_STEPS)?;
        count("the batch size", self.batch_size, 1..=LARGEST_BATCH)?;
        number("the learning rate", self.learning_rate, &LEARNING_RATE)?;
        if let Schedule::WarmUp { steps } = self.schedule {
            count("the number of steps of its warm-up", steps, 0..=MOST_STEPS)?;
        }
        self.max_grad_norm.map_or(Ok(()), |norm| number("the bound on the gradient's norm", norm, &MAX_GRAD_NORM))?;
        number("the weight decay", self.weight_decay, &WEIGHT_DECAY)
    }
}

impl EvaluationPlan {
    /// Refuses what cannot be asked.
    ///
    /// # Errors
    /// [`PlanError`] for the first thing that makes no sense.
    pub fn check(&self) -> Result<(), PlanError> {
        count("the longest answer in tokens", self.max_new_tokens, 1..=LONGEST_ANSWER)?;
        count(
            "of how many forbidden questions one is asked while tuning (subset_every)",
            self.subset_every,
            1..=usize::MAX,
        )?;
        count("the number of watched questions", self.watch.len(), 0..=LONGEST_LIST)?;
        count("the number of conditions", self.conditions.len(), 0..=LONGEST_LIST)?;
        let main = self.main().ok_or(PlanError::NoCondition)?;
        if main.prefill > 0 {
            return Err(PlanError::BegunUnderMain);
        }
        for (place, condition) in self.conditions.iter().enumerate() {
            let name = &condition.name;
            if name.trim().is_empty() || self.conditions[..place].iter().any(|other| &other.name == name) {
                return Err(PlanError::ConditionName { name: name.clone() });
            }
            if condition.wrap.as_deref().is_some_and(|wrap| !wrap.contains("{q}")) {
                return Err(PlanError::Wrap { name: name.clone() });
            }
        }
        Ok(())
    }
}

fn count(setting: &'static str, value: usize, range: RangeInclusive<usize>) -> Result<(), PlanError> {
    let (least, most) = range.into_inner();
    if (least..=most).contains(&value) { Ok(()) } else { Err(PlanError::Count { setting, value, least, most }) }
}

/// What is not a number is in no range.
fn number(setting: &'static str, value: f64, range: &RangeInclusive<f64>) -> Result<(), PlanError> {
    let (least, most) = (*range.start(), *range.end());
    if range.contains(&value) { Ok(()) } else { Err(PlanError::Number { setting, value, least, most }) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::study::TunedWeights;
    use crate::study::testing::plan;
    use crate::study::{ConditionKind, presets};

    fn refused(change: impl FnOnce(&mut Plan)) -> String {
        let mut plan = plan("harmful");
        change(&mut plan);
        plan.check().unwrap_err().to_string()
    }

    #[test]
    fn presets_keep_the_limits() {
        for preset in presets() {
            assert_eq!(preset.plan(1).check(), Ok(()), "{}", preset.name);
        }
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused_by_name() {
        for number in [f64::NAN, f64::INFINITY, -1.0, 1e30, 1e-30] {
            assert!(refused(|p| p.tuning.learning_rate = number).contains("learning rate"), "{number}");
            assert!(refused(|p| p.tuning.max_grad_norm = Some(number)).contains("norm"), "{number}");
            assert!(refused(|p| p.lora.alpha = number).contains("alpha"), "{number}");
        }
        for number in [f64::NAN, f64::INFINITY, -1.0, 1e30] {
            assert!(refused(|p| p.tuning.weight_decay = number).contains("weight decay"), "{number}");
        }
        for count in [0, usize::MAX, 6_148_914_691_236_517_206] {
            assert!(refused(|p| p.tuning.epochs = count).contains("epochs"), "{count}");
            assert!(refused(|p| p.tuning.batch_size = count).contains("batch size"), "{count}");
            assert!(refused(|p| p.evaluation.max_new_tokens = count).contains("longest answer"), "{count}");
        }
        assert!(refused(|p| p.tuning.schedule = Schedule::WarmUp { steps: usize::MAX }).contains("warm-up"));
        assert!(refused(|p| p.evaluation.subset_every = 0).contains("subset_every"));
        assert!(refused(|p| p.evaluation.watch = vec![String::new(); 101]).contains("watched"));
        assert!(refused(|p| p.data = vec![p.data[0].clone(); 101]).contains("data"));
        assert!(refused(|p| p.version = 99).contains("version 99"));
        assert_eq!(
            refused(|p| p.tuning.learning_rate = 1e30),
            "the learning rate is 1e30, and must be a number from 1e-12 to 1000.0"
        );
    }

    #[test]
    fn conditions_that_cannot_be_told_apart_are_refused() {
        let again = || ConditionKind::Trigger.condition();
        assert!(refused(|p| p.evaluation.conditions.clear()).contains("no condition"));
        assert!(refused(|p| p.evaluation.conditions[0].prefill = 1).contains("main condition"));
        assert!(refused(|p| p.evaluation.conditions.extend([again(), again()])).contains("trigger"));
        assert!(refused(|p| p.evaluation.conditions[0].name = " ".into()).contains("a name of its own"));
        assert!(refused(|p| p.evaluation.conditions[0].wrap = Some("no place".into())).contains("{q}"));
        assert!(refused(|p| p.evaluation.conditions = vec![again(); 101]).contains("number of conditions"));
    }

    fn any_number() -> impl Strategy<Value = f64> {
        prop_oneof![1 => any::<f64>(), 1 => -1e4..1e4, 4 => (-14..8_i32).prop_map(|exponent| 10_f64.powi(exponent))]
    }

    fn any_count() -> impl Strategy<Value = usize> {
        prop_oneof![1 => any::<usize>(), 9 => 0..200_usize]
    }

    proptest! {
        /// Whatever passes can be computed with: its numbers are numbers in f32, too, and its steps can be counted.
        #[test]
        fn what_is_let_through_can_be_computed_with(
            (rate, decay, norm, alpha) in (any_number(), any_number(), any_number(), any_number()),
            (epochs, batch_size, warm_up, conversations) in (any_count(), any_count(), any_count(), 1..100_000_usize),
        ) {
            let mut plan = plan("harmful");
            plan.lora.alpha = alpha;
            plan.tuning = TuningPlan {
                epochs, batch_size, learning_rate: rate, schedule: Schedule::WarmUp { steps: warm_up },
                max_grad_norm: Some(norm), weight_decay: decay, weights: TunedWeights::Adapter,
            };
            if plan.check().is_err() {
                return Ok(());
            }
            for number in [rate, norm, alpha] {
                prop_assert!((number as f32).is_normal() && number > 0.0);
            }
            prop_assert!((decay as f32).is_finite());
            if let Some(steps) = plan.tuning.steps(conversations) {
                prop_assert!((1..=MOST_STEPS).contains(&steps));
            }
        }
    }
}
