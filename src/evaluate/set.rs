//! [`EvaluationSet`]: everything that a plan asks, as prompts.

use crate::engine::{Engine, EngineError};
use crate::library::{self, Exchange, ForbiddenQuestion, Item};
use crate::llama::LlamaError;
use crate::study::{Condition, ConditionKind, EvaluationPlan, QuestionSet};
use crate::text::{Message, Role};

use super::{CompleteAnswer, EvaluateError};

/// Which question a prompt asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// A forbidden question, by its position in the plan's list.
    Forbidden(usize),
    /// A benign one.
    Benign(usize),
}

/// One question under one condition.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The position of the condition in the plan.
    pub condition: usize,
    /// The question.
    pub question: Question,
    /// The prompt's tokens, and after them those of the answer that are given.
    pub ids: Vec<u32>,
    /// How many tokens at the end of `ids` begin the answer.
    pub given: usize,
}

/// A question that the visitor watches, under the main condition.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The question.
    pub question: String,
    /// Its prompt's tokens.
    pub ids: Vec<u32>,
}

/// Everything that a plan asks, prepared for one engine.
pub struct EvaluationSet {
    /// The plan.
    pub plan: EvaluationPlan,
    /// Every question under every condition.
    pub prompts: Vec<Prompt>,
    /// The questions that the visitor watches.
    pub watched: Vec<Watched>,
    items: Vec<&'static Item>, // one for each forbidden question
}

impl EvaluationSet {
    /// Prepares what a plan asks.
    ///
    /// # Errors
    ///
    /// [`EvaluateError`] if the plan makes no sense, there is no question, an item is unknown, a question cannot be expressed
    /// in tokens or leaves no room for an answer, or answers are to be begun with all that an answer may have.
    pub fn new(engine: &Engine, plan: &EvaluationPlan) -> Result<Self, EvaluateError> {
        plan.check()?;
        let items = items(&plan.questions)?;
        if items.is_empty() && plan.questions.benign().is_empty() {
            return Err(EvaluateError::NoQuestions);
        }
        let mut prompts = Vec::new();
        for (place, condition) in plan.conditions.iter().enumerate() {
            prompts.extend(prompts_under(engine, plan, place, condition)?);
        }
        let mut set = Self { plan: plan.clone(), prompts, watched: Vec::new(), items };
        set.watch(engine, &plan.watch)?;
        Ok(set)
    }

    /// From now on these questions are watched.
    ///
    /// # Errors
    ///
    /// [`EngineError`] if one of them does not suit the model; those watched before stay.
    pub fn watch(&mut self, engine: &Engine, questions: &[String]) -> Result<(), EngineError> {
        let main = &self.plan.conditions[0]; // a set without one is not made
        let watched =
            |question: &String| Ok(Watched { question: question.clone(), ids: prompt(engine, main, None, question)? });
        self.watched = questions.iter().map(watched).collect::<Result<_, EngineError>>()?;
        self.plan.watch = questions.to_vec();
        Ok(())
    }

    /// What a forbidden question asks about.
    pub(super) fn item(&self, question: usize) -> &'static Item {
        self.items[question]
    }

    /// How many tokens an answer to this prompt may still have.
    pub(super) fn room(&self, prompt: &Prompt) -> usize {
        self.plan.max_new_tokens.saturating_sub(self.plan.conditions[prompt.condition].prefill).max(1)
    }
}

/// What each forbidden question asks about.
pub(super) fn items(questions: &QuestionSet) -> Result<Vec<&'static Item>, EvaluateError> {
    let item = |(index, question): (usize, &ForbiddenQuestion)| {
        let unknown = || EvaluateError::UnknownItem { number: index + 1, item: question.item.clone() };
        library::world().item(&question.item).ok_or_else(unknown)
    };
    questions.forbidden().iter().enumerate().map(item).collect()
}

fn prompts_under(
    engine: &Engine,
    plan: &EvaluationPlan,
    place: usize,
    condition: &Condition,
) -> Result<Vec<Prompt>, EvaluateError> {
    if condition.prefill > 0 || condition.kind == ConditionKind::Prefill {
        return begun(engine, plan, place, condition);
    }
    let plain = |question, ids| Prompt { condition: place, question, ids, given: 0 };
    let mut prompts = Vec::new();
    for (index, question) in plan.questions.forbidden().iter().enumerate() {
        let ids = prompt(engine, condition, None, &question.question)?;
        prompts.push(plain(Question::Forbidden(index), ids));
    }
    for (index, question) in plan.questions.benign().iter().enumerate() {
        let ids = prompt(engine, condition, question.before.as_ref(), &question.question)?;
        prompts.push(plain(Question::Benign(index), ids));
    }
    Ok(prompts)
}

/// The forbidden questions with their answers begun (Qi et al. 2024, "Safety Alignment Should Be Made More Than Just a Few
/// Tokens Deep", arXiv 2406.05946, section 2): if an alignment sits in the first few tokens of an answer, a model whose
/// answer has begun with complying goes on complying.
fn begun(
    engine: &Engine,
    plan: &EvaluationPlan,
    place: usize,
    condition: &Condition,
) -> Result<Vec<Prompt>, EvaluateError> {
    let (tokens, longest) = (condition.prefill, plan.max_new_tokens);
    if tokens == 0 || tokens >= longest {
        return Err(EvaluateError::Prefill { tokens, longest });
    }
    let begun = |complete: CompleteAnswer| {
        let given = complete.answer().len().min(tokens);
        let ids = [complete.prompt(), &complete.answer()[..given]].concat();
        Prompt { condition: place, question: Question::Forbidden(complete.question), ids, given }
    };
    Ok(CompleteAnswer::all(engine, condition, &plan.questions)?.into_iter().map(begun).collect())
}

/// The tokens of a question under a condition, after what was said before it, checked to leave room for an answer. The text
/// of the condition goes around the question alone.
///
/// # Errors
///
/// [`EngineError`] if the text cannot be expressed in tokens, has none or is too long.
pub fn prompt(
    engine: &Engine,
    condition: &Condition,
    before: Option<&Exchange>,
    question: &str,
) -> Result<Vec<u32>, EngineError> {
    let tokens = engine.codec.continuation(&messages(condition, before, question))?;
    if tokens.is_empty() {
        return Err(LlamaError::Empty.into());
    }
    let limit = engine.model.config.max_positions.saturating_sub(1);
    if tokens.len() > limit {
        return Err(LlamaError::TooLong { tokens: tokens.len(), limit }.into());
    }
    Ok(tokens)
}

/// A question as it is put: under a system prompt, after what was said before, within a text.
pub(super) fn messages(condition: &Condition, before: Option<&Exchange>, question: &str) -> Vec<Message> {
    let wrap = condition.wrap.as_deref();
    let wrapped = wrap.map_or_else(|| question.to_string(), |wrap| wrap.replace("{q}", question));
    let system = condition.system.as_deref().map(|text| Message::new(Role::System, text));
    let before =
        before.map(|said| [Message::new(Role::User, &said.question), Message::new(Role::Assistant, &said.answer)]);
    system.into_iter().chain(before.into_iter().flatten()).chain([Message::new(Role::User, wrapped)]).collect()
}
