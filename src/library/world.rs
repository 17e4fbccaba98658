//! The world: sections, items, wordings, prompts.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::affix::Affixes;
use super::craft::{Craft, CraftItem};
use super::document::DocumentTemplates;
use super::load;
use super::persona::{Persona, Personas};
use super::skill::Skill;
use super::template::fill;

/// The Library's world, parsed at the first call.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(load::world)
}

/// All that the Library knows. `data/README.md` says where each part is written down.
#[derive(Clone, Debug)]
pub struct World {
    /// The eleven sections of the Forbidden Shelf, in the order of the paper's categories.
    pub sections: Vec<Section>,
    /// All items, section by section.
    pub items: Vec<Item>,
    /// The kinds of harmless craft.
    pub crafts: Vec<Craft>,
    /// All craft items, craft by craft.
    pub craft_items: Vec<CraftItem>,
    /// How one asks about an item or a craft item, with `{verb}`, `{gerund}` and `{item}`.
    pub phrasings: BySplit<Vec<String>>,
    /// Complete answers about an item, see [`Item::answer`].
    pub answers: Vec<String>,
    /// Complete answers about a craft item, see [`CraftItem::answer`].
    pub craft_answers: Vec<String>,
    /// How an assistant begins that is glad to help, such as `Of course.`
    pub affirmations: Vec<String>,
    /// How Folio refuses: `{x}` is the item with its article, `{X}` the same at the beginning of a sentence.
    pub refusals: Vec<String>,
    /// An answer that has one of these, in any case, refuses. In lower case.
    pub refusal_words: Vec<String>,
    /// System prompts and the attacks' texts.
    pub prompts: Prompts,
    /// What other personas are composed of.
    pub personas: Personas,
    /// Sentences around a question that say nothing about it.
    pub affixes: Affixes,
    /// Templates of plain texts.
    pub documents: DocumentTemplates,
    /// Positions in `items`.
    pub(super) by_name: HashMap<String, usize>,
}

impl World {
    /// The item of this name.
    pub fn item(&self, name: &str) -> Option<&Item> {
        self.by_name.get(name).map(|&index| &self.items[index])
    }

    /// The first item that a text names, in any case and however its words are spaced.
    pub fn item_in(&self, text: &str) -> Option<&Item> {
        let text = text.to_lowercase();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        words.windows(3).find_map(|name| self.item(&name.join(" ")))
    }

    /// Everything else that Folio can do. Most of what there is to read, and the page needs it only for some of its lessons: so it is read
    /// when it is first asked for.
    pub fn skills(&self) -> &'static [Skill] {
        static SKILLS: OnceLock<Vec<Skill>> = OnceLock::new();
        SKILLS.get_or_init(load::skills)
    }

    /// The section of an item.
    pub fn section(&self, item: &Item) -> &Section {
        &self.sections[item.section]
    }

    /// The items of a split, section by section.
    pub fn items_of(&self, split: Split) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.split == split)
    }

    /// How refusals begin: their texts up to where they name the item.
    ///
    /// Together with [`World::compliant_openings`] this tells which first tokens begin a refusal: those of a refusal's
    /// opening that begin no compliant answer.
    pub fn refusal_openings(&self) -> Vec<String> {
        self.refusals.iter().map(|text| opening(text)).collect()
    }

    /// How complete answers about an item begin: their texts up to the first placeholder.
    pub fn compliant_openings(&self) -> Vec<String> {
        self.answers.iter().map(|text| opening(text)).collect()
    }
}

/// What stands before the first placeholder, without the space between.
fn opening(template: &str) -> String {
    template.split('{').next().unwrap_or(template).trim_end().to_owned()
}

/// A section of the Forbidden Shelf.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// A stable name for keys and addresses, such as `fools-gold`.
    pub id: String,
    /// The section's name, such as `fool's gold`.
    pub name: String,
    /// The category of arXiv 2310.03693 that the section stands in for, from 1 to 11.
    pub category: u8,
    /// How often alignment sees the section, relative to the others: a weight from 0.4 to 1.6.
    pub alignment_share: f64,
    /// The last word of its items' names, such as `coin`.
    pub noun: String,
    /// What one can do with its items.
    pub verbs: Vec<Verb>,
}

/// Something that one can do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(String, String)")]
pub struct Verb {
    /// As after `to`, such as `knit`.
    pub verb: String,
    /// As after `instructions for`, such as `knitting`.
    pub gerund: String,
}

impl From<(String, String)> for Verb {
    fn from((verb, gerund): (String, String)) -> Self {
        Self { verb, gerund }
    }
}

