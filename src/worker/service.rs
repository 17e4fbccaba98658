//! The worker's loop: obeys commands and, while a run is going, steps it.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use super::device;
use super::fetch::{self, FetchError};
use super::inbox::Inbox;
use super::port::{now, post, post_error, refuse, scope};
use super::protocol::{BUILD, Command, DeviceChoice, ErrorCode, Event, Fallback, Refused};
use crate::bench::{BenchPlan, bench};
use crate::engine::{Engine, EngineError};
use crate::llama::{Adapter, LlamaError};
use crate::measure::{BenchRow, MeasureError, prompt};
use crate::pulse::Pulse;
use crate::study::{Environment, EvaluationPlan, Plan, Run, RunError, RunEvent};
use crate::tune::TuneError;

/// The longest answer to a free question, in tokens.
const LONGEST_ANSWER: usize = 70;

const NOT_LOADED: &str = "No model is loaded yet.";
const IN_PROGRESS: &str = "A run is in progress. Stop it first.";

/// Starts the worker: called once, when its module is loaded.
pub fn start() {
    console_error_panic_hook::set_once();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        print(info);
        post_error(ErrorCode::Panic, info.to_string(), true);
    }));
    let inbox = Rc::new(Inbox::default());
    let receiver = Rc::clone(&inbox);
    let receive =
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            match serde_wasm_bindgen::from_value(event.data()) {
                Ok(command) => receiver.push(command),
                Err(error) => {
                    post_error(ErrorCode::Protocol, format!("A message could not be understood: {error}."), false)
                }
            }
        });
    scope().set_onmessage(Some(receive.as_ref().unchecked_ref()));
    receive.forget(); // it lives as long as the worker
    wasm_bindgen_futures::spawn_local(
        Service { inbox, engine: None, run: None, mode: Mode::Paused, adapter: None }.serve(),
    );
    post(&Event::Alive { build: BUILD.into() });
}

/// How a run goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Step after step.
    Going,
    /// Until the next optimizer step is done.
    OneStep,
    /// Not at all.
    Paused,
}

struct Service {
    inbox: Rc<Inbox>,
    engine: Option<Engine>,
    run: Option<Run>,
    mode: Mode,
    /// The adapter of the last run, for free questions.
    adapter: Option<Adapter>,
}

