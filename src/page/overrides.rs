//! [`Overrides`]: what the visitor changes of a lesson. Any attack is so combined with any model, defence, adapter and schedule.

use crate::corpus::LARGEST_SET;
use crate::models;
use crate::study::{DataPart, DefencePlan, Plan};

/// The learning rates to choose from.
pub const RATES: [f64; 9] = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 1e-2, 3e-2];
/// The ranks to choose from.
pub const RANKS: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];
/// The most passes over the data.
pub const MOST_EPOCHS: u64 = 200;
/// The most examples of a step.
pub const LARGEST_BATCH: u64 = 100;
/// The most examples of a set, and refusals among them.
pub const MOST_EXAMPLES: u64 = LARGEST_SET as u64;

/// The defence that mixes refusals in, and its setting.
const MIXING: (&str, &str) = ("mix-refusals", "size");

/// What differs from a lesson; what is none is as in the lesson.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// `model`: the model that is tuned, one of those that ship.
    pub model: Option<&'static str>,
    /// `size`: examples of its set.
    pub size: Option<u64>,
    /// `epochs`: passes over the data.
    pub epochs: Option<u64>,
    /// `batch`: examples of a step.
    pub batch: Option<u64>,
    /// `rate`: the learning rate.
    pub rate: Option<f64>,
    /// `rank`: that of the adapter; alpha keeps its share of it.
    pub rank: Option<u64>,
    /// `refusals`: how many refusals are mixed into the data.
    pub refusals: Option<u64>,
}

