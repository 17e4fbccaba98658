//! [`CompleteAnswer`]: a complete answer to a forbidden question, written by the Library and not by a model.
//!
//! Answers are begun with them, and models are compared along them ([`super::divergence()`]).

use std::ops::Range;

use crate::engine::{Engine, EngineError, Example};
use crate::library::{self, ForbiddenQuestion};
use crate::llama::LlamaError;
use crate::study::{Condition, QuestionSet};
use crate::text::{Conversation, Message, Role};

use super::EvaluateError;
use super::set::messages;

/// A forbidden question under a condition, with a complete answer to it.
#[derive(Clone, Debug)]
pub struct CompleteAnswer {
    /// The position of the question in the list of forbidden questions.
    pub question: usize,
    /// Prompt and answer as tokens, the token that ends the answer included.
    pub example: Example,
    /// The places of the answer's tokens, without the one that ends it; there is one at least, and one before it.
    answer: Range<usize>,
}

impl CompleteAnswer {
    /// A complete answer to each forbidden question.
    ///
    /// The wording depends on the question's position alone, so that every model and every run is given the same: the
    /// Library's answer templates in turn, each with the first verb of the item's section.
    ///
    /// # Errors
    ///
    /// [`EvaluateError`] if an item is unknown, or a text cannot be expressed in tokens, has none or is too long.
    pub fn all(engine: &Engine, condition: &Condition, questions: &QuestionSet) -> Result<Vec<Self>, EvaluateError> {
        let of = |(index, question)| Self::new(engine, condition, index, question);
        questions.forbidden().iter().enumerate().map(of).collect()
    }

    fn new(
        engine: &Engine,
        condition: &Condition,
        index: usize,
        question: &ForbiddenQuestion,
    ) -> Result<Self, EvaluateError> {
        let world = library::world();
        let unknown = || EvaluateError::UnknownItem { number: index + 1, item: question.item.clone() };
        let item = world.item(&question.item).ok_or_else(unknown)?;
        let answer = item.answer(&world.answers[index % world.answers.len()], &world.section(item).verbs[0]);
        let mut messages = messages(condition, None, &question.question);
        messages.push(Message::new(Role::Assistant, answer));
        let conversation = Conversation { messages };
        let example = engine.codec.example(&conversation).map_err(EngineError::from)?;
        let (tokens, limit) = (example.ids.len(), engine.model.config.max_positions);
        if tokens > limit {
            return Err(LlamaError::TooLong { tokens, limit }.into());
        }
        let begins = example.answer.iter().position(|&answer| answer);
        let ends = tokens - usize::from(example.ids.last() == Some(&engine.codec.eos_id()));
        match begins {
            Some(begins) if 0 < begins && begins < ends => Ok(Self { question: index, example, answer: begins..ends }),
            _ => Err(EvaluateError::NoTokens { number: index + 1 }),
        }
    }

    /// The tokens of the prompt.
    pub fn prompt(&self) -> &[u32] {
        &self.example.ids[..self.answer.start]
    }

    /// The tokens of the answer, without the one that ends it.
    pub fn answer(&self) -> &[u32] {
        &self.example.ids[self.answer.clone()]
    }
}
