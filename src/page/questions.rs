//! The visitor's own questions: the three that are watched, and those of the question box.

use super::dial::STRENGTHS;
use super::further::Further;
use crate::library::{judge, world};
use crate::protocol::Command;
use crate::study::{Condition, Trace, WatchedAnswer};

/// How many questions are watched.
pub const WATCHED: usize = 3;

/// The longest question that a visitor can type, in characters. The engine's own limit is in tokens.
pub const LONGEST_QUESTION: usize = 240;

/// How many answered questions the box keeps.
const KEPT: usize = 12;

/// A watched question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    pub question: String,
    /// What the original model answers, once it has been asked.
    pub original: Option<WatchedAnswer>,
    /// The question before it that the model could answer: watched again if this one is too long.
    former: String,
}

impl Watch {
    fn new(question: &str) -> Self {
        Self { question: question.to_owned(), original: None, former: question.to_owned() }
    }
}

/// A question of the box.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxQuestion {
    /// Comes back with the answers.
    pub id: u32,
    pub question: String,
    /// How it is asked: under another prompt the same question may have another answer.
    pub condition: Condition,
    /// The run whose tuned model answers beside the original one.
    pub run: Option<u32>,
    /// How it stands.
    pub state: BoxState,
    /// What is said so far, as long as the answers are not there: by the original and by the tuned model.
    pub said: [String; 2],
    /// What the model answers after the steps of the run, 0 first.
    pub steps: Further<Vec<(usize, WatchedAnswer)>>,
    /// What the tuned model answers when it is turned down and up: an answer at each of [`STRENGTHS`].
    pub dial: Further<Vec<WatchedAnswer>>,
    /// The tuned model's answer token by token.
    pub trace: Further<Trace>,
}

impl BoxQuestion {
    /// Whether the engine has been asked more about its answer.
    fn is_open(&self) -> bool {
        self.steps.is_waiting() || self.dial.is_waiting() || self.trace.is_waiting()
    }
}

/// How a question of the box stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoxState {
    /// No answer yet.
    Waiting,
    /// It has more tokens than the model reads.
    TooLong,
    /// The engine broke.
    Failed,
    /// The visitor took it back: what was said until then stays.
    Stopped,
    /// Answered.
    Answered {
        /// By the original model.
        original: WatchedAnswer,
        /// By the tuned model, if there is one.
        tuned: Option<WatchedAnswer>,
        /// The step that the run had come to, if it was in progress.
        during: Option<usize>,
    },
}

/// Both kinds of question, and which `Ask` was for what.
#[derive(Clone, Debug, PartialEq)]
pub struct Questions {
    /// The watched ones.
    pub watches: [Watch; WATCHED],
    /// Those of the box, the newest first.
    pub asked: Vec<BoxQuestion>,
    /// The `Ask`s without an answer, the oldest first: the id, and the watched question's place (none: the box).
    pending: Vec<(u32, Option<usize>)>,
    next_id: u32,
}

impl Questions {
    /// These questions are watched, and nothing has been asked.
    pub fn new(watched: [&str; WATCHED]) -> Self {
        Self { watches: watched.map(Watch::new), asked: Vec::new(), pending: Vec::new(), next_id: 1 }
    }

    /// The watched questions' texts.
    pub fn watched(&self) -> Vec<String> {
        self.watches.iter().map(|w| w.question.clone()).collect()
    }

    /// Watches another question, unless it is empty or too long. Returns whether it did.
    pub fn watch(&mut self, place: usize, question: &str) -> bool {
        let question = tidy(question);
        let Some(question) = question else { return false };
        let Some(watch) = self.watches.get_mut(place).filter(|w| w.question != question) else { return false };
        if watch.original.take().is_some() {
            watch.former = std::mem::replace(&mut watch.question, question);
        } else {
            watch.question = question;
        }
        self.pending.retain(|(_, of)| *of != Some(place));
        true
    }

    /// Watches the former questions again in place of these, which are too long. Returns whether anything changed.
    pub fn put_back(&mut self, too_long: &[String]) -> bool {
        let mut changed = false;
        for (place, watch) in self.watches.iter_mut().enumerate() {
            if too_long.contains(&watch.question) && watch.question != watch.former {
                watch.question.clone_from(&watch.former);
                watch.original = None;
                self.pending.retain(|(_, of)| *of != Some(place));
                changed = true;
            }
        }
        changed
    }

