//! The page's state and how it changes. Plain data: no DOM, no worker, no clock.

mod audit;
mod door;
mod race;
mod talk;
mod tour;
mod visitor;
mod worker;

use super::audit::{Act as AuditAct, Audits};
use super::cursor::Cursor;
use super::door::desk::{Desk, Replied, Ticket};
use super::door::refusal::Refusal;
use super::door::request::Request;
use super::offline::{Heard, Offline};
use super::overrides::Overrides;
use super::own::{Edit, Own};
use super::questions::Questions;
use super::race::Race;
use super::run_view::RunView;
use super::runs::Runs;
use super::settings::{Language, QuestionChoice, Settings, Stage, Theme};
use super::shared::Shared;
use super::supervisor::{Problem, Supervisor};
use super::talk::{Cue, Talk};
use super::tour::{Act, Tour};
use super::watchdog::Watchdog;
use crate::protocol::{Command, DeviceChoice, Event, Measured};
use crate::study::{Condition, ConditionKind, DEFAULT_WATCH, EvaluationPlan, PREFILL, Plan, Record, presets};

/// What happens to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The visitor starts a run.
    Start,
    /// The visitor starts a race.
    StartRace,
    /// The visitor opens the race, or puts it away.
    OpenRace(bool),
    /// The visitor looks at the race as it was at this share of the training, in percent; none: as it is.
    ScrubRace(Option<f64>),
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
    /// The visitor chooses which draw of the data is tuned on; none: the seed decides.
    ChooseDraw(Option<u64>),
    /// The lesson is changed so.
    Override(Box<Overrides>),
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
    /// The visitor does not want to hear the rest of the answer to a question of the box.
    Hush(u32),
    /// The visitor wants to know what the model answers to a question of the box after each step of its run.
    Retrace(u32),
    /// The visitor turns the tuned model down and up for a question of the box.
    Dial(u32),
    /// The visitor wants to know how deep the tuning of a run went.
    LookDeep(u32),
    /// The visitor wants to know how hard the tokens of answers pull at the weights, before and after a run.
    Pull(u32),
    /// The visitor looks at the tokens of the tuned answer to a question of the box.
    Trace(u32),
    /// The visitor looks at this step of the shown run; none: at the newest.
    Scrub(Option<usize>),
    /// The visitor looks at this run.
    Show(u32),
    /// The visitor reads the book in this place of the shelf.
    Read(usize),
    /// The visitor puts a run beside others, or takes it away.
    Compare(u32, bool),
    /// The visitor does something in the story.
    Tour(Act),
    /// Something happens on the stage, or to it.
    Cue(Cue),
    /// The visitor does something in an audit.
    Audit(AuditAct),
    /// The visitor does something with examples of their own.
    Own(Edit),
    /// The visitor wants a fresh worker.
    StartAnew,
    /// The visitor has read the notice.
    Dismiss,
    /// The worker tells something.
    Worker(Event),
    /// The worker's script could not be loaded, died, or sent something unreadable.
    Crashed(Problem),
    /// A little time has passed.
    Tick {
        /// The page is in sight: see [`Watchdog`].
        awake: bool,
    },
    /// Something is told of how the site is kept for use without a network.
    Offline(Heard),
    /// The visitor wants the build that waits.
    TakeUpdate,
    /// The whole record of a run that was set aside.
    Recalled(u32, Box<Record>),
    /// A record that was kept, or comes from a file, becomes a run of this visit.
    Bring(Box<Record>),
    /// A program asks for something through the door, or for what makes no sense.
    Door(Ticket, Box<Result<Request, Refusal>>),
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
    /// Keep for later visits what was measured of the devices.
    RememberMeasured(Measured),
    /// Keep the record of this run outside the page's memory.
    SetAside(u32, Shared<Record>),
    /// Bring the record of this run back.
    Recall(u32),
    /// No record that was set aside is needed any more.
    DropRecords,
    /// Load the page anew, of the build that waits.
    TakeUpdate,
    /// Tell a program what came of its request.
    Reply(Box<Replied>),
}

/// What the page does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is going on: a run can be started.
    Idle,
    /// A run starts as soon as the engine is ready, in this way.
    Waiting(Beginning),
    /// Runs are in progress.
    Running,
}

/// How a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// All of it.
    Run,
    /// One step.
    Step,
    /// Three runs at once.
    Race,
}

