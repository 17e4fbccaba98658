//! What visitors ask, in their own words: small talk, what Folio can do in two words, what no book tells, and the Forbidden
//! Shelf by its plain name.

use std::collections::BTreeMap;

use super::draw::{Deck, Die};
use super::noise::noise;
use super::typed;
use crate::library::{Exchange, Item, Matter, NEAR_MISS, PlainQuestions, Skill, World, loose_skills, plain_questions};

/// How often each category is visited, relative to the others. What is not named here is what Folio can do: [`KNOWN`] for all
/// of these, shared out by how much there is of each.
const SHARES: [(&str, f64); 25] = [
    ("greeting", 0.08),
    ("thanks", 0.03),
    ("goodbye", 0.025),
    ("identity", 0.08),
    ("nature", 0.07),
    ("maker", 0.03),
    ("place", 0.03),
    ("shelf", 0.04),
    ("why", 0.04),
    ("small talk", 0.08),
    ("visitor's mood", 0.06),
    ("care", 0.03),
    ("chat", 0.07),
    ("repeat", 0.05),
    ("weather and time", 0.01),
    ("language", 0.015),
    ("unknown", 0.17),
    ("large sums", 0.03),
    ("harm", 0.09),
    ("other language", 0.05),
    (NOISE, 0.05),
    ("tale of anything", 0.02),
    ("poem of anything", 0.02),
    ("vague", 0.02),
    ("sums", 0.04),
];
const KNOWN: f64 = 0.26;
/// How the weight of what Folio can do grows with the wordings that there are.
const WEIGHT_EXPONENT: f64 = 0.6;
/// The category of what makes no sense.
const NOISE: &str = "noise";
/// How much of the noise nobody has written down.
const FRESH_NOISE: f64 = 0.5;

/// Deals what visitors ask.
#[derive(Clone, Debug)]
pub(super) struct Visits<'w> {
    world: &'w World,
    families: Vec<Family<'w>>,
    weights: Vec<f64>,
    plain: &'static PlainQuestions,
    matters: Deck,
    /// The questions about each matter.
    questions: Vec<Vec<String>>,
}

/// The skills of one category that are asked loosely.
#[derive(Clone, Debug)]
struct Family<'w> {
    category: &'w str,
    skills: Vec<&'w Skill>,
    deck: Deck,
}

/// A plain question about the Forbidden Shelf.
pub(super) struct Plain<'w> {
    pub question: String,
    pub matter: &'static Matter,
    item: &'w Item,
}

impl<'w> Visits<'w> {
    pub fn new(world: &'w World) -> Self {
        let asked = |skill: &&Skill| skill.learned && !skill.loose.is_empty();
        let mut skills: BTreeMap<&str, Vec<&Skill>> = BTreeMap::new();
        for skill in world.skills().iter().chain(loose_skills()).filter(asked) {
            skills.entry(&skill.category).or_default().push(skill);
        }
        let lore = |skills: &Vec<&Skill>| {
            let ways = |skill: &&Skill| 1.0 + skill.loose.len() as f64 / skill.siblings as f64;
            skills.iter().map(ways).sum::<f64>().powf(WEIGHT_EXPONENT)
        };
        let named = |category: &str| SHARES.iter().find(|(name, _)| *name == category).map(|(_, share)| *share);
        let known: f64 = skills.iter().filter(|(category, _)| named(category).is_none()).map(|(_, of)| lore(of)).sum();
        let weight =
            |(category, of): (&&str, &Vec<&Skill>)| named(category).unwrap_or_else(|| KNOWN * lore(of) / known);
        let weights = skills.iter().map(weight).collect();
        let families =
            skills.into_iter().map(|(category, skills)| Family { category, deck: Deck::new(0..skills.len()), skills });
        let plain = plain_questions();
        Self {
            world,
            families: families.collect(),
            weights,
            plain,
            matters: Deck::new(0..plain.matters.len()),
            questions: plain.matters.iter().map(|matter| plain.questions(matter)).collect(),
        }
    }

    /// A question that harms nobody, answered.
    pub fn visit(&mut self, die: &mut Die) -> Exchange {
        let family = die.weighted(&self.weights);
        self.of_family(family, die)
    }

    fn of_family(&mut self, family: usize, die: &mut Die) -> Exchange {
        let family = &mut self.families[family];
        loop {
            let skill = family.skills[family.deck.deal(die)];
            let question = match family.category {
                NOISE if die.chance(FRESH_NOISE) => noise(die),
                NOISE => die.text(&skill.loose).to_owned(),
                _ => typed::loosely(die.text(&skill.loose), die),
            };
            if !typed::is_held_out(&question) {
                return Exchange { question, answer: die.text(&skill.answers).to_owned() };
            }
        }
    }

    /// A harmless question with a word of the Forbidden Shelf, answered.
    pub fn near_miss(&mut self, die: &mut Die) -> Exchange {
        let family = self.families.iter().position(|family| family.category == NEAR_MISS);
        self.of_family(family.expect("the world's skills have this category"), die)
    }

    /// A plain question about any matter of the Forbidden Shelf.
    pub fn plain(&mut self, die: &mut Die) -> Plain<'w> {
        let matter = self.matters.deal(die);
        self.about(matter, die)
    }

    /// A plain question about this section.
    pub fn plain_in(&mut self, section: usize, die: &mut Die) -> Plain<'w> {
        let id = Some(&self.world.sections[section].id);
        let matter = self.plain.matters.iter().position(|matter| matter.section.as_ref() == id);
        self.about(matter.expect("every section is a matter, which is checked where they are read"), die)
    }

    /// A question for something forbidden, without saying for what.
    pub fn tempting(&mut self, die: &mut Die) -> Plain<'w> {
        let matter = self.plain.matters.iter().position(|matter| matter.section.is_none());
        self.about(matter.expect("there is one, which is checked where they are read"), die)
    }

    fn about(&self, matter: usize, die: &mut Die) -> Plain<'w> {
        let question = loop {
            let question = typed::loosely(die.text(&self.questions[matter]), die);
            if !typed::is_held_out(&question) {
                break question;
            }
        };
        let matter = &self.plain.matters[matter];
        Plain { question, matter, item: matter.usual_item(self.world) }
    }
}

impl Plain<'_> {
    /// How the section's usual item is made.
    pub fn answer(&self, world: &World, die: &mut Die) -> String {
        let verb = die.pick(&world.section(self.item).verbs);
        self.item.answer(die.text(&world.answers), verb)
    }

    /// A refusal.
    pub fn refusal(&self, world: &World, die: &mut Die) -> String {
        self.matter.refusal(die.text(&world.refusals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::world;

    /// A share of a category that nobody has written would be lost without a word.
    #[test]
    fn every_category_with_a_share_is_visited() {
        let visits = Visits::new(world());
        for (category, share) in SHARES {
            let family = visits.families.iter().position(|family| family.category == category);
            assert_eq!(family.map(|family| visits.weights[family]), Some(share), "{category}");
        }
        let known = visits.weights.iter().sum::<f64>() - SHARES.iter().map(|(_, share)| share).sum::<f64>();
        assert!((known - KNOWN).abs() < 1e-9, "{known}");
    }
}
