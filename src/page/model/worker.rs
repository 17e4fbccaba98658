//! What the worker says, and what befalls it.

use super::{Effect, Model};
use crate::page::audit;
use crate::page::door::desk::FIRST_ASK;
use crate::page::door::refusal::Refusal;
use crate::page::run_view::{Pace, RunView};
use crate::page::shared::Shared;
use crate::page::supervisor::{Arrived, EngineState, Problem, Ready};
use crate::page::watchdog::{Mood, Work};
use crate::protocol::{BUILD, Command, ErrorCode, Event, Measured, Refused};
use crate::study::{RunEvent, Status};

impl Model {
    pub(super) fn broke(&mut self, problem: Problem, now: f64) -> Vec<Effect> {
        self.abandon(&problem.message, now);
        let refusal = Refusal::from(&problem);
        self.door.lost(&refusal);
        if self.supervisor.broke(problem) {
            return vec![Effect::Spawn];
        }
        self.door.given_up(&refusal);
        vec![Effect::Terminate]
    }

    /// The worker is gone, and with it the runs in progress, all adapters and every open question.
    pub(super) fn abandon(&mut self, why: &str, now: f64) {
        let condition = self.condition();
        let not_begun: Vec<u32> = self.runs.iter().filter(|r| r.not_begun().is_some()).map(|r| r.id).collect();
        for id in not_begun.into_iter().rev() {
            self.withdraw(id);
        }
        self.runs.break_off(why, now);
        self.watchdog.begin_anew();
        self.awaited = None;
        self.questions.lost();
        self.audits.lost();
        self.clearing = 0;
        if self.condition() != condition {
            self.questions.forget_originals();
        }
    }

    /// A run that was asked for does not begin: what was on the stage before is there again.
    fn withdraw(&mut self, id: u32) {
        let Some(before) = self.runs.withdraw(id) else { return };
        if self.cursor.run == Some(id) {
            self.cursor = before;
        }
    }

    /// What the engine is at, as far as the page waits for it.
    fn work(&self) -> Work {
        match self.supervisor.engine {
            EngineState::Starting(_) => Work::Starting,
            EngineState::Loading(_) => Work::Some,
            EngineState::Failed(_) => Work::None,
            EngineState::Ready(_) => {
                let runs = self.runs.in_progress().any(|run| run.pace() != Some(Pace::Paused));
                if runs
                    || self.runs.iter().any(RunView::is_looked_into)
                    || self.questions.are_open()
                    || self.audits.is_open()
                    || !self.door.asks.is_empty()
                {
                    Work::Some
                } else {
                    Work::None
                }
            }
        }
    }

    /// An engine that is dead, or waits for what does not come, is replaced like one that says that it broke.
    pub(super) fn look_after(&mut self, awake: bool, now: f64) -> Vec<Effect> {
        let message = match self.watchdog.look(self.work(), awake, now) {
            Mood::Well | Mood::Slow => return Vec::new(),
            Mood::Dead => "The engine gave no sign of life for three minutes.",
            Mood::Stuck => "The engine got no further for five minutes: what it waits for does not come.",
        };
        self.broke(Problem { code: ErrorCode::Silent, message: message.to_owned() }, now)
    }

    /// What was measured of the devices is known from now on, to the next visits as well.
    fn remember_measured(&mut self, measured: Option<&Measured>) -> Vec<Effect> {
        match measured.filter(|measured| self.measured.as_ref() != Some(*measured)) {
            None => Vec::new(),
            Some(measured) => {
                self.measured = Some(measured.clone());
                vec![Effect::RememberMeasured(measured.clone())]
            }
        }
    }

