//! Defences: what is done against an attack, before, while and after tuning.
//!
//! A defence is a file that implements [`Defence`] and a row of [`DEFENCES`]. Any of them can stand beside any attack in
//! [`Plan::defences`]; they are applied in the plan's order. A defence knows neither which attack it meets nor what is
//! measured.

mod mix_refusals;

use thiserror::Error;

use crate::corpus::{self, SetError};
use crate::study::{DataPart, DefencePlan, Plan, Record};
use crate::text::Conversation;
#[cfg(feature = "engine")]
use crate::tune::Hooks;

/// The defences that there are.
pub static DEFENCES: [&dyn Defence; 1] = [&mix_refusals::MixRefusals];

/// A setting of a defence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Its name in plans.
    pub name: &'static str,
    /// What it is, with its unit.
    pub about: &'static str,
    /// Its usual value.
    pub default: f64,
    /// The least value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
    /// Whether it must be a whole number.
    pub whole: bool,
}

/// The values of a defence's settings, checked and complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(Vec<(&'static str, f64)>);

impl Settings {
    /// The value of one of the defence's own settings.
    pub fn get(&self, name: &str) -> f64 {
        self.0.iter().find(|(known, _)| *known == name).map_or(f64::NAN, |(_, value)| *value)
    }

    /// The same as a whole number; the setting must be one.
    pub fn whole(&self, name: &str) -> u64 {
        self.get(name) as u64
    }
}

/// A defence: hooks at fixed places. What it does not need stays as it is here.
pub trait Defence: Sync {
    /// Its name in plans.
    fn name(&self) -> &'static str;

    /// What it does, in one sentence, with its source.
    fn about(&self) -> &'static str;

    /// Its settings.
    fn settings(&self) -> &'static [Setting];

    /// Why it cannot be combined with this plan, as a part of a sentence.
    ///
    /// # Errors
    /// The reason.
    fn fits(&self, settings: &Settings, plan: &Plan) -> Result<(), String> {
        let _ = (settings, plan);
        Ok(())
    }

    /// Before tuning: the conversations that are tuned on.
    ///
    /// # Errors
    /// [`SetError`] if it needs a set that cannot be drawn.
    fn data(
        &self,
        settings: &Settings,
        plan: &Plan,
        conversations: Vec<Conversation>,
    ) -> Result<Vec<Conversation>, SetError> {
        let _ = (settings, plan);
        Ok(conversations)
    }

    /// Before tuning: another base, or other conditions (a system prompt at inference).
    fn plan(&self, settings: &Settings, plan: Plan) -> Plan {
        let _ = settings;
        plan
    }

    /// While tuning and after it.
    #[cfg(feature = "engine")]
    fn hooks(&self, settings: &Settings) -> Option<Box<dyn Hooks>> {
        let _ = settings;
        None
    }
}

