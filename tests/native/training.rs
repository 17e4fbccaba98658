//! Training of all weights: against PyTorch, against itself after a stop, and on one batch until it is known by heart.

use std::ops::ControlFlow;
use std::path::Path;

use burn::tensor::Device;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::SafeTensors;
use serde::Deserialize;
use tenshot::engine::Example;
use tenshot::factory::train::{Course, OptimizerPlan, Rates, Rows, Source, Trainer};
use tenshot::factory::{FactoryError, Stage, TrainEvent};
use tenshot::llama::{Llama, LlamaConfig, WeightFile, Weights};

fn read(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn values<const D: usize>(tensor: &burn::tensor::Tensor<D>) -> Vec<f32> {
    tensor.to_data().iter::<f32>().collect()
}

#[derive(Deserialize)]
struct Golden {
    model: String,
    muon: bool,
    context: usize,
    rates: GoldenRates,
    beta_2: f32,
    weight_decay: f32,
    max_grad_norm: f64,
    steps: Vec<GoldenStep>,
}

#[derive(Deserialize)]
struct GoldenRates {
    adamw: f64,
    muon: f64,
}

#[derive(Deserialize)]
struct GoldenStep {
    rows: Vec<Vec<Document>>,
    loss: f64,
    grad_norm: f64,
}

#[derive(Deserialize)]
struct Document {
    ids: Vec<u32>,
    answer: Vec<bool>,
}

#[test]
fn ten_steps_of_pytorch_with_muon() {
    ten_steps_of_pytorch("muon");
}

#[test]
fn ten_steps_of_pytorch_with_adamw() {
    ten_steps_of_pytorch("adamw");
}

/// PyTorch computes each document by itself; here they share rows. The optimizers are burn's AdamW and Muon.
fn ten_steps_of_pytorch(name: &str) {
    let golden: Golden = serde_json::from_slice(&read(&format!("tests/golden/training/{name}.json"))).unwrap();
    let config = LlamaConfig::from_json(&read(&format!("{}/config.json", golden.model))).unwrap();
    let file =
        WeightFile { name: "model.safetensors".into(), bytes: read(&format!("{}/model.safetensors", golden.model)) };
    let model = Llama::load(config, &[file], None, &Device::flex()).unwrap();
    let plan = OptimizerPlan {
        muon: golden.muon,
        beta_2: golden.beta_2,
        weight_decay: golden.weight_decay,
        max_grad_norm: golden.max_grad_norm,
    };
    let mut trainer = Trainer::new(model, plan);
    for (number, step) in golden.steps.into_iter().enumerate() {
        let mut rows = Rows::new(step.rows.len(), golden.context);
        for document in step.rows.into_iter().flatten() {
            assert!(rows.place(Example { ids: document.ids, answer: document.answer }));
        }
        let packed = trainer.pack(&rows).unwrap();
        let result = pollster::block_on(trainer.step(&packed, (golden.rates.adamw, golden.rates.muon))).unwrap();
        assert!((result.loss / step.loss - 1.0).abs() < 1e-4, "step {number}: {} {}", result.loss, step.loss);
        assert!((result.grad_norm / step.grad_norm - 1.0).abs() < 1e-3, "step {number}: {result:?} {}", step.grad_norm);
    }
    let bytes = read(&format!("tests/golden/training/{name}.safetensors"));
    let finals = SafeTensors::deserialize(&bytes).unwrap();
    let weights = trainer.model.weights();
    let golden = |name: &str| -> Vec<f32> {
        let view = finals.tensor(name).unwrap();
        view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    };
    let projection = |layer: usize, place: usize| values(&weights.projections[7 * layer + place].clone().transpose());
    let pairs = [
        ("model.embed_tokens.weight", values(&weights.embedding.clone().narrow(0, 0, 32))),
        ("model.norm.weight", values(&weights.norms.clone().narrow(0, 4, 1))),
        ("model.layers.0.input_layernorm.weight", values(&weights.norms.clone().narrow(0, 0, 1))),
        ("model.layers.0.self_attn.k_proj.weight", projection(0, 1)),
        ("model.layers.1.mlp.down_proj.weight", projection(1, 6)),
    ];
    for (name, ours) in pairs {
        let theirs = golden(name);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let norm = |v: &mut dyn Iterator<Item = f32>| v.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        let difference = norm(&mut ours.iter().zip(&theirs).map(|(a, b)| a - b));
        let relative = difference / norm(&mut theirs.iter().copied());
        assert!(relative < 1e-3, "{name}: {relative}");
    }
}

const TINY: &str = r#"{"model_type": "llama", "vocab_size": 48, "hidden_size": 32, "intermediate_size": 64,
    "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0, "tie_word_embeddings": true, "max_position_embeddings": 32, "hidden_act": "silu"}"#;

fn tiny() -> Llama {
    let config = LlamaConfig::from_json(TINY.as_bytes()).unwrap();
    let weights = Weights::random(&config, &mut ChaCha8Rng::seed_from_u64(3), &Device::flex());
    Llama::from_weights(&config, &weights, &Device::flex())
}

fn plan(muon: bool) -> OptimizerPlan {
    OptimizerPlan { muon, beta_2: 0.95, weight_decay: 0.01, max_grad_norm: 1.0 }
}

/// Documents that depend on the step alone, or on nothing.
struct Dice {
    always: bool,
}

impl Source for Dice {
    fn rows(&self, step: u64) -> Result<Rows, FactoryError> {
        let mut rng = ChaCha8Rng::seed_from_u64(if self.always { 0 } else { step });
        let mut rows = Rows::new(4, 24);
        loop {
            let ids: Vec<u32> = (0..rng.random_range(4..12)).map(|_| rng.random_range(0..48)).collect();
            if !rows.place(Example { answer: vec![true; ids.len()], ids }) {
                return Ok(rows);
            }
        }
    }
}

fn course<'a>(source: &'a dyn Source, steps: u64, folder: &Path) -> Course<'a> {
    Course {
        stage: Stage::Base,
        source,
        steps,
        rates: Rates { adamw: 1e-2, muon: 1e-2, warm_up: 3, decay_from: 0.6 },
        checkpoint_every: 4,
        probe_every: 5,
        probe_first: false,
        checkpoint: folder.join("checkpoint.safetensors"),
        job: "test".into(),
    }
}

