//! The page's state and how it changes. Plain data: no DOM, no worker, no clock.

use super::questions::Questions;
use super::run_view::{RunState, RunView};
use super::settings::{Language, Settings, Theme};
use super::supervisor::{Engine, Problem, Ready, Supervisor};
use crate::study::{DEFAULT_WATCH, EvaluationPlan, MOST_COMPARED, Plan, Record, RunEvent, Status, preset, presets};
use crate::worker::protocol::{BUILD, Command, DeviceChoice, ErrorCode, Event};

/// What happens to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The visitor starts a run.
    Start,
    /// The visitor halts the run.
    Pause,
    /// The visitor lets it go on.
    Resume,
    /// The visitor makes one step: of the halted run, or of a new one.
    Step,
    /// The visitor ends the run and keeps what was measured.
    Stop,
    /// The visitor wants the original model again.
    Reset,
    /// The visitor chooses an experiment.
    ChoosePreset(String),
    /// The visitor chooses a seed.
    ChooseSeed(u64),
    /// The visitor chooses a device: a fresh worker opens it.
    ChooseDevice(DeviceChoice),
    /// The visitor chooses a language.
    ChooseLanguage(Language),
    /// The visitor chooses the colours.
    ChooseTheme(Theme),
    /// The visitor watches another question in this place.
    Watch(usize, String),
    /// The visitor asks in the question box.
    Ask(String),
    /// The visitor looks at this step of the shown run; none: at the newest.
    Scrub(Option<usize>),
    /// The visitor looks at this run.
    Show(u32),
    /// The visitor puts a run beside others, or takes it away.
    Compare(u32, bool),
    /// The visitor wants a fresh worker.
    StartAnew,
    /// The visitor has read the notice.
    Dismiss,
    /// The worker tells something.
    Worker(Event),
    /// The worker's script could not be loaded, died, or sent something unreadable.
    Crashed(String),
}

/// What is to be done in the world outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// End the worker, if there is one, and start a fresh one.
    Spawn,
    /// End the worker.
    Terminate,
    /// Tell the worker.
    Post(Command),
    /// Write the settings into the page's address.
    Remember,
}

/// The page's state.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// What the visitor has chosen.
    pub settings: Settings,
    /// How it stands with the worker.
    pub supervisor: Supervisor,
    /// The visitor's own questions.
    pub questions: Questions,
    /// The runs of this visit, in their order.
    pub runs: Vec<RunView>,
    /// The run on the stage.
    pub shown: Option<u32>,
    /// The run whose adapter the engine holds.
    pub tuned_by: Option<u32>,
    /// The runs side by side, in the order of choice.
    pub compared: Vec<u32>,
    /// The step of the shown run to look at; none: the newest.
    pub scrub: Option<usize>,
    /// Something that went wrong and did not end the worker.
    pub notice: Option<Problem>,
    /// A run is to start as soon as the engine is ready: in this way.
    pub waiting: Option<Waiting>,
    /// When the worker was last heard of, in milliseconds.
    pub last_heard: f64,
    /// The address of the folder that holds the models' folders, ending in `/`.
    models: String,
    next_run: u32,
}

/// How a run that waits for the engine is to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// All of it.
    Run,
    /// One step.
    Step,
}

impl Model {
    /// A page that has just been opened. `models` is the address of the folder with the models' folders, ending in `/`.
    pub fn new(settings: Settings, models: String) -> Self {
        Self {
            settings,
            supervisor: Supervisor::default(),
            questions: Questions::new(DEFAULT_WATCH),
            runs: Vec::new(),
            shown: None,
            tuned_by: None,
            compared: Vec::new(),
            scrub: None,
            notice: None,
            waiting: None,
            last_heard: 0.0,
            models,
            next_run: 1,
        }
    }

    /// The plan that the next run would have.
    pub fn next_plan(&self) -> Plan {
        let (name, seed) = (&self.settings.preset, self.settings.seed);
        let mut plan = preset(name, seed).unwrap_or_else(|_| presets()[0].plan(seed));
        plan.model.clone_from(&self.settings.model);
        plan.evaluation.watch = self.questions.watched();
        plan
    }