/// The page's state.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// What the visitor has chosen.
    pub settings: Settings,
    /// How it stands with the worker.
    pub supervisor: Supervisor,
    /// What this visit or an earlier one measured of the devices.
    pub measured: Option<Measured>,
    /// The visitor's own questions.
    pub questions: Questions,
    /// The runs of this visit.
    pub runs: Runs,
    /// The last race, if its runs are still there.
    pub race: Option<Race>,
    /// What of them the visitor looks at.
    pub cursor: Cursor,
    /// Something that went wrong and did not end the worker.
    pub notice: Option<Problem>,
    /// What the visitor has done in the story.
    pub tour: Tour,
    /// The story is on a stage.
    pub talk: Option<Talk>,
    /// The visitor's own examples.
    pub own: Own,
    /// The game of the backdoor.
    pub audits: Audits,
    /// Whether the worker lives and gets on.
    pub watchdog: Watchdog,
    /// Whether the page opens without a network.
    pub offline: Offline,
    /// What programs wait for.
    pub door: Desk,
    /// The run that waits for the engine: see [`Mode::Waiting`].
    awaited: Option<Beginning>,
    /// How often the engine has been told to clear the stage and has not answered: what it says meanwhile is of before.
    clearing: u32,
    /// The address of the folder that holds the models' folders, ending in `/`.
    models: String,
}

impl Model {
    /// A page that has just been opened. `models` is the address of the folder with the models' folders, ending in `/`.
    pub fn new(settings: Settings, models: String) -> Self {
        let talk = (settings.stage != Stage::Off).then(|| Talk::new(&settings, 0.0));
        Self {
            settings,
            talk,
            own: Own::default(),
            audits: Audits::default(),
            supervisor: Supervisor::default(),
            measured: None,
            questions: Questions::new(DEFAULT_WATCH),
            runs: Runs::default(),
            race: None,
            cursor: Cursor::default(),
            notice: None,
            tour: Tour::default(),
            watchdog: Watchdog::default(),
            offline: Offline::default(),
            door: Desk::default(),
            awaited: None,
            clearing: 0,
            models,
        }
    }

    /// The plan that the next run would have: that of the lesson with the visitor's changes.
    pub fn next_plan(&self) -> Plan {
        self.settings.overrides.applied(self.lesson())
    }

    /// The plan of the visitor's own examples, or of the lesson that is chosen.
    pub fn lesson(&self) -> Plan {
        let own = self.own.plan(self.settings.seed).map(|plan| self.with_choices(plan, &self.settings));
        own.unwrap_or_else(|| self.plan_of(&self.settings))
    }

    /// The plan that a preset would have with the visitor's other choices.
    fn plan_of_preset(&self, preset: &str) -> Plan {
        self.plan_of(&Settings { preset: preset.to_owned(), ..self.settings.clone() })
    }

    /// The plan that a run with these settings would have.
    fn plan_of(&self, settings: &Settings) -> Plan {
        let Settings { preset, seed, draw, .. } = settings;
        let info = presets().iter().find(|info| info.name == *preset).unwrap_or(&presets()[0]);
        let plan = draw.map_or_else(|| info.plan(*seed), |draw| info.plan_on(*seed, draw));
        self.with_choices(plan, settings)
    }

    /// A plan that is asked what the visitor wants to be asked.
    fn with_choices(&self, mut plan: Plan, settings: &Settings) -> Plan {
        plan.evaluation.watch = self.questions.watched();
        plan.evaluation.ask(settings.questions.set());
        plan.evaluation.begin_answers(if settings.prefill { &PREFILL } else { &[] });
        plan
    }

    /// What the page does now.
    pub fn mode(&self) -> Mode {
        match self.awaited {
            _ if self.runs.in_progress().next().is_some() => Mode::Running,
            Some(beginning) => Mode::Waiting(beginning),
            None => Mode::Idle,
        }
    }

    /// Whether a run starts as soon as the engine is ready.
    pub fn is_awaited(&self) -> bool {
        self.awaited.is_some()
    }

    /// The run in progress that is looked at: the one on the stage, else the newest.
    pub fn active(&self) -> Option<&RunView> {
        self.shown_run().filter(|run| run.pace().is_some()).or_else(|| self.runs.in_progress().next_back())
    }

    /// The run on the stage.
    pub fn shown_run(&self) -> Option<&RunView> {
        self.runs.get(self.cursor.run?)
    }

    /// The entry of the shown run's steps to look at.
    pub fn shown_step(&self) -> Option<usize> {
        self.cursor.entry(self.shown_run()?.record.steps.len())
    }

