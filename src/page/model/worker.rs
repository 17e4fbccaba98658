//! What the worker says, and what befalls it.

use super::{Effect, Model};
use crate::page::run_view::RunState;
use crate::page::supervisor::{Engine, Problem, Ready};
use crate::study::{Record, RunEvent, Status};
use crate::worker::protocol::{BUILD, Command, ErrorCode, Event, Refused};

impl Model {
    pub(super) fn broke(&mut self, problem: Problem, now: f64) -> Vec<Effect> {
        self.abandon(&problem.message, now);
        self.last_heard = now;
        vec![if self.supervisor.broke(problem) { Effect::Spawn } else { Effect::Terminate }]
    }

    /// The worker is gone, and with it the run in progress, the adapter and every open question.
    pub(super) fn abandon(&mut self, why: &str, now: f64) {
        if let Some(run) = self.active_mut() {
            run.break_off(why.to_owned(), now);
        }
        self.tuned_by = None;
        self.waiting = None;
        self.questions.lost();
    }

    pub(super) fn heard(&mut self, event: Event, now: f64) -> Vec<Effect> {
        match event {
            Event::Alive { build } if build != BUILD => {
                let message = format!("The page is of build {BUILD}, the engine of build {build}.");
                self.broke(Problem { code: ErrorCode::Build, message }, now)
            }
            Event::Alive { .. } => {
                self.supervisor.engine = Engine::Loading { done: 0.0, total: None };
                let model_url = format!("{}{}/", self.models, self.next_plan().model);
                vec![Effect::Post(Command::Load { build: BUILD.to_owned(), model_url, device: self.settings.device })]
            }
            Event::Loading { done, total, .. } => self.look(|m| m.supervisor.engine = Engine::Loading { done, total }),
            Event::Ready { device, fallback, parameters } => {
                self.supervisor.engine = Engine::Ready(Ready { device, fallback, parameters });
                let mut effects = self.ask_originals();
                if let Some(how) = self.waiting {
                    effects.extend(self.start(how, now));
                }
                effects
            }
            Event::Run { event } => self.look(|m| m.run_event(event)),
            Event::Ended { record } => self.look(|m| m.ended(*record, now)),
            Event::Paused => self.look(|m| {
                if let Some(run) = m.active_mut() {
                    run.pause(now);
                }
            }),
            Event::Resumed => self.look(|m| {
                if let Some(run) = m.active_mut().filter(|r| r.state == RunState::Paused) {
                    run.go_on(now, RunState::Going);
                }
            }),
            Event::WasReset => {
                self.clear_stage();
                self.ask_originals()
            }
            Event::Answer { id, original, tuned, .. } => self.look(|m| m.questions.answered(id, original, tuned)),
            // The bench has a page of its own.
            Event::Benched { .. } => Vec::new(),
            Event::Failed { error } => {
                let is_loading = self.supervisor.ready().is_none();
                if error.fatal || is_loading {
                    return self.broke(error.into(), now);
                }
                self.look(|m| m.notice = Some(error.into()))
            }
            Event::Refused { command, error } => {
                let is_too_long = error.code == ErrorCode::TooLong;
                let effects = match command {
                    Refused::Start { too_long } => self.not_started(&too_long),
                    Refused::Watch { too_long } => self.not_watched(&too_long),
                    Refused::Ask { id } => self.not_answered(id, is_too_long),
                };
                self.notice = Some(error.into());
                effects
            }
        }
    }

    /// The run that was asked for does not begin: what was on the stage before is there again.
    fn not_started(&mut self, too_long: &[String]) -> Vec<Effect> {
        self.questions.put_back(too_long);
        let effects = self.asking_anew(|m| {
            if m.active().is_some() {
                m.runs.pop();
                m.next_run -= 1;
                (m.shown, m.tuned_by) = m.before_start;
            }
            Vec::new()
        });
        effects.into_iter().chain(self.ask_originals()).collect()
    }

    fn not_watched(&mut self, too_long: &[String]) -> Vec<Effect> {
        if self.questions.put_back(too_long) { self.watch_now() } else { Vec::new() }
    }

    fn not_answered(&mut self, id: u32, is_too_long: bool) -> Vec<Effect> {
        let watched = self.questions.refused(id);
        match watched.filter(|_| is_too_long) {
            Some(question) => self.not_watched(&[question]),
            None => Vec::new(),
        }
    }

    fn run_event(&mut self, event: RunEvent) {
        if let Some(run) = self.active_mut() {
            run.take(event);
        }
    }

    fn ended(&mut self, record: Record, now: f64) {
        let finished = record.status == Status::Finished;
        let Some(run) = self.active_mut() else { return };
        run.end(record, now);
        let id = run.id;
        if finished {
            self.supervisor.proved_itself();
            self.compare(id, true);
        }
    }
}