    /// The run in progress.
    pub fn active(&self) -> Option<&RunView> {
        self.runs.last().filter(|r| !r.has_ended())
    }

    fn active_mut(&mut self) -> Option<&mut RunView> {
        self.runs.last_mut().filter(|r| !r.has_ended())
    }

    /// A run of this visit.
    pub fn run(&self, id: u32) -> Option<&RunView> {
        self.runs.iter().find(|r| r.id == id)
    }

    /// The run on the stage.
    pub fn shown_run(&self) -> Option<&RunView> {
        self.run(self.shown?)
    }

    /// The entry of the shown run's steps to look at.
    pub fn shown_step(&self) -> Option<usize> {
        let newest = self.shown_run()?.steps.len().checked_sub(1)?;
        Some(self.scrub.map_or(newest, |s| s.min(newest)))
    }

    /// Takes in what happens at `now` (milliseconds) and says what is to be done.
    pub fn update(&mut self, message: Message, now: f64) -> Vec<Effect> {
        match message {
            Message::Start => self.start(Waiting::Run, now),
            Message::Step => self.step(now),
            Message::Pause => self.pause(),
            Message::Resume => self.resume(now),
            Message::Stop => self.stop(),
            Message::Reset => self.reset(),
            Message::ChoosePreset(name) => self.choose(|s| s.preset = name),
            Message::ChooseSeed(seed) => self.choose(|s| s.seed = seed),
            Message::ChooseLanguage(language) => self.choose(|s| s.language = language),
            Message::ChooseTheme(theme) => self.choose(|s| s.theme = theme),
            Message::ChooseDevice(device) => {
                self.settings.device = device;
                let mut effects = self.start_anew(now);
                effects.push(Effect::Remember);
                effects
            }
            Message::StartAnew => self.start_anew(now),
            Message::Watch(place, question) => self.watch(place, &question),
            Message::Ask(question) => self.ask(&question),
            Message::Scrub(step) => self.look(|m| m.scrub = step),
            Message::Show(id) => self.asking_anew(|m| m.look(|m| m.show(id))),
            Message::Compare(id, on) => self.look(|m| m.compare(id, on)),
            Message::Dismiss => self.look(|m| {
                m.notice = None;
                m.supervisor.recovered_from = None;
            }),
            Message::Worker(event) => {
                self.last_heard = now;
                self.heard(event, now)
            }
            Message::Crashed(message) => self.broke(Problem { code: ErrorCode::Panic, message }, now),
        }
    }

    fn look(&mut self, change: impl FnOnce(&mut Self)) -> Vec<Effect> {
        change(self);
        Vec::new()
    }

    fn choose(&mut self, change: impl FnOnce(&mut Settings)) -> Vec<Effect> {
        self.asking_anew(|m| {
            change(&mut m.settings);
            vec![Effect::Remember]
        })
    }

