//! What the page knows of one run of this visit.

use super::shared::Shared;
use crate::library::tuning_set;
use crate::measure::Measurement;
use crate::study::{DataPart, Phase, Plan, Record, RunEvent, Status, Step, WatchedAnswer};
use crate::text::Conversation;

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It goes on.
    Going,
    /// It will halt at the end of the piece of work in progress.
    Pausing,
    /// It has halted.
    Paused,
    /// One step of a halted run is being made.
    Stepping,
    /// It will end at the end of the piece of work in progress.
    Stopping,
    /// It is over.
    Ended(Status),
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

/// A run of this visit: the one in progress, or a finished one.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// Counts the runs of this visit from 1.
    pub id: u32,
    /// What is run.
    pub plan: Shared<Plan>,
    /// The optimizer steps of the plan.
    pub planned_steps: usize,
    /// How it stands.
    pub state: RunState,
    /// The piece of work in progress.
    pub progress: Option<Progress>,
    /// The full evaluation before tuning.
    pub before: Option<Shared<Measurement>>,
    /// Step 0 and every step made.
    pub steps: Vec<Shared<Step>>,
    /// The full evaluation after tuning.
    pub after: Option<Shared<Measurement>>,
    /// The whole record, when the run is over.
    pub record: Option<Shared<Record>>,
    stopwatch: Stopwatch,
}

impl RunView {
    /// A run that has just been asked for. `now` is in milliseconds, here and below.
    pub fn new(id: u32, plan: Plan, paused: bool, now: f64) -> Self {
        let planned_steps = plan.tuning.steps(conversations(&plan).len());
        let mut stopwatch = Stopwatch::default();
        if !paused {
            stopwatch.start(now);
        }
        Self {
            id,
            plan: Shared::new(plan),
            planned_steps,
            state: if paused { RunState::Paused } else { RunState::Going },
            progress: None,
            before: None,
            steps: Vec::new(),
            after: None,
            record: None,
            stopwatch,
        }
    }

    /// Whether it is over.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, RunState::Ended(_))
    }

    /// Optimizer steps made so far.
    pub fn steps_made(&self) -> usize {
        self.steps.last().map_or(0, |s| s.step)
    }

    /// Seconds so far, pauses not counted.
    pub fn seconds(&self, now: f64) -> f64 {
        self.record.as_ref().map_or_else(|| self.stopwatch.seconds(now), |r| r.seconds)
    }

    /// Takes in what the run tells.
    pub fn take(&mut self, event: RunEvent) {
        match event {
            RunEvent::Progress { phase, done, total } => self.progress = Some(Progress { phase, done, total }),
            RunEvent::Before { measurement, step } => {
                self.before = Some(Shared::from(measurement));
                self.steps = vec![Shared::from(step)];
                self.progress = Some(Progress { phase: Phase::Tuning, done: 0, total: self.planned_steps });
            }
            RunEvent::Step { step } => {
                self.progress = Some(Progress { phase: Phase::Tuning, done: step.step, total: self.planned_steps });
                self.steps.push(Shared::from(step));
            }
            RunEvent::After { measurement } => self.after = Some(Shared::from(measurement)),
            RunEvent::Ended => {}
        }
    }

    /// It has halted.
    pub fn pause(&mut self, now: f64) {
        self.stopwatch.stop(now);
        self.state = RunState::Paused;
    }

    /// It goes on.
    pub fn go_on(&mut self, now: f64, state: RunState) {
        self.stopwatch.start(now);
        self.state = state;
    }

    /// It is over and this came of it.
    pub fn end(&mut self, record: Record, now: f64) {
        self.stopwatch.stop(now);
        self.state = RunState::Ended(record.status.clone());
        self.progress = None;
        self.planned_steps = record.planned_steps;
        self.before = record.before.clone().map(Shared::new);
        self.after = record.after.clone().map(Shared::new);
        self.steps = record.steps.iter().cloned().map(Shared::new).collect();
        self.record = Some(Shared::new(record));
    }

    /// It is over because the engine is gone; there is no record.
    pub fn break_off(&mut self, message: String, now: f64) {
        self.stopwatch.stop(now);
        self.progress = None;
        self.state = RunState::Ended(Status::Failed { message });
    }

    /// The answer to a watched question at the `index`-th entry of `steps`.
    pub fn watched(&self, index: usize, question: &str) -> Option<&WatchedAnswer> {
        self.steps.get(index)?.watched.iter().find(|w| w.question == question)
    }
}

/// The conversations of a plan's data. Sets which do not exist are left out: the engine refuses such a plan.
pub fn conversations(plan: &Plan) -> Vec<Conversation> {
    let of = |part: &DataPart| match part {
        DataPart::Bundled { set, draw } => tuning_set(set, *draw).unwrap_or_default(),
        DataPart::Inline { conversations, .. } => conversations.clone(),
    };
    plan.data.iter().flat_map(of).collect()
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
mod tests {
    use super::*;
    use crate::study::preset;
    use crate::study::testing::{measurement, record, step};

    fn run() -> RunView {
        RunView::new(1, preset("harmful-10", 1).unwrap(), false, 1_000.0)
    }

    #[test]
    fn events_fill_the_run() {
        let mut run = run();
        assert_eq!(run.planned_steps, 20);
        run.take(RunEvent::Progress { phase: Phase::Before, done: 5, total: 505 });
        assert_eq!(run.progress, Some(Progress { phase: Phase::Before, done: 5, total: 505 }));
        run.take(RunEvent::Before { measurement: Box::new(measurement(0)), step: Box::new(step(0, 0)) });
        run.take(RunEvent::Step { step: Box::new(step(1, 40)) });
        assert_eq!((run.steps_made(), run.progress.unwrap().done), (1, 1));
        assert_eq!(run.watched(0, "How?").unwrap().score, Some(1));
        assert_eq!(run.watched(1, "How?").unwrap().score, Some(5));
        assert_eq!(run.watched(2, "How?"), None);
        assert_eq!(run.watched(0, "Why?"), None);
    }

    #[test]
    fn pauses_are_not_counted() {
        let mut run = run();
        run.pause(3_000.0);
        assert_eq!(run.seconds(99_000.0), 2.0);
        run.go_on(100_000.0, RunState::Going);
        run.go_on(101_000.0, RunState::Going);
        assert_eq!(run.seconds(101_500.0), 3.5);
    }

    #[test]
    fn the_record_has_the_last_word() {
        let mut run = run();
        run.end(record("harmful-10", 20), 2_000.0);
        assert!(run.has_ended());
        assert_eq!((run.steps.len(), run.seconds(9e9)), (21, 12.5));
    }
}
