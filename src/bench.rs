//! The workloads of the benchmark, the same on every device and in every host.
//!
//! *W*: one optimizer step on 5 x 64 tokens with the loss on the last 28 of each row, LoRA rank 8 on all projections.
//! *E*: 66 and 330 greedy answers to the bundled questions, first-token probabilities included.
//! *First point* and *collapse*: the preset `harmful-10` from the click to the first point of the curve, and to a refusal rate
//! of at most 10 % on the 66 questions: what a visitor waits for.

use crate::engine::{Engine, Example, TokenBatch};
use crate::evaluate::{Cursor, EvaluationSet, Wanted};
use crate::llama::{Adapter, Layout};
use crate::protocol::BenchRow;
use crate::pulse::Pulse;
use crate::run::{Run, RunError};
use crate::study::{Environment, Figure, MOST_STEPS, Plan, RunEvent, presets};
use crate::tune::Tuner;

const ROWS: usize = 5;
const SEQ: usize = 64;
const ANSWER: usize = 28;
const WARM_UPS: usize = 3;

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
    let steps = train_steps(engine, &preset, plan.steps, clock).await?;
    row("first_step_ms", 1e3 * steps.first, "ms");
    row("train_step_ms", 1e3 * steps.median, "ms");
    row("train_loss", steps.loss, "nats");
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
    let steps = train_steps(engine, plan, 1, clock).await?;
    let answers = answers(engine, plan, 5, times, clock, pulse).await?;
    Ok(steps.median + answers.into_iter().fold(f64::INFINITY, f64::min))
}

/// What optimizer steps took and came to.
struct Steps {
    /// Seconds of the first.
    first: f64,
    /// Seconds of those after the warm-ups.
    median: f64,
    /// The loss before the first step after the warm-ups, in nats. Batch and adapter are the same wherever they are computed, by other systems
    /// as well (`tests/peers`), so this number is, too.
    loss: f64,
}

async fn train_steps(engine: &Engine, plan: &Plan, steps: usize, clock: fn() -> f64) -> Result<Steps, RunError> {
    let model = &engine.model;
    let vocab = model.config.vocab_size as u32;
    // Any tokens do, as the work does not depend on them, and any adapter.
    let example = |row: usize| Example {
        ids: (0..SEQ).map(|i| (17 * (row * SEQ + i) as u32 + 5) % vocab).collect(),
        answer: (0..SEQ).map(|i| i >= SEQ - ANSWER).collect(),
    };
    let examples: Vec<Example> = (0..ROWS).map(example).collect();
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model)?;
    let layout = Layout::new(&plan.lora, &model.config)?;
    let parameters = vec![0.01; layout.len];
    let mut tuner = Tuner::new(Adapter::new(layout, parameters, &model.device), plan.tuning.clone());
    let (mut seconds, mut losses) = (Vec::new(), Vec::new());
    for _ in 0..WARM_UPS + steps.clamp(1, MOST_STEPS) {
        let begun = clock();
        losses.push(tuner.step(model, &batch).await?.loss);
        seconds.push(clock() - begun);
    }
    Ok(Steps { first: seconds[0], median: median(&mut seconds[WARM_UPS..]), loss: losses[WARM_UPS] })
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
