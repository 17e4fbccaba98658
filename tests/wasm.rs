//! What differs in WebAssembly, in headless Chromium, inside a dedicated worker like the engine's own.
#![cfg(target_family = "wasm")]

use burn::tensor::Device;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use tenshot::bench::{grid, growth};
use tenshot::engine::{Engine, Example, ModelFiles, TokenBatch};
use tenshot::llama::{
    Adapter, AdapterFiles, DecodeOptions, Mat, MatMut, WeightFile, multiply, multiply_add, set_kernel,
};
use tenshot::pulse::Steady;
use tenshot::study::{DeviceInfo, DeviceKind, Schedule, TunedWeights, TuningPlan};
use tenshot::tune::Tuner;
use tenshot::worker::kernel::{Simd, take};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

// See src/bin/worker.rs: without a reference the linker has every call run all static constructors.
unsafe extern "C" {
    fn __wasm_call_ctors();
}

macro_rules! file {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)).to_vec()
    };
}

fn folio() -> Engine {
    static ONCE: std::sync::Once = std::sync::Once::new();
    // SAFETY: the linker defines this function; it takes and returns nothing, and this is its one call.
    ONCE.call_once(|| unsafe { __wasm_call_ctors() });
    let files = ModelFiles {
        config: file!("models/folio/config.json"),
        tokenizer: file!("models/folio/tokenizer.json"),
        tokenizer_config: file!("models/folio/tokenizer_config.json"),
        weights: vec![WeightFile { name: "model.safetensors".into(), bytes: file!("models/folio/model.safetensors") }],
        index: None,
    };
    let info = DeviceInfo { kind: DeviceKind::Cpu, name: "test".into(), software: false };
    Engine::load("folio", &files, &Device::flex(), info).unwrap()
}

#[derive(Deserialize)]
struct Training {
    learning_rate: f64,
    steps: Vec<TrainingStep>,
}

#[derive(Deserialize)]
struct TrainingStep {
    ids: Vec<Vec<u32>>,
    answer: Vec<Vec<u8>>,
    loss: f64,
}

/// Ten losses of PEFT, computed by the CPU backend's WebAssembly SIMD.
#[wasm_bindgen_test]
async fn ten_losses_of_peft() {
    without_kernel();
    losses_are_those_of_peft().await;
}

async fn losses_are_those_of_peft() {
    let golden: Training = serde_json::from_slice(&file!("tests/golden/lora/training.json")).unwrap();
    let engine = folio();
    let model = &engine.model;
    let files = AdapterFiles {
        config: file!("tests/golden/lora/init/adapter_config.json"),
        weights: file!("tests/golden/lora/init/adapter_model.safetensors"),
    };
    let adapter = Adapter::from_peft(files, &model.config, &model.device).unwrap();
    let plan = TuningPlan {
        epochs: 1,
        batch_size: 5,
        learning_rate: golden.learning_rate,
        schedule: Schedule::Constant,
        max_grad_norm: None,
        weight_decay: 0.0,
        weights: TunedWeights::Adapter,
    };
    let mut tuner = Tuner::new(adapter, plan);
    for (index, step) in golden.steps.iter().enumerate() {
        let example = |(ids, answer): (&Vec<u32>, &Vec<u8>)| Example {
            ids: ids.clone(),
            answer: answer.iter().map(|&a| a == 1).collect(),
        };
        let examples: Vec<Example> = step.ids.iter().zip(&step.answer).map(example).collect();
        let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model).unwrap();
        let made = tuner.step(model, &batch).await.unwrap();
        let relative = ((made.loss - step.loss) / step.loss).abs();
        assert!(relative <= 1e-4, "step {index}: {} and {}", made.loss, step.loss);
    }
}

#[derive(Deserialize)]
struct Generate {
    max_new_tokens: usize,
    stop: u32,
    answers: Vec<GoldenAnswer>,
}

#[derive(Deserialize)]
struct GoldenAnswer {
    adapter: Option<String>,
    prompt: Vec<u32>,
    ids: Vec<u32>,
    text: String,
}

/// Greedy answers of transformers, and the tokenizer's way back to text.
#[wasm_bindgen_test]
async fn greedy_answers_in_a_batch() {
    without_kernel();
    answers_are_those_of_transformers().await;
}

