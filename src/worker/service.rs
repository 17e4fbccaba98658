//! The worker's loop: obeys commands and, while a run is going, steps it.

use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::timers::callback::Interval;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use super::answers::replies;
use super::choice::{Chosen, choose};
use super::device;
use super::errors::{engine_code, fetch_code, no_gpu, run_code};
use super::fetch;
use super::inbox::{Aloud, Inbox, ToTheEnd};
use super::kernel;
use super::port::{give_up, now, post, post_error, refuse, scope};
use crate::bench::{BenchPlan, bench, growth};
use crate::engine::{Engine, EngineError};
use crate::evaluate::prompt;
use crate::llama::{Adapter, LlamaError};
use crate::models;
use crate::protocol::{BEAT_MS, BUILD, BenchRow, Command, DeviceChoice, ErrorCode, Event, Measured, Refused};
use crate::pulse::Pulse;
use crate::run::{Baselines, Run, RunError, Snapshots, whose_turn};
use crate::study::{Condition, DeviceKind, Environment, Evaluated, Plan, RunEvent};

pub(super) const NOT_LOADED: &str = "No model is loaded yet.";
const IN_PROGRESS: &str = "A run is in progress. Stop it first.";

/// Starts the worker: called once, when its module is loaded.
pub fn start() {
    console_error_panic_hook::set_once();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        print(info);
        post_error(ErrorCode::Panic, info.to_string());
    }));
    kernel::in_use();
    let inbox = Rc::new(Inbox::default());
    let receiver = Rc::clone(&inbox);
    let receive =
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            match serde_wasm_bindgen::from_value(event.data()) {
                Ok(command) => receiver.push(command),
                Err(error) => post_error(ErrorCode::Protocol, format!("A message could not be understood: {error}.")),
            }
        });
    scope().set_onmessage(Some(receive.as_ref().unchecked_ref()));
    receive.forget(); // it lives as long as the worker
    let pieces = Rc::clone(&inbox);
    Interval::new(BEAT_MS, move || post(&Event::Beat { pieces: pieces.pieces() })).forget();
    wasm_bindgen_futures::spawn_local(Service::new(inbox).serve());
    post(&Event::Alive { build: BUILD.into() });
}

/// How a run goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Step after step.
    Going,
    /// Until so many optimizer steps are done.
    Steps(usize),
    /// Not at all.
    Paused,
}

/// A run in progress.
struct Active {
    id: u32,
    run: Run,
    mode: Mode,
}

/// What a run has tuned.
struct Tuned {
    adapter: Adapter,
    steps: usize,
    snapshots: Option<Snapshots>,
}

pub(super) struct Service {
    pub(super) inbox: Rc<Inbox>,
    pub(super) engine: Option<Engine>,
    /// The runs in progress, in the order in which they began: see [`whose_turn`].
    active: Vec<Active>,
    /// What the runs that are over have tuned.
    over: BTreeMap<u32, Tuned>,
    baselines: Baselines,
}

impl Service {
    fn new(inbox: Rc<Inbox>) -> Self {
        Self { inbox, engine: None, active: Vec::new(), over: BTreeMap::new(), baselines: Baselines::default() }
    }

