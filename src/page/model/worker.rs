//! What the worker says, and what befalls it.

use super::{Effect, Model};
use crate::page::run_view::RunState;
use crate::page::supervisor::{Engine, Problem, Ready};
use crate::study::{Record, RunEvent, Status};
use crate::worker::protocol::{BUILD, Command, ErrorCode, Event};

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
                let model_url = format!("{}{}/", self.models, self.settings.model);
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
                self.failed(error.into(), now);
                Vec::new()
            }
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

    /// Something went wrong and the worker goes on.
    fn failed(&mut self, problem: Problem, now: f64) {
        match problem.code {
            ErrorCode::TooLong => self.questions.refused_oldest(),
            ErrorCode::Plan => {
                if let Some(run) = self.active_mut() {
                    run.break_off(problem.message.clone(), now);
                }
            }
            _ => {}
        }
        self.notice = Some(problem);
    }
}
