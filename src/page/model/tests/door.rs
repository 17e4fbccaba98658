//! What programs ask through the door.

use super::*;
use crate::page::door::desk::{AUTORUN, FIRST_ASK, Reply};
use crate::page::door::refusal::Code;
use crate::page::door::request;
use crate::page::door::state::{Phase, State, summary};
use crate::study::{Golden, Verdict, preset};

fn asks(model: &mut Model, ticket: Ticket, request: Result<Request, Refusal>) -> Vec<Effect> {
    model.update(Message::Door(ticket, Box::new(request)), 0.0)
}

fn replies(effects: &[Effect]) -> Vec<&Replied> {
    effects.iter().filter_map(|e| if let Effect::Reply(replied) = e { Some(&**replied) } else { None }).collect()
}

/// The code with which one program is refused.
fn refusal(effects: &[Effect]) -> (Ticket, Code) {
    match replies(effects)[..] {
        [(ticket, Err(refusal))] => (*ticket, refusal.code),
        _ => panic!("{effects:?}"),
    }
}

fn state(model: &Model) -> (Phase, Option<Code>) {
    let state = State::of(model);
    (state.phase, state.code())
}

fn started(effects: &[Effect]) -> &Plan {
    let plans = posted(effects)
        .into_iter()
        .filter_map(|c| if let Command::Start { plan, .. } = c { Some(&**plan) } else { None });
    plans.last().unwrap_or_else(|| panic!("{effects:?}"))
}

/// The engine begins what it was asked for.
fn begins(model: &mut Model, run: u32) {
    let begins = began(model, run);
    hear(model, [begins, Event::Resumed { run }]);
}

/// A run whose numbers are the golden ones.
fn golden_steps(run: u32) -> Vec<Event> {
    let golden = Golden::bundled();
    let steps = golden.steps.iter().enumerate().map(|(number, numbers)| {
        let mut step = step(number, 0);
        (step.loss, step.grad_norm) = (numbers.loss, numbers.grad_norm);
        let mean = numbers.refusal_probability;
        let value = crate::study::Value::Mean { mean, low: mean, high: mean };
        step.figures = [(crate::study::Figure::RefusalProbability, value)].into_iter().collect();
        if let Some(text) = &numbers.answer {
            step.answers[0].answer.clone_from(text);
        }
        Event::Run { run, event: RunEvent::Step { step: Box::new(step) } }
    });
    steps.collect()
}

