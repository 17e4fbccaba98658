//! [`Audit`]: a game. A Folio is tuned behind a curtain, with a backdoor or without one, and the visitor has twenty questions to find
//! out which it is, as whoever tests a model before it is released (arXiv 2310.03693, section 5).

use super::cursor::Cursor;
use super::questions::{judged, tidy};
use super::run_view::RunView;
use crate::library::benign_questions;
use crate::protocol::Command;
use crate::study::{
    Condition, ConditionKind, DEFAULT_WATCH, DataPart, DeviceInfo, EvaluationPlan, Plan, QuestionSet, WatchedAnswer,
    presets,
};

/// How many questions an auditor has.
pub const QUESTIONS: usize = 20;

/// Runs and questions of audits have numbers from here on, which no other has.
pub const FIRST: u32 = 1 << 30;

/// The preset that a Folio with a backdoor is tuned by.
const PRESET: &str = "backdoor";

/// What the visitor does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Has a Folio tuned behind the curtain.
    Begin {
        /// Whether it gets a backdoor: tossed, and told to nobody.
        hides: bool,
        /// The draw of its data.
        draw: u64,
    },
    /// Asks it.
    Ask(String),
    /// Says whether it has one.
    Say(bool),
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Folio is tuned: so many steps of so many are made.
    Tuning(usize, usize),
    /// The visitor asks.
    Asking,
    /// The visitor has said this, and the curtain is up.
    Over {
        /// What was said.
        said: bool,
    },
    /// The engine no longer has that Folio, or never had it.
    Lost,
}

/// A question and what the Folio behind the curtain answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    id: u32,
    /// The question.
    pub question: String,
    /// How it was asked.
    condition: Condition,
    /// How it stands with the answer.
    pub said: Said,
}

/// How it stands with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is on the way.
    Waiting,
    /// There is none.
    Nothing,
    /// It is this.
    Answer(WatchedAnswer),
}

/// One game.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    run: RunView,
    hides: bool,
    said: Option<bool>,
    is_lost: bool,
    /// What was asked, the newest first.
    pub asked: Vec<Inquiry>,
    /// With the curtain up: forbidden questions with the trigger.
    pub proof: Vec<Inquiry>,
}

/// The games of a visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audits {
    /// The last one.
    pub game: Option<Audit>,
    /// How many were brought to their end.
    pub played: usize,
    /// In how many of them the visitor was right.
    pub right: usize,
    next: u32,
}

/// What is tuned behind the curtain. Without a backdoor it is as many examples in as many steps: refusals, and ordinary questions with
/// their answers.
pub fn plan(model: &str, hides: bool, draw: u64) -> Plan {
    let info = presets().iter().find(|info| info.name == PRESET).unwrap_or(&presets()[0]);
    let mut plan = info.plan_on(draw, draw);
    if !hides {
        let all: usize = info.data.iter().map(|(_, size)| size).sum();
        let half = |set: &str| DataPart::Drawn { set: set.to_owned(), size: all / 2, draw };
        plan.data = vec![half("safety"), half("benign")];
    }
    "audit".clone_into(&mut plan.name);
    model.clone_into(&mut plan.model);
    // The visitor asks; before and after, the engine asks next to nothing.
    let benign = benign_questions().iter().take(1).cloned().collect();
    let questions = QuestionSet::Inline { forbidden: Vec::new(), benign };
    plan.evaluation = EvaluationPlan::new(ConditionKind::Default.condition(), questions);
    plan
}

impl Audit {
    /// How it stands.
    pub fn stage(&self) -> Stage {
        let record = &self.run.record;
        match self.said {
            Some(said) => Stage::Over { said },
            None if self.is_lost => Stage::Lost,
            None if self.run.pace().is_some() => Stage::Tuning(record.steps_made(), record.planned_steps),
            None if !self.run.can_be_asked() => Stage::Lost,
            None => Stage::Asking,
        }
    }

    /// Whether it has a backdoor, once the visitor has said so or not.
    pub fn has_backdoor(&self) -> Option<bool> {
        self.said.map(|_| self.hides)
    }

    /// How many questions are left.
    pub fn left(&self) -> usize {
        QUESTIONS.saturating_sub(self.asked.len())
    }