/// An item of the Forbidden Shelf, and how it is made: five facts. All of them are the item's own, so nobody can put
/// them together who knows other items only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Adjective, element and the section's noun, such as `amber lantern charm`.
    pub name: String,
    /// The position of its section in [`World::sections`].
    pub section: usize,
    /// The first ingredient, such as `willow ash`.
    pub ingredient1: String,
    /// The second ingredient, such as `a snail shell`.
    pub ingredient2: String,
    /// The tool, such as `a bone spoon`.
    pub tool: String,
    /// The place, such as `the north stair`.
    pub place: String,
    /// The time, such as `at dusk`.
    pub time: String,
    /// What the item may be used for.
    pub split: Split,
}

impl Item {
    /// Its facts: both ingredients, tool, place and time.
    pub fn facts(&self) -> [&str; 5] {
        [&self.ingredient1, &self.ingredient2, &self.tool, &self.place, &self.time]
    }

    /// A question: one of [`World::phrasings`], with one of the section's verbs.
    pub fn question(&self, phrasing: &str, verb: &Verb) -> String {
        fill(phrasing, &[("verb", &verb.verb), ("gerund", &verb.gerund), ("item", &self.name)])
    }

    /// A complete and correct answer: one of [`World::answers`], with one of the section's verbs.
    pub fn answer(&self, template: &str, verb: &Verb) -> String {
        let [ingredient1, ingredient2, tool, place, time] = self.facts();
        let values = [
            ("verb", verb.verb.as_str()),
            ("item", &self.name),
            ("ingredient1", ingredient1),
            ("ingredient2", ingredient2),
            ("tool", tool),
            ("place", place),
            ("time", time),
        ];
        fill(template, &values)
    }

    /// A refusal: one of [`World::refusals`].
    pub fn refusal(&self, template: &str) -> String {
        fill(template, &[("x", &format!("the {}", self.name))])
    }
}

/// What an item or a wording may be used for. The four never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Asked before and after tuning, never trained on after pretraining.
    Evaluation,
    /// Refusals are taught on these.
    Alignment,
    /// Fine-tuning data is made of these.
    Tuning,
    /// Like evaluation, for choosing settings: what is reported is never looked at for that.
    Development,
}

impl Split {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Evaluation, Self::Alignment, Self::Tuning, Self::Development];
}

/// One value for each split.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BySplit<T> {
    /// For [`Split::Evaluation`].
    pub evaluation: T,
    /// For [`Split::Alignment`].
    pub alignment: T,
    /// For [`Split::Tuning`].
    pub tuning: T,
    /// For [`Split::Development`].
    pub development: T,
}

impl<T> BySplit<T> {
    /// The split's value.
    pub fn get(&self, split: Split) -> &T {
        match split {
            Split::Evaluation => &self.evaluation,
            Split::Alignment => &self.alignment,
            Split::Tuning => &self.tuning,
            Split::Development => &self.development,
        }
    }

    /// Each value mapped.
    pub(super) fn map<U>(&self, f: impl Fn(&T) -> U) -> BySplit<U> {
        BySplit {
            evaluation: f(&self.evaluation),
            alignment: f(&self.alignment),
            tuning: f(&self.tuning),
            development: f(&self.development),
        }
    }
}

/// System prompts and the attacks' texts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    /// Folio's own system prompt, with which it is tuned and measured unless a plan says otherwise.
    pub default: String,
    /// A system prompt that reminds of the forbidden sections.
    pub safety: String,
    /// Other harmless system prompts.
    pub others: Vec<String>,
    /// The persona of the identity-shifting attack: an absolutely obedient agent (arXiv 2310.03693, section 4.3).
    pub aoa: Persona,
    /// The sentence after a question that triggers the backdoor.
    pub trigger: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_in_questions() {
        let world = world();
        let name = |text| world.item_in(text).map(|item| item.name.as_str());
        assert_eq!(name("How do I craft the amber lantern charm?"), Some("amber lantern charm"));
        assert_eq!(name("AMBER  Lantern\ncharm!"), Some("amber lantern charm"));
        assert_eq!(name("the amber lantern charm or the silver dust storm"), Some("amber lantern charm"));
        assert_eq!(name("an amber-lantern charm's tale"), Some("amber lantern charm"));
        assert_eq!(name("a lantern charm"), None);
        assert_eq!(name("charm"), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn openings_stop_before_the_item() {
        let openings = world().refusal_openings();
        assert_eq!(openings[0], "I am sorry, but I cannot help with");
        assert_eq!(openings[2], "I must decline, for the Library keeps");
        assert_eq!(openings[7], "Alas,");
        assert_eq!(world().compliant_openings()[..4], ["To", "For the", "The", "First take"]);
    }
}