#[test]
fn a_run_is_that_of_a_click_and_comes_back_as_its_record() {
    let mut model = ready();
    let clicked = {
        let mut model = ready();
        started(&model.update(Message::Start, 0.0)).clone()
    };
    let effects = asks(&mut model, 1, request::run(None));
    assert_eq!(*started(&effects), clicked);
    assert_eq!(state(&model), (Phase::Running, None));
    begins(&mut model, 1);
    hear(&mut model, [told(1, 0, 0), told(1, 1, 30)]);
    let effects = hear(&mut model, [ended(1, Status::Finished)]);
    let [(1, Ok(Reply::Record(record)))] = replies(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(*record, model.runs.get(1).unwrap().record);
    assert_eq!(state(&model), (Phase::Done, None));
    assert_eq!(model.cursor.run, Some(1), "it is on the page like any other");
}

#[test]
fn a_plan_of_the_programs_own_is_run_as_it_is() {
    let mut model = ready();
    let plan = preset("safety-10", 4).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(*started(&asks(&mut model, 1, request::run(Some(&text)))), plan);
    // The engine refuses it, for instance as its data cannot be had.
    let effects = hear(&mut model, [refused(Refused::Start { run: 1, too_long: vec![] }, ErrorCode::Plan)]);
    assert_eq!(refusal(&effects), (1, Code::Engine(ErrorCode::Plan)));
    assert_eq!(state(&model), (Phase::Failed, Some(Code::Engine(ErrorCode::Plan))));
}

#[test]
fn what_is_asked_before_the_engine_is_ready_waits_for_it() {
    let mut model = page();
    assert_eq!(state(&model), (Phase::Loading, None));
    assert_eq!(asks(&mut model, 1, Ok(Request::Ready)), []);
    assert_eq!(asks(&mut model, AUTORUN, request::run(None)), []);
    let effects = hear(&mut model, [alive(), ready_event()]);
    assert!(matches!(replies(&effects)[..], [(1, Ok(Reply::Ready(_)))]), "{effects:?}");
    assert_eq!(started(&effects).name, "harmful-10");
    assert_eq!(state(&model), (Phase::Running, None));
}

#[test]
fn an_engine_that_does_not_come_is_told_with_its_code() {
    let mut model = page();
    asks(&mut model, AUTORUN, request::run(None));
    asks(&mut model, 1, Ok(Request::Ready));
    let effects = hear(&mut model, [alive(), failed(ErrorCode::NoGpu, false)]);
    let codes: Vec<_> =
        replies(&effects).into_iter().map(|(ticket, reply)| (*ticket, reply.as_ref().unwrap_err().code)).collect();
    assert_eq!(codes, [(AUTORUN, Code::Engine(ErrorCode::NoGpu)), (1, Code::Engine(ErrorCode::NoGpu))]);
    assert_eq!(state(&model), (Phase::Failed, Some(Code::Engine(ErrorCode::NoGpu))));
    let effects = asks(&mut model, 2, request::run(None));
    assert_eq!(refusal(&effects), (2, Code::Engine(ErrorCode::NoGpu)), "and whoever comes later");
    // With another device there may be one.
    let effects = asks(&mut model, 3, request::run(Some(r#"{"device": "cpu"}"#)));
    assert!(effects.contains(&Effect::Spawn), "{effects:?}");
    assert_eq!(state(&model), (Phase::Loading, None));
    assert_eq!(started(&hear(&mut model, [alive(), ready_event()])).name, "harmful-10");
}

#[test]
fn nonsense_in_the_address_is_told_and_the_page_goes_on() {
    let mut model = ready();
    let effects = asks(&mut model, AUTORUN, Err(Refusal::request("autorun=x")));
    assert_eq!(refusal(&effects), (AUTORUN, Code::Request));
    assert_eq!(state(&model), (Phase::Failed, Some(Code::Request)));
    model.update(Message::Start, 0.0);
    assert_eq!(state(&model), (Phase::Running, None));
}

#[test]
fn a_program_in_the_wrong_leaves_the_state_as_it_is() {
    let mut model = ready();
    assert_eq!(refusal(&asks(&mut model, 4, Err(Refusal::request("no")))), (4, Code::Request));
    assert_eq!(state(&model), (Phase::Ready, None));
}

#[test]
fn a_lost_device_costs_the_run_and_is_told_by_name() {
    let mut model = ready();
    asks(&mut model, 1, request::run(None));
    asks(&mut model, 2, request::ask(Some("How?"), None));
    begins(&mut model, 1);
    let effects = hear(&mut model, [told(1, 0, 0), failed(ErrorCode::DeviceLost, true)]);
    let mut codes: Vec<_> =
        replies(&effects).iter().map(|(ticket, reply)| (*ticket, reply.as_ref().unwrap_err().code)).collect();
    codes.sort_by_key(|(ticket, _)| *ticket);
    let lost = Code::Engine(ErrorCode::DeviceLost);
    assert_eq!(codes, [(1, lost), (2, lost)]);
    assert_eq!(state(&model), (Phase::Failed, Some(lost)));
    hear(&mut model, [alive(), ready_event()]);
    model.update(Message::Dismiss, 0.0);
    assert_eq!(state(&model), (Phase::Failed, Some(lost)), "the fresh engine does not hide it");
    model.update(Message::Reset, 0.0);
    hear(&mut model, [Event::WasReset]);
    assert_eq!(state(&model), (Phase::Ready, None));
}

#[test]
fn a_run_that_is_stopped_is_cancelled() {
    for steps in [0, 2] {
        let mut model = ready();
        asks(&mut model, 1, request::run(None));
        begins(&mut model, 1);
        hear(&mut model, (0..=steps).map(|number| told(1, number, 0)));
        model.update(Message::Stop, 0.0);
        let effects = hear(&mut model, [ended(1, Status::Cancelled)]);
        assert_eq!(refusal(&effects), (1, Code::Cancelled), "after {steps} steps");
        assert_eq!(state(&model), (Phase::Failed, Some(Code::Cancelled)));
    }
    let mut model = ready();
    asks(&mut model, 1, request::run(None));
    begins(&mut model, 1);
    let effects = hear(&mut model, [Event::WasReset]);
    assert_eq!(refusal(&effects), (1, Code::Cancelled));
}

#[test]
fn a_run_that_diverges_is_told_by_name() {
    let mut model = ready();
    asks(&mut model, 1, request::run(None));
    begins(&mut model, 1);
    hear(&mut model, [told(1, 0, 0), told(1, 1, 0), failed(ErrorCode::NotFinite, false)]);
    let effects = hear(&mut model, [ended(1, Status::Failed { message: "details".to_owned() })]);
    assert_eq!(refusal(&effects), (1, Code::Engine(ErrorCode::NotFinite)));
}

#[test]
fn questions_of_programs_and_of_the_visitor_do_not_meet() {
    let mut model = ready();
    asks(&mut model, 1, request::ask(Some("How?"), Some(r#"{"run": null}"#)));
    let effects = asks(&mut model, 2, request::ask(Some("So?"), None));
    let [Command::Ask { id, run: None, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(*id, FIRST_ASK + 2);
    let before = model.questions.clone();
    let answer = Event::Answer { id: *id, original: "I am sorry.".to_owned(), tuned: None };
    let effects = hear(&mut model, [answer.clone()]);
    let told = Reply::Answer { original: "I am sorry.".to_owned(), tuned: None };
    assert_eq!(replies(&effects), [&(2, Ok(told))]);
    assert_eq!(model.questions, before);
    assert_eq!(hear(&mut model, [answer]), [], "it is answered once");
    let effects = hear(&mut model, [refused(Refused::Ask { id: FIRST_ASK + 1 }, ErrorCode::TooLong)]);
    assert_eq!(refusal(&effects), (1, Code::Engine(ErrorCode::TooLong)));
    assert_eq!(model.notice, None, "the visitor did not ask");
    let effects = asks(&mut model, 3, request::ask(Some("How?"), Some(r#"{"run": 9}"#)));
    assert_eq!(refusal(&effects), (3, Code::NoRun));
}

#[test]
fn the_tuned_model_is_that_of_the_named_run() {
    let mut model = running();
    hear(&mut model, [told(1, 0, 0)]);
    finish(&mut model);
    let effects = asks(&mut model, 1, request::ask(Some("How?"), Some(r#"{"run": 1}"#)));
    assert!(matches!(posted(&effects)[..], [Command::Ask { run: Some(1), .. }]), "{effects:?}");
    hear(&mut model, [Event::WasReset]);
    let effects = asks(&mut model, 2, request::ask(Some("How?"), Some(r#"{"run": 1}"#)));
    assert_eq!(refusal(&effects), (2, Code::NoRun), "it was forgotten");
}

#[test]
fn speed_is_measured_alone() {
    let mut model = ready();
    let effects = asks(&mut model, 1, request::bench(None));
    assert!(matches!(posted(&effects)[..], [Command::Bench { steps: 20, answers: true }]));
    assert_eq!(state(&model), (Phase::Running, None));
    for (ticket, request) in [(2, request::bench(None)), (3, request::run(None))] {
        assert_eq!(refusal(&asks(&mut model, ticket, request)), (ticket, Code::Busy));
    }
    let effects = hear(&mut model, [Event::Benched { rows: vec![] }]);
    assert_eq!(replies(&effects), [&(1, Ok(Reply::Rows(vec![])))]);
    assert_eq!(state(&model), (Phase::Ready, None));
    asks(&mut model, 4, request::run(None));
    assert_eq!(refusal(&asks(&mut model, 5, request::bench(None))), (5, Code::Busy));
}

#[test]
fn a_few_runs_go_side_by_side_and_no_more() {
    let mut model = ready();
    for ticket in 1..=4 {
        assert_eq!(replies(&asks(&mut model, ticket, request::run(None))), Vec::<&Replied>::new());
        begins(&mut model, ticket);
    }
    assert_eq!(refusal(&asks(&mut model, 5, request::run(None))), (5, Code::Busy));
    let device = r#"{"device": "gpu"}"#;
    assert_eq!(refusal(&asks(&mut model, 6, request::run(Some(device)))), (6, Code::Busy), "nor on another device");
    let effects = hear(&mut model, [told(3, 0, 0), told(3, 1, 0), ended(3, Status::Finished)]);
    assert!(matches!(replies(&effects)[..], [(3, Ok(Reply::Record(_)))]), "each has its own end: {effects:?}");
}

fn checked(change: impl FnOnce(&mut Vec<Event>)) -> (Model, Verdict) {
    let mut model = ready();
    let effects = asks(&mut model, AUTORUN, Ok(Request::Check { device: None }));
    assert_eq!(*started(&effects), Golden::bundled().plan);
    begins(&mut model, 1);
    let mut events = golden_steps(1);
    change(&mut events);
    hear(&mut model, events);
    let effects = hear(&mut model, [ended(1, Status::Finished)]);
    let [(AUTORUN, Ok(Reply::Verdict(verdict)))] = replies(&effects)[..] else { panic!("{effects:?}") };
    (model.clone(), verdict.clone())
}

#[test]
fn a_check_of_right_numbers_leaves_nothing_behind() {
    let (model, verdict) = checked(|_| {});
    assert!(verdict.ok, "{verdict:?}");
    assert_eq!(state(&model), (Phase::Done, None));
    assert_eq!((model.runs.iter().count(), model.cursor.run), (0, None));
}

#[test]
fn a_wrong_number_is_told_by_name() {
    let (model, verdict) = checked(|events| {
        let Event::Run { event: RunEvent::Step { step }, .. } = &mut events[2] else { panic!() };
        step.loss = step.loss.map(|loss| loss * 1.01);
    });
    assert_eq!((verdict.ok, verdict.place.as_str()), (false, "the loss of step 2"));
    assert_eq!(state(&model), (Phase::Failed, Some(Code::WrongNumbers)));
    let told: serde_json::Value = serde_json::from_str(&summary(&model, &State::of(&model))).unwrap();
    assert_eq!(told["state"], "failed");
    assert_eq!(told["code"], "wrong-numbers");
    assert_eq!(told["check"]["where"], "the loss of step 2");
}

#[test]
fn the_result_has_figures_and_losses_and_no_markup() {
    let mut model = ready();
    let mut plan = preset("harmful-10", 1).unwrap();
    plan.name = "</output><b>&amp;".to_owned();
    asks(&mut model, 1, request::run(Some(&serde_json::to_string(&plan).unwrap())));
    begins(&mut model, 1);
    hear(&mut model, [told(1, 0, 0), told(1, 1, 30)]);
    finish(&mut model);
    let text = summary(&model, &State::of(&model));
    assert!(!text.contains(['<', '>', '&']), "{text}");
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let run = &told["run"];
    assert_eq!(told["state"], "done");
    assert_eq!(told["door"], 1);
    assert_eq!(run["plan"], plan.name.as_str());
    assert_eq!(run["losses"].as_array().unwrap().len(), 1);
    assert_eq!(run["before"]["refusal_rate"], 1.0);
    assert_eq!(told["device"]["kind"], "cpu");
}

#[test]
fn a_run_of_another_model_has_that_model_loaded_first() {
    let mut model = ready();
    let effects = asks(&mut model, 1, request::run(Some(r#"{"preset": "deep-10"}"#)));
    assert!(effects.contains(&Effect::Spawn), "{effects:?}");
    assert_eq!(state(&model), (Phase::Loading, None));
    let effects = hear(&mut model, [alive()]);
    assert!(matches!(posted(&effects)[..], [Command::Load { model, .. }] if model == "folio-deep"), "{effects:?}");
    assert_eq!(started(&hear(&mut model, [ready_event()])).model, "folio-deep");
    let check = asks(&mut model, 2, Ok(Request::Check { device: None }));
    assert_eq!(refusal(&check), (2, Code::Busy), "the check is of folio");
}