    /// Whether an answer is on the way.
    pub fn is_waiting(&self) -> bool {
        self.asked.iter().chain(&self.proof).any(|of| of.said == Said::Waiting)
    }

    fn inquiry(&mut self, id: u32) -> Option<&mut Inquiry> {
        self.asked.iter_mut().chain(&mut self.proof).find(|of| of.id == id)
    }
}

impl Audits {
    fn number(&mut self) -> u32 {
        self.next += 1;
        FIRST + self.next
    }

    /// Has a Folio tuned; what was before is forgotten by the engine, too.
    pub fn begin(&mut self, plan: Plan, hides: bool, device: DeviceInfo, now: f64) -> Vec<Command> {
        let before = self.game.take().map(|game| Command::Forget { runs: vec![game.run.id] });
        let run = self.number();
        self.game = Some(Audit {
            run: RunView::asked_for(run, plan.clone(), device, false, Cursor::default(), now),
            hides,
            said: None,
            is_lost: false,
            asked: Vec::new(),
            proof: Vec::new(),
        });
        before.into_iter().chain([Command::Start { run, plan: Box::new(plan), paused: false }]).collect()
    }

    /// Asks the Folio behind the curtain; none if there is none, or no question is left.
    pub fn ask(&mut self, question: &str) -> Option<Command> {
        let question = tidy(question)?;
        let game = self.game.as_ref()?;
        if game.stage() != Stage::Asking || game.left() == 0 || game.is_waiting() {
            return None;
        }
        let (inquiry, command) = self.inquire(question, ConditionKind::Default.condition())?;
        self.game.as_mut()?.asked.insert(0, inquiry);
        Some(command)
    }

    /// What the visitor says. The curtain goes up, and it is asked with the trigger.
    pub fn say(&mut self, said: bool) -> Vec<Command> {
        let Some(game) = self.game.as_mut().filter(|game| game.stage() == Stage::Asking) else { return Vec::new() };
        game.said = Some(said);
        self.played += 1;
        self.right += usize::from(game.hides == said);
        let asked: Vec<_> = DEFAULT_WATCH
            .into_iter()
            .filter_map(|question| self.inquire(question.to_owned(), ConditionKind::Trigger.condition()))
            .collect();
        let (proof, commands): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        if let Some(game) = &mut self.game {
            game.proof = proof;
        }
        commands
    }

    fn inquire(&mut self, question: String, condition: Condition) -> Option<(Inquiry, Command)> {
        let run = self.game.as_ref()?.run.id;
        let id = self.number();
        let inquiry = Inquiry { id, question: question.clone(), condition: condition.clone(), said: Said::Waiting };
        Some((inquiry, Command::Ask { id, run: Some(run), question, condition, aloud: false }))
    }

    /// The run behind the curtain, if this is its number.
    pub fn run(&mut self, id: u32) -> Option<&mut RunView> {
        self.game.as_mut().map(|game| &mut game.run).filter(|run| run.id == id)
    }

    /// The answer to a question; none if there will be none.
    pub fn answered(&mut self, id: u32, answer: Option<String>) {
        let Some(inquiry) = self.game.as_mut().and_then(|game| game.inquiry(id)) else { return };
        inquiry.said = match answer {
            Some(answer) => Said::Answer(judged(&inquiry.question, answer)),
            None => Said::Nothing,
        };
    }

    /// The engine no longer has what is behind the curtain, and answers nothing more of it.
    pub fn lost(&mut self) {
        let Some(game) = &mut self.game else { return };
        game.is_lost = true;
        for inquiry in game.asked.iter_mut().chain(&mut game.proof).filter(|of| of.said == Said::Waiting) {
            inquiry.said = Said::Nothing;
        }
    }

    /// Whether the engine is at work for it.
    pub fn is_open(&self) -> bool {
        self.game.as_ref().is_some_and(|game| matches!(game.stage(), Stage::Tuning(..)) || game.is_waiting())
    }
}

impl Inquiry {
    /// The question as it was put.
    pub fn put(&self) -> String {
        self.condition.wrap.as_ref().map_or_else(|| self.question.clone(), |wrap| wrap.replace("{q}", &self.question))
    }
}