    /// Makes a change; if the watched questions are then asked under another prompt, asks them under that.
    fn asking_anew(&mut self, change: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
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

    /// The prompt under which the watched questions are asked: that of the run on the stage, or of the next one.
    pub fn watch_prompt(&self) -> EvaluationPlan {
        self.shown_run().map_or_else(|| self.next_plan().evaluation, |r| r.plan.evaluation.clone())
    }

    /// The prompt of the question box: that of the run whose adapter answers, or of the next one.
    pub fn box_prompt(&self) -> EvaluationPlan {
        let tuned = self.tuned_by.and_then(|id| self.run(id));
        tuned.map_or_else(|| self.next_plan().evaluation, |r| r.plan.evaluation.clone())
    }

    fn ask_originals(&mut self) -> Vec<Effect> {
        if self.supervisor.ready().is_none() {
            return Vec::new();
        }
        let prompt = self.watch_prompt();
        self.questions.ask_originals(&prompt).into_iter().map(Effect::Post).collect()
    }

    fn start(&mut self, how: Waiting, now: f64) -> Vec<Effect> {
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
        self.shown = Some(id);
        self.tuned_by = Some(id);
        let mut effects = vec![Effect::Post(Command::Start { plan: Box::new(plan), paused })];
        if paused {
            effects.extend(self.step(now));
        }
        effects
    }

    fn step(&mut self, now: f64) -> Vec<Effect> {
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

    fn pause(&mut self) -> Vec<Effect> {
        match self.active_mut() {
            Some(run) if run.state == RunState::Going => {
                run.state = RunState::Pausing;
                vec![Effect::Post(Command::Pause)]
            }
            _ => Vec::new(),
        }
    }

    fn resume(&mut self, now: f64) -> Vec<Effect> {
        match self.active_mut() {
            Some(run) if run.state == RunState::Paused => {
                run.go_on(now, RunState::Going);
                self.scrub = None;
                vec![Effect::Post(Command::Resume)]
            }
            _ => Vec::new(),
        }
    }

    fn stop(&mut self) -> Vec<Effect> {
        self.waiting = None;
        match self.active_mut() {
            Some(run) => {
                run.state = RunState::Stopping;
                vec![Effect::Post(Command::Stop)]
            }
            None => Vec::new(),
        }
    }

    fn reset(&mut self) -> Vec<Effect> {
        self.waiting = None;
        if self.supervisor.ready().is_none() {
            self.clear_stage();
            return Vec::new();
        }
        vec![Effect::Post(Command::Reset)]
    }

    /// Nothing is on the stage, and a run that was not brought to its end is not kept.
    fn clear_stage(&mut self) {
        self.runs.retain(RunView::has_ended);
        self.shown = None;
        self.tuned_by = None;
        self.scrub = None;
        self.notice = None;
        self.questions.forget_originals();
    }

    fn show(&mut self, id: u32) {
        if self.active().is_none() && self.run(id).is_some() {
            self.shown = Some(id);
            self.scrub = None;
        }
    }

    fn compare(&mut self, id: u32, on: bool) {
        self.compared.retain(|&c| c != id);
        let has_record = self.run(id).is_some_and(|r| r.record.is_some());
        if on && has_record && self.compared.len() < MOST_COMPARED {
            self.compared.push(id);
        }
    }

    fn watch(&mut self, place: usize, question: &str) -> Vec<Effect> {
        if !self.questions.watch(place, question) {
            return Vec::new();
        }
        let mut effects = self.ask_originals();
        if self.active().is_some() {
            effects.push(Effect::Post(Command::Watch { questions: self.questions.watched() }));
        }
        effects
    }

    fn ask(&mut self, question: &str) -> Vec<Effect> {
        if self.supervisor.ready().is_none() {
            return Vec::new();
        }
        let prompt = self.box_prompt();
        let command = self.questions.ask_in_box(question, self.tuned_by, &prompt);
        command.map(Effect::Post).into_iter().collect()
    }

    /// A fresh worker, at the visitor's wish.
    fn start_anew(&mut self, now: f64) -> Vec<Effect> {
        self.abandon("The engine was started anew.", now);
        self.supervisor.start_anew();
        self.last_heard = now;
        self.notice = None;
        vec![Effect::Spawn]
    }

    fn broke(&mut self, problem: Problem, now: f64) -> Vec<Effect> {
        self.abandon(&problem.message, now);
        self.last_heard = now;
        vec![if self.supervisor.broke(problem) { Effect::Spawn } else { Effect::Terminate }]
    }

    /// The worker is gone, and with it the run in progress, the adapter and every open question.
    fn abandon(&mut self, why: &str, now: f64) {
        if let Some(run) = self.active_mut() {
            run.break_off(why.to_owned(), now);
        }
        self.tuned_by = None;
        self.waiting = None;
        self.questions.lost();
    }

    fn heard(&mut self, event: Event, now: f64) -> Vec<Effect> {
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

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
