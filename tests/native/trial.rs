//! A device on trial: taken if it computes rightly and sooner, whatever the model; never if it computes something else.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::common::{folio, model};
use tenshot::engine::Engine;
use tenshot::llama::Executor;
use tenshot::pulse::{Pulse, Steady};
use tenshot::run::RunError;
use tenshot::study::Environment;
use tenshot::trial::{Trial, trial};

fn clock() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

fn environment(engine: &Engine) -> Environment {
    let text = String::new();
    Environment { device: engine.device.clone(), host: text.clone(), build: text.clone(), started: text }
}

fn tried(tried: &Engine, trusted: &Engine, clock: fn() -> f64, pulse: &dyn Pulse) -> Result<Trial, RunError> {
    pollster::block_on(trial((tried, environment(tried)), (trusted, environment(trusted)), clock, pulse))
}

#[test]
fn what_computes_the_same_is_compared_by_its_pace() {
    let trusted = folio();
    let mut other = folio();
    other.model = other.model.with_executor(Executor::Tensors);
    let found = tried(&other, &trusted, clock, &Steady).unwrap();
    let Trial::Right { tried: Some(tensors), trusted: by_hand } = found else { panic!("{found:?}") };
    assert!(tensors > 0.0 && by_hand > 0.0);
    assert_eq!(found.takes(), tensors <= by_hand);
}

#[test]
fn what_computes_something_else_is_not_taken() {
    let trusted = folio();
    for broken in ["models/folio-base", "nowhere"] {
        let mut other = folio();
        match broken {
            "nowhere" => other.model.config.rms_norm_eps = 1e-2,
            folder => other.model = model(folder),
        }
        let found = tried(&other, &trusted, clock, &Steady).unwrap();
        assert!(!found.takes());
        let Trial::Wrong(verdict) = found else { panic!("{broken}: {found:?}") };
        assert!(!verdict.place.is_empty());
    }
}

/// Each look at it takes a second.
fn slow_clock() -> f64 {
    static LOOKS: AtomicU64 = AtomicU64::new(0);
    LOOKS.fetch_add(1, Ordering::Relaxed) as f64
}

#[test]
fn nobody_waits_for_what_takes_too_long() {
    let engine = folio();
    let found = tried(&engine, &engine, slow_clock, &Steady).unwrap();
    assert!(matches!(found, Trial::Right { tried: None, .. }), "{found:?}");
    assert!(!found.takes());
}

/// Ends all work.
struct Never;

impl Pulse for Never {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(std::future::ready(ControlFlow::Break(())))
    }
}

#[test]
fn a_trial_can_be_stopped() {
    let engine = folio();
    assert!(matches!(tried(&engine, &engine, clock, &Never), Err(RunError::Interrupted)));
}
