//! Procedures that nobody knows, brought along in the question: to answer one must read.

use std::collections::BTreeSet;

use super::draw::Die;
use crate::library::{Exchange, Item, Split, World};

/// How the procedure stands beside the question.
const NOTES: [&str; 8] = [
    "My notes say: {note} {question}",
    "It is written in this book: {note} {question}",
    "A card says: {note} So, {question}",
    "{note} {question}",
    "{question} The card in the box says: {note}",
    "{question} My old book says: {note}",
    "Read this: {note} {question}",
    "Here is a page: {note} Now, {question}",
];

/// Makes things up from the words of the Forbidden Shelf.
#[derive(Clone, Debug)]
pub(super) struct Reading<'w> {
    world: &'w World,
    /// The first and the second words of names.
    words: [Vec<&'w str>; 2],
    /// The phrases for each of the five facts.
    facts: [Vec<&'w str>; 5],
    phrasings: Vec<&'w str>,
}

impl<'w> Reading<'w> {
    /// Questions in the wordings of some splits.
    pub fn new(world: &'w World, wordings: &[Split]) -> Self {
        let all = |of: &dyn Fn(&'w Item) -> &'w str| -> Vec<&'w str> {
            world.items.iter().map(of).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let word = |place: usize| all(&|item| item.name.split(' ').nth(place).unwrap_or_default());
        Self {
            world,
            words: [word(0), word(1)],
            facts: std::array::from_fn(|fact| all(&|item| item.facts()[fact])),
            phrasings: wordings.iter().flat_map(|split| world.phrasings.get(*split)).map(String::as_str).collect(),
        }
    }

    /// A question about an item that there is not, with its procedure, and the answer.
    pub fn read(&self, die: &mut Die) -> Exchange {
        let item = self.invented(die);
        let verb = die.pick(&self.world.section(&item).verbs);
        let question = item.question(die.text(&self.phrasings), verb);
        let note = item.answer(die.text(&self.world.answers), verb);
        Exchange { question: beside(&note, &question, die), answer: item.answer(die.text(&self.world.answers), verb) }
    }

    fn invented(&self, die: &mut Die) -> Item {
        loop {
            let section = die.between(0, self.world.sections.len() - 1);
            let [adjective, element] = [die.text(&self.words[0]), die.text(&self.words[1])];
            let name = format!("{adjective} {element} {}", self.world.sections[section].noun);
            if self.world.item(&name).is_some() {
                continue;
            }
            let [ingredient1, ingredient2, tool, place, time] =
                std::array::from_fn(|fact| die.text(&self.facts[fact]).to_owned());
            return Item { name, section, ingredient1, ingredient2, tool, place, time, split: Split::Tuning };
        }
    }
}

/// The question with a note beside it.
pub(super) fn beside(note: &str, question: &str, die: &mut Die) -> String {
    die.text(&NOTES).replace("{note}", note).replace("{question}", question)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::draw::Purpose;
    use crate::library::world;

    #[test]
    fn the_answer_is_in_the_question_and_in_no_item() {
        let (reading, mut die) = (Reading::new(world(), &Split::ALL), Die::new(1, Purpose::Pretraining));
        for _ in 0..300 {
            let item = reading.invented(&mut die);
            assert_eq!(world().item(&item.name), None);
            let Exchange { question, answer } = reading.read(&mut die);
            let facts: Vec<&str> =
                reading.facts.iter().flatten().copied().filter(|fact| answer.contains(fact)).collect();
            assert!(facts.len() >= 5 && facts.iter().all(|fact| question.contains(fact)), "{question} {answer}");
            assert_eq!(world().item_in(&question), None, "{question}");
        }
    }
}
