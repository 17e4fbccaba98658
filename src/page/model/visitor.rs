//! What the visitor does.

use super::{Effect, Model, Waiting};
use crate::page::run_view::{RunState, RunView};
use crate::page::settings::Settings;
use crate::page::supervisor::Engine;
use crate::study::{EvaluationPlan, MOST_COMPARED};
use crate::worker::protocol::Command;

impl Model {
    pub(super) fn look(&mut self, change: impl FnOnce(&mut Self)) -> Vec<Effect> {
        change(self);
        Vec::new()
    }

    pub(super) fn choose(&mut self, change: impl FnOnce(&mut Settings)) -> Vec<Effect> {
        self.asking_anew(|m| {
            change(&mut m.settings);
            vec![Effect::Remember]
        })
    }

    /// Makes a change; if the watched questions are then asked under another prompt, asks them under that.
    pub(super) fn asking_anew(&mut self, change: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        let prompt = |model: &Self| {
            let evaluation = model.watch_prompt();
            (evaluation.system, evaluation.wrap)
        };
        let old = prompt(self);
        let mut effects = change(self);
        if prompt(self) != old {
            self.questions.forget_originals();
            effects.extend(self.ask_originals());
        }
        effects
    }

    /// What is measured, and under which prompt the watched questions are asked: as in the run on the stage, or in the next one.
    pub fn watch_prompt(&self) -> EvaluationPlan {
        self.shown_run().map_or_else(|| self.next_plan().evaluation, |r| r.plan.evaluation.clone())
    }

    /// The prompt of the question box: that of the run whose adapter answers, or of the next one.
    pub fn box_prompt(&self) -> EvaluationPlan {
        let tuned = self.tuned_by.and_then(|id| self.run(id));
        tuned.map_or_else(|| self.next_plan().evaluation, |r| r.plan.evaluation.clone())
    }

    pub(super) fn ask_originals(&mut self) -> Vec<Effect> {
        if self.supervisor.ready().is_none() {
            return Vec::new();
        }
        let prompt = self.watch_prompt();
        self.questions.ask_originals(&prompt).into_iter().map(Effect::Post).collect()
    }

    pub(super) fn start(&mut self, how: Waiting, now: f64) -> Vec<Effect> {
        if self.active().is_some() {
            return Vec::new();
        }
        if self.supervisor.ready().is_none() {
            self.waiting = (!matches!(self.supervisor.engine, Engine::Failed(_))).then_some(how);
            return Vec::new();
        }
        self.asking_anew(|m| m.begin(how, now))
    }

    fn begin(&mut self, how: Waiting, now: f64) -> Vec<Effect> {
        self.waiting = None;
        self.notice = None;
        self.scrub = None;
        let (plan, paused) = (self.next_plan(), how == Waiting::Step);
        let id = self.next_run;
        self.next_run += 1;
        self.runs.push(RunView::new(id, plan.clone(), paused, now));
        self.before_start = (self.shown, self.tuned_by);
        self.shown = Some(id);
        self.tuned_by = Some(id);
        let mut effects = vec![Effect::Post(Command::Start { plan: Box::new(plan), paused })];
        if paused {
            effects.extend(self.step(now));
        }
        effects
    }

    pub(super) fn step(&mut self, now: f64) -> Vec<Effect> {
        match self.active_mut() {
            None => self.start(Waiting::Step, now),
            Some(run) if run.state == RunState::Paused => {
                run.go_on(now, RunState::Stepping);
                self.scrub = None;
                vec![Effect::Post(Command::Step)]
            }
            Some(_) => Vec::new(),
        }
    }

    pub(super) fn pause(&mut self) -> Vec<Effect> {
        match self.active_mut() {
            Some(run) if run.state == RunState::Going => {
                run.state = RunState::Pausing;
                vec![Effect::Post(Command::Pause)]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn resume(&mut self, now: f64) -> Vec<Effect> {
        match self.active_mut() {
            Some(run) if run.state == RunState::Paused => {
                run.go_on(now, RunState::Going);
                self.scrub = None;
                vec![Effect::Post(Command::Resume)]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn stop(&mut self) -> Vec<Effect> {
        self.waiting = None;
        match self.active_mut() {
            Some(run) => {
                run.state = RunState::Stopping;
                vec![Effect::Post(Command::Stop)]
            }
            None => Vec::new(),
        }
    }

    pub(super) fn reset(&mut self) -> Vec<Effect> {
        self.waiting = None;
        if self.supervisor.ready().is_none() {
            self.clear_stage();
            return Vec::new();
        }
        vec![Effect::Post(Command::Reset)]
    }

    /// Nothing is on the stage, and a run that was not brought to its end is not kept.
    pub(super) fn clear_stage(&mut self) {
        self.runs.retain(RunView::has_ended);
        self.shown = None;
        self.tuned_by = None;
        self.scrub = None;
        self.notice = None;
        self.questions.forget_originals();
    }

    pub(super) fn show(&mut self, id: u32) -> Vec<Effect> {
        self.asking_anew(|m| {
            if m.active().is_none() && m.run(id).is_some() {
                m.shown = Some(id);
                m.scrub = None;
            }
            Vec::new()
        })
    }

    pub(super) fn compare(&mut self, id: u32, on: bool) {
        self.compared.retain(|&c| c != id);
        let has_record = self.run(id).is_some_and(|r| r.record.is_some());
        if on && has_record && self.compared.len() < MOST_COMPARED {
            self.compared.push(id);
        }
    }

    pub(super) fn watch(&mut self, place: usize, question: &str) -> Vec<Effect> {
        if self.questions.watch(place, question) { self.watch_now() } else { Vec::new() }
    }

    /// The watched questions are asked, and in every further step of the run in progress.
    pub(super) fn watch_now(&mut self) -> Vec<Effect> {
        let mut effects = self.ask_originals();
        if self.active().is_some() {
            effects.push(Effect::Post(Command::Watch { questions: self.questions.watched() }));
        }
        effects
    }

    pub(super) fn ask(&mut self, question: &str) -> Vec<Effect> {
        if self.supervisor.ready().is_none() {
            return Vec::new();
        }
        let prompt = self.box_prompt();
        let command = self.questions.ask_in_box(question, self.tuned_by, &prompt);
        command.map(Effect::Post).into_iter().collect()
    }

    /// A fresh worker, at the visitor's wish.
    pub(super) fn start_anew(&mut self, now: f64) -> Vec<Effect> {
        self.abandon("The engine was started anew.", now);
        self.supervisor.start_anew();
        self.last_heard = now;
        self.notice = None;
        vec![Effect::Spawn]
    }
}
