//! [`trial`]: which of two devices is to compute, for whoever leaves that to the engine. Never one that computes wrong numbers; otherwise
//! the faster one.
//!
//! Adapters have been seen whose training came to NaN or to wrong gradients while nothing was reported. So before a device is
//! relied on it makes a short run, whose every number is compared with that of a device that tests hold to be right: losses,
//! gradient norms, the probability of a refusal, an answer ([`Golden`]). What is then compared is what a visitor waits
//! for: a step, and the 66 questions after it.

use std::cell::Cell;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;

use crate::bench::pace;
use crate::engine::Engine;
use crate::pulse::Pulse;
use crate::run::{Run, RunError};
use crate::study::{Environment, Golden, Plan, Record, RunEvent, Verdict, presets};

/// Seconds after which a device is not waited for any longer: whoever needs so long, its kernels compiled and all, is not the faster one.
const PATIENCE: f64 = 10.0;

/// What a trial came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Trial {
    /// Both compute the same.
    Right {
        /// Seconds that the device on trial needs for a step and 66 answers; none if it was not waited for.
        tried: Option<f64>,
        /// The same of the trusted one.
        trusted: f64,
    },
    /// The device on trial computes something else.
    Wrong(Box<Verdict>),
}

impl Trial {
    /// Whether the device on trial is to be taken.
    pub fn takes(&self) -> bool {
        matches!(self, Self::Right { tried: Some(tried), trusted } if tried <= trusted)
    }
}

/// Tries an engine's device against one that is trusted; both have the same model. `environments` are theirs, the clock counts
/// seconds.
///
/// # Errors
///
/// [`RunError`] if the trusted device fails, or the one on trial; [`RunError::Interrupted`] if the pulse ends the work.
pub async fn trial(
    tried: (&Engine, Environment),
    trusted: (&Engine, Environment),
    clock: fn() -> f64,
    pulse: &dyn Pulse,
) -> Result<Trial, RunError> {
    let name = trusted.0.name.clone();
    let golden = Golden::bundled();
    let plan = Plan { model: name.clone(), ..golden.plan.clone() };
    let right = golden.remade(&finished(trusted.0, &plan, trusted.1, clock, pulse).await?);
    let preset = Plan { model: name, ..presets()[0].plan(1) };
    let trusted = pace(trusted.0, &preset, 1, clock, pulse).await?;
    let patience = Patience { until: clock() + PATIENCE, clock, outer: pulse, gone: Cell::new(false) };
    let measured = async {
        let verdict = right.compare(&finished(tried.0, &plan, tried.1, clock, &patience).await?);
        if !verdict.ok {
            return Ok(Trial::Wrong(Box::new(verdict)));
        }
        Ok(Trial::Right { tried: Some(pace(tried.0, &preset, 2, clock, &patience).await?), trusted })
    };
    match measured.await {
        Err(RunError::Interrupted) if patience.gone.get() => Ok(Trial::Right { tried: None, trusted }),
        measured => measured,
    }
}

/// The record of a whole run.
async fn finished(
    engine: &Engine,
    plan: &Plan,
    environment: Environment,
    clock: fn() -> f64,
    pulse: &dyn Pulse,
) -> Result<Record, RunError> {
    let mut run = Run::new(plan.clone(), engine, environment, Box::new(clock))?;
    while !matches!(run.step(engine, pulse).await?, RunEvent::Ended { .. }) {}
    Ok(run.into_record())
}

/// Ends the work once it takes too long, and tells so.
struct Patience<'a> {
    until: f64,
    clock: fn() -> f64,
    outer: &'a dyn Pulse,
    gone: Cell<bool>,
}

impl Pulse for Patience<'_> {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        if (self.clock)() < self.until {
            return self.outer.beat();
        }
        self.gone.set(true);
        Box::pin(std::future::ready(ControlFlow::Break(())))
    }
}