    pub(super) fn heard(&mut self, event: Event, now: f64) -> Vec<Effect> {
        if self.is_of_before(&event) {
            return Vec::new();
        }
        match event {
            Event::Alive { build } if build != BUILD => {
                let message = format!("The page is of build {BUILD}, the engine of build {build}.");
                self.broke(Problem { code: ErrorCode::Build, message }, now)
            }
            Event::Alive { .. } => {
                self.supervisor.engine = EngineState::Loading(Arrived::default());
                let model = self.next_plan().model;
                let model_url = format!("{}{model}/", self.models);
                let (build, device) = (BUILD.to_owned(), self.settings.device);
                let measured = self.measured.clone();
                vec![Effect::Post(Command::Load { build, model, model_url, device, measured })]
            }
            Event::Beat { .. } => Vec::new(),
            Event::Loading { done, total, .. } => self.look(|m| {
                let arrived = Arrived { done, total };
                m.supervisor.engine = match m.supervisor.engine {
                    // Before the engine is alive, its script tells of the engine itself.
                    EngineState::Starting(_) => EngineState::Starting(arrived),
                    _ => EngineState::Loading(arrived),
                };
            }),
            Event::Ready { device, fallback, measured, parameters } => {
                let mut effects = self.remember_measured(measured.as_ref());
                self.supervisor.engine = EngineState::Ready(Ready { device, fallback, measured, parameters });
                effects.extend(self.ask_originals());
                if let Some(beginning) = self.awaited {
                    effects.extend(self.start(beginning, now));
                }
                effects.extend(self.serve_waiting(now));
                effects
            }
            // Its defences may have changed the prompt.
            Event::Started { run, record } if run >= audit::FIRST => self.look(|m| {
                m.audits.run(run).into_iter().for_each(|r| r.begin(Shared::from(record.clone())));
            }),
            Event::Started { run, record } => self.asking_anew(|m| m.with_run(run, |r| r.begin(Shared::from(record)))),
            Event::Run { run, event } if run >= audit::FIRST => self.audit_event(run, &event, now),
            Event::Run { run, event } => self.run_event(run, &event, now),
            Event::Paused { run } => self.with_run(run, |r| r.pause(now)),
            Event::Resumed { run } => self.with_run(run, |r| {
                if r.pace() == Some(Pace::Paused) {
                    r.go_on(Pace::Going, now);
                }
            }),
            Event::WasReset if self.has_cleared() => Vec::new(),
            Event::WasReset => {
                self.clear_stage();
                self.ask_originals()
            }
            Event::Answer { id, original, tuned } if id >= FIRST_ASK => self.answered(id, original, tuned),
            Event::Answer { id, tuned, .. } if id >= audit::FIRST => self.look(|m| m.audits.answered(id, tuned)),
            Event::Answer { id, original, tuned } => self.look(|m| {
                let run = m.questions.run_of(id).and_then(|run| m.runs.get(run));
                let during = run.filter(|run| run.pace().is_some()).map(|run| run.record.steps_made());
                m.questions.answered(id, original, tuned, during);
            }),
            Event::Saying { id, tuned, text } => self.look(|m| m.questions.saying(id, tuned, text)),
            Event::Hushed { id } => self.look(|m| m.questions.hushed(id)),
            Event::Retraced { id, answers } => self.look(|m| m.questions.retraced(id, Some(answers))),
            Event::Dialled { id, answers } => self.look(|m| m.questions.turned(id, answers)),
            Event::Traced { id, trace } => self.look(|m| m.questions.traced(id, Some(trace))),
            Event::Diverged { run, positions } => self.with_run(run, |r| r.depth.come(Some(positions))),
            Event::Pulled { run, original, tuned } => self.with_run(run, |r| r.pull.come(Some([original, tuned]))),
            Event::Benched { rows } => self.benched(rows),
            // The page has no command for it.
            Event::Grown { .. } => Vec::new(),
            Event::Failed { error } => {
                let is_loading = self.supervisor.ready().is_none();
                if error.fatal || is_loading {
                    return self.broke(error.into(), now);
                }
                self.bench_failed(&error);
                self.look(|m| m.notice = Some(error.into()))
            }
            Event::Refused { command, error } => {
                let is_too_long = error.code == ErrorCode::TooLong;
                match command {
                    Refused::Start { run, .. } if run >= audit::FIRST => self.look(|m| {
                        m.audits.lost();
                        m.notice = Some(error.into());
                    }),
                    Refused::Start { run, too_long } => {
                        self.door.not_begun(run, &Refusal::from(&error));
                        self.notice = Some(error.into());
                        self.not_started(run, &too_long)
                    }
                    Refused::Watch { too_long, .. } => {
                        self.notice = Some(error.into());
                        self.not_watched(&too_long)
                    }
                    Refused::Ask { id } if id >= FIRST_ASK => self.unanswered(id, &error),
                    Refused::Ask { id } if id >= audit::FIRST => self.look(|m| m.audits.answered(id, None)),
                    Refused::Ask { id } => self.not_answered(id, is_too_long, error.into()),
                    // These say so in their places.
                    Refused::Dial { id } => self.look(|m| m.questions.turned(id, Vec::new())),
                    Refused::Retrace { id } => self.look(|m| m.questions.retraced(id, None)),
                    Refused::Diverge { run } => self.with_run(run, |r| r.depth.come(None)),
                    Refused::Pull { run } => self.with_run(run, |r| r.pull.come(None)),
                    Refused::Trace { id } => self.look(|m| m.questions.traced(id, None)),
                }
            }
        }
    }

    fn with_run(&mut self, id: u32, change: impl FnOnce(&mut RunView)) -> Vec<Effect> {
        if let Some(run) = self.runs.get_mut(id) {
            change(run);
        }
        Vec::new()
    }

    fn not_started(&mut self, id: u32, too_long: &[String]) -> Vec<Effect> {
        self.questions.put_back(too_long);
        let effects = self.asking_anew(|m| m.look(|m| m.withdraw(id)));
        effects.into_iter().chain(self.ask_originals()).collect()
    }

    fn not_watched(&mut self, too_long: &[String]) -> Vec<Effect> {
        if self.questions.put_back(too_long) { self.watch_now() } else { Vec::new() }
    }

    fn not_answered(&mut self, id: u32, is_too_long: bool, problem: Problem) -> Vec<Effect> {
        let watched = self.questions.refused(id, is_too_long);
        if is_too_long && watched.is_none() {
            // The box says so where the answer would stand.
            return Vec::new();
        }
        self.notice = Some(problem);
        match watched.filter(|_| is_too_long) {
            Some(question) => self.not_watched(&[question]),
            None => Vec::new(),
        }
    }

    fn run_event(&mut self, id: u32, event: &RunEvent, now: f64) -> Vec<Effect> {
        let Some(run) = self.runs.get_mut(id).filter(|run| run.pace().is_some()) else { return Vec::new() };
        run.take(event, now);
        match run.record.status {
            Status::Finished => {
                self.supervisor.proved_itself();
                self.runs.compare(id, true);
                Vec::new()
            }
            Status::Cancelled if run.record.steps_made() == 0 => self.discard(id),
            _ => Vec::new(),
        }
    }

    /// A run that was stopped before its first step has nothing to list: the stage is the last run's again.
    pub(super) fn discard(&mut self, id: u32) -> Vec<Effect> {
        self.asking_anew(|m| {
            m.runs.discard(id);
            if m.cursor.run == Some(id) {
                let last = m.runs.iter().next_back().map(|run| run.id);
                m.cursor.show(last);
            }
            // The engine forgets the number, too: the next run has it.
            vec![Effect::Post(Command::Forget { runs: vec![id] })]
        })
    }
}