    async fn serve(mut self) {
        loop {
            let going = self.active.iter().any(|active| active.mode != Mode::Paused);
            let command = if going { self.inbox.try_next() } else { Some(self.inbox.next().await) };
            match command {
                Some(command) => self.obey(command).await,
                None => self.step().await,
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Load { build, model, model_url, device, measured } => {
                self.load(&build, &model, &model_url, device, measured).await;
            }
            Command::Start { run, plan, paused } => self.begin(run, *plan, paused),
            Command::Pause { run } => self.set_mode(run, Mode::Paused),
            Command::Resume { run } => self.set_mode(run, Mode::Going),
            Command::Step { run, steps } => self.set_mode(run, Mode::Steps(steps)),
            Command::Stop { run } => self.stop(run),
            Command::Reset => {
                self.active.clear();
                self.over.clear();
                post(&Event::WasReset);
            }
            Command::Watch { run, questions } => self.watch(run, &questions),
            Command::Ask { id, run, question, condition, aloud } => {
                self.ask(id, run, &question, &condition, aloud).await;
            }
            // It was for a question that is answered by now.
            Command::Hush { .. } => {}
            Command::Retrace { id, run, question, condition } => self.retrace(id, run, &question, &condition).await,
            Command::Dial { id, run, question, condition, strengths } => {
                self.dial(id, run, &question, &condition, &strengths).await;
            }
            Command::Trace { id, run, question, condition } => self.trace(id, run, &question, &condition).await,
            Command::Diverge { run, condition, questions } => self.diverge(run, &condition, &questions).await,
            Command::Pull { run, condition, questions, tokens } => {
                self.pull(run, &condition, &questions, tokens).await;
            }
            Command::Forget { runs } => self.over.retain(|run, _| !runs.contains(run)),
            Command::Panic => panic!("the engine was told to panic, by a test"),
            Command::Bench { steps, answers } => self.bench(BenchPlan { steps, answers }).await,
            Command::Grow { most_gflop } => self.grow(most_gflop).await,
        }
    }

    async fn load(&mut self, build: &str, model: &str, model_url: &str, choice: DeviceChoice, known: Option<Measured>) {
        if build != BUILD {
            let message =
                format!("The page is of version {build} and its worker of version {BUILD}. Load the page again.");
            return give_up(ErrorCode::Build, message);
        }
        if self.engine.is_some() {
            return post_error(ErrorCode::Protocol, "A model is loaded already.");
        }
        let Some(info) = models::model(model) else {
            return give_up(ErrorCode::Model, format!("There is no model {model} on this page."));
        };
        let files = match fetch::model(info, model_url).await {
            Ok(files) => files,
            Err(error) => return give_up(fetch_code(&error), error.to_string()),
        };
        let opened = match device::open(choice).await {
            Ok(opened) => opened,
            Err(reason) => return give_up(ErrorCode::NoGpu, no_gpu(&reason)),
        };
        let chosen = if choice == DeviceChoice::Auto && opened.info.kind == DeviceKind::Gpu {
            choose(info.name, &files, opened, known, &self.inbox).await
        } else {
            let engine = Engine::load(info.name, &files, &opened.device, opened.info);
            engine.map(|engine| Chosen { engine, fallback: opened.fallback, measured: None })
        };
        match chosen {
            Err(error) => give_up(engine_code(&error), error.to_string()),
            Ok(Chosen { engine, fallback, measured }) => {
                let (device, parameters) = (engine.device.clone(), engine.model.parameters() as f64);
                self.engine = Some(engine);
                post(&Event::Ready { device, fallback, measured, parameters });
            }
        }
    }

    fn begin(&mut self, id: u32, plan: Plan, paused: bool) {
        let refused = |too_long| Refused::Start { run: id, too_long };
        let Some(engine) = &self.engine else {
            return refuse(refused(Vec::new()), ErrorCode::Protocol, NOT_LOADED);
        };
        if self.adapter(id).is_some() {
            return refuse(refused(Vec::new()), ErrorCode::Protocol, "There is a run of this number.");
        }
        let evaluation = plan.evaluation.clone();
        match Run::new(plan, engine, environment(engine), Box::new(now)) {
            Err(error) => {
                let too_long = evaluation.main().map(|main| too_long(engine, main, &evaluation.watch));
                refuse(refused(too_long.unwrap_or_default()), run_code(&error), error.to_string());
            }
            Ok(run) => {
                post(&Event::Started { run: id, record: Box::new(run.record().clone()) });
                let run = run.with_snapshots();
                self.active.push(Active { id, run, mode: Mode::Paused });
                self.set_mode(id, if paused { Mode::Paused } else { Mode::Going });
            }
        }
    }

    /// A run may have ended while the command was on its way: the page knows by then.
    fn set_mode(&mut self, id: u32, mode: Mode) {
        let Some(active) = self.active.iter_mut().find(|active| active.id == id) else { return };
        active.mode = mode;
        post(&if mode == Mode::Paused { Event::Paused { run: id } } else { Event::Resumed { run: id } });
    }

    /// Does the next piece of work of the runs in progress, which take turns.
    async fn step(&mut self) {
        // Lets messages in at least once between two pieces of work; what they ask for is seen to first.
        let _ = self.inbox.beat().await;
        let going: Vec<usize> =
            self.active.iter().enumerate().filter(|(_, a)| a.mode != Mode::Paused).map(|(place, _)| place).collect();
        let turn = whose_turn(going.iter().map(|&place| self.active[place].run.record()));
        let (Some(engine), Some(turn)) = (&self.engine, turn) else { return };
        let place = going[turn];
        let active = &mut self.active[place];
        active.run.recall(self.baselines.find(&active.run.record().plan, &engine.device.name, BUILD));
        match active.run.step(engine, &*self.inbox).await {
            Ok(event @ RunEvent::Ended { .. }) => {
                let active = self.active.remove(place);
                self.end(active, event);
            }
            Ok(event) => self.tell(place, event),
            Err(RunError::Interrupted) => {}
            Err(error) => {
                post_error(run_code(&error), error.to_string());
                let active = self.active.remove(place);
                let record = active.run.record();
                let event = RunEvent::Ended { status: record.status.clone(), seconds: record.seconds };
                self.end(active, event);
            }
        }
    }

    /// Tells what came of a piece of work, and halts the run if that was the last step that it was to make.
    fn tell(&mut self, place: usize, event: RunEvent) {
        let active = &mut self.active[place];
        if matches!(event, RunEvent::Evaluated { model: Evaluated::Before, .. }) {
            self.baselines.keep(active.run.record());
        }
        // Step 0 is the measurement before the first.
        let stepped = matches!(&event, RunEvent::Step { step } if step.step > 0);
        let id = active.id;
        post(&Event::Run { run: id, event });
        let Mode::Steps(left) = active.mode else { return };
        if stepped && left <= 1 {
            active.mode = Mode::Paused;
            post(&Event::Paused { run: id });
        } else if stepped {
            active.mode = Mode::Steps(left - 1);
        }
    }

    fn stop(&mut self, id: u32) {
        let Some(place) = self.active.iter().position(|active| active.id == id) else { return };
        let mut active = self.active.remove(place);
        let event = active.run.cancel();
        self.end(active, event);
    }

    fn end(&mut self, active: Active, event: RunEvent) {
        if let Some(adapter) = active.run.adapter().cloned() {
            let (steps, snapshots) = (active.run.steps(), active.run.snapshots().cloned());
            self.over.insert(active.id, Tuned { adapter, steps, snapshots });
        }
        post(&Event::Run { run: active.id, event });
    }

    fn watch(&mut self, id: u32, questions: &[String]) {
        let active = self.active.iter_mut().find(|active| active.id == id);
        let (Some(engine), Some(active)) = (&self.engine, active) else { return };
        match active.run.watch(engine, questions) {
            Ok(event) => post(&Event::Run { run: id, event }),
            Err(error) => {
                let main = active.run.record().plan.evaluation.main();
                let too_long = main.map(|main| too_long(engine, main, questions)).unwrap_or_default();
                refuse(Refused::Watch { run: id, too_long }, engine_code(&error), error.to_string());
            }
        }
    }

    /// The adapter of a run, in progress or over.
    pub(super) fn adapter(&self, id: u32) -> Option<&Adapter> {
        let active = self.active.iter().find(|active| active.id == id);
        active.and_then(|active| active.run.adapter()).or_else(|| self.over.get(&id).map(|tuned| &tuned.adapter))
    }

    /// The adapter of a run as it was after its steps, if it is kept, and after how many it is what it is.
    pub(super) fn snapshots(&self, id: u32) -> Option<(usize, &Snapshots)> {
        let active = self.active.iter().find(|active| active.id == id);
        match active {
            Some(active) => active.run.snapshots().map(|kept| (active.run.steps(), kept)),
            None => self.over.get(&id).and_then(|tuned| Some((tuned.steps, tuned.snapshots.as_ref()?))),
        }
    }

    async fn ask(&mut self, id: u32, run: Option<u32>, question: &str, condition: &Condition, aloud: bool) {
        let Some(engine) = &self.engine else {
            return refuse(Refused::Ask { id }, ErrorCode::Protocol, NOT_LOADED);
        };
        let adapter = run.and_then(|run| self.adapter(run));
        let quiet = ToTheEnd(&self.inbox);
        let [original, tuned] = [false, true].map(|tuned| Aloud::new(&self.inbox, &engine.codec, id, tuned));
        let pulses: [&dyn Pulse; 2] = if aloud { [&original, &tuned] } else { [&quiet, &quiet] };
        match replies(engine, adapter, question, condition, pulses).await {
            Ok((original, tuned)) => post(&Event::Answer { id, original, tuned }),
            Err(EngineError::Interrupted) => post(&Event::Hushed { id }),
            Err(error) => refuse(Refused::Ask { id }, engine_code(&error), error.to_string()),
        }
    }

    /// The engine, while no run is in progress; what is missing is posted.
    fn idle_engine(&self) -> Option<&Engine> {
        let missing = match &self.engine {
            Some(engine) if self.active.is_empty() => return Some(engine),
            Some(_) => IN_PROGRESS,
            None => NOT_LOADED,
        };
        post_error(ErrorCode::Protocol, missing);
        None
    }

    async fn grow(&mut self, most_gflop: f64) {
        let Some(Engine { model, device, .. }) = self.idle_engine() else { return };
        match growth(&model.device, device, most_gflop, now, &*self.inbox).await {
            Err(error) => post_error(run_code(&error), error.to_string()),
            Ok(rows) => post(&Event::Grown { rows }),
        }
    }

    async fn bench(&mut self, plan: BenchPlan) {
        let Some(engine) = self.idle_engine() else { return };
        let memory = |when: &str| BenchRow {
            name: format!("memory_{when}_mb"),
            backend: engine.device.name.clone(),
            value: memory_mb(),
            unit: "MB".into(),
        };
        let before = memory("before");
        match bench(engine, plan, environment(engine), now, &*self.inbox).await {
            Err(error) => post_error(run_code(&error), error.to_string()),
            Ok(mut rows) => {
                rows.extend([before, memory("after")]);
                post(&Event::Benched { rows });
            }
        }
    }
}

/// Where an engine computes, and of which build it is.
pub fn environment(engine: &Engine) -> Environment {
    Environment {
        device: engine.device.clone(),
        host: scope().navigator().user_agent().unwrap_or_default(),
        build: BUILD.into(),
        started: String::from(js_sys::Date::new_0().to_iso_string()),
    }
}

/// The size of this worker's memory, in MB.
fn memory_mb() -> f64 {
    let buffer = wasm_bindgen::memory().unchecked_into::<js_sys::WebAssembly::Memory>().buffer();
    f64::from(buffer.unchecked_into::<js_sys::ArrayBuffer>().byte_length()) / 1e6
}

/// The questions that leave no room for an answer under this condition.
fn too_long(engine: &Engine, condition: &Condition, questions: &[String]) -> Vec<String> {
    let is_too_long = |question: &&String| {
        let tokens = prompt(engine, condition, None, question);
        matches!(tokens, Err(EngineError::Model(LlamaError::TooLong { .. })))
    };
    questions.iter().filter(is_too_long).cloned().collect()
}
