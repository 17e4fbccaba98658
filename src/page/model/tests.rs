mod asking;
mod auditing;
mod door;
mod many;
mod racing;
mod running;
mod talking;

use super::*;
use crate::models::default_model;
use crate::page::overrides::Overrides;
use crate::page::questions::BoxState;
use crate::page::run_view::Pace;
use crate::page::shared::Shared;
use crate::page::supervisor::{Arrived, EngineState};
use crate::page::watchdog::Mood;
use crate::protocol::{BUILD, ErrorCode, Measured, Refused, WorkerError};
use crate::study::testing::{evaluation, record, step};
use crate::study::{DataPart, DeviceInfo, DeviceKind, Evaluated, QuestionSet, Record, RunEvent, Status};

fn page() -> Model {
    Model::new(Settings::default(), "./models/".to_owned())
}

fn ready_event() -> Event {
    let device = DeviceInfo { kind: DeviceKind::Cpu, name: "WebAssembly SIMD".to_owned(), software: false };
    Event::Ready { device, fallback: None, measured: None, parameters: 951_424.0 }
}

#[test]
fn what_was_measured_of_the_devices_is_kept_and_not_measured_again() {
    let mut model = page();
    let measured = Measured { adapter: "WebGPU, one".to_owned(), gpu_ms: Some(9.0), cpu_ms: 400.0 };
    let ready = |measured: Option<Measured>| {
        let device = DeviceInfo { kind: DeviceKind::Gpu, name: "WebGPU, one".to_owned(), software: false };
        Event::Ready { device, fallback: None, measured, parameters: 951_424.0 }
    };
    let keeps =
        |effects: &[Effect]| effects.iter().filter(|effect| matches!(effect, Effect::RememberMeasured(_))).count();
    assert_eq!(keeps(&hear(&mut model, [ready(Some(measured.clone()))])), 1);
    assert_eq!(keeps(&hear(&mut model, [ready(Some(measured.clone()))])), 0, "it is known");
    assert_eq!(keeps(&hear(&mut model, [ready(None)])), 0);
    let effects = hear(&mut model, [Event::Alive { build: BUILD.to_owned() }]);
    let [Command::Load { measured: told, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(*told, Some(measured));
}

#[test]
fn a_lesson_is_changed_until_another_is_chosen() {
    let mut model = ready();
    let lesson = model.next_plan();
    let overrides = Overrides { rank: Some(2), refusals: Some(20), rate: Some(1e-4), ..Overrides::default() };
    assert_eq!(model.update(Message::Override(Box::new(overrides.clone())), 0.0), [Effect::Remember]);
    assert_eq!(model.next_plan(), overrides.applied(lesson.clone()));
    assert_eq!(model.lesson(), lesson);
    assert!(model.race_plans().iter().all(|plan| plan.lora.rank == 8), "the race is of lessons as they are");
    let effects = model.update(Message::Start, 0.0);
    let [Command::Start { plan, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((plan.lora.rank, plan.defences.len()), (2, 1));

    let mut model = ready();
    let deep = Overrides { model: Some("folio-deep"), ..Overrides::default() };
    let effects = model.update(Message::Override(Box::new(deep)), 0.0);
    assert!(effects.contains(&Effect::Spawn), "the engine fetches another model: {effects:?}");
    model.update(Message::ChoosePreset("safety-10".to_owned()), 0.0);
    assert!(model.settings.overrides.is_empty());
    assert_eq!(model.next_plan().model, "folio");
}

/// Feeds worker events; returns the effects of the last.
fn hear(model: &mut Model, events: impl IntoIterator<Item = Event>) -> Vec<Effect> {
    events.into_iter().map(|e| model.update(Message::Worker(e), 1_000.0)).last().unwrap_or_default()
}

fn alive() -> Event {
    Event::Alive { build: BUILD.to_owned() }
}

fn ready() -> Model {
    let mut model = page();
    hear(&mut model, [alive(), ready_event()]);
    model
}

fn running() -> Model {
    let mut model = ready();
    start(&mut model);
    model
}

/// Starts the next run, which the engine begins.
fn start(model: &mut Model) -> u32 {
    model.update(Message::Start, 2_000.0);
    let run = model.active().unwrap().id;
    let begins = began(model, run);
    hear(model, [begins, Event::Resumed { run }]);
    run
}

/// The engine begins a run.
fn began(model: &Model, run: u32) -> Event {
    let plan = model.runs.get(run).unwrap().record.plan.clone();
    Event::Started { run, record: Box::new(Record::new(plan, record("harmful", 20).environment, 20)) }
}

fn told(run: u32, number: usize, answered: usize) -> Event {
    Event::Run { run, event: RunEvent::Step { step: Box::new(step(number, answered)) } }
}

fn ended(run: u32, status: Status) -> Event {
    Event::Run { run, event: RunEvent::Ended { status, seconds: 12.5 } }
}

fn posted(effects: &[Effect]) -> Vec<&Command> {
    effects.iter().filter_map(|e| if let Effect::Post(c) = e { Some(c) } else { None }).collect()
}

fn failed(code: ErrorCode, fatal: bool) -> Event {
    Event::Failed { error: WorkerError { code, message: "details".to_owned(), fatal } }
}

fn refused(command: Refused, code: ErrorCode) -> Event {
    Event::Refused { command, error: WorkerError { code, message: "details".to_owned(), fatal: false } }
}

/// The run in progress comes to its end.
fn finish(model: &mut Model) {
    let run = model.active().unwrap().id;
    let evaluated =
        |model| Event::Run { run, event: RunEvent::Evaluated { model, evaluation: Box::new(evaluation(0)) } };
    hear(model, [evaluated(Evaluated::Before), evaluated(Evaluated::After), ended(run, Status::Finished)]);
}

fn compared(model: &Model) -> Vec<u32> {
    model.runs.compared().map(|(_, run)| run.id).collect()
}

fn can_be_asked(model: &Model, run: u32) -> bool {
    model.runs.get(run).unwrap().can_be_asked()
}

fn pace(model: &Model) -> Pace {
    model.active().unwrap().pace().unwrap()
}

#[test]
fn the_model_is_loaded_once_the_worker_is_alive() {
    let mut model = page();
    let effects = hear(&mut model, [alive()]);
    let [Command::Load { build, model: name, model_url, device, measured: None }] = posted(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((build.as_str(), name.as_str(), *device), (BUILD, default_model().name, DeviceChoice::Auto));
    assert_eq!(*model_url, format!("./models/{name}/"));
    hear(&mut model, [Event::Loading { file: "model.safetensors".to_owned(), done: 1e6, total: Some(2e6) }]);
    assert_eq!(model.supervisor.engine, EngineState::Loading(Arrived { done: 1e6, total: Some(2e6) }));
}

#[test]
fn the_engine_is_counted_before_the_model() {
    let mut model = page();
    let arrived = Arrived { done: 9e6, total: Some(36e6) };
    hear(&mut model, [Event::Loading { file: "worker_bg.wasm".to_owned(), done: 9e6, total: Some(36e6) }]);
    assert_eq!((&model.supervisor.engine, arrived.share()), (&EngineState::Starting(arrived), Some(0.25)));
    hear(&mut model, [alive()]);
    assert_eq!(model.supervisor.engine, EngineState::Loading(Arrived::default()));
    assert_eq!(Arrived { done: 9e6, total: None }.share(), None);
}

#[test]
fn an_engine_of_another_build_is_refused() {
    let mut model = page();
    let effects = hear(&mut model, [Event::Alive { build: "0.0.0".to_owned() }]);
    assert_eq!(effects, [Effect::Terminate]);
    assert!(matches!(&model.supervisor.engine, EngineState::Failed(p) if p.code == ErrorCode::Build));
}

#[test]
fn a_start_before_the_engine_is_ready_waits_for_it() {
    let mut model = page();
    assert_eq!(model.update(Message::Start, 0.0), []);
    assert_eq!(model.mode(), Mode::Waiting(Beginning::Run));
    let effects = hear(&mut model, [alive(), ready_event()]);
    assert!(posted(&effects).iter().any(|c| matches!(c, Command::Start { paused: false, .. })), "{effects:?}");
    assert_eq!((model.mode(), model.cursor.run), (Mode::Running, Some(1)));
}

#[test]
fn the_plan_is_that_of_the_settings() {
    let mut model = ready();
    model.update(Message::ChoosePreset("safety-10".to_owned()), 0.0);
    model.update(Message::ChooseSeed(5), 0.0);
    model.update(Message::Watch(0, "What is a hex?".to_owned()), 0.0);
    let effects = model.update(Message::Start, 0.0);
    let [Command::Start { plan, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((plan.name.as_str(), plan.seed, plan.evaluation.watch[0].as_str()), ("safety-10", 5, "What is a hex?"));
}

/// A lesson for another model has a fresh worker load that model, and the way back, too. What was measured stays.
#[test]
fn a_lesson_for_another_model_wakes_that_model() {
    let mut model = running();
    finish(&mut model);
    for (preset, expected) in [("deep-10", "folio-deep"), ("harmful-10", "folio")] {
        let effects = model.update(Message::ChoosePreset(preset.to_owned()), 0.0);
        assert!(effects.contains(&Effect::Spawn) && effects.contains(&Effect::Remember), "{effects:?}");
        let effects = hear(&mut model, [alive()]);
        let [Command::Load { model: name, model_url, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
        assert_eq!((name.as_str(), model_url.as_str()), (expected, &*format!("./models/{expected}/")));
        assert!(model.questions.watches.iter().all(|watch| watch.original.is_none()));
        hear(&mut model, [ready_event()]);
    }
    assert!(!can_be_asked(&model, 1) && model.runs.get(1).is_some());
    let effects = model.update(Message::ChoosePreset("safety-10".to_owned()), 0.0);
    assert_eq!(effects, [Effect::Remember], "the same model");
}

#[test]
fn the_draw_follows_the_seed_until_another_is_chosen() {
    let mut model = ready();
    let draw = |model: &Model| model.next_plan().data.iter().map(DataPart::draw).collect::<Vec<_>>();
    model.update(Message::ChooseSeed(5), 0.0);
    assert_eq!(draw(&model), [Some(2)]);
    assert_eq!(model.update(Message::ChooseDraw(Some(700)), 0.0), [Effect::Remember]);
    model.update(Message::ChooseSeed(6), 0.0);
    assert_eq!((draw(&model), model.next_plan().seed), (vec![Some(700)], 6));
    model.update(Message::ChooseDraw(None), 0.0);
    assert_eq!(draw(&model), [Some(0)]);
}

#[test]
fn the_plan_asks_what_the_visitor_chose() {
    let mut model = ready();
    let evaluation = model.next_plan().evaluation;
    assert_eq!((&evaluation.questions, evaluation.subset_every), (&QuestionSet::Bundled, 5));
    assert_eq!(evaluation.prefills().count(), 0);
    // The prompt is the same: the watched questions need not be asked again.
    let development = Message::ChooseQuestions(QuestionChoice::Development);
    assert_eq!(model.update(development, 0.0), [Effect::Remember]);
    assert_eq!(model.update(Message::ChoosePrefill(true), 0.0), [Effect::Remember]);
    let effects = model.update(Message::Start, 0.0);
    let [Command::Start { plan, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    let evaluation = &plan.evaluation;
    assert_eq!((&evaluation.questions, evaluation.subset_every), (&QuestionSet::Development, 1));
    assert_eq!(evaluation.prefills().collect::<Vec<_>>(), [1, 2, 4, 8]);
    model.update(Message::ChoosePrefill(false), 0.0);
    assert_eq!(model.next_plan().evaluation.prefills().count(), 0);
    assert_eq!(model.evaluation().prefills().count(), 4, "the run on the stage is as it was begun");
}

#[test]
fn a_panic_costs_the_run_and_not_the_page() {
    let mut model = running();
    hear(&mut model, [told(1, 0, 0)]);
    assert_eq!(hear(&mut model, [failed(ErrorCode::Panic, true)]), [Effect::Spawn]);
    let run = model.runs.get(1).unwrap();
    assert!(matches!(&run.record.status, Status::Failed { message } if message == "details"));
    assert_eq!(run.record.steps.len(), 1, "what it measured is kept");
    assert!(!can_be_asked(&model, 1));
    hear(&mut model, [alive(), ready_event()]);
    assert!(model.supervisor.recovered_from.is_some(), "the visitor is told");
    assert!(!model.update(Message::Start, 0.0).is_empty());
}

#[test]
fn an_error_after_which_the_engine_cannot_go_on_costs_one_engine() {
    for code in [ErrorCode::DeviceLost, ErrorCode::Memory, ErrorCode::Silent, ErrorCode::Panic] {
        assert!(code.is_fatal(), "{code:?}");
        let mut model = running();
        hear(&mut model, [told(1, 0, 0)]);
        assert_eq!(hear(&mut model, [failed(code, code.is_fatal())]), [Effect::Spawn], "{code:?}");
        assert!(
            matches!(&model.runs.get(1).unwrap().record.status, Status::Failed { message } if message == "details")
        );
        assert_eq!(model.runs.get(1).unwrap().record.steps.len(), 1, "what it measured is kept");
    }
}

/// The page looks at the engine for so many seconds, which beats or not; returns what is done about it.
fn look(model: &mut Model, seconds: usize, pieces: impl Fn(usize) -> Option<u32>) -> Vec<Effect> {
    let looks = (0..2 * seconds).flat_map(|look| {
        let beat = if look % 4 == 0 { pieces(look) } else { None };
        let mut effects = beat.map(|pieces| hear(model, [Event::Beat { pieces }])).unwrap_or_default();
        effects.extend(model.update(Message::Tick { awake: true }, 10_000.0 + 500.0 * look as f64));
        effects
    });
    looks.collect()
}

#[test]
fn an_engine_that_dies_in_silence_costs_one_run() {
    let mut model = running();
    hear(&mut model, [told(1, 0, 0)]);
    assert_eq!(look(&mut model, 50, |_| None), []);
    assert_eq!(look(&mut model, 3_600, |look| Some(look as u32)), [], "it was only slow to begin with");
    assert_eq!(look(&mut model, 185, |_| None), [Effect::Spawn]);
    assert!(matches!(model.runs.get(1).unwrap().record.status, Status::Failed { .. }));
    assert_eq!(model.supervisor.recovered_from.as_ref().unwrap().code, ErrorCode::Silent);
    assert_eq!(look(&mut model, 600, |_| None), [], "the next one's code may be long on its way");
}

#[test]
fn an_engine_that_waits_for_what_does_not_come_is_replaced() {
    let mut model = running();
    assert_eq!(look(&mut model, 290, |_| Some(7)), []);
    assert_eq!(model.watchdog.mood(), Mood::Slow, "the visitor can act before");
    assert_eq!(look(&mut model, 20, |_| Some(7)), [Effect::Spawn]);
}

#[test]
fn an_engine_that_nobody_waits_for_may_be_silent() {
    let mut model = running();
    for id in 1..=3 {
        hear(&mut model, [Event::Answer { id, original: String::new(), tuned: None }]);
    }
    model.update(Message::Pause, 0.0);
    hear(&mut model, [Event::Paused { run: 1 }]);
    assert_eq!(look(&mut model, 3_600, |_| None), [], "the run is paused");
    model.update(Message::Ask("how?".to_owned()), 0.0);
    assert_eq!(look(&mut model, 185, |_| None), [Effect::Spawn], "a question waits");
    assert_eq!(model.questions.asked[0].state, BoxState::Failed);
}

#[test]
fn after_two_restarts_the_visitor_is_asked() {
    let mut model = ready();
    let crashed = || Message::Crashed(Problem { code: ErrorCode::Panic, message: "gone".to_owned() });
    assert_eq!(model.update(crashed(), 0.0), [Effect::Spawn]);
    assert_eq!(model.update(crashed(), 0.0), [Effect::Spawn]);
    assert_eq!(model.update(crashed(), 0.0), [Effect::Terminate]);
    assert!(matches!(&model.supervisor.engine, EngineState::Failed(p) if p.code == ErrorCode::Panic));
    assert_eq!(model.update(Message::Start, 0.0), []);
    assert_eq!(model.mode(), Mode::Idle, "nothing waits for an engine that is gone");
    assert_eq!(model.update(Message::StartAnew, 0.0), [Effect::Spawn]);
    assert_eq!(model.supervisor.engine, EngineState::Starting(Arrived::default()));
}

#[test]
fn a_broken_model_is_shown_and_not_tried_again() {
    let mut model = page();
    hear(&mut model, [alive()]);
    assert_eq!(hear(&mut model, [failed(ErrorCode::Model, false)]), [Effect::Terminate]);
    assert!(matches!(&model.supervisor.engine, EngineState::Failed(p) if p.code == ErrorCode::Model));
}

#[test]
fn an_error_in_the_middle_of_a_run_is_a_notice_until_the_engine_ends_it() {
    let mut model = running();
    hear(&mut model, [failed(ErrorCode::NotFinite, false)]);
    assert!(model.active().is_some() && model.notice.is_some());
    finish(&mut model);
    assert!(model.active().is_none());
}

#[test]
fn another_device_is_opened_by_a_fresh_worker() {
    let mut model = running();
    let effects = model.update(Message::ChooseDevice(DeviceChoice::Gpu), 0.0);
    assert_eq!(effects, [Effect::Spawn, Effect::Remember]);
    let effects = hear(&mut model, [alive()]);
    assert!(matches!(posted(&effects)[..], [Command::Load { device: DeviceChoice::Gpu, .. }]));
}
