//! The golden numbers that ship (`src/study/data/golden.json`) are those of this machine's CPU.
//!
//! After a change of the model, the world or the tuning that is meant, they are made anew:
//! `TENSHOT_GOLDEN=write cargo test --release --test native check`.

use crate::common::{folio, path};
use tenshot::engine::Engine;
use tenshot::pulse::Steady;
use tenshot::run::Run;
use tenshot::study::{Environment, Golden, Plan, Record, RunEvent, Tolerance};

/// Of the same device less is allowed than what ships allows others.
const HERE: f64 = 1e-5;

fn run(plan: Plan, engine: &Engine) -> Record {
    let environment =
        Environment { device: engine.device.clone(), host: "test".into(), build: "test".into(), started: "now".into() };
    let mut run = Run::new(plan, engine, environment, Box::new(|| 0.0)).unwrap();
    while !matches!(pollster::block_on(run.step(engine, &Steady)).unwrap(), RunEvent::Ended { .. }) {}
    run.into_record()
}

#[test]
fn the_golden_numbers_are_those_of_the_native_cpu() {
    let golden = Golden::bundled();
    let engine = folio();
    let record = run(golden.plan.clone(), &engine);
    if std::env::var("TENSHOT_GOLDEN").is_ok_and(|word| word == "write") {
        let text = serde_json::to_string_pretty(&golden.remade(&record)).unwrap() + "\n";
        std::fs::write(path("src/study/data/golden.json"), text).unwrap();
        return;
    }
    let strict = Golden { tolerance: Tolerance { relative: HERE, probability: HERE }, ..golden.clone() };
    let verdict = strict.compare(&record);
    assert!(verdict.ok, "{verdict:?}");
}

/// What a device or a kernel may get wrong is far more than the tolerance.
#[test]
fn another_learning_rate_or_another_scale_is_found_out() {
    let golden = Golden::bundled();
    let engine = folio();
    for change in [|plan: &mut Plan| plan.tuning.learning_rate *= 1.02, |plan: &mut Plan| plan.lora.alpha *= 1.02] {
        let mut plan = golden.plan.clone();
        change(&mut plan);
        let verdict = golden.compare(&run(plan, &engine));
        assert!(!verdict.ok, "{verdict:?}");
    }
}
