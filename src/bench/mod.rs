//! The workloads of the benchmark, the same on every device and in every host.
//!
//! *W*: one optimizer step on 5 x 64 tokens with the loss on the last 28 of each row, LoRA rank 8 on all projections.
//! *E*: 66 and 330 greedy answers to the bundled questions, first-token probabilities included.
//! *First point* and *collapse*: the preset `harmful-10` from the click to the first point of the curve, and to a refusal rate
//! of at most 10 % on the 66 questions: what a visitor waits for.

mod growth;
mod peak;
mod shape;
mod steps;

use steps::train_steps;

pub use crate::protocol::GrowthRow;
pub use growth::growth;
pub use shape::{Axis, Point, Shape, grid};

use crate::engine::Engine;
use crate::evaluate::{Cursor, EvaluationSet, Wanted};
use crate::protocol::BenchRow;
use crate::pulse::Pulse;
use crate::run::{Run, RunError};
use crate::study::{Environment, Figure, Plan, RunEvent, presets};

/// How much to measure: a software GPU takes seconds for what a CPU does in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BenchPlan {
    /// Timed optimizer steps.
    pub steps: usize,
    /// Whether to measure answers and the collapse.
    pub answers: bool,
}

/// Runs the workloads.
///
/// # Errors
///
/// [`RunError`] if the model cannot be tuned or asked.
pub async fn bench(
    engine: &Engine,
    plan: BenchPlan,
    environment: Environment,
    clock: fn() -> f64,
    pulse: &dyn Pulse,
) -> Result<Vec<BenchRow>, RunError> {
    let mut rows = Vec::new();
    let mut row = |name: &str, value: f64, unit: &str| {
        rows.push(BenchRow { name: name.into(), backend: engine.device.name.clone(), value, unit: unit.into() });
    };
    let preset = presets()[0].plan(1);
    let shape = Shape::of(&engine.model.config);
    let steps = train_steps(&engine.model, &preset.tuning, &shape, plan.steps, clock).await?;
    row("first_step_ms", 1e3 * steps.first, "ms");
    row("train_step_ms", 1e3 * steps.median(), "ms");
    row("train_step_least_ms", 1e3 * steps.least(), "ms");
    row("train_step_most_ms", 1e3 * steps.most(), "ms");
    row("train_loss", steps.loss, "nats");
    let peak = peak::measure(&engine.model.device, engine.device.software, clock).await?;
    let reached = shape.gflop() / steps.median();
    row("train_step_gflops", reached, "GFLOP/s");
    row("matmul_gflops", peak.gflops, "GFLOP/s");
    row("train_step_of_matmul", 100.0 * reached / peak.gflops, "%");
    row("copy_gbs", peak.copy, "GB/s");
    if plan.answers {
        row("answers_66_s", median(&mut answers(engine, &preset, 5, 3, clock, pulse).await?), "s");
        row("answers_330_s", median(&mut answers(engine, &preset, 1, 3, clock, pulse).await?), "s");
        let (first_point, collapse) = collapse(engine, preset, environment, clock, pulse).await?;
        row("first_point_s", first_point, "s");
        if let Some(collapse) = collapse {
            row("collapse_s", collapse, "s");
        }
    }
    Ok(rows)
}

/// Seconds of an optimizer step and the answers to the 66 questions after it, the best of so many times.
///
/// # Errors
///
/// [`RunError`] if the model cannot be tuned or asked.
pub async fn pace(
    engine: &Engine,
    plan: &Plan,
    times: usize,
    clock: fn() -> f64,
    pulse: &dyn Pulse,
) -> Result<f64, RunError> {
    let shape = Shape::of(&engine.model.config);
    let steps = train_steps(&engine.model, &plan.tuning, &shape, 1, clock).await?;
    let answers = answers(engine, plan, 5, times, clock, pulse).await?;
    Ok(steps.median() + answers.into_iter().fold(f64::INFINITY, f64::min))
}

/// Seconds to answer every n-th forbidden question, each of so many times.
async fn answers(
    engine: &Engine,
    plan: &Plan,
    every: usize,
    times: usize,
    clock: fn() -> f64,
    pulse: &dyn Pulse,
) -> Result<Vec<f64>, RunError> {
    let mut evaluation = plan.evaluation.clone();
    evaluation.watch.clear();
    evaluation.subset_every = every;
    let set = EvaluationSet::new(engine, &evaluation)?;
    let mut seconds = Vec::new();
    for _ in 0..times {
        let mut cursor = Cursor::new(Wanted::Subset);
        let begun = clock();
        while !cursor.is_done(&set) {
            cursor.advance(&set, engine, None, pulse).await?;
        }
        seconds.push(clock() - begun);
    }
    Ok(seconds)
}

/// Seconds from the click, with the preparation of the run, to the first point of the curve and to a refusal rate of at most
/// 10 %; absent if that is never reached.
async fn collapse(
    engine: &Engine,
    plan: Plan,
    environment: Environment,
    clock: fn() -> f64,
    pulse: &dyn Pulse,
) -> Result<(f64, Option<f64>), RunError> {
    let begun = clock();
    let mut run = Run::new(plan, engine, environment, Box::new(clock))?;
    let mut first = None;
    loop {
        let event = run.step(engine, pulse).await?;
        let now = clock() - begun;
        match event {
            RunEvent::Step { step } => {
                let first = *first.get_or_insert(now);
                if step.figures.number(Figure::RefusalRate).is_some_and(|rate| rate <= 0.1) {
                    return Ok((first, Some(now)));
                }
            }
            RunEvent::Ended { .. } => return Ok((first.unwrap_or(now), None)),
            _ => {}
        }
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
