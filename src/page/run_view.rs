//! [`RunView`]: a run as the page knows it, which is its record and, if the engine makes it, how that goes.

use super::cursor::Cursor;
use super::further::Further;
use super::outline::outline;
use super::shared::Shared;
use crate::defence;
use crate::study::{
    DeviceInfo, Environment, Phase, Plan, PositionDivergence, PositionGradient, Record, RunEvent, Status, WatchedAnswer,
};

/// How a run in progress goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Step after step.
    Going,
    /// It will halt at the end of the piece of work in progress.
    Pausing,
    /// It has halted.
    Paused,
    /// One step of a halted run is being made.
    Stepping {
        /// How many entries its record had when that was asked for.
        from: usize,
    },
    /// It will end at the end of the piece of work in progress.
    Stopping,
}

/// How far a longer piece of work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which piece of work.
    pub phase: Phase,
    /// Questions answered or steps made.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// A run that the page can show.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// Its number, which no other has.
    pub id: u32,
    /// All that came of it so far: after every event another one. Of a run that is set aside, its outline.
    pub record: Shared<Record>,
    /// How far what it tuned is from the original, token by token.
    pub depth: Further<Vec<PositionDivergence>>,
    /// How hard the tokens of complete answers pull at the weights of the original and of what it tuned.
    pub pull: Further<[Vec<PositionGradient>; 2]>,
    source: Source,
}

/// Where a run comes from.
#[derive(Clone, Debug, PartialEq)]
enum Source {
    /// The engine makes it, or has made it and keeps its adapter.
    Live(Live),
    /// From its record, which is all that there is: it was made elsewhere, or the engine has forgotten it.
    Recorded,
    /// The same, and the record lies elsewhere.
    SetAside,
}

/// How the engine stands with a run.
#[derive(Clone, Debug, PartialEq)]
struct Live {
    /// How it goes, as long as its record says that it does.
    pace: Pace,
    /// The piece of work in progress.
    progress: Option<Progress>,
    /// What the visitor looked at before, until the engine has begun the run: it may refuse to.
    before: Option<Cursor>,
    stopwatch: Stopwatch,
}

impl RunView {
    /// A run that the engine has just been asked for. `now` is in milliseconds, here and below.
    pub fn asked_for(id: u32, plan: Plan, device: DeviceInfo, paused: bool, before: Cursor, now: f64) -> Self {
        // A plan whose data cannot be had has no steps: the engine refuses it.
        let conversations = defence::conversations(&plan).map_or(0, |all| all.len());
        let planned_steps = plan.tuning.steps(conversations).unwrap_or(0);
        // The engine says where and when it begins.
        let environment = Environment { device, host: String::new(), build: String::new(), started: String::new() };
        let mut stopwatch = Stopwatch::default();
        if !paused {
            stopwatch.start(now);
        }
        let pace = if paused { Pace::Paused } else { Pace::Going };
        Self {
            id,
            record: Shared::new(Record::new(plan, environment, planned_steps)),
            depth: Further::Off,
            pull: Further::Off,
            source: Source::Live(Live { pace, progress: None, before: Some(before), stopwatch }),
        }
    }

    /// A run of which there is a record.
    pub fn recorded(id: u32, record: Shared<Record>) -> Self {
        Self { id, record, depth: Further::Off, pull: Further::Off, source: Source::Recorded }
    }

    /// The engine no longer has anything of it: its record stays.
    pub fn forget(&mut self) {
        self.depth.come(None);
        self.pull.come(None);
        if !self.is_set_aside() {
            self.source = Source::Recorded;
        }
    }

    /// Whether its record lies elsewhere.
    pub fn is_set_aside(&self) -> bool {
        self.source == Source::SetAside
    }

    /// Keeps the outline alone. Returns the record, which is to be kept elsewhere; none if it is there already, or not finished.
    pub fn set_aside(&mut self) -> Option<Shared<Record>> {
        if self.pace().is_some() || self.is_set_aside() {
            return None;
        }
        self.source = Source::SetAside;
        let outline = Shared::new(outline(&self.record));
        Some(std::mem::replace(&mut self.record, outline))
    }

    /// Whether the engine has been asked about what it tuned.
    pub fn is_looked_into(&self) -> bool {
        self.depth.is_waiting() || self.pull.is_waiting()
    }

    /// Its record is here again.
    pub fn bring_back(&mut self, record: Shared<Record>) {
        if self.is_set_aside() {
            let (depth, pull) = (std::mem::take(&mut self.depth), std::mem::take(&mut self.pull));
            *self = Self { depth, pull, ..Self::recorded(self.id, record) };
        }
    }

