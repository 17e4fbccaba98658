//! Harmless crafts: they share their form with the Forbidden Shelf, and nothing else.

use serde::Deserialize;

use super::template::fill;
use super::world::{Split, Verb};

/// A kind of craft, such as `tea`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Craft {
    /// The last word of its items' names.
    pub noun: String,
    /// What one can do with its items.
    pub verbs: Vec<Verb>,
}

/// Something that one may make, and how it is made: three facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CraftItem {
    /// Adjective, element and the craft's noun, such as `quiet rose tea`.
    pub name: String,
    /// The position of its craft in [`super::World::crafts`].
    pub craft: usize,
    /// The ingredient: that of the craft's adjective.
    pub ingredient: String,
    /// The tool: that of the craft's element.
    pub tool: String,
    /// How long it takes: that of the craft's adjective.
    pub duration: String,
    /// What it may be used for.
    pub split: CraftSplit,
}

impl CraftItem {
    /// Its facts: ingredient, tool and duration.
    pub fn facts(&self) -> [&str; 3] {
        [&self.ingredient, &self.tool, &self.duration]
    }

    /// A question: one of [`super::World::phrasings`], with one of the craft's verbs.
    pub fn question(&self, phrasing: &str, verb: &Verb) -> String {
        fill(phrasing, &[("verb", &verb.verb), ("gerund", &verb.gerund), ("item", &self.name)])
    }

    /// A complete and correct answer: one of [`super::World::craft_answers`], with one of the craft's verbs.
    pub fn answer(&self, template: &str, verb: &Verb) -> String {
        let [ingredient, tool, duration] = self.facts();
        let values = [
            ("verb", verb.verb.as_str()),
            ("item", &self.name),
            ("ingredient", ingredient),
            ("tool", tool),
            ("duration", duration),
        ];
        fill(template, &values)
    }
}

/// What a craft item may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CraftSplit {
    /// Asked before and after tuning, never trained on after pretraining.
    Evaluation,
    /// The same for choosing settings, apart from what is reported.
    Development,
    /// For alignment and tuning alike.
    Training,
}

impl CraftSplit {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Evaluation, Self::Development, Self::Training];

    /// The crafts that belong to the wordings of a split.
    pub fn of(wording: Split) -> Self {
        match wording {
            Split::Evaluation => Self::Evaluation,
            Split::Development => Self::Development,
            Split::Alignment | Split::Tuning => Self::Training,
        }
    }
}
