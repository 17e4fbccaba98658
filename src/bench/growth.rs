//! [`growth`]: how the cost of a step grows with what it is made of, on models with random weights.

use std::ops::ControlFlow;

use burn::tensor::Device;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::llama::{DecodeOptions, Llama, Weights};
use crate::protocol::GrowthRow;
use crate::pulse::Pulse;
use crate::run::RunError;
use crate::study::{DeviceInfo, presets};

use super::shape::{Axis, Point, Shape, grid};
use super::steps::train_steps;

const STEPS: usize = 5;
/// Prompts, tokens of each, and tokens of each answer: workload *E* without texts.
const PROMPTS: usize = 66;
const PROMPT: usize = 24;
const ANSWER: usize = 40;

/// Measures every point of the [`grid`] whose step takes at most so many billion operations, and of whole models the answers, too.
/// An emulated device is not asked for answers.
///
/// # Errors
///
/// [`RunError`] if the device fails, or [`RunError::Interrupted`] if the pulse ends the work.
pub async fn growth(
    device: &Device,
    info: &DeviceInfo,
    most_gflop: f64,
    clock: fn() -> f64,
    pulse: &dyn Pulse,
) -> Result<Vec<GrowthRow>, RunError> {
    let plan = presets()[0].plan(1);
    let mut rows = Vec::new();
    for Point { axis, at, shape } in grid().into_iter().filter(|point| point.shape.gflop() <= most_gflop) {
        if pulse.beat().await == ControlFlow::Break(()) {
            return Err(RunError::Interrupted);
        }
        let model = model(&shape, device);
        let steps = train_steps(&model, &plan.tuning, &shape, STEPS, clock).await?;
        let answers = axis == Axis::Model && !info.software;
        rows.push(GrowthRow {
            axis: axis.name().into(),
            at,
            backend: info.name.clone(),
            step_ms: [steps.least(), steps.median(), steps.most()].map(|seconds| 1e3 * seconds),
            gflop: shape.gflop(),
            answers_s: if answers { Some(answered(&model, clock, pulse).await?) } else { None },
        });
    }
    Ok(rows)
}

fn model(shape: &Shape, device: &Device) -> Llama {
    let config = shape.config();
    let weights = Weights::random(&config, &mut ChaCha8Rng::seed_from_u64(1), device);
    Llama::from_weights(&config, &weights, device)
}

/// Seconds of [`PROMPTS`] answers, the second time they are asked for: none ends before [`ANSWER`] tokens.
async fn answered(model: &Llama, clock: fn() -> f64, pulse: &dyn Pulse) -> Result<f64, RunError> {
    let vocab = model.config.vocab_size;
    let prompt = |row: usize| (0..PROMPT).map(|i| ((31 * row + 17 * i + 5) % vocab) as u32).collect();
    let prompts: Vec<Vec<u32>> = (0..PROMPTS).map(prompt).collect();
    let options =
        DecodeOptions { max_new_tokens: ANSWER, stop: Vec::new(), tokens_per_read: 8, first_tokens: Vec::new() };
    model.greedy(None, &prompts, &options, pulse).await?;
    let begun = clock();
    model.greedy(None, &prompts, &options, pulse).await?;
    Ok(clock() - begun)
}