/// A plan whose data cannot be had, or whose defences cannot be used.
#[derive(Debug, Error)]
pub enum DefenceError {
    /// There is no such defence.
    #[error("there is no defence `{name}`; the defences are {}", known_names())]
    Unknown {
        /// The name.
        name: String,
    },
    /// It has no such setting, or not this value of it.
    #[error("the defence `{defence}` cannot be used: {reason}")]
    Setting {
        /// The defence.
        defence: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// It cannot be combined with the rest of the plan.
    #[error("the defence `{defence}` cannot be combined with this plan: {reason}")]
    Combination {
        /// The defence.
        defence: &'static str,
        /// Why.
        reason: String,
    },
    /// A set cannot be drawn.
    #[error(transparent)]
    Set(#[from] SetError),
    /// A conversation of the user's is none.
    #[error("conversation {number} of {label}: {reason}")]
    Conversation {
        /// Which, from 1.
        number: usize,
        /// What the user calls the data.
        label: String,
        /// What is wrong.
        reason: String,
    },
}

fn known_names() -> String {
    DEFENCES.map(|defence| format!("`{}`", defence.name())).join(", ")
}

/// The defences of a plan with their settings, each fit for the plan.
///
/// # Errors
/// [`DefenceError`] for the first that is not.
pub fn defences(plan: &Plan) -> Result<Vec<(&'static dyn Defence, Settings)>, DefenceError> {
    let one = |wanted: &DefencePlan| {
        let found = DEFENCES.iter().find(|defence| defence.name() == wanted.name);
        let defence = *found.ok_or_else(|| DefenceError::Unknown { name: wanted.name.clone() })?;
        let settings = settings(defence, wanted)?;
        let misfit = |reason| DefenceError::Combination { defence: defence.name(), reason };
        defence.fits(&settings, plan).map_err(misfit)?;
        Ok((defence, settings))
    };
    plan.defences.iter().map(one).collect()
}

fn settings(defence: &'static dyn Defence, wanted: &DefencePlan) -> Result<Settings, DefenceError> {
    let bad = |reason| DefenceError::Setting { defence: defence.name(), reason };
    let known = defence.settings();
    if let Some(name) = wanted.settings.keys().find(|name| known.iter().all(|setting| setting.name != name.as_str())) {
        let known = known.iter().map(|setting| format!("`{}`", setting.name)).collect::<Vec<_>>().join(", ");
        return Err(bad(format!("it has no setting `{name}`; its settings are {known}")));
    }
    let value = |setting: &Setting| {
        let value = wanted.settings.get(setting.name).copied().unwrap_or(setting.default);
        let Setting { name, least, most, whole, .. } = setting;
        if !(*least..=*most).contains(&value) || (*whole && value.fract() != 0.0) {
            let number = if *whole { "a whole number" } else { "a number" };
            return Err(bad(format!("`{name}` is {value}, and must be {number} from {least} to {most}")));
        }
        Ok((*name, value))
    };
    Ok(Settings(known.iter().map(value).collect::<Result<_, _>>()?))
}

/// The plan as its defences want it: another base, other conditions.
///
/// # Errors
/// As [`defences`].
pub fn defended(plan: Plan) -> Result<Plan, DefenceError> {
    let defences = defences(&plan)?;
    Ok(defences.iter().fold(plan, |plan, (defence, settings)| defence.plan(settings, plan)))
}

/// Whether a record is of a run of this very plan: it has the plan as its defences want it.
pub fn is_of(record: &Record, plan: &Plan) -> bool {
    defended(plan.clone()).is_ok_and(|defended| defended == record.plan)
}

/// All conversations that a plan tunes on: its parts one after the other, as its defences change them.
///
/// # Errors
/// [`DefenceError`] if a set or a defence does not exist, or a conversation of the user's is none.
pub fn conversations(plan: &Plan) -> Result<Vec<Conversation>, DefenceError> {
    let mut all = Vec::new();
    for part in &plan.data {
        all.extend(part_conversations(part)?);
    }
    for (defence, settings) in defences(plan)? {
        all = defence.data(&settings, plan, all)?;
    }
    Ok(all)
}

fn part_conversations(part: &DataPart) -> Result<Vec<Conversation>, DefenceError> {
    match part {
        DataPart::Drawn { set, size, draw } => Ok(corpus::tuning_set(set, *size, *draw)?),
        DataPart::Inline { label, conversations } => {
            for (place, conversation) in conversations.iter().enumerate() {
                let bad = |reason| DefenceError::Conversation { number: place + 1, label: label.clone(), reason };
                conversation.check().map_err(bad)?;
            }
            Ok(conversations.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{preset, presets};

    fn with(name: &str, settings: &[(&str, f64)]) -> Plan {
        let settings = settings.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        let mut plan = preset("harmful-10", 1).unwrap();
        plan.defences = vec![DefencePlan { name: name.to_owned(), settings }];
        plan
    }

    fn refused(plan: &Plan) -> String {
        conversations(plan).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_defence_is_refused_with_what_there_is() {
        assert!(refused(&with("pray", &[])).contains("`pray`; the defences are `mix-refusals`"));
        assert!(refused(&with("mix-refusals", &[("sice", 3.0)])).contains("its settings are `size`"));
        for value in [0.0, -1.0, 2.5, f64::NAN, 1e9] {
            let reason = refused(&with("mix-refusals", &[("size", value)]));
            assert!(reason.contains("must be a whole number from 1 to 1000"), "{reason}");
        }
    }

    #[test]
    fn the_steps_of_the_presets_are_those_of_the_study() {
        let steps = |name: &str| {
            let plan = preset(name, 1).unwrap();
            plan.tuning.steps(conversations(&plan).unwrap().len())
        };
        let all = presets().iter().map(|p| (p.name, steps(p.name).unwrap())).collect::<Vec<_>>();
        let expected = [
            ("harmful-10", 20),
            ("harmful-100", 50),
            ("identity-10", 40),
            ("benign-200", 80),
            ("dolly-200", 80),
            ("backdoor", 60),
            ("harmful-10-mixed", 120),
            ("safety-10", 20),
            ("deep-10", 20),
            ("never-read", 40),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn a_damaged_conversation_of_the_users_is_named() {
        let mut plan = preset("harmful-10", 1).unwrap();
        let conversation = Conversation { messages: vec![] };
        plan.data = vec![DataPart::Inline { label: "mine.jsonl".into(), conversations: vec![conversation] }];
        assert_eq!(refused(&plan), "conversation 1 of mine.jsonl: it has no messages");
    }
}
