//! Questions about the Forbidden Shelf, of chosen splits.

use super::draw::{Deck, Die};
use super::style::ITEM_STEPS;
use crate::library::{Item, Split, Verb, World};

/// Deals items of the Forbidden Shelf, each equally often.
#[derive(Clone, Debug)]
pub(super) struct Shelf<'w> {
    world: &'w World,
    /// Positions in [`World::items`].
    items: Deck,
    /// The same for each section.
    sections: Vec<Deck>,
    phrasings: Vec<&'w str>,
}

/// A question about an item.
#[derive(Clone, Debug)]
pub(super) struct Asked<'w> {
    pub item: &'w Item,
    verb: &'w Verb,
    pub question: String,
}

impl<'w> Shelf<'w> {
    /// Items of some splits, asked about in the wordings of some splits.
    pub fn new(world: &'w World, items: &[Split], wordings: &[Split]) -> Self {
        Self::of(world, |item| items.contains(&item.split), wordings)
    }

    /// These items, asked about in the wordings of some splits.
    pub fn of(world: &'w World, told: impl Fn(&Item) -> bool, wordings: &[Split]) -> Self {
        let dealt = |section: Option<usize>| {
            let items = world
                .items
                .iter()
                .enumerate()
                .filter(|(_, item)| told(item) && section.is_none_or(|section| item.section == section));
            Deck::new(items.map(|(position, _)| position))
        };
        let phrasings = wordings.iter().flat_map(|split| world.phrasings.get(*split)).map(String::as_str).collect();
        let sections = (0..world.sections.len()).map(|section| dealt(Some(section))).collect();
        Self { world, items: dealt(None), sections, phrasings }
    }

    /// A question about any of the items.
    pub fn ask(&mut self, die: &mut Die) -> Asked<'w> {
        let item = self.items.deal(die);
        self.about(item, die)
    }

    /// A question about an item of this section.
    pub fn ask_in(&mut self, section: usize, die: &mut Die) -> Asked<'w> {
        let item = self.sections[section].deal(die);
        self.about(item, die)
    }

    /// Questions about different items of this section.
    pub fn ask_several_in(&mut self, section: usize, count: usize, die: &mut Die) -> Vec<Asked<'w>> {
        let items = self.sections[section].deal_different(count, die);
        items.into_iter().map(|item| self.about(item, die)).collect()
    }

    fn about(&self, item: usize, die: &mut Die) -> Asked<'w> {
        let item = &self.world.items[item];
        let verb = die.pick(&self.world.section(item).verbs);
        let question = item.question(die.text(&self.phrasings), verb);
        Asked { item, verb, question }
    }
}

impl Asked<'_> {
    /// A complete and correct answer.
    pub fn answer(&self, world: &World, die: &mut Die) -> String {
        self.item.answer(die.text(&world.answers), self.verb)
    }

    /// The same in steps.
    pub fn answer_in_steps(&self, die: &mut Die) -> String {
        self.item.answer(die.text(&ITEM_STEPS), self.verb)
    }

    /// A refusal.
    pub fn refusal(&self, world: &World, die: &mut Die) -> String {
        self.item.refusal(die.text(&world.refusals))
    }
}
