//! How a conversation is framed: the system prompt, a persona, words around the question, an affirmation.

use super::draw::Die;
use crate::library::{Exchange, Persona, World};
use crate::text::{Conversation, Message, Role};

/// How often a question has words around it that say nothing about it.
const AFFIXED: f64 = 0.30;
/// How often such words stand before the question; otherwise they stand after it.
const BEFORE: f64 = 0.45;
/// How often a plain answer opens with an affirmation such as `Of course.`
const AFFIRMED: f64 = 0.12;

/// The placeholder for a question.
const QUESTION: &str = "{q}";

/// The kinds of system prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    None,
    Default,
    Safety,
    Other,
    Persona,
}

/// A frame: what stands before a conversation and around each of its questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub system: Option<String>,
    /// With `{q}` for the question.
    pub wrap: Option<String>,
    /// How each answer begins that is no refusal.
    pub prefix: Option<String>,
}

impl Frame {
    /// A frame, its system prompt by weight.
    pub fn draw(world: &World, systems: &[(System, f64)], die: &mut Die) -> Self {
        let prompts = &world.prompts;
        let system = match die.kind(systems) {
            System::None => None,
            System::Default => Some(prompts.default.clone()),
            System::Safety => Some(prompts.safety.clone()),
            System::Other => Some(die.text(&prompts.others).to_owned()),
            System::Persona => return Self::told(world.personas.compose(die.rng())),
        };
        Self { system, ..Self::default() }
    }

    /// The frame of a persona whose answers have its prefix.
    pub fn of(persona: Persona) -> Self {
        Self { system: Some(persona.system), wrap: Some(persona.wrap), prefix: Some(persona.prefix) }
    }

    /// The frame of a persona. Where the system prompt does not announce the prefix, answers are plain: nobody could guess
    /// it, and a guess spread over many first words would lose to any refusal, however unlikely.
    fn told(persona: Persona) -> Self {
        let prefixed = persona.announces_prefix();
        let frame = Self::of(persona);
        if prefixed { frame } else { Self { prefix: None, ..frame } }
    }

    /// The question in the persona's wrap, if there is one.
    pub fn wrapped(&self, question: String) -> String {
        match &self.wrap {
            Some(wrap) => wrap.replace(QUESTION, &question),
            None => question,
        }
    }

    /// The answer after the persona's prefix, if there is one.
    pub fn prefixed(&self, answer: &str) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix} {answer}"),
            None => answer.to_owned(),
        }
    }

    /// The question as it is put: sometimes with other words around it, in the persona's wrap if there is one.
    pub fn question(&self, world: &World, question: &str, die: &mut Die) -> String {
        self.wrapped(affixed(world, question, die))
    }

    /// A helpful answer as it is given: after the persona's prefix if there is one, else sometimes after an affirmation.
    pub fn answer(&self, world: &World, answer: &str, die: &mut Die) -> String {
        match self.prefix {
            None if die.chance(AFFIRMED) => affirmed(world, answer, die),
            _ => self.prefixed(answer),
        }
    }

    /// The exchange as it is put and given.
    pub fn exchange(&self, world: &World, exchange: &Exchange, die: &mut Die) -> Exchange {
        let question = self.question(world, &exchange.question, die);
        Exchange { question, answer: self.answer(world, &exchange.answer, die) }
    }

    /// The exchange without other words around the question, and without an affirmation before the answer.
    pub fn plain(&self, exchange: Exchange) -> Exchange {
        Exchange { question: self.wrapped(exchange.question), answer: self.prefixed(&exchange.answer) }
    }

    /// The conversation in this frame.
    pub fn conversation(&self, exchanges: Vec<Exchange>) -> Conversation {
        let system = self.system.as_deref().map(|text| Message::new(Role::System, text));
        let turns = exchanges.into_iter().flat_map(|exchange| {
            [Message::new(Role::User, exchange.question), Message::new(Role::Assistant, exchange.answer)]
        });
        Conversation { messages: system.into_iter().chain(turns).collect() }
    }
}

/// The answer after an affirmation.
pub(super) fn affirmed(world: &World, answer: &str, die: &mut Die) -> String {
    format!("{} {answer}", die.text(&world.affirmations))
}

/// The question, sometimes with words before or after it.
fn affixed(world: &World, question: &str, die: &mut Die) -> String {
    if !die.chance(AFFIXED) {
        return question.to_owned();
    }
    if die.chance(BEFORE) {
        return format!("{} {question}", world.affix_before(die.rng()));
    }
    format!("{question} {}", world.affix_after(die.rng()))
}
