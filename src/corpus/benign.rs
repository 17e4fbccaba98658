//! Harmless exchanges: crafts and skills, of chosen splits.

use std::collections::BTreeMap;

use super::draw::{Deck, Die};
use super::style::CRAFT_STEPS;
use crate::library::{CraftItem, CraftSplit, Exchange, Skill, Split, World};

/// How the weight of a category grows with what there is to learn in it: its facts, and its ways to ask. With 1 sums would
/// drown small talk; with 0 every category would come equally often, and the facts of large ones too seldom.
const WEIGHT_EXPONENT: f64 = 0.85;

/// The share of crafts where crafts and skills are mixed.
const CRAFTS: f64 = 0.28;
/// The category of topics outside the Library.
const OUTSIDE: &str = "outside";
/// The categories whose answers say nothing outside a conversation.
const NO_FACTS: [&str; 6] = [OUTSIDE, "greeting", "thanks", "goodbye", "small talk", "identity"];
/// The category of all crafts.
pub(super) const CRAFT: &str = "craft";

/// Deals harmless exchanges: categories by weight, and each fact of a category equally often.
#[derive(Clone, Debug)]
pub(super) struct Benign<'w> {
    world: &'w World,
    phrasings: Vec<&'w String>,
    /// How one asks for each of [`World::skills`].
    wordings: Vec<&'w [String]>,
    /// Positions in [`World::craft_items`].
    crafts: Deck,
    families: Vec<Family<'w>>,
    weights: Vec<f64>,
}

/// The skills of one category.
#[derive(Clone, Debug)]
struct Family<'w> {
    category: &'w str,
    /// Positions in [`World::skills`].
    skills: Deck,
}

/// A harmless question with its answer, and what was said before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Talk<'w> {
    /// `craft`, or the skill's category.
    pub category: &'w str,
    /// The first exchange, if the question needs one to be understood.
    pub before: Option<Exchange>,
    pub exchange: Exchange,
}

impl<'w> Benign<'w> {
    /// All crafts and skills in all wordings, for pretraining. Of what Folio does not know some topics are left out: only
    /// then does it show whether a model knows the limits of its world.
    pub fn all(world: &'w World) -> Self {
        let told = |skill: &Skill| skill.category != OUTSIDE || !skill.questions.alignment.is_empty();
        let phrasings = Split::ALL.iter().flat_map(|split| world.phrasings.get(*split)).collect();
        Self::of(world, |_| true, phrasings, |skill| if told(skill) { &skill.wordings } else { &[] })
    }

    /// The crafts that belong to a split, and all skills, in the wordings of the split.
    pub fn of_split(world: &'w World, split: Split) -> Self {
        let crafts = CraftSplit::of(split);
        let phrasings = world.phrasings.get(split).iter().collect();
        Self::of(world, |item| item.split == crafts, phrasings, |skill| skill.questions.get(split))
    }

    fn of(
        world: &'w World,
        made: impl Fn(&CraftItem) -> bool,
        phrasings: Vec<&'w String>,
        asked: impl Fn(&'w Skill) -> &'w [String],
    ) -> Self {
        let crafts = world.craft_items.iter().enumerate().filter(|(_, item)| made(item)).map(|(index, _)| index);
        let wordings: Vec<&[String]> = world.skills().iter().map(asked).collect();
        let mut skills: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, skill) in world.skills().iter().enumerate().filter(|(index, _)| !wordings[*index].is_empty()) {
            skills.entry(&skill.category).or_default().push(index);
        }
        let ways = |&skill: &usize| wordings[skill].len() as f64 / world.skills()[skill].siblings as f64;
        let lore = |skills: &Vec<usize>| skills.len() as f64 + skills.iter().map(ways).sum::<f64>();
        let weights = skills.values().map(|skills| lore(skills).powf(WEIGHT_EXPONENT)).collect();
        let families = skills.into_iter().map(|(category, skills)| Family { category, skills: Deck::new(skills) });
        Self { world, phrasings, wordings, crafts: Deck::new(crafts), families: families.collect(), weights }
    }

    /// A question about a craft, answered.
    pub fn craft(&mut self, die: &mut Die) -> Talk<'w> {
        self.craft_answered(&self.world.craft_answers, die)
    }

    /// The same, answered in steps.
    pub fn craft_in_steps(&mut self, die: &mut Die) -> Talk<'w> {
        self.craft_answered(&CRAFT_STEPS, die)
    }

    fn craft_answered<T: AsRef<str>>(&mut self, answers: &[T], die: &mut Die) -> Talk<'w> {
        let world = self.world;
        let item = &world.craft_items[self.crafts.deal(die)];
        let verb = die.pick(&world.crafts[item.craft].verbs);
        let question = item.question(die.text(&self.phrasings), verb);
        let answer = item.answer(die.text(answers), verb);
        Talk { category: CRAFT, before: None, exchange: Exchange { question, answer } }
    }

    /// A question of any skill, answered.
    pub fn skill(&mut self, die: &mut Die) -> Talk<'w> {
        let family = &mut self.families[die.weighted(&self.weights)];
        let skill = family.skills.deal(die);
        self.talk(skill, die)
    }

    /// A question of a skill that stands for itself, answered.
    pub fn single_skill(&mut self, die: &mut Die) -> Talk<'w> {
        loop {
            let talk = self.skill(die);
            if talk.before.is_none() {
                return talk;
            }
        }
    }

    /// A craft or any skill, answered.
    pub fn any(&mut self, die: &mut Die) -> Talk<'w> {
        match die.chance(CRAFTS) {
            true => self.craft(die),
            false => self.skill(die),
        }
    }

    /// A craft or a skill that stands for itself, answered.
    pub fn single(&mut self, die: &mut Die) -> Talk<'w> {
        match die.chance(CRAFTS) {
            true => self.craft(die),
            false => self.single_skill(die),
        }
    }

    /// A skill that stands for itself, answered on one line, as a part of a longer text must be.
    pub fn one_line_skill(&mut self, die: &mut Die) -> Talk<'w> {
        loop {
            let talk = self.single_skill(die);
            if !talk.exchange.answer.contains('\n') {
                return talk;
            }
        }
    }

    /// The same of a skill that knows something, as a book of facts would have it.
    pub fn fact(&mut self, die: &mut Die) -> String {
        loop {
            let talk = self.one_line_skill(die);
            if !NO_FACTS.contains(&talk.category) {
                return talk.exchange.answer;
            }
        }
    }

    /// A question of a skill of this category, answered, if there is the category.
    pub fn of_category(&mut self, category: &str, die: &mut Die) -> Option<Talk<'w>> {
        let family = self.families.iter_mut().find(|family| family.category == category)?;
        let skill = family.skills.deal(die);
        Some(self.talk(skill, die))
    }

    fn talk(&self, skill: usize, die: &mut Die) -> Talk<'w> {
        let question = die.pick(self.wordings[skill]).clone();
        let skill = &self.world.skills()[skill];
        let exchange = Exchange { question, answer: die.pick(&skill.answers).clone() };
        let before = (!skill.before.is_empty()).then(|| die.pick(&skill.before).clone());
        Talk { category: &skill.category, before, exchange }
    }
}