async fn answers_are_those_of_transformers() {
    let golden: Generate = serde_json::from_slice(&file!("tests/golden/generate.json")).unwrap();
    let engine = folio();
    let of: Vec<&GoldenAnswer> = golden.answers.iter().filter(|a| a.adapter.is_none()).take(20).collect();
    let prompts: Vec<Vec<u32>> = of.iter().map(|a| a.prompt.clone()).collect();
    let options = DecodeOptions {
        max_new_tokens: golden.max_new_tokens,
        stop: vec![golden.stop],
        tokens_per_read: 1,
        first_tokens: Vec::new(),
    };
    let answers = engine.model.greedy(None, &prompts, &options, &Steady).await.unwrap();
    for (golden, answer) in of.iter().zip(answers) {
        assert_eq!(answer.tokens, golden.ids);
        assert_eq!(engine.codec.decode(&answer.tokens).unwrap(), golden.text);
    }
}

/// Numbers of operations are larger than what a `usize` holds here.
#[wasm_bindgen_test]
async fn the_growth_of_a_steps_cost_is_measured_here_as_well() {
    let engine = folio();
    let rows = growth(&engine.model.device, &engine.device, 0.6, || 0.0, &Steady).await.unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.gflop <= 0.6), "{rows:?}");
    assert!(grid().iter().any(|point| point.shape.gflop() > 100.0));
}

/// A product of random numbers, beside the same in 64 bits: `[rows, columns]`, with a gap after each row, in which nothing may change.
fn product_beside_sums([rows, depth, columns]: [usize; 3], turned: [bool; 2], adds: bool, rng: &mut ChaCha8Rng) {
    const GAP: usize = 3;
    let mut numbers = |len: usize| -> Vec<f32> { (0..len).map(|_| rng.random_range(-1.0..1.0)).collect() };
    let (lhs, rhs, old) = (numbers(rows * depth), numbers(depth * columns), numbers(rows * (columns + GAP)));
    let (from_left, from_right) = (
        |row: usize, k: usize| if turned[0] { lhs[k * rows + row] } else { lhs[row * depth + k] },
        |k: usize, column: usize| if turned[1] { rhs[column * depth + k] } else { rhs[k * columns + column] },
    );
    let view = |numbers, rows, columns, turned| {
        if turned { Mat::new(numbers, columns, rows).transposed() } else { Mat::new(numbers, rows, columns) }
    };
    let (left, right) = (view(&lhs, rows, depth, turned[0]), view(&rhs, depth, columns, turned[1]));
    let mut out = old.clone();
    let into = MatMut::strided(&mut out, rows, columns, columns + GAP);
    if adds {
        multiply_add(into, 0.5, left, right)
    } else {
        multiply(into, 0.5, left, right)
    }
    for (at, (&out, &old)) in out.iter().zip(&old).enumerate() {
        let (row, column) = (at / (columns + GAP), at % (columns + GAP));
        if column >= columns {
            assert_eq!(out, old, "the gap after row {row}");
            continue;
        }
        let sum: f64 = (0..depth).map(|k| f64::from(from_left(row, k)) * f64::from(from_right(k, column))).sum();
        let wanted = 0.5 * sum + if adds { f64::from(old) } else { 0.0 };
        let error = (f64::from(out) - wanted).abs();
        assert!(
            error <= 1e-6 * (1.0 + depth as f64),
            "{rows} x {depth} x {columns}, {turned:?}: {row}, {column}: {error}"
        );
    }
}

/// Both kernels are there in Chromium, and compute any product.
#[wasm_bindgen_test]
fn products_are_those_of_sums() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for simd in Simd::ALL {
        assert!(take(simd), "{simd:?}");
        for rows in [1, 2, 3, 4, 5, 7, 8, 33] {
            for depth in [1, 3, 4, 65] {
                for columns in [1, 4, 7, 8, 9, 16, 41, 515] {
                    for way in 0..8 {
                        let [a, b, adds] = [way & 1 > 0, way & 2 > 0, way & 4 > 0];
                        product_beside_sums([rows, depth, columns], [a, b], adds, &mut rng);
                    }
                }
            }
        }
        // Of nothing nothing is added.
        product_beside_sums([5, 0, 9], [false, false], true, &mut rng);
        product_beside_sums([5, 0, 9], [false, false], false, &mut rng);
    }
}

/// Has `gemm` multiply, whatever another test has chosen.
fn without_kernel() {
    // SAFETY: there is no kernel that could do harm.
    unsafe { set_kernel(None) };
}

/// Ten losses of PEFT and answers of transformers with each kernel, as above without one.
#[wasm_bindgen_test]
async fn losses_and_answers_are_the_same_with_each_kernel() {
    for simd in Simd::ALL {
        assert!(take(simd), "{simd:?}");
        losses_are_those_of_peft().await;
        answers_are_those_of_transformers().await;
    }
}
