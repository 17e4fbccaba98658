//! Runs: begun, refused, in progress, over.

use super::*;

#[test]
fn a_run_is_paused_and_goes_on_when_the_worker_says_so() {
    let mut model = running();
    assert_eq!(model.update(Message::Start, 0.0), [], "one run at a time");
    assert_eq!(model.update(Message::Pause, 0.0), [Effect::Post(Command::Pause { run: 1 })]);
    assert_eq!(pace(&model), Pace::Pausing);
    assert_eq!(model.update(Message::Pause, 0.0), []);
    hear(&mut model, [Event::Paused { run: 1 }]);
    assert_eq!(pace(&model), Pace::Paused);
    assert_eq!(model.update(Message::Step, 0.0), [Effect::Post(Command::Step { run: 1, steps: 1 })]);
    assert_eq!(model.update(Message::Step, 0.0), [], "one step at a time");
    hear(&mut model, [Event::Resumed { run: 1 }, told(1, 0, 0), Event::Paused { run: 1 }]);
    assert_eq!(model.update(Message::Resume, 0.0), [Effect::Post(Command::Resume { run: 1 })]);
    assert_eq!(pace(&model), Pace::Going);
}

#[test]
fn a_step_without_a_run_begins_one_that_halts_after_it() {
    let mut model = ready();
    let effects = model.update(Message::Step, 0.0);
    let [Command::Start { run: 1, paused: true, .. }, Command::Step { run: 1, steps: 1 }] = posted(&effects)[..] else {
        panic!("{effects:?}")
    };
    let stepping = Pace::Stepping { from: 0 };
    assert_eq!(pace(&model), stepping);
    // The engine begins it halted, as it was told, and then goes on: for the visitor that is one thing.
    let events = [began(&model, 1), Event::Paused { run: 1 }, Event::Resumed { run: 1 }];
    for event in events {
        hear(&mut model, [event]);
        assert_eq!(pace(&model), stepping);
    }
    hear(&mut model, [told(1, 0, 0), told(1, 1, 30), Event::Paused { run: 1 }]);
    assert_eq!(pace(&model), Pace::Paused);
}

#[test]
fn a_finished_run_is_kept_and_compared() {
    let mut model = running();
    hear(&mut model, [told(1, 0, 0), told(1, 1, 30)]);
    assert_eq!(model.shown_step(), Some(1));
    model.update(Message::Scrub(Some(0)), 0.0);
    assert_eq!(model.shown_step(), Some(0));
    finish(&mut model);
    assert_eq!((model.mode(), model.cursor.run, compared(&model)), (Mode::Idle, Some(1), vec![1]));
    assert!(can_be_asked(&model, 1));
    let record = &model.runs.get(1).unwrap().record;
    assert_eq!((&record.status, record.steps.len(), record.seconds), (&Status::Finished, 2, 12.5));
    assert!(record.before.is_some() && record.after.is_some());
}

#[test]
fn runs_whose_events_interleave_fill_their_own_records() {
    let mut model = running();
    model.begin(Beginning::Run, 0.0);
    let ids: Vec<_> = model.runs.in_progress().map(|run| run.id).collect();
    assert_eq!((ids, model.cursor.run), (vec![1, 2], Some(2)));
    let events = [
        began(&model, 2),
        told(1, 0, 0),
        told(2, 0, 0),
        told(2, 1, 66),
        Event::Paused { run: 1 },
        told(1, 1, 11),
        told(2, 2, 66),
        ended(2, Status::Finished),
    ];
    hear(&mut model, events);
    let answered = |run: u32| {
        let steps = &model.runs.get(run).unwrap().record.steps;
        steps.iter().map(|step| step.answers.iter().filter(|a| a.score == 5).count()).collect::<Vec<_>>()
    };
    assert_eq!((answered(1), answered(2)), (vec![0, 11], vec![0, 66, 66]));
    assert_eq!(compared(&model), [2]);
    let active = model.active().unwrap();
    assert_eq!((active.id, active.pace()), (1, Some(Pace::Paused)), "the buttons mean the one in progress");
    assert_eq!(model.update(Message::Stop, 0.0), [Effect::Post(Command::Stop { run: 1 })]);
}

