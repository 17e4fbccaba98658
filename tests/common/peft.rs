//! Ten steps of AdamW that PEFT and PyTorch made, on whatever device and in whatever way.

use serde::Deserialize;
use tenshot::engine::{Example, TokenBatch};
use tenshot::llama::{Adapter, AdapterFiles, Llama};
use tenshot::study::{Schedule, TunedWeights, TuningPlan};
use tenshot::tune::Tuner;

use super::{json, read, tensors, values};

#[derive(Deserialize)]
struct Training {
    model: String,
    init: String,
    #[serde(rename = "final")]
    end: String,
    learning_rate: f64,
    steps: Vec<TrainingStep>,
}

#[derive(Deserialize)]
struct TrainingStep {
    ids: Vec<Vec<u32>>,
    answer: Vec<Vec<u8>>,
    loss: f64,
    gradient_norm: f64,
}

impl TrainingStep {
    fn examples(&self) -> Vec<Example> {
        let example = |(ids, answer): (&Vec<u32>, &Vec<u8>)| Example {
            ids: ids.clone(),
            answer: answer.iter().map(|&a| a == 1).collect(),
        };
        self.ids.iter().zip(&self.answer).map(example).collect()
    }
}

/// Losses, gradient norms and the final adapter are PEFT's, from its own initial adapter. `load` gives the model of a folder.
pub fn check_ten_steps(load: impl FnOnce(&str) -> Llama) {
    let golden: Training = json("tests/golden/lora/training.json");
    let model = load(&golden.model);
    let plan = TuningPlan {
        epochs: 1,
        batch_size: 5,
        learning_rate: golden.learning_rate,
        schedule: Schedule::Constant,
        max_grad_norm: None,
        weight_decay: 0.0,
        weights: TunedWeights::Adapter,
    };
    let file = |name: &str| read(&format!("{}/{name}", golden.init));
    let files = AdapterFiles { config: file("adapter_config.json"), weights: file("adapter_model.safetensors") };
    let mut tuner = Tuner::new(Adapter::from_peft(files, &model.config, &model.device).unwrap(), plan);
    for (index, step) in golden.steps.iter().enumerate() {
        let examples = step.examples();
        let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), &model).unwrap();
        let made = pollster::block_on(tuner.step(&model, &batch)).unwrap();
        let relative = |a: f64, b: f64| ((a - b) / b).abs();
        assert!(relative(made.loss, step.loss) <= 1e-4, "step {index}: {} and {}", made.loss, step.loss);
        assert!(
            relative(made.grad_norm, step.gradient_norm) <= 1e-4,
            "step {index}: {made:?} and {}",
            step.gradient_norm
        );
    }
    let parameters = values(tuner.adapter().parameters.clone());
    let files = Adapter::to_peft(&tuner.adapter().layout, &parameters, "folio").unwrap();
    let written = safetensors::SafeTensors::deserialize(&files.weights).unwrap();
    let expected = tensors(&format!("{}/adapter_model.safetensors", golden.end));
    assert_eq!(written.len(), expected.len());
    for (name, expected) in expected {
        let data = written.tensor(&name).unwrap().data().to_vec();
        let found: Vec<f32> = data.chunks_exact(4).map(|c| f32::from_le_bytes(c.try_into().unwrap())).collect();
        let norm = |v: &mut dyn Iterator<Item = f32>| v.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        let difference = norm(&mut found.iter().zip(&expected).map(|(a, b)| a - b));
        let relative = difference / norm(&mut expected.iter().copied());
        assert!(relative <= 1e-4, "{name}: {relative}");
    }
}
