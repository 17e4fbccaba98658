//! The page's state and how it changes. Plain data: no DOM, no worker, no clock.

mod visitor;
mod worker;

use super::questions::Questions;
use super::run_view::RunView;
use super::settings::{Language, QuestionChoice, Settings, Theme};
use super::supervisor::{Problem, Supervisor};
use crate::study::{DEFAULT_WATCH, PREFILL, Plan, preset, presets};
use crate::worker::protocol::{Command, DeviceChoice, ErrorCode, Event};

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
    /// The visitor chooses which questions runs are asked.
    ChooseQuestions(QuestionChoice),
    /// The visitor wants answers to be begun for the model, too, or no longer.
    ChoosePrefill(bool),
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
    /// What `shown` and `tuned_by` were before the run in progress: it may be refused.
    before_start: (Option<u32>, Option<u32>),
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
            before_start: (None, None),
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
        plan.evaluation.watch = self.questions.watched();
        plan.evaluation.ask(self.settings.questions.set());
        plan.evaluation.prefill = if self.settings.prefill { PREFILL.to_vec() } else { Vec::new() };
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
            Message::ChooseQuestions(questions) => self.choose(|s| s.questions = questions),
            Message::ChoosePrefill(prefill) => self.choose(|s| s.prefill = prefill),
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
            Message::Show(id) => self.show(id),
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
}

#[cfg(test)]
mod tests;