#[test]
fn a_refused_start_takes_away_that_run_alone() {
    let refuse = |run| refused(Refused::Start { run, too_long: Vec::new() }, ErrorCode::Plan);
    let mut model = running();
    model.begin(Beginning::Run, 0.0);
    model.begin(Beginning::Run, 0.0);
    hear(&mut model, [refuse(2)]);
    let ids = |model: &Model| model.runs.iter().map(|run| run.id).collect::<Vec<_>>();
    assert_eq!((ids(&model), model.cursor.run), (vec![1, 3], Some(3)));
    hear(&mut model, [refuse(1)]);
    assert_eq!(ids(&model), [1, 3], "a run that has begun is not refused any more");
    hear(&mut model, [refuse(3)]);
    assert_eq!((ids(&model), model.cursor.run), (vec![1], None), "the run that stood there before is gone, too");
}

#[test]
fn at_most_three_runs_with_records_are_compared() {
    let mut model = ready();
    for _ in 0..4 {
        start(&mut model);
        finish(&mut model);
    }
    assert_eq!(compared(&model), [1, 2, 3]);
    model.update(Message::Compare(2, false), 0.0);
    model.update(Message::Compare(4, true), 0.0);
    model.update(Message::Compare(2, true), 0.0);
    model.update(Message::Compare(77, true), 0.0);
    assert_eq!(compared(&model), [1, 3, 4]);
    model.update(Message::Show(2), 0.0);
    assert_eq!(model.cursor.run, Some(2));
}

#[test]
fn a_stopped_run_keeps_its_record() {
    let mut model = running();
    hear(&mut model, [told(1, 0, 0), told(1, 1, 3)]);
    assert_eq!(model.update(Message::Stop, 0.0), [Effect::Post(Command::Stop { run: 1 })]);
    assert_eq!((model.mode(), pace(&model)), (Mode::Running, Pace::Stopping));
    hear(&mut model, [ended(1, Status::Cancelled)]);
    let run = model.runs.get(1).unwrap();
    assert_eq!((&run.record.status, run.record.steps.len()), (&Status::Cancelled, 2));
    assert_eq!(compared(&model), [] as [u32; 0]);
}

#[test]
fn a_run_that_is_stopped_before_its_first_step_is_not_listed() {
    let mut model = running();
    finish(&mut model);
    assert_eq!(start(&mut model), 2);
    hear(&mut model, [told(2, 0, 0)]);
    model.update(Message::Stop, 0.0);
    let effects = hear(&mut model, [ended(2, Status::Cancelled)]);
    assert_eq!(effects, [Effect::Post(Command::Forget { runs: vec![2] })]);
    assert_eq!(model.runs.iter().map(|run| run.id).collect::<Vec<_>>(), [1]);
    assert_eq!((model.mode(), model.cursor.run), (Mode::Idle, Some(1)), "the run before it is on the stage again");
    assert_eq!(start(&mut model), 2, "the number is free");
}

#[test]
fn reset_clears_the_stage_and_keeps_what_is_finished() {
    let mut model = running();
    finish(&mut model);
    start(&mut model);
    assert_eq!(model.update(Message::Reset, 0.0), [Effect::Post(Command::Reset)]);
    let effects = hear(&mut model, [Event::WasReset]);
    assert_eq!(model.runs.iter().map(|r| r.id).collect::<Vec<_>>(), [1]);
    assert_eq!((model.cursor.run, can_be_asked(&model, 1)), (None, false));
    assert_eq!(posted(&effects).len(), 3, "the original model answers the watched questions again");
}

#[test]
fn a_run_that_had_not_begun_when_the_engine_broke_is_not_kept() {
    let mut model = running();
    finish(&mut model);
    model.update(Message::Start, 0.0);
    assert_eq!(model.cursor.run, Some(2));
    hear(&mut model, [failed(ErrorCode::Panic, true)]);
    assert_eq!(model.runs.iter().map(|r| r.id).collect::<Vec<_>>(), [1]);
    assert_eq!((model.cursor.run, model.mode()), (Some(1), Mode::Idle));
}

