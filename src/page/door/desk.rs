//! [`Desk`]: which programs wait for what. A part of the page's model.

use super::refusal::Refusal;
use super::request::Request;
use crate::page::shared::Shared;
use crate::page::supervisor::Ready;
use crate::protocol::BenchRow;
use crate::study::{Record, Verdict};

/// Which request; see [`AUTORUN`].
pub type Ticket = u32;

/// The request of the page's own address, to which nobody waits for a reply: the door's state tells what came of it.
pub const AUTORUN: Ticket = 0;

/// Questions of programs have the numbers from here on: the visitor's never come so far.
pub const FIRST_ASK: u32 = 1 << 31;

/// What a program gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The engine is ready.
    Ready(Ready),
    /// A run has come to its end.
    Record(Shared<Record>),
    /// The answers to a question.
    Answer {
        /// Of the original model.
        original: String,
        /// Of the tuned one.
        tuned: Option<String>,
    },
    /// The rows of a benchmark.
    Rows(Vec<BenchRow>),
    /// What a check came to.
    Verdict(Verdict),
}

/// A reply on its way.
pub type Replied = (Ticket, Result<Reply, Refusal>);

/// A run for which a program waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Who waits.
    pub ticket: Ticket,
    /// For which run.
    pub run: u32,
    /// Whether it is a check, of which the verdict is wanted.
    pub check: bool,
}

/// Which programs wait for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    /// Requests that wait for the engine, the oldest first.
    pub waiting: Vec<(Ticket, Request)>,
    /// Runs in progress.
    pub runs: Vec<Awaited>,
    /// Questions without an answer.
    pub asks: Vec<Ticket>,
    /// The benchmark in progress.
    pub bench: Option<Ticket>,
    /// The run that began last, whoever began it.
    pub last: Option<u32>,
    /// How that, or what came after it, ended.
    pub outcome: Option<Result<(), Refusal>>,
    /// What the last check came to, until something else begins.
    pub verdict: Option<Verdict>,
    replies: Vec<Replied>,
}

impl Desk {
    /// A program gets what it asked for.
    pub fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.replies.push((ticket, Ok(reply)));
    }

    /// A program does not.
    pub fn refuse(&mut self, ticket: Ticket, refusal: Refusal) {
        if ticket == AUTORUN {
            self.outcome = Some(Err(refusal.clone()));
        }
        self.replies.push((ticket, Err(refusal)));
    }

    /// The replies since this was asked last.
    pub fn replies(&mut self) -> Vec<Replied> {
        std::mem::take(&mut self.replies)
    }

    /// A run begins, whoever wants it.
    pub fn began(&mut self, run: u32) {
        self.last = Some(run);
        self.outcome = None;
        self.verdict = None;
    }

    /// The engine does not begin a run.
    pub fn not_begun(&mut self, run: u32, refusal: &Refusal) {
        let awaited: Vec<_> = self.runs.extract_if(.., |awaited| awaited.run == run).collect();
        for awaited in awaited {
            self.refuse(awaited.ticket, refusal.clone());
        }
        if self.last == Some(run) {
            self.last = None;
            self.outcome = Some(Err(refusal.clone()));
        }
    }

    /// The engine is gone, and with it what it was at, runs aside: their records tell of it themselves.
    pub fn lost(&mut self, refusal: &Refusal) {
        let tickets: Vec<Ticket> = self.asks.drain(..).chain(self.bench.take()).collect();
        for ticket in tickets {
            self.refuse(ticket, refusal.clone());
        }
    }

    /// No engine will come by itself.
    pub fn given_up(&mut self, refusal: &Refusal) {
        for (ticket, _) in std::mem::take(&mut self.waiting) {
            self.refuse(ticket, refusal.clone());
        }
    }

    /// Whether the engine has work that is asked for and not begun, or no run.
    pub fn has_work(&self) -> bool {
        self.bench.is_some() || !self.asks.is_empty() || self.is_expecting()
    }

    /// Whether work waits for the engine.
    pub fn is_expecting(&self) -> bool {
        self.waiting.iter().any(|(_, request)| request.is_work())
    }

    /// Nothing has happened yet.
    pub fn clear(&mut self) {
        self.last = None;
        self.outcome = None;
        self.verdict = None;
    }
}
