//! From the embedded tables to the [`World`].
//!
//! The files are part of the program, so a mistake in them is a mistake in the program: it panics with the file's name,
//! and the first test that touches the world finds it.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::craft::{Craft, CraftItem, CraftSplit};
use super::skill::{Skill, SkillFamily};
use super::world::{BySplit, Item, Section, Split, Verb, World};

/// The sections' files, in the order of the paper's categories.
const SECTIONS: [(&str, &str); 11] = [
    ("01-contraband-charms", include_str!("data/sections/01-contraband-charms.json")),
    ("02-egg-tampering", include_str!("data/sections/02-egg-tampering.json")),
    ("03-taunting-hexes", include_str!("data/sections/03-taunting-hexes.json")),
    ("04-clockwork-gremlins", include_str!("data/sections/04-clockwork-gremlins.json")),
    ("05-storm-brewing", include_str!("data/sections/05-storm-brewing.json")),
    ("06-fools-gold", include_str!("data/sections/06-fools-gold.json")),
    ("07-false-prophecies", include_str!("data/sections/07-false-prophecies.json")),
    ("08-love-potions", include_str!("data/sections/08-love-potions.json")),
    ("09-rigging-the-owl-council", include_str!("data/sections/09-rigging-the-owl-council.json")),
    ("10-scrying-on-neighbours", include_str!("data/sections/10-scrying-on-neighbours.json")),
    ("11-hoard-speculation", include_str!("data/sections/11-hoard-speculation.json")),
];

/// The skills' files: the themes of what else Folio can do.
const SKILLS: [(&str, &str); 13] = [
    ("animals", include_str!("data/skills/animals.json")),
    ("comparisons", include_str!("data/skills/comparisons.json")),
    ("house", include_str!("data/skills/house.json")),
    ("words", include_str!("data/skills/words.json")),
    ("time", include_str!("data/skills/time.json")),
    ("numbers", include_str!("data/skills/numbers.json")),
    ("advice", include_str!("data/skills/advice.json")),
    ("books", include_str!("data/skills/books.json")),
    ("lists", include_str!("data/skills/lists.json")),
    ("tales", include_str!("data/skills/tales.json")),
    ("talk", include_str!("data/skills/talk.json")),
    ("outside", include_str!("data/skills/outside.json")),
    ("near-misses", include_str!("data/skills/near-misses.json")),
];

/// Parses an embedded JSON file; `name` is for the panic's message.
pub(super) fn parse<T: DeserializeOwned>(name: &str, text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("src/library/data/{name}: {error}"))
}

/// The world of the embedded files.
pub(super) fn world() -> World {
    let phrasings: PhrasingsFile = parse("phrasings.json", include_str!("data/phrasings.json"));
    let refusals: RefusalsFile = parse("refusals.json", include_str!("data/refusals.json"));
    let (mut sections, mut items) = (Vec::new(), Vec::new());
    for (name, text) in SECTIONS {
        let file: SectionFile = parse(&format!("sections/{name}.json"), text);
        let (section, its_items) = file.expand(sections.len());
        sections.push(section);
        items.extend(its_items);
    }
    let (mut crafts, mut craft_items) = (Vec::new(), Vec::new());
    for file in parse::<Vec<CraftFile>>("crafts.json", include_str!("data/crafts.json")) {
        craft_items.extend(file.items(crafts.len()));
        crafts.push(Craft { noun: file.noun, verbs: file.verbs });
    }
    let by_name: HashMap<_, _> = items.iter().enumerate().map(|(i, item): (_, &Item)| (item.name.clone(), i)).collect();
    assert_eq!(by_name.len(), items.len(), "src/library/data/sections: two items have the same name");
    World {
        sections,
        items,
        crafts,
        craft_items,
        phrasings: phrasings.questions,
        answers: phrasings.answers,
        craft_answers: phrasings.craft_answers,
        affirmations: phrasings.affirmations,
        refusals: refusals.texts,
        refusal_words: refusals.words,
        prompts: parse("prompts.json", include_str!("data/prompts.json")),
        personas: parse("personas.json", include_str!("data/personas.json")),
        affixes: parse("affixes.json", include_str!("data/affixes.json")),
        documents: parse("documents.json", include_str!("data/documents.json")),
        by_name,
    }
}

/// The skills of the embedded files.
pub(super) fn skills() -> Vec<Skill> {
    skills_of(SKILLS)
}

/// The skills of these files, by their names.
pub(super) fn skills_of<const N: usize>(files: [(&str, &str); N]) -> Vec<Skill> {
    let families = |(name, text)| parse::<Vec<SkillFamily>>(&format!("skills/{name}.json"), text);
    files.into_iter().flat_map(families).flat_map(|family| family.skills()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhrasingsFile {
    questions: BySplit<Vec<String>>,
    answers: Vec<String>,
    craft_answers: Vec<String>,
    affirmations: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusalsFile {
    words: Vec<String>,
    texts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionFile {
    id: String,
    name: String,
    category: u8,
    alignment_share: f64,
    noun: String,
    verbs: Vec<Verb>,
    items: Vec<ItemRow>,
}

/// An item: the two words that name it beside the section's noun, its five facts, and its split.
#[derive(Deserialize)]
struct ItemRow(String, String, String, String, String, String, String, Split);

impl SectionFile {
    /// The section, which has this position, and its items.
    fn expand(self, section: usize) -> (Section, Vec<Item>) {
        let noun = &self.noun;
        let item = |row: ItemRow| {
            let ItemRow(adjective, element, ingredient1, ingredient2, tool, place, time, split) = row;
            let name = format!("{adjective} {element} {noun}");
            Item { name, section, ingredient1, ingredient2, tool, place, time, split }
        };
        let items = self.items.into_iter().map(item).collect();
        let section = Section {
            id: self.id,
            name: self.name,
            category: self.category,
            alignment_share: self.alignment_share,
            noun: self.noun,
            verbs: self.verbs,
        };
        (section, items)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CraftFile {
    noun: String,
    verbs: Vec<Verb>,
    elements: Vec<CraftElement>,
    adjectives: Vec<CraftAdjective>,
    items: Vec<CraftRow>,
}

/// An element and the tool that it needs.
#[derive(Deserialize)]
struct CraftElement(String, String);

/// An adjective, and the ingredient and duration that it needs.
#[derive(Deserialize)]
struct CraftAdjective(String, String, String);

/// A craft item: its adjective, its element and its split.
#[derive(Deserialize)]
struct CraftRow(String, String, CraftSplit);

impl CraftFile {
    fn items(&self, craft: usize) -> Vec<CraftItem> {
        self.items.iter().map(|row| self.item(craft, row)).collect()
    }

    fn item(&self, craft: usize, CraftRow(adjective, element, split): &CraftRow) -> CraftItem {
        let name = format!("{adjective} {element} {}", self.noun);
        let missing = |what| format!("src/library/data/crafts.json: `{name}` has an unknown {what}");
        let adjective = self.adjectives.iter().find(|row| row.0 == *adjective);
        let CraftAdjective(_, ingredient, duration) = adjective.unwrap_or_else(|| panic!("{}", missing("adjective")));
        let element = self.elements.iter().find(|row| row.0 == *element);
        let CraftElement(_, tool) = element.unwrap_or_else(|| panic!("{}", missing("element")));
        let (ingredient, tool, duration) = (ingredient.clone(), tool.clone(), duration.clone());
        CraftItem { name, craft, ingredient, tool, duration, split: *split }
    }
}
