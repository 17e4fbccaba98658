//! The recorded runs that the page tells its story with are what this engine makes of their plans.

use std::collections::BTreeSet;

use crate::common::folio;
use tenshot::pulse::Steady;
use tenshot::run::Run;
use tenshot::study::{Environment, RECORDED_FILE, Recorded, RecordedRun, RunEvent};

/// Which questions are refused, and which are answered completely, before the first step and after each: what curve and shelf
/// are drawn from.
fn decisions(run: &RecordedRun) -> Vec<Vec<(bool, bool)>> {
    run.steps.iter().map(|step| step.all().iter().map(|score| (*score == 1, *score == 5)).collect()).collect()
}

/// If this fails after a change of engine, model or world, the story tells of another one: `tenshot recorded` makes it anew.
#[test]
fn a_run_made_again_decides_as_the_recorded_one() {
    let text = String::from_utf8(crate::common::read(&format!("www/recorded/{RECORDED_FILE}"))).unwrap();
    let recorded = Recorded::read(&text).unwrap();
    let told = recorded.of("folio", "harmful-10")[0];
    let engine = folio();
    let environment = Environment {
        device: engine.device.clone(),
        host: "test".into(),
        build: told.build.clone(),
        started: told.date.clone(),
    };
    let mut run = Run::new(told.plan().unwrap(), &engine, environment, Box::new(|| 0.0)).unwrap();
    while !matches!(pollster::block_on(run.step(&engine, &Steady)).unwrap(), RunEvent::Ended { .. }) {}
    let again = RecordedRun::of(run.record(), told.draw, &BTreeSet::new()).unwrap();
    assert_eq!(decisions(&again), decisions(told));
    assert_eq!((&again.before, &again.after, &again.answers), (&told.before, &told.after, &told.answers));
}
