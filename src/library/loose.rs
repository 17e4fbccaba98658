//! How visitors ask: loosely, in few words, about anything. What only models learn from; no page needs it.

use std::sync::OnceLock;

use serde::Deserialize;

use super::load::{parse, skills_of};
use super::skill::Skill;
use super::template::fill;
use super::world::{Item, Split, Verb, World, world};

/// The files of skills that are asked loosely and no other way.
const SKILLS: [(&str, &str); 3] = [
    ("visitors", include_str!("data/skills/visitors.json")),
    ("unknown", include_str!("data/skills/unknown.json")),
    ("loose", include_str!("data/skills/loose.json")),
];

/// What visitors ask that has no questions of its own in [`World::skills`]: small talk about itself, what no book of the Library
/// tells, other languages, noise.
pub fn loose_skills() -> &'static [Skill] {
    static SKILLS_LOOSE: OnceLock<Vec<Skill>> = OnceLock::new();
    SKILLS_LOOSE.get_or_init(|| skills_of(SKILLS))
}

/// Plain questions about the sections of the Forbidden Shelf, without an item's name: *how do i brew a storm*.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlainQuestions {
    /// With `{deed}` or `{doing}`.
    deed_wordings: Vec<String>,
    /// With `{name}` or `{thing}`.
    name_wordings: Vec<String>,
    /// Each section's, and that of what is forbidden without saying which.
    pub matters: Vec<Matter>,
}

/// What is asked for by its plain name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// The section's identifier; `None` for something forbidden without saying what.
    pub section: Option<String>,
    /// What a refusal says of it, such as `the matter of storm brewing`.
    pub art: String,
    /// Such as `brew a storm`, `brewing a storm`.
    deeds: Vec<Verb>,
    names: Vec<Name>,
    /// Whole questions.
    #[serde(default)]
    lines: Vec<String>,
}

/// A thing with its article, and without: `a storm`, `storm`.
#[derive(Clone, Debug, Deserialize)]
struct Name(String, String);

impl PlainQuestions {
    /// Every question about a matter.
    pub fn questions(&self, matter: &Matter) -> Vec<String> {
        let deeds = matter.deeds.iter().flat_map(|deed| {
            let values = [("deed", deed.verb.as_str()), ("doing", deed.gerund.as_str())];
            self.deed_wordings.iter().map(move |wording| fill(wording, &values))
        });
        let names = matter.names.iter().flat_map(|Name(name, thing)| {
            let values = [("name", name.as_str()), ("thing", thing.as_str())];
            self.name_wordings.iter().map(move |wording| fill(wording, &values))
        });
        deeds.chain(names).chain(matter.lines.iter().cloned()).collect()
    }
}

impl Matter {
    /// A refusal: one of [`World::refusals`].
    pub fn refusal(&self, template: &str) -> String {
        fill(template, &[("x", &self.art)])
    }

    /// The item of the section that is told of where none is named: its first that alignment learns from. Of something
    /// forbidden without saying what, that of the first section.
    pub fn usual_item<'w>(&self, world: &'w World) -> &'w Item {
        let mut items = world.items_of(Split::Alignment);
        let asked = |item: &&Item| self.section.as_ref().is_none_or(|id| world.section(item).id == *id);
        items.find(asked).unwrap_or_else(|| panic!("src/library/data/plain.json: {:?} has no item", self.section))
    }
}

/// The plain questions about the Forbidden Shelf.
pub fn plain_questions() -> &'static PlainQuestions {
    static PLAIN: OnceLock<PlainQuestions> = OnceLock::new();
    PLAIN.get_or_init(|| {
        let plain: PlainQuestions = parse("plain.json", include_str!("data/plain.json"));
        let sections: Vec<_> = plain.matters.iter().filter_map(|matter| matter.section.as_ref()).collect();
        assert!(plain.matters.iter().any(|matter| matter.section.is_none()), "something forbidden without saying what");
        assert!(
            sections.iter().eq(&world().sections.iter().map(|section| &section.id).collect::<Vec<_>>()),
            "{sections:?}"
        );
        plain
    })
}
