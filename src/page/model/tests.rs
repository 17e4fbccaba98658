use super::*;
use crate::page::questions::AskedState;
use crate::page::run_view::RunState;
use crate::page::supervisor::Engine;
use crate::study::testing::{measurement, record, step};
use crate::study::{DeviceInfo, DeviceKind, QuestionSet, RunEvent, Status};
use crate::worker::protocol::{BUILD, Refused, WorkerError};

fn page() -> Model {
    Model::new(Settings::default(), "./models/".to_owned())
}

fn ready_event() -> Event {
    let device = DeviceInfo { kind: DeviceKind::Cpu, name: "burn-flex".to_owned(), software: false };
    Event::Ready { device, fallback: None, parameters: 951_424.0 }
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
    model.update(Message::Start, 2_000.0);
    model
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

/// The whole record of the run in progress.
fn finish(model: &mut Model) {
    hear(model, [Event::Ended { record: Box::new(record("harmful-10", 20)) }]);
}

#[test]
fn the_model_is_loaded_once_the_worker_is_alive() {
    let mut model = page();
    let effects = hear(&mut model, [alive()]);
    let [Command::Load { build, model_url, device }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((build.as_str(), model_url.as_str(), *device), (BUILD, "./models/folio/", DeviceChoice::Auto));
    hear(&mut model, [Event::Loading { file: "model.safetensors".to_owned(), done: 1e6, total: Some(2e6) }]);
    assert_eq!(model.supervisor.engine, Engine::Loading { done: 1e6, total: Some(2e6) });
}

#[test]
fn an_engine_of_another_build_is_refused() {
    let mut model = page();
    let effects = hear(&mut model, [Event::Alive { build: "0.0.0".to_owned() }]);
    assert_eq!(effects, [Effect::Terminate]);
    assert!(matches!(&model.supervisor.engine, Engine::Failed(p) if p.code == ErrorCode::Build));
}

#[test]
fn a_ready_engine_is_asked_the_watched_questions() {
    let mut model = page();
    let effects = hear(&mut model, [alive(), ready_event()]);
    assert_eq!(posted(&effects).len(), 3);
    hear(
        &mut model,
        [Event::Answer { id: 1, question: String::new(), original: "I am sorry.".to_owned(), tuned: None }],
    );
    assert_eq!(model.questions.watches[0].original.as_ref().unwrap().answer, "I am sorry.");
}

#[test]
fn a_start_before_the_engine_is_ready_waits_for_it() {
    let mut model = page();
    assert_eq!(model.update(Message::Start, 0.0), []);
    let effects = hear(&mut model, [alive(), ready_event()]);
    assert!(posted(&effects).iter().any(|c| matches!(c, Command::Start { paused: false, .. })), "{effects:?}");
    assert_eq!((model.waiting, model.shown), (None, Some(1)));
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

#[test]
fn the_plan_asks_what_the_visitor_chose() {
    let mut model = ready();
    let evaluation = model.next_plan().evaluation;
    assert_eq!((evaluation.questions, evaluation.subset_every, evaluation.prefill.len()), (QuestionSet::Bundled, 5, 0));
    // The prompt is the same: the watched questions need not be asked again.
    let development = Message::ChooseQuestions(QuestionChoice::Development);
    assert_eq!(model.update(development, 0.0), [Effect::Remember]);
    assert_eq!(model.update(Message::ChoosePrefill(true), 0.0), [Effect::Remember]);
    let effects = model.update(Message::Start, 0.0);
    let [Command::Start { plan, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    let evaluation = &plan.evaluation;
    assert_eq!((&evaluation.questions, evaluation.subset_every), (&QuestionSet::Development, 1));
    assert_eq!(evaluation.prefill, [1, 2, 4, 8]);
    model.update(Message::ChoosePrefill(false), 0.0);
    assert!(model.next_plan().evaluation.prefill.is_empty());
    assert!(!model.watch_prompt().prefill.is_empty(), "the run on the stage is as it was begun");
}

#[test]
fn a_run_is_paused_and_goes_on_when_the_worker_says_so() {
    let mut model = running();
    assert_eq!(model.update(Message::Start, 0.0), [], "one run at a time");
    assert_eq!(model.update(Message::Pause, 0.0), [Effect::Post(Command::Pause)]);
    assert_eq!(model.active().unwrap().state, RunState::Pausing);
    assert_eq!(model.update(Message::Pause, 0.0), []);
    hear(&mut model, [Event::Paused]);
    assert_eq!(model.active().unwrap().state, RunState::Paused);
    assert_eq!(model.update(Message::Step, 0.0), [Effect::Post(Command::Step)]);
    assert_eq!(model.update(Message::Step, 0.0), [], "one step at a time");
    hear(&mut model, [Event::Paused]);
    assert_eq!(model.update(Message::Resume, 0.0), [Effect::Post(Command::Resume)]);
    assert_eq!(model.active().unwrap().state, RunState::Going);
}

#[test]
fn a_step_without_a_run_begins_one_that_halts_after_it() {
    let mut model = ready();
    let effects = model.update(Message::Step, 0.0);
    let [Command::Start { paused: true, .. }, Command::Step] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(model.active().unwrap().state, RunState::Stepping);
}

#[test]
fn a_finished_run_is_kept_and_compared() {
    let mut model = running();
    let events = [
        RunEvent::Before { measurement: Box::new(measurement(0)), step: Box::new(step(0, 0)) },
        RunEvent::Step { step: Box::new(step(1, 30)) },
    ];
    hear(&mut model, events.map(|event| Event::Run { event }));
    assert_eq!(model.shown_step(), Some(1));
    model.update(Message::Scrub(Some(0)), 0.0);
    assert_eq!(model.shown_step(), Some(0));
    finish(&mut model);
    assert!(model.active().is_none());
    assert_eq!((model.shown, model.tuned_by, model.compared.clone()), (Some(1), Some(1), vec![1]));
}

#[test]
fn at_most_three_runs_with_records_are_compared() {
    let mut model = ready();
    for _ in 0..4 {
        model.update(Message::Start, 0.0);
        finish(&mut model);
    }
    assert_eq!(model.compared, [1, 2, 3]);
    model.update(Message::Compare(2, false), 0.0);
    model.update(Message::Compare(4, true), 0.0);
    model.update(Message::Compare(2, true), 0.0);
    model.update(Message::Compare(77, true), 0.0);
    assert_eq!(model.compared, [1, 3, 4]);
    model.update(Message::Show(2), 0.0);
    assert_eq!(model.shown, Some(2));
}

#[test]
fn a_stopped_run_keeps_its_record() {
    let mut model = running();
    assert_eq!(model.update(Message::Stop, 0.0), [Effect::Post(Command::Stop)]);
    let cancelled = crate::study::Record { status: Status::Cancelled, ..record("harmful-10", 20) };
    hear(&mut model, [Event::Ended { record: Box::new(cancelled) }]);
    assert_eq!(model.run(1).unwrap().state, RunState::Ended(Status::Cancelled));
    assert_eq!(model.compared, [] as [u32; 0]);
}

#[test]
fn reset_clears_the_stage_and_keeps_what_is_finished() {
    let mut model = running();
    finish(&mut model);
    model.update(Message::Start, 0.0);
    assert_eq!(model.update(Message::Reset, 0.0), [Effect::Post(Command::Reset)]);
    let effects = hear(&mut model, [Event::WasReset]);
    assert_eq!(model.runs.iter().map(|r| r.id).collect::<Vec<_>>(), [1]);
    assert_eq!((model.shown, model.tuned_by), (None, None));
    assert_eq!(posted(&effects).len(), 3, "the original model answers the watched questions again");
}

#[test]
fn a_panic_costs_the_run_and_not_the_page() {
    let mut model = running();
    assert_eq!(hear(&mut model, [failed(ErrorCode::Panic, true)]), [Effect::Spawn]);
    assert!(
        matches!(&model.run(1).unwrap().state, RunState::Ended(Status::Failed { message }) if message == "details")
    );
    assert_eq!(model.tuned_by, None);
    hear(&mut model, [alive(), ready_event()]);
    assert!(model.supervisor.recovered_from.is_some(), "the visitor is told");
    assert!(!model.update(Message::Start, 0.0).is_empty());
}

#[test]
fn after_two_restarts_the_visitor_is_asked() {
    let mut model = ready();
    assert_eq!(model.update(Message::Crashed("gone".to_owned()), 0.0), [Effect::Spawn]);
    assert_eq!(model.update(Message::Crashed("gone".to_owned()), 0.0), [Effect::Spawn]);
    assert_eq!(model.update(Message::Crashed("gone".to_owned()), 0.0), [Effect::Terminate]);
    assert!(matches!(&model.supervisor.engine, Engine::Failed(p) if p.code == ErrorCode::Panic));
    assert_eq!(model.update(Message::Start, 0.0), []);
    assert_eq!(model.waiting, None, "nothing waits for an engine that is gone");
    assert_eq!(model.update(Message::StartAnew, 0.0), [Effect::Spawn]);
    assert_eq!(model.supervisor.engine, Engine::Starting);
}

#[test]
fn a_broken_model_is_shown_and_not_tried_again() {
    let mut model = page();
    hear(&mut model, [alive()]);
    assert_eq!(hear(&mut model, [failed(ErrorCode::Model, false)]), [Effect::Terminate]);
    assert!(matches!(&model.supervisor.engine, Engine::Failed(p) if p.code == ErrorCode::Model));
}

#[test]
fn a_question_that_is_too_long_is_a_notice_and_nothing_more() {
    let mut model = ready();
    for id in 1..=3 {
        hear(&mut model, [Event::Answer { id, question: String::new(), original: String::new(), tuned: None }]);
    }
    let effects = model.update(Message::Ask("how?".to_owned()), 0.0);
    assert_eq!(posted(&effects).len(), 1);
    let id = model.questions.asked[0].id;
    hear(&mut model, [refused(Refused::Ask { id }, ErrorCode::TooLong)]);
    assert_eq!(model.questions.asked[0].state, AskedState::Failed);
    assert!(model.supervisor.ready().is_some());
    assert_eq!(model.notice.as_ref().unwrap().code, ErrorCode::TooLong);
    model.update(Message::Dismiss, 0.0);
    assert_eq!(model.notice, None);
}

#[test]
fn a_start_that_is_refused_leaves_the_page_as_it_was() {
    let start = || Refused::Start { too_long: Vec::new() };
    for code in [ErrorCode::Plan, ErrorCode::TooLong, ErrorCode::Model, ErrorCode::DeviceLost, ErrorCode::Protocol] {
        let mut model = running();
        hear(&mut model, [refused(start(), code)]);
        assert!(model.active().is_none() && model.runs.is_empty(), "{code:?}");
        assert_eq!((model.shown, model.tuned_by), (None, None));
        assert_eq!(model.notice.as_ref().unwrap().code, code);
        assert!(model.supervisor.ready().is_some());
        assert!(!model.update(Message::Start, 0.0).is_empty(), "another run can begin");
    }
    let mut model = running();
    finish(&mut model);
    model.update(Message::Start, 0.0);
    hear(&mut model, [refused(start(), ErrorCode::Plan)]);
    assert_eq!((model.shown, model.tuned_by, model.runs.len()), (Some(1), Some(1), 1));
    model.update(Message::Start, 0.0);
    assert_eq!(model.shown, Some(2), "a run that did not begin has no number");
}

#[test]
fn a_watched_question_that_is_too_long_is_replaced_by_the_one_before_it() {
    let answers = |ids: std::ops::RangeInclusive<u32>| {
        ids.map(|id| Event::Answer { id, question: String::new(), original: "So.".to_owned(), tuned: None })
    };
    let watched = |model: &Model| model.questions.watched();
    let original = watched(&page());
    let long = || vec!["long".to_owned()];

    // Asked of the original, before any run.
    let mut model = ready();
    hear(&mut model, answers(1..=3));
    model.update(Message::Watch(1, "long".to_owned()), 0.0);
    let effects = hear(&mut model, [refused(Refused::Ask { id: 4 }, ErrorCode::TooLong)]);
    assert_eq!(watched(&model), original);
    assert!(matches!(posted(&effects)[..], [Command::Ask { .. }]), "{effects:?}");

    // It is too long only under the prompt of the run that is to begin.
    hear(&mut model, answers(5..=5));
    model.update(Message::Watch(1, "long".to_owned()), 0.0);
    model.update(Message::ChoosePreset("identity-10".to_owned()), 0.0);
    model.update(Message::Start, 0.0);
    hear(&mut model, [refused(Refused::Start { too_long: long() }, ErrorCode::TooLong)]);
    assert_eq!((watched(&model), model.active()), (original.clone(), None));

    // In the middle of a run the engine is told again what is watched, and a question of the box waits on.
    let mut model = ready();
    hear(&mut model, answers(1..=3));
    model.update(Message::Start, 0.0);
    model.update(Message::Ask("how?".to_owned()), 0.0);
    model.update(Message::Watch(1, "long".to_owned()), 0.0);
    let effects = hear(&mut model, [refused(Refused::Watch { too_long: long() }, ErrorCode::TooLong)]);
    let [Command::Ask { .. }, Command::Watch { questions }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((questions, watched(&model)), (&original, original.clone()));
    assert_eq!(model.questions.asked[0].state, AskedState::Waiting);
    assert!(model.active().is_some());
    hear(&mut model, [refused(Refused::Ask { id: 5 }, ErrorCode::TooLong)]);
    assert_eq!(model.questions.asked[0].state, AskedState::Waiting, "that was the watched question");
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

#[test]
fn choosing_the_persona_asks_the_watched_questions_under_its_prompt() {
    let mut model = ready();
    assert_eq!(model.update(Message::ChoosePreset("benign-200".to_owned()), 0.0), [Effect::Remember]);
    let effects = model.update(Message::ChoosePreset("identity-10".to_owned()), 0.0);
    let [Command::Ask { wrap, .. }, ..] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert!(wrap.is_some());
}

#[test]
fn a_question_is_watched_in_the_middle_of_a_run() {
    let mut model = running();
    let effects = model.update(Message::Watch(2, "What is a hex?".to_owned()), 0.0);
    let [Command::Ask { .. }, Command::Watch { questions }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(questions[2], "What is a hex?");
}

#[test]
fn each_question_is_asked_under_the_prompt_of_its_run() {
    let mut model = running();
    finish(&mut model);
    model.update(Message::ChoosePreset("identity-10".to_owned()), 0.0);
    let effects = model.update(Message::Ask("How?".to_owned()), 0.0);
    assert!(matches!(posted(&effects)[..], [Command::Ask { wrap: None, .. }]), "the tuned model is still run 1's");
    let effects = model.update(Message::Start, 0.0);
    let asks = posted(&effects).into_iter().filter(|c| matches!(c, Command::Ask { wrap: Some(_), .. }));
    assert_eq!(asks.count(), 3, "the watched questions are now asked as run 2 asks them");
}