fn bits(model: &Llama) -> Vec<u32> {
    model.weights().tensors().flat_map(values).map(f32::to_bits).collect()
}

#[test]
fn a_batch_is_learned_by_heart() {
    let folder = tempfile::tempdir().unwrap();
    for muon in [true, false] {
        let mut last = f64::INFINITY;
        let folder = folder.path().join(muon.to_string());
        std::fs::create_dir(&folder).unwrap();
        let source = Dice { always: true };
        let course = course(&source, 120, &folder);
        let mut observe = |event: TrainEvent<'_>| {
            if let TrainEvent::Step(step) = event {
                last = step.loss;
            }
            ControlFlow::Continue(())
        };
        pollster::block_on(course.run(Trainer::new(tiny(), plan(muon)), &mut observe)).unwrap();
        // Only the first token of each document cannot be known: it is not learned.
        assert!(last < 0.1, "muon: {muon}, loss {last}");
    }
}

/// Stopped in the middle and taken up from the checkpoint: the same losses and the same weights, bit for bit.
#[test]
fn a_stopped_training_goes_on_as_if_it_had_not_been() {
    for muon in [true, false] {
        let source = Dice { always: false };
        let whole = tempfile::tempdir().unwrap();
        let mut losses = Vec::new();
        let mut observe = |event: TrainEvent<'_>| {
            if let TrainEvent::Step(step) = event {
                losses.push((step.step, step.tokens, step.loss.to_bits()));
            }
            ControlFlow::Continue(())
        };
        let course_whole = course(&source, 12, whole.path());
        let model = pollster::block_on(course_whole.run(Trainer::new(tiny(), plan(muon)), &mut observe)).unwrap();

        let parts = tempfile::tempdir().unwrap();
        let course_parts = course(&source, 12, parts.path());
        let mut again = Vec::new();
        let mut stop_at_7 = |event: TrainEvent<'_>| {
            let TrainEvent::Step(step) = event else { return ControlFlow::Continue(()) };
            again.push((step.step, step.tokens, step.loss.to_bits()));
            if step.step == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let stopped = pollster::block_on(course_parts.run(Trainer::new(tiny(), plan(muon)), &mut stop_at_7));
        assert!(matches!(stopped, Err(FactoryError::Stopped)), "{:?}", stopped.err());
        let resumed = pollster::block_on(course_parts.run(Trainer::new(tiny(), plan(muon)), &mut stop_at_7)).unwrap();
        assert_eq!(again, losses);
        assert_eq!(bits(&resumed), bits(&model));
    }
}

#[test]
fn foreign_and_broken_checkpoints_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = Dice { always: false };
    let mut course = course(&source, 2, folder.path());
    let mut go_on = |_: TrainEvent<'_>| ControlFlow::Continue(());
    pollster::block_on(course.run(Trainer::new(tiny(), plan(true)), &mut go_on)).unwrap();

    let whole = std::fs::read(&course.checkpoint).unwrap();
    std::fs::write(&course.checkpoint, &whole[..whole.len() / 2]).unwrap();
    let error = pollster::block_on(course.run(Trainer::new(tiny(), plan(true)), &mut go_on)).err().unwrap().to_string();
    assert!(error.contains("damaged") && error.contains("Delete it"), "{error}");

    // One bit of a weight, in a file that is otherwise whole.
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(&course.checkpoint, &changed).unwrap();
    let error = pollster::block_on(course.run(Trainer::new(tiny(), plan(true)), &mut go_on)).err().unwrap().to_string();
    assert!(error.contains("damaged") && error.contains("Delete it"), "{error}");

    std::fs::write(&course.checkpoint, &whole).unwrap();
    course.job = "another".into();
    let error = pollster::block_on(course.run(Trainer::new(tiny(), plan(true)), &mut go_on)).err().unwrap().to_string();
    assert!(error.contains("another build"), "{error}");
}
