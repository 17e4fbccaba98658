use super::*;
use crate::study::testing::{evaluation, record, step};
use crate::study::{DeviceKind, Evaluated, preset};

fn run() -> RunView {
    let device = DeviceInfo { kind: DeviceKind::Cpu, name: "WebAssembly SIMD".to_owned(), software: false };
    RunView::asked_for(1, preset("harmful-10", 1).unwrap(), device, false, Cursor::default(), 1_000.0)
}

fn evaluated(model: Evaluated) -> RunEvent {
    RunEvent::Evaluated { model, evaluation: Box::new(evaluation(0)) }
}

fn told(number: usize) -> RunEvent {
    RunEvent::Step { step: Box::new(step(number, 33 * number)) }
}

fn ended(seconds: f64) -> RunEvent {
    RunEvent::Ended { status: Status::Finished, seconds }
}

#[test]
fn the_record_is_what_the_events_say() {
    let mut run = run();
    assert_eq!(run.record.planned_steps, 20);
    let events = [
        RunEvent::Progress { phase: Phase::Start, done: 5, total: 69 },
        told(0),
        told(1),
        told(2),
        RunEvent::Watching { questions: vec!["Why?".to_owned()] },
        evaluated(Evaluated::Before),
        evaluated(Evaluated::After),
    ];
    let mut record = (*run.record).clone();
    for event in events.iter().chain([&ended(7.5)]) {
        record.apply(event);
        run.take(event, 2_000.0);
    }
    assert_eq!(*run.record, record);
    assert_eq!((record.steps.len(), record.seconds, run.pace()), (3, 7.5, None));
    assert_eq!(run.watched(0, "How?").unwrap().score, Some(1));
    assert_eq!(run.watched(2, "How?").unwrap().score, Some(5));
    assert_eq!((run.watched(3, "How?"), run.watched(0, "Why?")), (None, None));
}

#[test]
fn the_record_is_another_one_after_every_event_that_changes_it() {
    let mut run = run();
    let mut last = run.record.clone();
    run.take(&RunEvent::Progress { phase: Phase::Start, done: 5, total: 69 }, 0.0);
    assert!(run.record == last, "progress is no part of it");
    for event in [told(0), RunEvent::Watching { questions: vec![] }, evaluated(Evaluated::Before), ended(1.0)] {
        run.take(&event, 0.0);
        assert!(run.record != last, "{event:?}");
        last = run.record.clone();
    }
    run.take(&told(1), 0.0);
    assert!(run.record == last, "nothing comes after the end");
}

#[test]
fn progress_is_that_of_the_work_in_progress() {
    let mut run = run();
    assert_eq!(run.progress(), None);
    run.take(&RunEvent::Progress { phase: Phase::Start, done: 5, total: 69 }, 0.0);
    assert_eq!(run.progress(), Some(Progress { phase: Phase::Start, done: 5, total: 69 }));
    run.take(&told(0), 0.0);
    run.take(&told(1), 0.0);
    assert_eq!(run.progress(), Some(Progress { phase: Phase::Tuning, done: 1, total: 20 }));
    run.take(&RunEvent::Progress { phase: Phase::Before, done: 80, total: 691 }, 0.0);
    assert_eq!(run.progress(), Some(Progress { phase: Phase::Before, done: 80, total: 691 }));
    run.take(&ended(1.0), 0.0);
    assert_eq!(run.progress(), None);
}

#[test]
fn pauses_are_not_counted() {
    let mut run = run();
    run.pause(3_000.0);
    assert_eq!(run.seconds(99_000.0), 2.0);
    run.go_on(Pace::Going, 100_000.0);
    run.go_on(Pace::Going, 101_000.0);
    assert_eq!(run.seconds(101_500.0), 3.5);
}

#[test]
fn the_record_has_the_last_word_on_the_time() {
    let mut run = run();
    run.take(&ended(12.5), 2_000.0);
    assert_eq!(run.seconds(9e9), 12.5);
}

#[test]
fn a_step_is_made_before_the_run_halts_again() {
    let mut run = run();
    run.pause(0.0);
    run.go_on(Pace::Stepping { from: 0 }, 0.0);
    run.pause(0.0);
    assert_eq!(run.pace(), Some(Pace::Stepping { from: 0 }), "that was the halt in which it began");
    run.take(&told(0), 0.0);
    run.pause(0.0);
    assert_eq!(run.pace(), Some(Pace::Paused));
}

#[test]
fn the_engine_says_how_a_run_begins() {
    let mut run = run();
    assert!(run.not_begun().is_some());
    let record = Record { status: Status::Running, planned_steps: 7, ..record("harmful", 20) };
    run.begin(Shared::new(record));
    assert!(run.not_begun().is_none());
    assert_eq!((run.record.planned_steps, run.record.environment.host.as_str()), (7, "test"));
}

#[test]
fn what_a_run_measured_before_it_broke_off_is_kept() {
    let mut run = run();
    run.take(&told(0), 1_000.0);
    run.break_off("gone".to_owned(), 3_500.0);
    assert_eq!(run.record.status, Status::Failed { message: "gone".to_owned() });
    assert_eq!((run.record.steps.len(), run.record.seconds, run.can_be_asked()), (1, 2.5, false));
}

#[test]
fn a_recorded_run_is_over_and_nobody_can_ask_it() {
    let saved_in_the_middle = Record { status: Status::Running, ..record("harmful", 20) };
    for record in [record("harmful", 20), saved_in_the_middle] {
        let mut run = RunView::recorded(4, Shared::new(record));
        assert_eq!((run.id, run.pace(), run.can_be_asked(), run.seconds(9e9)), (4, None, false, 12.5));
        let kept = run.record.clone();
        run.take(&told(21), 0.0);
        run.break_off("gone".to_owned(), 0.0);
        assert!(run.record == kept);
    }
}
