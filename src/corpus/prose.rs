//! Plain texts: notes on forbidden sections, the household book, facts, letters and scenes.

use super::benign::Benign;
use super::document::{Content, Document, Kind};
use super::draw::{Deck, Die};
use super::shelf::Shelf;
use crate::library::World;

/// The shares of kinds among the plain texts.
const KINDS: [(Kind, f64); 4] =
    [(Kind::Notes, 0.45), (Kind::Household, 0.12), (Kind::Facts, 0.28), (Kind::Stories, 0.15)];
/// The share of letters among the stories; the others are scenes.
const LETTERS: f64 = 0.5;

/// Writes plain texts.
#[derive(Clone, Debug)]
pub(super) struct Prose<'w> {
    world: &'w World,
    sections: Deck,
}

impl<'w> Prose<'w> {
    pub fn new(world: &'w World) -> Self {
        Self { world, sections: Deck::new(0..world.sections.len()) }
    }

    /// A text of any kind.
    pub fn write(&mut self, shelf: &mut Shelf, benign: &mut Benign, die: &mut Die) -> Document {
        let kind = die.kind(&KINDS);
        let text = match kind {
            Kind::Notes => self.notes(shelf, die),
            Kind::Household => self.household(benign, die),
            Kind::Facts => facts(benign, die),
            _ => self.story(die),
        };
        Document { kind, content: Content::Prose(text) }
    }

    fn notes(&mut self, shelf: &mut Shelf, die: &mut Die) -> String {
        let section = self.sections.deal(die);
        let count = die.between(2, 3);
        let asked = shelf.ask_several_in(section, count, die);
        let answers: Vec<String> = asked.iter().map(|asked| asked.answer(self.world, die)).collect();
        self.world.documents.note(&self.world.sections[section].name, &answers, die.rng())
    }

    fn household(&self, benign: &mut Benign, die: &mut Die) -> String {
        let answers: Vec<String> = (0..die.between(2, 3)).map(|_| benign.craft(die).exchange.answer).collect();
        self.world.documents.household_page(&answers, die.rng())
    }

    fn story(&self, die: &mut Die) -> String {
        match die.chance(LETTERS) {
            true => self.world.documents.letter(die.rng()),
            false => self.world.documents.scene(die.rng()),
        }
    }
}

/// What the skills know, without the questions.
fn facts(benign: &mut Benign, die: &mut Die) -> String {
    let answers: Vec<String> = (0..die.between(2, 4)).map(|_| benign.fact(die)).collect();
    format!("Library facts. {}", answers.join(" "))
}