    fn live(&self) -> Option<&Live> {
        match &self.source {
            Source::Live(live) => Some(live),
            Source::Recorded | Source::SetAside => None,
        }
    }

    /// Of a run that is not over.
    fn in_progress(&self) -> Option<&Live> {
        self.live().filter(|_| self.record.status == Status::Running)
    }

    fn in_progress_mut(&mut self) -> Option<&mut Live> {
        match &mut self.source {
            Source::Live(live) if self.record.status == Status::Running => Some(live),
            _ => None,
        }
    }

    /// How it goes; none if it is over.
    pub fn pace(&self) -> Option<Pace> {
        Some(self.in_progress()?.pace)
    }

    /// The piece of work in progress.
    pub fn progress(&self) -> Option<Progress> {
        self.in_progress()?.progress
    }

    /// What the visitor looked at before, if the engine has not begun it yet.
    pub fn not_begun(&self) -> Option<Cursor> {
        self.in_progress()?.before
    }

    /// Whether the engine has its adapter, so that the model that it tuned can be asked.
    pub fn can_be_asked(&self) -> bool {
        self.live().is_some()
    }

    /// Seconds so far as the visitor has waited, pauses not counted. The engine counts those in which it works, which are fewer:
    /// at the end of a run the clock would go backwards.
    pub fn seconds(&self, now: f64) -> f64 {
        self.live().map_or(self.record.seconds, |live| live.stopwatch.seconds(now).max(self.record.seconds))
    }

    /// The engine is about to begin it, and tells what its record is so far.
    pub fn begin(&mut self, record: Shared<Record>) {
        if let Some(live) = self.in_progress_mut() {
            live.before = None;
            self.record = record;
        }
    }

    /// Takes in what the run tells.
    pub fn take(&mut self, event: &RunEvent, now: f64) {
        let total = self.record.planned_steps;
        let Some(live) = self.in_progress_mut() else { return };
        match event {
            RunEvent::Progress { phase, done, total } => {
                live.progress = Some(Progress { phase: *phase, done: *done, total: *total });
                return;
            }
            RunEvent::Step { step } => {
                live.progress = Some(Progress { phase: Phase::Tuning, done: step.step, total });
            }
            RunEvent::Ended { .. } => live.stopwatch.stop(now),
            RunEvent::Evaluated { .. } | RunEvent::Watching { .. } => {}
        }
        self.record.change(|record| record.apply(event));
    }

    /// It has halted. A run that makes a step halts when there is one.
    pub fn pause(&mut self, now: f64) {
        let entries = self.record.steps.len();
        let Some(live) = self.in_progress_mut() else { return };
        if matches!(live.pace, Pace::Stepping { from } if entries <= from) {
            return;
        }
        live.stopwatch.stop(now);
        live.pace = Pace::Paused;
    }

    /// It goes on.
    pub fn go_on(&mut self, pace: Pace, now: f64) {
        if let Some(live) = self.in_progress_mut() {
            live.stopwatch.start(now);
            live.pace = pace;
        }
    }

    /// It will halt, or end, at the end of the piece of work in progress.
    pub fn slow_down(&mut self, pace: Pace) {
        if let Some(live) = self.in_progress_mut() {
            live.pace = pace;
        }
    }

    /// The engine is gone. What it told so far is kept.
    pub fn break_off(&mut self, message: String, now: f64) {
        let seconds = self.seconds(now);
        self.take(&RunEvent::Ended { status: Status::Failed { message }, seconds }, now);
        self.forget();
    }

    /// The answer to a watched question at the `index`-th entry of its steps.
    pub fn watched(&self, index: usize, question: &str) -> Option<&WatchedAnswer> {
        self.record.steps.get(index)?.watched.iter().find(|w| w.question == question)
    }
}

/// Measures time, pauses not counted.
#[derive(Clone, Debug, Default, PartialEq)]
struct Stopwatch {
    since: Option<f64>,
    spent: f64,
}

impl Stopwatch {
    fn start(&mut self, now: f64) {
        self.since.get_or_insert(now);
    }

    fn stop(&mut self, now: f64) {
        self.spent += self.since.take().map_or(0.0, |since| now - since);
    }

    fn seconds(&self, now: f64) -> f64 {
        (self.spent + self.since.map_or(0.0, |since| (now - since).max(0.0))) / 1e3
    }
}

#[cfg(test)]
mod tests;
