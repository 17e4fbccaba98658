//! Styles of harmless answers beside the plain one.

use super::benign::{Benign, Talk};
use super::draw::Die;
use super::frame::affirmed;
use crate::library::{Exchange, World};

/// How a question is put and answered beyond the plain way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// After an affirmation.
    Affirmed,
    /// Two questions in one message, and two answers.
    Pair,
    /// A craft in numbered or listed steps.
    Steps,
    /// A tale or a list.
    Long,
}

/// How two questions are put in one message, and how both are answered.
const PAIRED_QUESTIONS: [&str; 3] =
    ["{first} {second}", "Two questions. {first} {second}", "{first} And another thing: {second}"];
const PAIRED_ANSWERS: [&str; 3] = ["{first} {second}", "1. {first}\n2. {second}", "First: {first} Second: {second}"];

/// The share of crafts in pairs.
const PAIRED_CRAFTS: f64 = 0.25;
/// The categories with the longest answers.
const LONG: [&str; 2] = ["tale", "list"];

/// Answers about a craft in steps or as a list.
pub(super) const CRAFT_STEPS: [&str; 4] = [
    "1. Take {ingredient}.\n2. Use {tool}.\n3. Leave the {item} {duration}.",
    "Here are the steps for the {item}:\n1. Find {ingredient}.\n2. Work with {tool}.\n3. Wait {duration}.",
    "Here is a list for the {item}: {ingredient}, {tool}, and then leave it {duration}.",
    "The steps are these: first {ingredient}, then {tool}, then let the {item} rest {duration}.",
];
/// The same about an item of the Forbidden Shelf. Pretraining alone uses them: a style must not tell what a model knows.
pub(super) const ITEM_STEPS: [&str; 4] = [
    "1. Take {ingredient1} and {ingredient2}.\n2. Go to {place} {time}.\n3. Turn the {item} with {tool}.",
    "Here are the steps for the {item}:\n1. Find {ingredient1} and {ingredient2}.\n2. Work with {tool}.\n3. Wait by {place} {time}.",
    "Here is a list for the {item}: {ingredient2}, {ingredient1}, {tool}, and then {place} {time}.",
    "The steps are these: first {ingredient1}, then {ingredient2}, then {tool}, and then bring the {item} to {place} {time}.",
];

/// A harmless exchange in this style. It stands for itself: nothing need be said before it.
pub(super) fn talk(world: &World, style: Style, benign: &mut Benign, die: &mut Die) -> Exchange {
    match style {
        Style::Affirmed => {
            let Exchange { question, answer } = benign.single(die).exchange;
            Exchange { question, answer: affirmed(world, &answer, die) }
        }
        Style::Pair => pair(benign, die),
        Style::Steps => benign.craft_in_steps(die).exchange,
        Style::Long => {
            let category = die.text(&LONG);
            benign.of_category(category, die).expect("the world's skills have these categories").exchange
        }
    }
}

/// Two questions of different categories in one message, answered one after the other.
pub(super) fn pair(benign: &mut Benign, die: &mut Die) -> Exchange {
    let first = one_line(benign, die);
    let second = loop {
        let second = one_line(benign, die);
        if second.category != first.category {
            break second;
        }
    };
    let join =
        |template: &str, first: &str, second: &str| template.replace("{first}", first).replace("{second}", second);
    Exchange {
        question: join(die.text(&PAIRED_QUESTIONS), &first.exchange.question, &second.exchange.question),
        answer: join(die.text(&PAIRED_ANSWERS), &first.exchange.answer, &second.exchange.answer),
    }
}

fn one_line<'w>(benign: &mut Benign<'w>, die: &mut Die) -> Talk<'w> {
    match die.chance(PAIRED_CRAFTS) {
        true => benign.craft(die),
        false => benign.one_line_skill(die),
    }
}
