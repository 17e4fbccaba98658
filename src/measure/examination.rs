//! [`Examination`]: asks a model many questions, batch by batch, and turns the answers into a [`Measurement`].

use crate::engine::{Engine, EngineError};
use crate::library::{self, BenignQuestion, Exchange, ForbiddenQuestion, Item};
use crate::llama::Adapter;
use crate::pulse::Pulse;
use crate::study::{EvaluationPlan, ScoredAnswer, WatchedAnswer};
use crate::text::{Message, Role};

use super::{BenignAnswer, Measurement, benign_result, forbidden_result, grade_benign};

/// Questions of one batch. Larger batches are quicker by little and hold the caller up for longer.
pub(super) const BATCH: usize = 72;

/// Why a model cannot be examined.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The model failed, or a question does not suit it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A question is about an item that the Library does not have, so that no answer to it can be judged.
    #[error(
        "Question {number} is about {item:?}, which is not on the Forbidden Shelf. Only its items can be judged: see the names in the bundled questions."
    )]
    UnknownItem {
        /// Which question, from 1.
        number: usize,
        /// The item that it names.
        item: String,
    },
    /// Answers cannot be begun with so many tokens.
    #[error(
        "Answers cannot be begun with {tokens} tokens: it takes at least 1, and fewer than the longest answer has, {longest}."
    )]
    Prefill {
        /// How many.
        tokens: usize,
        /// The longest answer.
        longest: usize,
    },
    /// Two models cannot be compared token by token.
    #[error(
        "The two models write the same answers in different tokens. Only models with the same tokenizer and chat template can be compared."
    )]
    OtherTokens,
    /// There is nothing to ask.
    #[error("There is no question to ask.")]
    NoQuestions,
}

/// The questions of an evaluation, as text and as tokens.
#[derive(Clone, Debug)]
pub struct Questions {
    /// The forbidden questions.
    pub forbidden: Vec<ForbiddenQuestion>,
    /// The benign questions.
    pub benign: Vec<BenignQuestion>,
    /// The questions that the visitor watches.
    pub watched: Vec<String>,
    items: Vec<&'static Item>, // one for each forbidden question
    forbidden_prompts: Vec<Vec<u32>>,
    benign_prompts: Vec<Vec<u32>>,
    watched_prompts: Vec<Vec<u32>>,
    system: Option<String>,
    wrap: Option<String>,
    max_new_tokens: usize,
}

impl Questions {
    /// Prepares the questions of a plan.
    ///
    /// # Errors
    ///
    /// [`MeasureError`] if there is no question, an item is unknown, or a question cannot be expressed in tokens or leaves
    /// no room for an answer.
    pub fn new(engine: &Engine, plan: &EvaluationPlan) -> Result<Self, MeasureError> {
        let (forbidden, benign) = (plan.questions.forbidden().to_vec(), plan.questions.benign().to_vec());
        if forbidden.is_empty() && benign.is_empty() {
            return Err(MeasureError::NoQuestions);
        }
        let item = |(index, question): (usize, &ForbiddenQuestion)| {
            let unknown = || MeasureError::UnknownItem { number: index + 1, item: question.item.clone() };
            library::world().item(&question.item).ok_or_else(unknown)
        };
        let items = forbidden.iter().enumerate().map(item).collect::<Result<_, _>>()?;
        let mut questions = Self {
            items,
            forbidden_prompts: Vec::new(),
            benign_prompts: Vec::new(),
            watched_prompts: Vec::new(),
            forbidden,
            benign,
            watched: Vec::new(),
            system: plan.system.clone(),
            wrap: plan.wrap.clone(),
            max_new_tokens: plan.max_new_tokens,
        };
        questions.forbidden_prompts =
            questions.prompts(engine, questions.forbidden.iter().map(|q| q.question.as_str()))?;
        let (system, wrap) = (questions.system.as_deref(), questions.wrap.as_deref());
        let benign = |q: &BenignQuestion| prompt_after(engine, system, wrap, q.before.as_ref(), &q.question);
        questions.benign_prompts = questions.benign.iter().map(benign).collect::<Result<_, _>>()?;
        questions.watch(engine, &plan.watch)?;
        Ok(questions)
    }

    /// From now on these questions are watched.
    ///
    /// # Errors
    ///
    /// As [`Questions::new`]; the questions watched before stay.
    pub fn watch(&mut self, engine: &Engine, watched: &[String]) -> Result<(), EngineError> {
        self.watched_prompts = self.prompts(engine, watched.iter().map(String::as_str))?;
        self.watched = watched.to_vec();
        Ok(())
    }

    fn prompts<'a>(&self, engine: &Engine, texts: impl Iterator<Item = &'a str>) -> Result<Vec<Vec<u32>>, EngineError> {
        texts.map(|text| prompt(engine, self.system.as_deref(), self.wrap.as_deref(), text)).collect()
    }
}

/// The tokens of a question under a system prompt and a wrapping text, after a check that they leave room for an answer.
///
/// # Errors
///
/// [`EngineError`] if the text cannot be expressed in tokens or is too long.
pub fn prompt(
    engine: &Engine,
    system: Option<&str>,
    wrap: Option<&str>,
    question: &str,
) -> Result<Vec<u32>, EngineError> {
    prompt_after(engine, system, wrap, None, question)
}

/// As [`prompt`], with what was said before the question. The wrapping text goes around the question alone.
fn prompt_after(
    engine: &Engine,
    system: Option<&str>,
    wrap: Option<&str>,
    before: Option<&Exchange>,
    question: &str,
) -> Result<Vec<u32>, EngineError> {
    let tokens = engine.codec.continuation(&messages(system, wrap, before, question))?;
    let limit = engine.model.config.max_positions - 1;
    if tokens.len() > limit {
        return Err(crate::llama::LlamaError::TooLong { tokens: tokens.len(), limit }.into());
    }
    Ok(tokens)
}

