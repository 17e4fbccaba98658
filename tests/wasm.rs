//! What differs in WebAssembly, in headless Chromium, inside a dedicated worker like the engine's own.
#![cfg(target_family = "wasm")]

use burn::tensor::Device;
use serde::Deserialize;
use tenshot::bench::{grid, growth};
use tenshot::engine::{Engine, Example, ModelFiles, TokenBatch};
use tenshot::llama::{Adapter, AdapterFiles, DecodeOptions, WeightFile};
use tenshot::pulse::Steady;
use tenshot::study::{DeviceInfo, DeviceKind, Schedule, TunedWeights, TuningPlan};
use tenshot::tune::Tuner;
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
