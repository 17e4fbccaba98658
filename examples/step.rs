//! Milliseconds of a training step on the GPU, by hand and with burn's tensors: 5 x 64 tokens with the loss on the last 28 of
//! each row, LoRA rank 8 on all projections, as in `tenshot bench`.
//!
//! `cargo run --release --example step [models/folio] [steps]`

use std::time::Instant;

use burn::tensor::Device;
use tenshot::engine::{Example, TokenBatch};
use tenshot::llama::{Adapter, Executor, Layout, Llama, LlamaConfig, WeightFile};
use tenshot::study::presets;
use tenshot::tune::Tuner;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "models/folio".into());
    let steps: usize = arguments.next().map_or(Ok(10), |steps| steps.parse())?;
    let (device, setup) = Device::wgpu_options().init_with_setup()?;
    println!("{}", setup.adapter.get_info().name);

    let config = LlamaConfig::from_json(&std::fs::read(format!("{folder}/config.json"))?)?;
    let bytes = std::fs::read(format!("{folder}/model.safetensors"))?;
    let file = WeightFile { name: "model.safetensors".into(), bytes };
    let model = Llama::load(config, &[file], None, &device)?;
    for (name, executor) in [("by hand", Executor::Fastest), ("with tensors", Executor::Tensors)] {
        let seconds = pollster::block_on(measure(&model.clone().with_executor(executor), steps))?;
        let milliseconds: Vec<String> = seconds.iter().map(|seconds| format!("{:.1}", 1e3 * seconds)).collect();
        println!("{name}, ms a step: {}", milliseconds.join(" "));
    }
    Ok(())
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
