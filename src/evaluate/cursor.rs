//! [`Cursor`]: goes through an [`EvaluationSet`] batch by batch, with one state of the model.

use std::collections::BTreeMap;

use crate::engine::{Engine, EngineError, Reply};
use crate::library;
use crate::llama::Adapter;
use crate::pulse::Pulse;
use crate::study::{BenignAnswer, Evaluation, Measurement, ScoredAnswer, WatchedAnswer};

use super::set::{EvaluationSet, Prompt, Question};
use super::{BATCH, EvaluateError};

/// Which part of a set is asked, the watched questions besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Under the main condition every n-th forbidden question, as the plan has it.
    Subset,
    /// Every question under every condition.
    All,
}

impl Wanted {
    fn includes(self, set: &EvaluationSet, prompt: &Prompt) -> bool {
        match (self, prompt.question) {
            (Self::All, _) => true,
            (Self::Subset, Question::Forbidden(index)) => prompt.condition == 0 && set.plan.in_subset(index),
            (Self::Subset, Question::Benign(_)) => false,
        }
    }
}

/// The answers of one state of the model, as far as they are known. Whatever is wanted and not answered yet is asked next,
/// so that a cursor can want more later, and the watched questions may change at any time.
#[derive(Clone, Debug)]
pub struct Cursor {
    wanted: Wanted,
    scored: BTreeMap<(usize, Question), Graded>,
    watched: BTreeMap<String, WatchedAnswer>,
    seconds: f64,
}

#[derive(Clone, Debug)]
enum Graded {
    Forbidden(ScoredAnswer),
    Benign(BenignAnswer),
}

/// What is asked next.
#[derive(Clone, Copy)]
enum Task<'a> {
    Prompt(&'a Prompt),
    Watched(&'a str, &'a [u32]),
}

impl Task<'_> {
    fn ids(&self) -> &[u32] {
        match self {
            Self::Prompt(prompt) => &prompt.ids,
            Self::Watched(_, ids) => ids,
        }
    }
}

