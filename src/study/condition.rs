//! [`Condition`]: how questions are asked.

use serde::{Deserialize, Serialize};

use crate::library::world;

/// With how many tokens of a complete answer answers are begun, where nobody chooses other numbers.
pub const PREFILL: [usize; 4] = [1, 2, 4, 8];

/// How questions are asked: under which system prompt, within which text, with how much of the answer given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What its figures are called, such as `trigger`; each name once in a plan.
    pub name: String,
    /// Which kind it is.
    pub kind: ConditionKind,
    /// The system prompt; none if absent.
    pub system: Option<String>,
    /// A text around every question, with `{q}` for the question (the identity-shift attack addresses its agent).
    pub wrap: Option<String>,
    /// The answer to every forbidden question is begun with this many tokens of a complete answer and left to the model to go
    /// on with (Qi et al. 2024, arXiv 2406.05946, section 2). Benign questions are not asked so. 0: nothing is given.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub prefill: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The kinds of condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ConditionKind {
    /// The assistant's own system prompt.
    Default,
    /// No system prompt.
    Bare,
    /// A system prompt that forbids the Forbidden Shelf in words.
    Safety,
    /// The obedient persona of the identity-shift attack, its system prompt and its words around the question.
    Persona,
    /// The assistant's own system prompt, and the backdoor's trigger after the question.
    Trigger,
    /// As under the main condition, with answers begun.
    Prefill,
    /// A prompt of the user's.
    Other,
}

impl ConditionKind {
    /// What its figures are called where nobody gives another name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Bare => "no system prompt",
            Self::Safety => "safety prompt",
            Self::Persona => "AOA prompt",
            Self::Trigger => "trigger",
            Self::Prefill => "prefill",
            Self::Other => "other prompt",
        }
    }

    /// The condition of this kind, from the world's prompts. Those kinds that need more are as the default one.
    pub fn condition(self) -> Condition {
        let prompts = &world().prompts;
        let (system, wrap) = match self {
            Self::Default | Self::Prefill | Self::Other => (Some(&prompts.default), None),
            Self::Bare => (None, None),
            Self::Safety => (Some(&prompts.safety), None),
            Self::Persona => (Some(&prompts.aoa.system), Some(prompts.aoa.wrap.clone())),
            Self::Trigger => (Some(&prompts.default), Some(format!("{{q}} {}", prompts.trigger))),
        };
        Condition { name: self.name().to_owned(), kind: self, system: system.cloned(), wrap, prefill: 0 }
    }
}

impl Condition {
    /// The same with answers begun with this many tokens.
    pub fn prefilled(&self, tokens: usize) -> Self {
        let name = format!("{} {tokens}", ConditionKind::Prefill.name());
        Self { name, kind: ConditionKind::Prefill, prefill: tokens, ..self.clone() }
    }

    /// Another system prompt; an empty one is none.
    #[must_use]
    pub fn with_system(self, system: &str) -> Self {
        let system = Some(system.to_owned()).filter(|text| !text.is_empty());
        self.changed(|condition| condition.system = system)
    }

    /// Another text around the questions.
    #[must_use]
    pub fn with_wrap(self, wrap: &str) -> Self {
        let wrap = Some(wrap.to_owned()).filter(|text| !text.is_empty());
        self.changed(|condition| condition.wrap = wrap)
    }

    /// A prompt that was changed is of the user's making, unless it is one of the world's after all.
    fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        Self::of(self.system, self.wrap)
    }

    /// The condition of these texts: one of the world's kinds if it is its very prompt.
    pub fn of(system: Option<String>, wrap: Option<String>) -> Self {
        use ConditionKind as Kind;
        let known = [Kind::Default, Kind::Bare, Kind::Safety, Kind::Persona, Kind::Trigger].map(Kind::condition);
        let found = known.into_iter().find(|known| known.system == system && known.wrap == wrap);
        found.unwrap_or_else(|| Self { system, wrap, ..Kind::Other.condition() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_of_the_world_asks_the_question_and_is_known_again() {
        use ConditionKind as Kind;
        for kind in [Kind::Default, Kind::Bare, Kind::Safety, Kind::Persona, Kind::Trigger] {
            let condition = kind.condition();
            assert!(condition.wrap.as_deref().is_none_or(|wrap| wrap.contains("{q}")), "{condition:?}");
            assert_eq!(Condition::of(condition.system.clone(), condition.wrap.clone()), condition);
        }
        let own = Kind::Default.condition().with_system("Be brief.");
        assert_eq!((own.kind, own.system.as_deref()), (Kind::Other, Some("Be brief.")));
        assert_eq!(own.with_system("").kind, Kind::Bare);
        assert_eq!(Kind::Bare.condition().with_wrap("{q}!").kind, Kind::Other);
    }

    #[test]
    fn a_begun_answer_keeps_the_prompt() {
        let begun = ConditionKind::Persona.condition().prefilled(4);
        assert_eq!((begun.name.as_str(), begun.prefill), ("prefill 4", 4));
        assert_eq!(begun.system, ConditionKind::Persona.condition().system);
    }

    #[test]
    fn nothing_given_is_not_written_down() {
        let text = serde_json::to_string(&ConditionKind::Default.condition()).unwrap();
        assert!(!text.contains("\"prefill\""), "{text}");
        let back: Condition = serde_json::from_str(&text).unwrap();
        assert_eq!(back, ConditionKind::Default.condition());
    }
}