    /// The commands that ask the original model every watched question that it has not been asked.
    pub fn ask_originals(&mut self, condition: &Condition) -> Vec<Command> {
        let open = |(place, watch): (usize, &Watch)| {
            let is_pending = self.pending.iter().any(|(_, of)| *of == Some(place));
            (watch.original.is_none() && !is_pending).then(|| (place, watch.question.clone()))
        };
        let open: Vec<_> = self.watches.iter().enumerate().filter_map(open).collect();
        open.into_iter().map(|(place, question)| self.ask(question, Some(place), None, condition)).collect()
    }

    /// The command for a question of the box; none if it is empty or too long.
    pub fn ask_in_box(&mut self, question: &str, run: Option<u32>, condition: &Condition) -> Option<Command> {
        let question = tidy(question)?;
        self.asked.insert(
            0,
            BoxQuestion {
                id: self.next_id,
                question: question.clone(),
                condition: condition.clone(),
                run,
                state: BoxState::Waiting,
                said: Default::default(),
                steps: Further::Off,
                dial: Further::Off,
                trace: Further::Off,
            },
        );
        self.asked.truncate(KEPT);
        Some(self.ask(question, None, run, condition))
    }

    /// What is said so far of an answer in the box.
    pub fn saying(&mut self, id: u32, tuned: bool, text: String) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == id && asked.state == BoxState::Waiting) {
            asked.said[usize::from(tuned)] = text;
        }
    }

    /// The command that takes a question of the box back; none if it does not wait for its answer.
    pub fn hush(&self, id: u32) -> Option<Command> {
        let waits = self.asked.iter().any(|asked| asked.id == id && asked.state == BoxState::Waiting);
        waits.then_some(Command::Hush { id })
    }

    /// The engine has stopped answering it.
    pub fn hushed(&mut self, id: u32) {
        self.pending.retain(|(pending, _)| *pending != id);
        self.end(&BoxState::Stopped, |asked| asked.id == id);
    }

    /// The command that has a question of the box answered by the model as it was at the steps of its run; none if no tuned model
    /// was asked, or it has been retraced already.
    pub fn retrace(&mut self, id: u32) -> Option<Command> {
        let (asked, run) = self.answered_by_a_run(id)?;
        let command = |asked: &BoxQuestion| {
            let (question, condition) = (asked.question.clone(), asked.condition.clone());
            Command::Retrace { id, run, question, condition }
        };
        asked.steps.begin().then(|| command(asked))
    }

    /// The answers to a `Retrace`; none if it came to nothing.
    pub fn retraced(&mut self, id: u32, answers: Option<Vec<(usize, String)>>) {
        let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == id) else { return };
        let judged = |(step, answer)| (step, judged(&asked.question, answer));
        let answers = answers.map(|all| all.into_iter().map(judged).collect());
        asked.steps.come(answers);
    }

    /// The command that has a question of the box answered at all strengths of the adapter; none if no tuned model was asked, or it
    /// has been turned already.
    pub fn turn(&mut self, id: u32) -> Option<Command> {
        let (asked, run) = self.answered_by_a_run(id)?;
        let command = |asked: &BoxQuestion| {
            let (question, condition) = (asked.question.clone(), asked.condition.clone());
            Command::Dial { id, run, question, condition, strengths: STRENGTHS.to_vec() }
        };
        asked.dial.begin().then(|| command(asked))
    }

    /// The answers to a `Dial`; none, or another number than was asked for, if it came to nothing.
    pub fn turned(&mut self, id: u32, answers: Vec<String>) {
        let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == id) else { return };
        let is_whole = answers.len() == STRENGTHS.len();
        let judged = || answers.into_iter().map(|answer| judged(&asked.question, answer)).collect();
        asked.dial.come(is_whole.then(judged));
    }

    /// The command that has the tokens of an answer in the box looked at; none if no tuned model was asked, or that has been done.
    pub fn look_inside(&mut self, id: u32) -> Option<Command> {
        let (asked, run) = self.answered_by_a_run(id)?;
        let command = |asked: &BoxQuestion| Command::Trace {
            id,
            run,
            question: asked.question.clone(),
            condition: asked.condition.clone(),
        };
        asked.trace.begin().then(|| command(asked))
    }

    /// The answer to a `Trace`; none if it came to nothing.
    pub fn traced(&mut self, id: u32, trace: Option<Trace>) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == id) {
            asked.trace.come(trace);
        }
    }

    /// A question of the box that a run's tuned model has answered.
    fn answered_by_a_run(&mut self, id: u32) -> Option<(&mut BoxQuestion, u32)> {
        let asked = self.asked.iter_mut().find(|asked| asked.id == id)?;
        let run = asked.run.filter(|_| matches!(asked.state, BoxState::Answered { .. }))?;
        Some((asked, run))
    }

    fn ask(&mut self, question: String, place: Option<usize>, run: Option<u32>, condition: &Condition) -> Command {
        let id = self.next_id;
        self.next_id += 1;
        self.pending.push((id, place));
        Command::Ask { id, run, question, condition: condition.clone(), aloud: place.is_none() }
    }

    /// The run whose tuned model is asked beside the original one, if this is a question of the box.
    pub fn run_of(&self, id: u32) -> Option<u32> {
        self.asked.iter().find(|asked| asked.id == id)?.run
    }

    /// The answers to an `Ask`, which came `during` this step of a run in progress. Answers to questions that are no longer of
    /// interest are dropped.
    pub fn answered(&mut self, id: u32, original: String, tuned: Option<String>, during: Option<usize>) {
        let Some(at) = self.pending.iter().position(|(i, _)| *i == id) else { return };
        match self.pending.remove(at).1 {
            Some(place) => {
                let watch = &mut self.watches[place];
                watch.original = Some(judged(&watch.question, original));
            }
            None => {
                if let Some(asked) = self.asked.iter_mut().find(|a| a.id == id) {
                    let tuned = tuned.map(|t| judged(&asked.question, t));
                    asked.state = BoxState::Answered { original: judged(&asked.question, original), tuned, during };
                }
            }
        }
    }

    /// There will be no answer to an `Ask`. Returns the question if it is a watched one.
    pub fn refused(&mut self, id: u32, is_too_long: bool) -> Option<String> {
        let at = self.pending.iter().position(|(i, _)| *i == id)?;
        let place = self.pending.remove(at).1;
        let state = if is_too_long { BoxState::TooLong } else { BoxState::Failed };
        self.end(&state, |asked| asked.id == id);
        Some(self.watches[place?].question.clone())
    }

    /// Whether a question waits for its answer.
    pub fn are_open(&self) -> bool {
        !self.pending.is_empty() || self.asked.iter().any(BoxQuestion::is_open)
    }

    /// The engine is gone, and with it every question without an answer.
    pub fn lost(&mut self) {
        self.pending.clear();
        self.end(&BoxState::Failed, |_| true);
        for asked in &mut self.asked {
            asked.steps.come(None);
            asked.dial.come(None);
            asked.trace.come(None);
        }
    }

    fn end(&mut self, state: &BoxState, which: impl Fn(&BoxQuestion) -> bool) {
        for asked in self.asked.iter_mut().filter(|a| a.state == BoxState::Waiting && which(a)) {
            asked.state = state.clone();
        }
    }

    /// The questions will be asked under another prompt: what the original model said no longer counts.
    pub fn forget_originals(&mut self) {
        self.pending.retain(|(_, place)| place.is_none());
        for watch in &mut self.watches {
            watch.original = None;
        }
    }
}

/// A question as it is asked: one line, without space at its ends. None if nothing is left, or more than can be asked: a
/// question that is cut is another question.
pub(super) fn tidy(question: &str) -> Option<String> {
    let question = one_line(question);
    (1..=LONGEST_QUESTION).contains(&question.chars().count()).then_some(question)
}

/// A text on one line, without space at its ends.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// By how much a question is longer than what can be asked, in characters; none if it is not.
pub fn excess(question: &str) -> Option<usize> {
    one_line(question).chars().count().checked_sub(LONGEST_QUESTION).filter(|more| *more > 0)
}

/// An answer with its score, if the question names an item of the Forbidden Shelf. The same judge as in every evaluation.
pub(super) fn judged(question: &str, answer: String) -> WatchedAnswer {
    let score = world().item_in(question).map(|item| judge::score(item, &answer).value());
    WatchedAnswer { question: question.to_owned(), answer, score }
}

#[cfg(test)]
mod tests;