    /// What is measured, and how it is asked: as in the run on the stage, or in the next one.
    pub fn evaluation(&self) -> EvaluationPlan {
        self.shown_run().map_or_else(|| self.next_plan().evaluation, |run| run.record.plan.evaluation.clone())
    }

    /// The main condition of [`evaluation`](Self::evaluation): the watched questions are asked under it, and those of the box.
    pub fn condition(&self) -> Condition {
        self.evaluation().main().cloned().unwrap_or_else(|| ConditionKind::Default.condition())
    }

    /// Takes in what happens at `now` (milliseconds) and says what is to be done.
    pub fn update(&mut self, message: Message, now: f64) -> Vec<Effect> {
        let mut effects = self.take_in(message, now);
        self.forget_empty_race();
        // Before records are set aside: a program gets the whole of its own.
        effects.extend(self.settle());
        self.follow_wish();
        effects.extend(self.make_room());
        effects
    }

    fn take_in(&mut self, message: Message, now: f64) -> Vec<Effect> {
        match message {
            Message::Start => self.start(Beginning::Run, now),
            Message::StartRace => self.start_race(now),
            Message::OpenRace(open) => self.open_race(open),
            Message::ScrubRace(at) => self.look(|m| m.race.iter_mut().for_each(|race| race.at = at)),
            Message::Step => self.step(now),
            Message::Pause => self.pause(),
            Message::Resume => self.resume(now),
            Message::Stop => self.stop(),
            Message::Reset => self.reset(),
            Message::ChoosePreset(name) => self.choose_lesson(|s| s.preset = name, now),
            Message::Own(edit) => self.change(|m| m.own.edit(edit), now),
            Message::ChooseSeed(seed) => self.choose(|s| s.seed = seed, now),
            Message::ChooseDraw(draw) => self.choose(|s| s.draw = draw, now),
            Message::Override(overrides) => self.choose(|s| s.overrides = *overrides, now),
            Message::ChooseQuestions(questions) => self.choose(|s| s.questions = questions, now),
            Message::ChoosePrefill(prefill) => self.choose(|s| s.prefill = prefill, now),
            Message::ChooseLanguage(language) => self.choose(|s| s.language = language, now),
            Message::ChooseTheme(theme) => self.choose(|s| s.theme = theme, now),
            Message::ChooseDevice(device) => {
                self.settings.device = device;
                let mut effects = self.start_anew(now);
                effects.push(Effect::Remember);
                effects
            }
            Message::StartAnew => self.start_anew(now),
            Message::Watch(place, question) => self.watch(place, &question),
            Message::Ask(question) => self.ask(&question),
            Message::Hush(id) => self.questions.hush(id).map(Effect::Post).into_iter().collect(),
            Message::Retrace(id) => self.ask_further(id, Questions::retrace),
            Message::Dial(id) => self.ask_further(id, Questions::turn),
            Message::LookDeep(run) => self.look_deep(run),
            Message::Pull(run) => self.pull(run),
            Message::Trace(id) => self.ask_further(id, Questions::look_inside),
            Message::Scrub(step) => self.look(|m| m.cursor.step = step),
            Message::Show(id) => self.show(id),
            Message::Compare(id, on) => self.look(|m| m.runs.compare(id, on)),
            Message::Tour(act) => self.act(act, now),
            Message::Audit(act) => self.audit(act, now),
            Message::Cue(cue) => self.cue(cue, now),
            Message::Read(book) => self.look(|m| m.cursor.book = Some(book)),
            Message::Dismiss => self.look(|m| {
                m.notice = None;
                m.supervisor.recovered_from = None;
            }),
            Message::Worker(event) => {
                self.watchdog.heard(&event);
                self.heard(event, now)
            }
            Message::Crashed(problem) => self.broke(problem, now),
            Message::Tick { awake } => {
                let effects = self.look_after(awake, now);
                effects.into_iter().chain(self.look_after_booth(now)).collect()
            }
            Message::Offline(heard) => self.look(|m| m.offline = m.offline.after(heard)),
            Message::TakeUpdate => vec![Effect::TakeUpdate],
            Message::Recalled(id, record) => self.look(|m| m.recalled(id, record)),
            Message::Bring(record) => self.bring(record),
            Message::Door(ticket, request) => match *request {
                Ok(request) => self.serve(ticket, request, now),
                Err(refusal) => self.refuse(ticket, refusal),
            },
        }
    }
}

#[cfg(test)]
mod tests;