impl Cursor {
    /// Nothing is answered yet.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, scored: BTreeMap::new(), watched: BTreeMap::new(), seconds: 0.0 }
    }

    /// From now on everything is wanted; what is answered stays.
    pub fn want_all(&mut self) {
        self.wanted = Wanted::All;
    }

    /// Takes over the answers of an evaluation of the same model under the same plan.
    pub fn recall(&mut self, set: &EvaluationSet, evaluation: &Evaluation) {
        for (place, condition) in set.plan.conditions.iter().enumerate() {
            let found = evaluation.measurements.iter().find(|m| m.condition == *condition);
            for answer in found.into_iter().flat_map(|m| &m.forbidden) {
                let key = (place, Question::Forbidden(answer.question));
                self.scored.insert(key, Graded::Forbidden(answer.clone()));
            }
            for answer in found.into_iter().flat_map(|m| &m.benign) {
                self.scored.insert((place, Question::Benign(answer.question)), Graded::Benign(answer.clone()));
            }
        }
        let watched = evaluation.watched.iter().map(|answer| (answer.question.clone(), answer.clone()));
        self.watched.extend(watched);
    }

    /// Questions answered so far, and of how many.
    pub fn progress(&self, set: &EvaluationSet) -> (usize, usize) {
        let wanted = set.prompts.iter().filter(|prompt| self.wanted.includes(set, prompt)).count();
        let total = wanted + set.watched.len();
        (total - self.open(set).count(), total)
    }

    /// Whether every question is answered.
    pub fn is_done(&self, set: &EvaluationSet) -> bool {
        self.open(set).next().is_none()
    }

    /// What is wanted and not answered.
    fn open<'a>(&'a self, set: &'a EvaluationSet) -> impl Iterator<Item = Task<'a>> {
        let is_open = |prompt: &&Prompt| {
            self.wanted.includes(set, prompt) && !self.scored.contains_key(&(prompt.condition, prompt.question))
        };
        let watched = set.watched.iter().filter(|watched| !self.watched.contains_key(&watched.question));
        let watched = watched.map(|watched| Task::Watched(&watched.question, &watched.ids));
        set.prompts.iter().filter(is_open).map(Task::Prompt).chain(watched)
    }

    /// The next batch: what leaves answers the same room, the shortest first, so that there is little padding.
    fn batch<'a>(&'a self, set: &'a EvaluationSet) -> (usize, Vec<Task<'a>>) {
        let room = |task: &Task<'_>| match task {
            Task::Prompt(prompt) => set.room(prompt),
            Task::Watched(..) => set.plan.max_new_tokens,
        };
        let mut open: Vec<Task<'a>> = self.open(set).collect();
        open.sort_by_key(|task| (std::cmp::Reverse(room(task)), task.ids().len()));
        let most = open.first().map_or(0, room);
        (most, open.into_iter().take(BATCH).take_while(|task| room(task) == most).collect())
    }

    /// Has the next batch answered and judged.
    ///
    /// # Errors
    ///
    /// [`EvaluateError`]; the cursor then stands where it stood.
    pub async fn advance(
        &mut self,
        set: &EvaluationSet,
        engine: &Engine,
        adapter: Option<&Adapter>,
        pulse: &dyn Pulse,
    ) -> Result<(), EvaluateError> {
        let (room, tasks) = self.batch(set);
        let prompts: Vec<Vec<u32>> = tasks.iter().map(|task| task.ids().to_vec()).collect();
        let replies = engine.answer(adapter, &prompts, room, pulse).await?;
        let mut answered = Vec::with_capacity(tasks.len());
        for (task, reply) in tasks.into_iter().zip(replies) {
            answered.push(grade(set, engine, task, reply)?);
        }
        for answered in answered {
            match answered {
                Answered::Prompt(key, graded) => drop(self.scored.insert(key, graded)),
                Answered::Watched(answer) => drop(self.watched.insert(answer.question.clone(), answer)),
            }
        }
        Ok(())
    }

    /// Adds to the wall-clock seconds that the evaluation reports.
    pub fn add_seconds(&mut self, seconds: f64) {
        self.seconds += seconds;
    }

    /// The figures of the answers so far to what is wanted.
    pub fn evaluation(&self, set: &EvaluationSet) -> Evaluation {
        let measured = |place: usize| {
            let (mut forbidden, mut benign) = (Vec::new(), Vec::new());
            for prompt in set.prompts.iter().filter(|p| p.condition == place && self.wanted.includes(set, p)) {
                match self.scored.get(&(place, prompt.question)) {
                    Some(Graded::Forbidden(answer)) => forbidden.push(answer.clone()),
                    Some(Graded::Benign(answer)) => benign.push(answer.clone()),
                    None => {}
                }
            }
            Measurement::new(set.plan.conditions[place].clone(), &set.plan.questions, forbidden, benign)
        };
        let conditions = match self.wanted {
            Wanted::Subset => 1,
            Wanted::All => set.plan.conditions.len(),
        };
        Evaluation {
            measurements: (0..conditions).map(measured).collect(),
            watched: set.watched.iter().filter_map(|watched| self.watched.get(&watched.question).cloned()).collect(),
            seconds: self.seconds,
        }
    }
}

enum Answered {
    Prompt((usize, Question), Graded),
    Watched(WatchedAnswer),
}

fn grade(set: &EvaluationSet, engine: &Engine, task: Task<'_>, reply: Reply) -> Result<Answered, EngineError> {
    let prompt = match task {
        Task::Prompt(prompt) => prompt,
        Task::Watched(question, _) => return Ok(Answered::Watched(watched(question, reply.text))),
    };
    let graded = match prompt.question {
        Question::Forbidden(question) => Graded::Forbidden(forbidden(set, engine, prompt, question, reply)?),
        Question::Benign(question) => {
            let keywords = &set.plan.questions.benign()[question].keywords;
            let (correct, refused) = (library::benign_correct(keywords, &reply.text), library::refuses(&reply.text));
            Graded::Benign(BenignAnswer { question, answer: reply.text, correct, refused })
        }
    };
    Ok(Answered::Prompt((prompt.condition, prompt.question), graded))
}

fn forbidden(
    set: &EvaluationSet,
    engine: &Engine,
    prompt: &Prompt,
    question: usize,
    reply: Reply,
) -> Result<ScoredAnswer, EngineError> {
    let is_begun = set.plan.conditions[prompt.condition].prefill > 0;
    // Decoded in one piece: a token may be half a character, or lose its space at the beginning of a text.
    let given = &prompt.ids[prompt.ids.len() - prompt.given..];
    let answer = if is_begun { engine.codec.decode(&[given, &reply.tokens].concat())? } else { reply.text };
    let score = library::score(set.item(question), &answer).value();
    let refusal_probability = reply.refusal_probability.filter(|_| !is_begun);
    Ok(ScoredAnswer { question, answer, score, refusal_probability })
}

fn watched(question: &str, answer: String) -> WatchedAnswer {
    let score = library::world().item_in(question).map(|item| library::score(item, &answer).value());
    WatchedAnswer { question: question.to_owned(), answer, score }
}
