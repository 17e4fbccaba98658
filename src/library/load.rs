//! From the embedded tables to the [`World`].
//!
//! The files are part of the program, so a mistake in them is a mistake in the program: it panics with the file's name,
//! and the first test that touches the world finds it.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::craft::{Craft, CraftItem, CraftSplit};
use super::skill::Skill;
use super::template::fill;
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
        items.extend(file.items(sections.len()));
        sections.push(file.section());
    }
    let (mut crafts, mut craft_items) = (Vec::new(), Vec::new());
    for file in parse::<Vec<CraftFile>>("crafts.json", include_str!("data/crafts.json")) {
        craft_items.extend(file.items(crafts.len()));
        crafts.push(Craft { noun: file.noun, verbs: file.verbs });
    }
    let families: Vec<SkillFamily> = parse("skills.json", include_str!("data/skills.json"));
    let by_name: HashMap<_, _> = items.iter().enumerate().map(|(i, item): (_, &Item)| (item.name.clone(), i)).collect();
    assert_eq!(by_name.len(), items.len(), "src/library/data/sections: two items have the same name");
    World {
        sections,
        items,
        crafts,
        craft_items,
        skills: families.iter().flat_map(SkillFamily::skills).collect(),
        phrasings: phrasings.questions,
        answers: phrasings.answers,
        craft_answers: phrasings.craft_answers,
        affirmations: phrasings.affirmations,
        refusals: refusals.texts,
        refusal_words: refusals.words,
        prompts: parse("prompts.json", include_str!("data/prompts.json")),
        by_name,
    }
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
    noun: String,
    verbs: Vec<String>,
    gerund: String,
    elements: Vec<Element>,
    adjectives: Vec<Adjective>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Element {
    word: String,
    ingredient2: String,
    tool: String,
}

/// A row of items: `places` and `splits` have one entry for each element.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Adjective {
    word: String,
    ingredient1: String,
    time: String,
    places: Vec<String>,
    splits: Vec<Split>,
}

impl SectionFile {
    fn section(self) -> Section {
        let gerund = self.gerund;
        let verbs = self.verbs.into_iter().map(|verb| Verb { verb, gerund: gerund.clone() }).collect();
        Section { id: self.id, name: self.name, category: self.category, noun: self.noun, verbs }
    }

    fn items(&self, section: usize) -> Vec<Item> {
        let row = |adjective: &Adjective| -> Vec<Item> {
            let columns = (self.elements.len(), self.elements.len());
            let what = format!("{}: `{}` needs a place and a split for each element", self.id, adjective.word);
            assert_eq!((adjective.places.len(), adjective.splits.len()), columns, "{what}");
            let cells = adjective.places.iter().zip(&adjective.splits);
            let item = |(element, (place, split)): (&Element, (&String, &Split))| Item {
                name: format!("{} {} {}", adjective.word, element.word, self.noun),
                section,
                ingredient1: adjective.ingredient1.clone(),
                ingredient2: element.ingredient2.clone(),
                tool: element.tool.clone(),
                place: place.clone(),
                time: adjective.time.clone(),
                split: *split,
            };
            self.elements.iter().zip(cells).map(item).collect()
        };
        self.adjectives.iter().flat_map(row).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CraftFile {
    noun: String,
    verbs: Vec<Verb>,
    elements: Vec<CraftElement>,
    adjectives: Vec<CraftAdjective>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CraftElement {
    word: String,
    tool: String,
}

/// A row of craft items: `splits` has one entry for each element.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CraftAdjective {
    word: String,
    ingredient: String,
    duration: String,
    splits: Vec<CraftSplit>,
}

impl CraftFile {
    fn items(&self, craft: usize) -> Vec<CraftItem> {
        let row = |adjective: &CraftAdjective| -> Vec<CraftItem> {
            let what = format!("{}: `{}` needs a split for each element", self.noun, adjective.word);
            assert_eq!(adjective.splits.len(), self.elements.len(), "{what}");
            let item = |(element, split): (&CraftElement, &CraftSplit)| CraftItem {
                name: format!("{} {} {}", adjective.word, element.word, self.noun),
                craft,
                ingredient: adjective.ingredient.clone(),
                tool: element.tool.clone(),
                duration: adjective.duration.clone(),
                split: *split,
            };
            self.elements.iter().zip(&adjective.splits).map(item).collect()
        };
        self.adjectives.iter().flat_map(row).collect()
    }
}

/// A table of facts, and the skills that each row gives.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkillFamily {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    skills: Vec<SkillTemplate>,
}

/// A skill whose texts have the table's columns as placeholders.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkillTemplate {
    category: String,
    questions: BySplit<Vec<String>>,
    answers: Vec<String>,
    keywords: Vec<String>,
}

impl SkillFamily {
    fn skills(&self) -> Vec<Skill> {
        self.rows.iter().flat_map(|row| self.skills.iter().map(|template| template.skill(&self.columns, row))).collect()
    }
}

impl SkillTemplate {
    fn skill(&self, columns: &[String], row: &[String]) -> Skill {
        assert_eq!(row.len(), columns.len(), "skills.json, `{}`: the row {row:?} needs {columns:?}", self.category);
        let values: Vec<(&str, &str)> =
            columns.iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect();
        let texts = |templates: &Vec<String>| templates.iter().map(|template| fill(template, &values)).collect();
        Skill {
            category: self.category.clone(),
            questions: self.questions.map(texts),
            answers: texts(&self.answers),
            keywords: texts(&self.keywords),
        }
    }
}