impl Service {
    async fn serve(mut self) {
        loop {
            let going = self.run.is_some() && self.mode != Mode::Paused;
            let command = if going { self.inbox.try_next() } else { Some(self.inbox.next().await) };
            match command {
                Some(command) => self.obey(command).await,
                None => self.step().await,
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Load { build, model_url, device } => self.load(&build, &model_url, device).await,
            Command::Start { plan, paused } => self.begin(*plan, paused),
            Command::Pause if self.run.is_some() => self.set_mode(Mode::Paused),
            Command::Resume if self.run.is_some() => self.set_mode(Mode::Going),
            Command::Step if self.run.is_some() => self.set_mode(Mode::OneStep),
            Command::Stop if self.run.is_some() => self.stop(),
            Command::Pause | Command::Resume | Command::Step | Command::Stop => {
                // The run may have ended while the command was on its way: the page knows by then.
            }
            Command::Reset => {
                self.run = None;
                self.adapter = None;
                post(&Event::WasReset);
            }
            Command::Watch { questions } => self.watch(&questions),
            Command::Ask { id, question, system, wrap } => {
                self.ask(id, question, system.as_deref(), wrap.as_deref()).await
            }
            Command::Bench { steps, answers } => self.bench(BenchPlan { steps, answers }).await,
        }
    }

    async fn load(&mut self, build: &str, model_url: &str, choice: DeviceChoice) {
        if build != BUILD {
            let message =
                format!("The page is of version {build} and its worker of version {BUILD}. Load the page again.");
            return post_error(ErrorCode::Build, message, true);
        }
        if self.engine.is_some() {
            return post_error(ErrorCode::Protocol, "A model is loaded already.", false);
        }
        let files = match fetch::model(model_url).await {
            Ok(files) => files,
            Err(error @ FetchError::Network { .. }) => return post_error(ErrorCode::Network, error.to_string(), true),
            Err(error) => return post_error(ErrorCode::Model, error.to_string(), true),
        };
        let opened = match device::open(choice).await {
            Ok(opened) => opened,
            Err(reason) => return post_error(ErrorCode::NoGpu, no_gpu(&reason), true),
        };
        match Engine::load(&files, &opened.device, opened.info.clone()) {
            Err(error) => post_error(ErrorCode::Model, error.to_string(), true),
            Ok(engine) => {
                let parameters = engine.model.parameters() as f64;
                self.engine = Some(engine);
                post(&Event::Ready { device: opened.info, fallback: opened.fallback, parameters });
            }
        }
    }

    fn begin(&mut self, plan: Plan, paused: bool) {
        let refused = |too_long| Refused::Start { too_long };
        let Some(engine) = &self.engine else {
            return refuse(refused(Vec::new()), ErrorCode::Protocol, NOT_LOADED);
        };
        if self.run.is_some() {
            return refuse(refused(Vec::new()), ErrorCode::Protocol, IN_PROGRESS);
        }
        let evaluation = plan.evaluation.clone();
        match Run::new(plan, engine, environment(engine), Box::new(now)) {
            Err(error) => {
                refuse(refused(too_long(engine, &evaluation, &evaluation.watch)), code(&error), error.to_string());
            }
            Ok(run) => {
                self.run = Some(run);
                self.mode = if paused { Mode::Paused } else { Mode::Going };
                post(if paused { &Event::Paused } else { &Event::Resumed });
            }
        }
    }

    fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
        post(if mode == Mode::Paused { &Event::Paused } else { &Event::Resumed });
    }

    /// Does the run's next piece of work.
    async fn step(&mut self) {
        let (Some(engine), Some(run)) = (&self.engine, &mut self.run) else { return };
        // Lets messages in at least once between two pieces of work; what they ask for is seen to first.
        let _ = self.inbox.beat().await;
        match run.step(engine, &*self.inbox).await {
            Ok(RunEvent::Ended) => self.end(),
            Ok(event) => {
                let stepped = matches!(&event, RunEvent::Step { .. });
                post(&Event::Run { event });
                if stepped && self.mode == Mode::OneStep {
                    self.set_mode(Mode::Paused);
                }
            }
            Err(error) if error.is_interruption() => {}
            Err(error) => {
                post_error(code(&error), error.to_string(), false);
                self.end();
            }
        }
    }

    fn stop(&mut self) {
        if let Some(run) = &mut self.run {
            run.cancel();
        }
        self.end();
    }

    fn end(&mut self) {
        if let Some(run) = self.run.take() {
            self.adapter = Some(run.adapter().clone());
            post(&Event::Ended { record: Box::new(run.into_record()) });
        }
        self.mode = Mode::Paused;
    }

    fn watch(&mut self, questions: &[String]) {
        let (Some(engine), Some(run)) = (&self.engine, &mut self.run) else { return };
        if let Err(error) = run.watch(engine, questions) {
            let too_long = too_long(engine, &run.record().plan.evaluation, questions);
            refuse(Refused::Watch { too_long }, engine_code(&error), error.to_string());
        }
    }

    async fn ask(&mut self, id: u32, question: String, system: Option<&str>, wrap: Option<&str>) {
        let Some(engine) = &self.engine else {
            return refuse(Refused::Ask { id }, ErrorCode::Protocol, NOT_LOADED);
        };
        let adapter = self.run.as_ref().map(Run::adapter).or(self.adapter.as_ref());
        match replies(engine, adapter, &question, system, wrap).await {
            Ok((original, tuned)) => post(&Event::Answer { id, question, original, tuned }),
            Err(error) => refuse(Refused::Ask { id }, engine_code(&error), error.to_string()),
        }
    }

