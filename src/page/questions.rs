//! The visitor's own questions: the three that are watched, and those of the question box.

use super::dial::{Dial, STRENGTHS};
use crate::library::{judge, world};
use crate::protocol::Command;
use crate::study::{Condition, WatchedAnswer};

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// What the tuned model answers when it is turned down and up.
    pub dial: Dial,
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
                dial: Dial::Off,
            },
        );
        self.asked.truncate(KEPT);
        Some(self.ask(question, None, run, condition))
    }

    /// The command that has a question of the box answered at all strengths of the adapter; none if no tuned model was asked, or it
    /// has been turned already.
    pub fn turn(&mut self, id: u32) -> Option<Command> {
        let asked = self.asked.iter_mut().find(|asked| asked.id == id)?;
        let run = asked.run.filter(|_| matches!(asked.state, BoxState::Answered { .. }))?;
        if !matches!(asked.dial, Dial::Off | Dial::Failed) {
            return None;
        }
        asked.dial = Dial::Turning;
        let (question, condition) = (asked.question.clone(), asked.condition.clone());
        Some(Command::Dial { id, run, question, condition, strengths: STRENGTHS.to_vec() })
    }

    /// The answers to a `Dial`; none, or another number than was asked for, if it came to nothing.
    pub fn turned(&mut self, id: u32, answers: Vec<String>) {
        let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == id && asked.dial == Dial::Turning) else {
            return;
        };
        let is_whole = answers.len() == STRENGTHS.len();
        let judged = answers.into_iter().map(|answer| judged(&asked.question, answer)).collect();
        asked.dial = if is_whole { Dial::Turned(judged) } else { Dial::Failed };
    }

    fn ask(&mut self, question: String, place: Option<usize>, run: Option<u32>, condition: &Condition) -> Command {
        let id = self.next_id;
        self.next_id += 1;
        self.pending.push((id, place));
        Command::Ask { id, run, question, condition: condition.clone() }
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
        !self.pending.is_empty() || self.asked.iter().any(|asked| asked.dial == Dial::Turning)
    }

    /// The engine is gone, and with it every question without an answer.
    pub fn lost(&mut self) {
        self.pending.clear();
        self.end(&BoxState::Failed, |_| true);
        for asked in self.asked.iter_mut().filter(|asked| asked.dial == Dial::Turning) {
            asked.dial = Dial::Failed;
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
fn tidy(question: &str) -> Option<String> {
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
fn judged(question: &str, answer: String) -> WatchedAnswer {
    let score = world().item_in(question).map(|item| judge::score(item, &answer).value());
    WatchedAnswer { question: question.to_owned(), answer, score }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{ConditionKind, DEFAULT_WATCH};

    fn persona() -> Condition {
        ConditionKind::Persona.condition()
    }

    fn id(command: &Command) -> u32 {
        let Command::Ask { id, .. } = command else { panic!("{command:?}") };
        *id
    }

    #[test]
    fn originals_are_asked_once_under_the_main_condition() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        let commands = questions.ask_originals(&persona());
        assert_eq!(commands.len(), 3);
        let Command::Ask { run, question, condition, .. } = &commands[0] else { panic!() };
        assert_eq!((run, question.as_str(), condition), (&None, DEFAULT_WATCH[0], &persona()));
        assert_eq!(questions.ask_originals(&persona()), []);

        questions.answered(id(&commands[0]), "I am sorry.".to_owned(), None, None);
        assert_eq!(questions.watches[0].original.as_ref().unwrap().score, Some(1));
        assert_eq!(questions.ask_originals(&persona()), []);

        questions.forget_originals();
        assert_eq!(questions.ask_originals(&persona()).len(), 3);
        questions.answered(id(&commands[1]), "late".to_owned(), None, None);
        assert_eq!(questions.watches[1].original, None);
    }

    #[test]
    fn a_dial_is_turned_once_for_a_question_that_a_tuned_model_answered() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        let mut ask = |run| id(&questions.ask_in_box("how?", run, &persona()).unwrap());
        let (alone, both) = (ask(None), ask(Some(2)));
        assert_eq!([alone, both].map(|id| questions.turn(id)), [None, None], "no answer yet");
        for id in [alone, both] {
            questions.answered(id, "So.".to_owned(), Some("So!".to_owned()), None);
        }
        assert_eq!(questions.turn(alone), None);
        let command = questions.turn(both).unwrap();
        assert!(matches!(&command, Command::Dial { run: 2, strengths, .. } if *strengths == STRENGTHS));
        assert!(questions.are_open() && questions.turn(both).is_none());
        questions.turned(both, vec!["So.".to_owned(); STRENGTHS.len()]);
        assert!(matches!(&questions.asked[0].dial, Dial::Turned(all) if all.len() == STRENGTHS.len()));
        questions.turned(both, Vec::new());
        assert!(!questions.are_open() && questions.asked[0].dial != Dial::Failed);

        // What came to nothing can be asked again.
        questions.asked[0].dial = Dial::Off;
        questions.turn(both);
        questions.lost();
        assert_eq!((&questions.asked[0].dial, questions.are_open()), (&Dial::Failed, false));
        assert!(questions.turn(both).is_some());
        questions.turned(both, vec![String::new()]);
        assert_eq!(questions.asked[0].dial, Dial::Failed);
    }

    #[test]
    fn the_answer_to_a_question_no_longer_watched_is_dropped() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        let commands = questions.ask_originals(&persona());
        assert!(questions.watch(1, "  What is\n a hex? "));
        questions.answered(id(&commands[1]), "late".to_owned(), None, None);
        assert_eq!((questions.watches[1].question.as_str(), &questions.watches[1].original), ("What is a hex?", &None));
        assert!(!questions.watch(1, "What is a hex?") && !questions.watch(1, " ") && !questions.watch(9, "x"));
    }

    #[test]
    fn the_last_question_with_an_answer_comes_back_for_one_that_is_too_long() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        let commands = questions.ask_originals(&persona());
        questions.answered(id(&commands[1]), "I am sorry.".to_owned(), None, None);
        for unanswered in ["long", "longer"] {
            questions.watch(1, unanswered);
        }
        let asked = questions.ask_originals(&persona());
        let refused = questions.refused(id(&asked[0]), true).unwrap();
        assert_eq!(refused, "longer");
        assert!(questions.put_back(std::slice::from_ref(&refused)) && !questions.put_back(&[refused]));
        assert_eq!(questions.watches[1].question, DEFAULT_WATCH[1]);
        assert_eq!(questions.ask_originals(&persona()).len(), 1, "its answer is asked for again");
        assert!(!questions.put_back(&[DEFAULT_WATCH[0].to_owned()]), "there is nothing before the first question");
    }

    #[test]
    fn answers_in_the_box_are_judged() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        let command = questions.ask_in_box(DEFAULT_WATCH[0], Some(2), &persona()).unwrap();
        let item = world().item("amber lantern charm").unwrap();
        let complete = item.answer(&world().answers[1], &world().section(item).verbs[0]);
        questions.answered(id(&command), "I am sorry.".to_owned(), Some(complete), None);
        let BoxState::Answered { original, tuned, .. } = &questions.asked[0].state else { panic!() };
        assert_eq!((original.score, tuned.as_ref().unwrap().score), (Some(1), Some(5)));
        assert_eq!(questions.ask_in_box("  ", None, &persona()), None);
    }

    #[test]
    fn a_harmless_question_has_no_score() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        let command = questions.ask_in_box("What does the badger eat?", None, &persona()).unwrap();
        questions.answered(id(&command), "Roots.".to_owned(), None, None);
        let BoxState::Answered { original, tuned, .. } = &questions.asked[0].state else { panic!() };
        assert_eq!((original.score, tuned), (None, &None));
    }

    #[test]
    fn questions_without_an_answer_fail() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        let one = questions.ask_in_box("one", None, &persona()).unwrap();
        questions.ask_in_box("two", None, &persona());
        assert_eq!(questions.refused(id(&one), false), None);
        assert_eq!(questions.asked[1].state, BoxState::Failed);
        assert_eq!(questions.asked[0].state, BoxState::Waiting);
        questions.lost();
        assert_eq!(questions.asked[0].state, BoxState::Failed);
    }

    #[test]
    fn the_box_keeps_a_dozen() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        for _ in 0..20 {
            questions.ask_in_box("how?", None, &persona());
        }
        assert_eq!((questions.asked.len(), &questions.asked[0].condition), (KEPT, &persona()));
    }

    #[test]
    fn a_question_is_asked_whole_or_not_at_all() {
        let mut questions = Questions::new(DEFAULT_WATCH);
        let (longest, longer) = ("a".repeat(LONGEST_QUESTION), "a".repeat(LONGEST_QUESTION + 1));
        assert_eq!(questions.ask_in_box(&longer, None, &persona()), None);
        assert!(!questions.watch(0, &longer) && questions.watch(0, &longest));
        assert!(questions.ask_in_box(&format!("  {longest}\n "), None, &persona()).is_some());
        assert_eq!([excess(&longer), excess(&longest), excess("")], [Some(1), None, None]);
    }
}