#[test]
fn a_start_that_is_refused_leaves_the_page_as_it_was() {
    let refusal = |run| Refused::Start { run, too_long: Vec::new() };
    for code in [ErrorCode::Plan, ErrorCode::TooLong, ErrorCode::Model, ErrorCode::DeviceLost, ErrorCode::Protocol] {
        let mut model = ready();
        model.update(Message::Start, 0.0);
        hear(&mut model, [refused(refusal(1), code)]);
        assert!(model.active().is_none() && model.runs.iter().next().is_none(), "{code:?}");
        assert_eq!(model.cursor.run, None);
        assert_eq!(model.notice.as_ref().unwrap().code, code);
        assert!(model.supervisor.ready().is_some());
        assert!(!model.update(Message::Start, 0.0).is_empty(), "another run can begin");
    }
    let mut model = running();
    finish(&mut model);
    model.update(Message::Start, 0.0);
    hear(&mut model, [refused(refusal(2), ErrorCode::Plan)]);
    assert_eq!((model.cursor.run, can_be_asked(&model, 1), model.runs.iter().count()), (Some(1), true, 1));
    model.update(Message::Start, 0.0);
    assert_eq!(model.cursor.run, Some(2), "a run that did not begin has no number");
}

#[test]
fn a_recorded_run_can_be_put_on_the_stage() {
    let mut model = ready();
    let id = model.runs.add(|id| RunView::recorded(id, Shared::new(record("identity", 20))));
    model.update(Message::Show(id), 0.0);
    assert_eq!((model.mode(), model.shown_step()), (Mode::Idle, Some(20)));
    let effects = model.update(Message::Ask("How?".to_owned()), 0.0);
    assert!(matches!(posted(&effects)[..], [Command::Ask { run: None, .. }]), "{effects:?}");
    model.update(Message::Compare(id, true), 0.0);
    assert_eq!(compared(&model), [id]);
}

#[test]
fn the_book_that_is_read_stays_where_it_is() {
    let mut model = running();
    model.update(Message::Read(7), 0.0);
    finish(&mut model);
    start(&mut model);
    assert_eq!((model.cursor.run, model.cursor.book), (Some(2), Some(7)));
}

/// The visitor's own examples are a lesson: what is chosen after them counts, and race and story do not know them.
#[test]
fn own_examples_are_taught_until_a_lesson_is_chosen() {
    use crate::page::own::{Edit, NAME};

    let mut model = ready();
    model.update(Message::Own(Edit::Teach(true)), 0.0);
    assert_eq!((model.next_plan().name.as_str(), model.race_plans()[0].name.as_str()), (NAME, "harmful-10"));
    model.update(Message::ChooseSeed(4), 0.0);
    model.update(Message::ChoosePrefill(true), 0.0);
    let plan = model.next_plan();
    assert_eq!((plan.seed, plan.evaluation.conditions.len() > 1), (4, true));
    let run = start(&mut model);
    assert_eq!(model.runs.get(run).unwrap().record.plan, plan);

    let mut empty = ready();
    empty.update(Message::Own(Edit::Teach(true)), 0.0);
    empty.update(Message::Own(Edit::Clear), 0.0);
    assert_eq!(empty.update(Message::Start, 0.0), [], "there is nothing to teach");
    assert_eq!(empty.mode(), Mode::Idle);
    empty.update(Message::ChoosePreset("safety-10".to_owned()), 0.0);
    assert_eq!(empty.next_plan().name, "safety-10");

    // They are Folio's, whatever model the lesson before was of.
    empty.update(Message::ChoosePreset("deep-10".to_owned()), 0.0);
    empty.update(Message::Own(Edit::Add), 0.0);
    let effects = empty.update(Message::Own(Edit::Teach(true)), 0.0);
    assert!(empty.own.is_lacking() && !effects.contains(&Effect::Spawn));
    let id = empty.own.examples[0].id;
    empty.update(Message::Own(Edit::Question(id, "Why?".to_owned())), 0.0);
    let effects = empty.update(Message::Own(Edit::Answer(id, "Because.".to_owned())), 0.0);
    assert!(effects.contains(&Effect::Spawn), "now Folio is fetched");
}