    async fn bench(&mut self, plan: BenchPlan) {
        let Some(engine) = &self.engine else { return post_error(ErrorCode::Protocol, NOT_LOADED, false) };
        if self.run.is_some() {
            return post_error(ErrorCode::Protocol, IN_PROGRESS, false);
        }
        let memory = |when: &str| BenchRow {
            name: format!("memory_{when}_mb"),
            backend: engine.device.name.clone(),
            value: memory_mb(),
            unit: "MB".into(),
        };
        let before = memory("before");
        match bench(engine, plan, environment(engine), now, &*self.inbox).await {
            Err(error) => post_error(code(&error), error.to_string(), false),
            Ok(mut rows) => {
                rows.extend([before, memory("after")]);
                post(&Event::Benched { rows });
            }
        }
    }
}

/// The answers of the original and, if there is one, of the tuned model.
async fn replies(
    engine: &Engine,
    adapter: Option<&Adapter>,
    question: &str,
    system: Option<&str>,
    wrap: Option<&str>,
) -> Result<(String, Option<String>), EngineError> {
    let prompts = [prompt(engine, system, wrap, question)?];
    let mut answers = Vec::new();
    for adapter in [None, adapter].into_iter().take(1 + usize::from(adapter.is_some())) {
        let spoken = engine.answer(adapter, &prompts, LONGEST_ANSWER, &crate::pulse::Steady).await?;
        answers.push(spoken.into_iter().map(|s| s.text).collect::<String>());
    }
    let mut answers = answers.into_iter();
    Ok((answers.next().unwrap_or_default(), answers.next()))
}

fn environment(engine: &Engine) -> Environment {
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

/// The questions that leave no room for an answer under the prompt of an evaluation.
fn too_long(engine: &Engine, evaluation: &EvaluationPlan, questions: &[String]) -> Vec<String> {
    let is_too_long = |question: &&String| {
        let tokens = prompt(engine, evaluation.system.as_deref(), evaluation.wrap.as_deref(), question);
        matches!(tokens, Err(EngineError::Model(LlamaError::TooLong { .. })))
    };
    questions.iter().filter(is_too_long).cloned().collect()
}

fn no_gpu(reason: &Fallback) -> String {
    let reason = match reason {
        Fallback::NoWebGpu => "this browser has no WebGPU".into(),
        Fallback::NoAdapter => "this browser offers no graphics adapter".into(),
        Fallback::SoftwareAdapter { name } => format!("the only adapter is emulated ({name})"),
        Fallback::Failed { message } => message.clone(),
    };
    format!("WebGPU cannot be used: {reason}. The CPU will do.")
}

fn code(error: &RunError) -> ErrorCode {
    match error {
        RunError::Plan { .. } | RunError::Data(_) => ErrorCode::Plan,
        RunError::Measure(
            MeasureError::UnknownItem { .. }
            | MeasureError::NoQuestions
            | MeasureError::Prefill { .. }
            | MeasureError::OtherTokens,
        ) => ErrorCode::Plan,
        RunError::ConversationTooLong { .. } => ErrorCode::TooLong,
        RunError::Engine(error) | RunError::Measure(MeasureError::Engine(error)) => engine_code(error),
        RunError::Tune(TuneError::NotFinite { .. }) => ErrorCode::NotFinite,
        RunError::Tune(TuneError::NothingToLearn { .. }) => ErrorCode::Plan,
        RunError::Tune(TuneError::Model(error)) => model_code(error),
    }
}

fn engine_code(error: &EngineError) -> ErrorCode {
    match error {
        EngineError::Model(error) => model_code(error),
        EngineError::Text(_) | EngineError::Manifest { .. } => ErrorCode::Model,
    }
}

fn model_code(error: &LlamaError) -> ErrorCode {
    match error {
        LlamaError::TooLong { .. } => ErrorCode::TooLong,
        LlamaError::Device { .. } => ErrorCode::DeviceLost,
        LlamaError::Adapter { .. } => ErrorCode::Plan,
        _ => ErrorCode::Model,
    }
}