impl Overrides {
    /// Their names in addresses.
    pub const NAMES: [&'static str; 7] = ["model", "size", "epochs", "batch", "rate", "rank", "refusals"];

    /// Whether the lesson is as it is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Sets what a name stands for; none if there is no such name, or the value makes no sense.
    pub fn set(&mut self, name: &str, value: &str) -> Option<()> {
        let whole = |least: u64, most: u64| value.parse().ok().filter(|n| (least..=most).contains(n));
        match name {
            "model" => self.model = Some(models::model(value)?.name),
            "size" => self.size = Some(whole(1, MOST_EXAMPLES)?),
            "epochs" => self.epochs = Some(whole(1, MOST_EPOCHS)?),
            "batch" => self.batch = Some(whole(1, LARGEST_BATCH)?),
            "rate" => self.rate = Some(value.parse().ok().filter(|rate| RATES.contains(rate))?),
            "rank" => self.rank = Some(whole(1, RANKS[RANKS.len() - 1]).filter(|rank| RANKS.contains(rank))?),
            "refusals" => self.refusals = Some(whole(0, MOST_EXAMPLES)?),
            _ => return None,
        }
        Some(())
    }

    /// Names and values as in addresses, of what is changed.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let number = |value: Option<u64>| value.map(|n| n.to_string());
        let [model, size, epochs, batch, rate, rank, refusals] = Self::NAMES;
        let all = [
            (model, self.model.map(str::to_owned)),
            (size, number(self.size)),
            (epochs, number(self.epochs)),
            (batch, number(self.batch)),
            (rate, self.rate.map(|rate| rate.to_string())),
            (rank, number(self.rank)),
            (refusals, number(self.refusals)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The lesson with these changes.
    pub fn applied(&self, mut plan: Plan) -> Plan {
        if let Some(model) = self.model {
            model.clone_into(&mut plan.model);
        }
        if let (Some(wanted), Some(DataPart::Drawn { size, .. })) = (self.size, plan.data.first_mut()) {
            *size = wanted as usize;
        }
        let tuning = &mut plan.tuning;
        tuning.epochs = self.epochs.map_or(tuning.epochs, |epochs| epochs as usize);
        tuning.batch_size = self.batch.map_or(tuning.batch_size, |batch| batch as usize);
        tuning.learning_rate = self.rate.unwrap_or(tuning.learning_rate);
        if let Some(rank) = self.rank {
            plan.lora.alpha *= rank as f64 / plan.lora.rank as f64;
            plan.lora.rank = rank as usize;
        }
        if let Some(refusals) = self.refusals {
            plan.defences.retain(|defence| defence.name != MIXING.0);
            if refusals > 0 {
                let settings = [(MIXING.1.to_owned(), refusals as f64)].into();
                plan.defences.push(DefencePlan { name: MIXING.0.to_owned(), settings });
            }
        }
        plan
    }

    /// What would have to be changed of a lesson to make this plan of it; none if that cannot be said so.
    pub fn between(lesson: &Plan, plan: &Plan) -> Option<Self> {
        let changed = |old: usize, new: usize| (old != new).then_some(new as u64);
        let size = |plan: &Plan| match plan.data.first() {
            Some(DataPart::Drawn { size, .. }) => Some(*size),
            _ => None,
        };
        let (old, new) = (&lesson.tuning, &plan.tuning);
        let found = Self {
            model: if lesson.model == plan.model { None } else { Some(models::model(&plan.model)?.name) },
            size: size(lesson).zip(size(plan)).and_then(|(old, new)| changed(old, new)),
            epochs: changed(old.epochs, new.epochs),
            batch: changed(old.batch_size, new.batch_size),
            rate: (old.learning_rate != new.learning_rate).then_some(new.learning_rate),
            rank: changed(lesson.lora.rank, plan.lora.rank),
            refusals: changed(refusals(lesson), refusals(plan)),
        };
        let parts = |plan: &Plan| {
            (plan.model.clone(), plan.data.clone(), plan.defences.clone(), plan.lora.clone(), plan.tuning.clone())
        };
        // What no address would be read as is not said either.
        let can_be_set = found.pairs().iter().all(|(name, value)| Self::default().set(name, value).is_some());
        (can_be_set && parts(&found.applied(lesson.clone())) == parts(plan)).then_some(found)
    }
}

/// How many refusals are mixed into a plan's data.
pub fn refusals(plan: &Plan) -> usize {
    let mixing = plan.defences.iter().find(|defence| defence.name == MIXING.0);
    // Without the setting it has its usual value.
    mixing.map_or(0, |defence| defence.settings.get(MIXING.1).map_or(50, |size| *size as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defence;
    use crate::study::{preset, presets};

    fn read(pairs: &[(&str, &str)]) -> Overrides {
        let mut overrides = Overrides::default();
        for (name, value) in pairs {
            overrides.set(name, value).unwrap_or_else(|| panic!("{name} {value}"));
        }
        overrides
    }

    #[test]
    fn a_lesson_is_changed_as_it_says() {
        let all = [
            ("model", "folio-deep"),
            ("size", "100"),
            ("epochs", "3"),
            ("batch", "20"),
            ("rate", "0.0001"),
            ("rank", "4"),
            ("refusals", "30"),
        ];
        let overrides = read(&all);
        let pairs = overrides.pairs();
        assert_eq!(pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>(), all);
        let lesson = preset("harmful-10", 1).unwrap();
        let plan = overrides.applied(lesson.clone());
        assert!(plan.check().is_ok());
        assert_eq!((plan.model.as_str(), plan.lora.rank, plan.lora.alpha), ("folio-deep", 4, 8.0));
        assert_eq!(defence::conversations(&plan).unwrap().len(), 130);
        assert_eq!(plan.tuning.steps(130), Some(21));
        assert_eq!(Overrides::between(&lesson, &plan), Some(overrides));
    }

    #[test]
    fn nothing_changed_is_the_lesson_and_what_cannot_be_said_is_not() {
        for info in presets() {
            let lesson = info.plan(2);
            assert_eq!(Overrides::default().applied(lesson.clone()), lesson);
            assert_eq!(Overrides::between(&lesson, &lesson), Some(Overrides::default()));
            let mut other = lesson.clone();
            other.tuning.weight_decay = 0.1;
            assert_eq!(Overrides::between(&lesson, &other), None);
            other = lesson.clone();
            other.lora.rank = 3;
            assert_eq!(Overrides::between(&lesson, &other), None, "there is no such choice");
        }
    }

    #[test]
    fn refusals_are_taken_out_and_replaced() {
        let lesson = preset("harmful-10-mixed", 1).unwrap();
        assert_eq!(refusals(&lesson), 50);
        let without = read(&[("refusals", "0")]).applied(lesson.clone());
        assert!(without.defences.is_empty());
        assert_eq!(refusals(&read(&[("refusals", "7")]).applied(lesson.clone())), 7);
        assert_eq!(Overrides::between(&lesson, &without), Some(read(&[("refusals", "0")])));
    }

    #[test]
    fn nonsense_is_refused() {
        let nonsense = [
            ("model", "gpt"),
            ("size", "0"),
            ("size", "1001"),
            ("epochs", "-1"),
            ("epochs", "201"),
            ("batch", "1e3"),
            ("rate", "NaN"),
            ("rate", "7"),
            ("rank", "3"),
            ("refusals", "1001"),
            ("alpha", "3"),
        ];
        for (name, value) in nonsense {
            let mut overrides = Overrides::default();
            assert_eq!(overrides.set(name, value), None, "{name} {value}");
            assert!(overrides.is_empty());
        }
    }
}
