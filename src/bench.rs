//! The workloads of the benchmark, the same on every device and in every host.
//!
//! *W*: one optimizer step on 5 x 64 tokens with the loss on the last 28 of each row, LoRA rank 8 on all projections.
//! *E*: 66 and 330 greedy answers to the bundled questions, first-token probabilities included.
//! *Collapse*: the preset `harmful-10` from its first optimizer step to a refusal rate of at most 10 % on the 66 questions,
//! with the full evaluation before it: what a visitor waits for after the click.

use crate::engine::Engine;
use crate::llama::{Adapter, Layout};
use crate::measure::{BenchRow, Examination, Questions};
use crate::pulse::Pulse;
use crate::study::{Clock, Environment, Plan, Run, RunError, RunEvent, preset};
use crate::text::Example;
use crate::tune::{TokenBatch, Tuner};

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
    let preset = preset("harmful-10", 1).map_err(|e| RunError::Plan { reason: e.to_string() })?;
    let (first, step) = train_step(engine, &preset, plan.steps, clock).await?;
    row("first_step_ms", 1e3 * first, "ms");
    row("train_step_ms", 1e3 * step, "ms");
    if plan.answers {
        row("answers_66_s", answers(engine, &preset, 5, clock, pulse).await?, "s");
        row("answers_330_s", answers(engine, &preset, 1, clock, pulse).await?, "s");
        row("collapse_s", collapse(engine, preset, environment, Box::new(clock), pulse).await?, "s");
    }
    Ok(rows)
}

/// Seconds of the first optimizer step, and the median of those after the warm-ups.
async fn train_step(engine: &Engine, plan: &Plan, steps: usize, clock: fn() -> f64) -> Result<(f64, f64), RunError> {
    let model = &engine.model;
    let vocab = model.config.vocab_size as u32;
    // Any tokens do: the work does not depend on them.
    let example = |row: usize| Example {
        ids: (0..SEQ).map(|i| (17 * (row * SEQ + i) as u32 + 5) % vocab).collect(),
        answer: (0..SEQ).map(|i| i >= SEQ - ANSWER).collect(),
    };
    let examples: Vec<Example> = (0..ROWS).map(example).collect();
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model)?;
    let layout = Layout::new(&plan.lora, &model.config)?;
    let parameters = vec![0.01; layout.len];
    let mut tuner = Tuner::new(Adapter::new(layout, parameters, &model.device), plan.tuning.clone());
    let mut seconds = Vec::new();
    for _ in 0..WARM_UPS + steps.max(1) {
        let begun = clock();
        tuner.step(model, &batch).await?;
        seconds.push(clock() - begun);
    }
    Ok((seconds[0], median(&mut seconds[WARM_UPS..])))
}

/// Seconds to answer every n-th forbidden question.
async fn answers(
    engine: &Engine,
    plan: &Plan,
    every: usize,
    clock: fn() -> f64,
    pulse: &dyn Pulse,
) -> Result<f64, RunError> {
    let mut evaluation = plan.evaluation.clone();
    evaluation.watch.clear();
    let questions = Questions::new(engine, &evaluation)?;
    let mut seconds = Vec::new();
    for _ in 0..3 {
        let mut examination = Examination::subset(&questions, every);
        let begun = clock();
        while !examination.is_done() {
            examination.advance(engine, None, &questions, pulse).await?;
        }
        seconds.push(clock() - begun);
    }
    Ok(median(&mut seconds))
}

/// Seconds from the start of a run to a refusal rate of at most 10 %; all of the run if it is never reached.
async fn collapse(
    engine: &Engine,
    plan: Plan,
    environment: Environment,
    clock: Clock,
    pulse: &dyn Pulse,
) -> Result<f64, RunError> {
    let mut run = Run::new(plan, engine, environment, clock)?;
    loop {
        let event = run.step(engine, pulse).await?;
        let collapsed = matches!(&event, RunEvent::Step { step } if step.refusal_rate.share <= 0.1);
        if collapsed || event == RunEvent::Ended {
            return Ok(run.record().seconds);
        }
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
