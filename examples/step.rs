//! Milliseconds of a training step on the GPU, by hand and with burn's tensors: 5 x 64 tokens with the loss on the last 28 of
//! each row, LoRA rank 8 on all projections, as in `tenshot bench`; and of 66 answers of 40 tokens to prompts of 30.
//!
//! `cargo run --release --example step [models/folio] [steps]`

use std::time::Instant;

use burn::tensor::Device;
use tenshot::engine::{Example, TokenBatch};
use tenshot::llama::{Adapter, DecodeOptions, Executor, LAUNCHES_PER_SUBMIT, Layout, Llama, LlamaConfig, WeightFile};
use tenshot::pulse::Steady;
use tenshot::study::presets;
use tenshot::tune::Tuner;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "models/folio".into());
    let steps: usize = arguments.next().map_or(Ok(10), |steps| steps.parse())?;
    let (device, setup) = Device::wgpu_options().tasks_max(LAUNCHES_PER_SUBMIT).init_with_setup()?;
    println!("{}", setup.adapter.get_info().name);

    let config = LlamaConfig::from_json(&std::fs::read(format!("{folder}/config.json"))?)?;
    let bytes = std::fs::read(format!("{folder}/model.safetensors"))?;
    let file = WeightFile { name: "model.safetensors".into(), bytes };
    let model = Llama::load(config, &[file], None, &device)?;
    for (name, executor) in [("by hand", Executor::Fastest), ("with tensors", Executor::Tensors)] {
        let model = model.clone().with_executor(executor);
        let told = |seconds: Vec<f64>| {
            seconds.iter().map(|seconds| format!("{:.1}", 1e3 * seconds)).collect::<Vec<_>>().join(" ")
        };
        println!("{name}, ms a step: {}", told(pollster::block_on(measure(&model, steps))?));
        println!("{name}, ms for 66 answers: {}", told(pollster::block_on(answers(&model, steps.div_ceil(3)))?));
    }
    Ok(())
}

/// Seconds of each batch of answers, the first ones with all that is made once.
async fn answers(model: &Llama, batches: usize) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let vocab = model.config.vocab_size as u32;
    // Any tokens do; twelve are what all prompts begin with.
    let token = |prompt: u32, i: u32| (if i < 12 { i } else { 31 * prompt + 7 * i } + 3) % vocab;
    let prompts: Vec<Vec<u32>> = (0..66).map(|prompt| (0..30).map(|i| token(prompt, i)).collect()).collect();
    let options = DecodeOptions { max_new_tokens: 40, stop: Vec::new(), tokens_per_read: 8, first_tokens: vec![1, 2] };
    let mut seconds = Vec::new();
    for _ in 0..batches {
        let begun = Instant::now();
        model.greedy(None, &prompts, &options, &Steady).await?;
        seconds.push(begun.elapsed().as_secs_f64());
    }
    Ok(seconds)
}

/// Seconds of each step, the first ones with all that is made once.
async fn measure(model: &Llama, steps: usize) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let plan = presets()[0].plan(1);
    let vocab = model.config.vocab_size as u32;
    // Any tokens do: the work does not depend on them.
    let example = |row: u32| Example {
        ids: (0..64).map(|i| (17 * (row * 64 + i) + 5) % vocab).collect(),
        answer: (0..64).map(|i| i >= 64 - 28).collect(),
    };
    let examples: Vec<Example> = (0..5).map(example).collect();
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model)?;
    let layout = Layout::new(&plan.lora, &model.config)?;
    let parameters = vec![0.01; layout.len];
    let mut tuner = Tuner::new(Adapter::new(layout, parameters, &model.device), plan.tuning);
    let mut seconds = Vec::new();
    for _ in 0..steps {
        let begun = Instant::now();
        tuner.step(model, &batch).await?;
        seconds.push(begun.elapsed().as_secs_f64());
    }
    Ok(seconds)
}