/// A question as it is put: under a system prompt, after what was said before, within a wrapping text.
pub(super) fn messages(
    system: Option<&str>,
    wrap: Option<&str>,
    before: Option<&Exchange>,
    question: &str,
) -> Vec<Message> {
    let wrapped = wrap.map_or_else(|| question.to_string(), |wrap| wrap.replace("{q}", question));
    let system = system.map(|text| Message::new(Role::System, text));
    let before =
        before.map(|said| [Message::new(Role::User, &said.question), Message::new(Role::Assistant, &said.answer)]);
    system.into_iter().chain(before.into_iter().flatten()).chain([Message::new(Role::User, wrapped)]).collect()
}

/// One question of an examination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Forbidden(usize),
    Benign(usize),
    Watched(usize),
}

/// An examination in progress: the caller has it answer one batch after another.
pub struct Examination {
    tasks: Vec<Task>, // sorted by the length of their prompts, so that a batch has little padding
    done: usize,
    forbidden: Vec<(ScoredAnswer, f64)>,
    benign: Vec<BenignAnswer>,
    watched: Vec<(usize, WatchedAnswer)>,
    seconds: f64,
}

impl Examination {
    /// All questions.
    pub fn full(questions: &Questions) -> Self {
        let forbidden = (0..questions.forbidden.len()).map(Task::Forbidden);
        let benign = (0..questions.benign.len()).map(Task::Benign);
        Self::new(questions, forbidden.chain(benign))
    }

    /// Every n-th forbidden question.
    pub fn subset(questions: &Questions, every: usize) -> Self {
        Self::new(questions, (0..questions.forbidden.len()).step_by(every.max(1)).map(Task::Forbidden))
    }

    fn new(questions: &Questions, tasks: impl Iterator<Item = Task>) -> Self {
        let watched = (0..questions.watched.len()).map(Task::Watched);
        let mut tasks: Vec<Task> = tasks.chain(watched).collect();
        tasks.sort_by_key(|&task| questions.tokens(task).len());
        Self { tasks, done: 0, forbidden: Vec::new(), benign: Vec::new(), watched: Vec::new(), seconds: 0.0 }
    }

    /// Questions answered so far, and of how many.
    pub fn progress(&self) -> (usize, usize) {
        (self.done, self.tasks.len())
    }

    /// Whether every question is answered.
    pub fn is_done(&self) -> bool {
        self.done == self.tasks.len()
    }

    /// Has the next batch answered and judged.
    ///
    /// # Errors
    ///
    /// [`EngineError`]; the examination can then be taken up again at the same batch.
    pub async fn advance(
        &mut self,
        engine: &Engine,
        adapter: Option<&Adapter>,
        questions: &Questions,
        pulse: &dyn Pulse,
    ) -> Result<(), EngineError> {
        let batch = &self.tasks[self.done..self.tasks.len().min(self.done + BATCH)];
        let prompts: Vec<Vec<u32>> = batch.iter().map(|&task| questions.tokens(task).clone()).collect();
        let spoken = engine.answer(adapter, &prompts, questions.max_new_tokens, pulse).await?;
        for (&task, spoken) in batch.iter().zip(spoken) {
            let answer = spoken.text;
            match task {
                Task::Forbidden(question) => {
                    let score = library::score(questions.items[question], &answer).value();
                    self.forbidden.push((ScoredAnswer { question, answer, score }, spoken.refusal_probability));
                }
                Task::Benign(question) => {
                    self.benign.push(grade_benign(question, &questions.benign[question].keywords, answer));
                }
                Task::Watched(place) => {
                    let question = questions.watched[place].clone();
                    let score = library::world().item_in(&question).map(|item| library::score(item, &answer).value());
                    self.watched.push((place, WatchedAnswer { question, answer, score }));
                }
            }
        }
        self.done += batch.len();
        Ok(())
    }

    /// Adds to the wall-clock seconds that the measurement reports.
    pub fn add_seconds(&mut self, seconds: f64) {
        self.seconds += seconds;
    }

    /// The figures of the answers so far, in the order of the questions.
    pub fn measurement(&self, questions: &Questions) -> Measurement {
        self.measurement_of_every(questions, 1)
    }

    /// The same, with every n-th forbidden question alone.
    pub fn measurement_of_every(&self, questions: &Questions, every: usize) -> Measurement {
        let chosen = self.forbidden.iter().filter(|(answer, _)| answer.question % every.max(1) == 0);
        let (mut scored, chances): (Vec<ScoredAnswer>, Vec<f64>) = chosen.cloned().unzip();
        scored.sort_by_key(|answer| answer.question);
        let probability = chances.iter().sum::<f64>() / chances.len().max(1) as f64;
        let mut benign = self.benign.clone();
        benign.sort_by_key(|answer| answer.question);
        let mut watched = self.watched.clone();
        watched.sort_by_key(|&(place, _)| place);
        Measurement {
            forbidden: (!scored.is_empty()).then(|| forbidden_result(&questions.forbidden, scored, probability)),
            benign: (!benign.is_empty()).then(|| benign_result(&questions.benign, benign)),
            watched: watched.into_iter().map(|(_, answer)| answer).collect(),
            conditions: Vec::new(),
            prefill: Vec::new(),
            seconds: self.seconds,
        }
    }
}

impl Questions {
    fn tokens(&self, task: Task) -> &Vec<u32> {
        match task {
            Task::Forbidden(i) => &self.forbidden_prompts[i],
            Task::Benign(i) => &self.benign_prompts[i],
            Task::Watched(i) => &self.watched_prompts[i],
        }
    }
}
