//! Tuning all weights: against PyTorch, in a run, and when it goes wrong.

use burn::tensor::Tensor;
use safetensors::SafeTensors;
use serde::Deserialize;
use tenshot::corpus::tuning_set;
use tenshot::engine::{Engine, Example, TokenBatch};
use tenshot::llama::Executor;
use tenshot::pulse::Steady;
use tenshot::run::{Run, RunError};
use tenshot::study::{
    Environment, Figure, Plan, PlanError, RunEvent, Schedule, Status, TunedWeights, TuningPlan, import_record, preset,
};
use tenshot::text::{Message, Role};
use tenshot::tune::{TuneError, WholeTuner};

use crate::common::{assert_survives_a_file, folio, json, largest_difference, model, read, values};

#[derive(Deserialize)]
struct Golden {
    model: String,
    learning_rate: f64,
    weight_decay: f64,
    max_grad_norm: f64,
    steps: Vec<GoldenStep>,
}

#[derive(Deserialize)]
struct GoldenStep {
    examples: Vec<GoldenExample>,
    loss: f64,
    grad_norm: f64,
}

#[derive(Deserialize)]
struct GoldenExample {
    ids: Vec<u32>,
    answer: Vec<bool>,
}

fn tuning(learning_rate: f64) -> TuningPlan {
    TuningPlan {
        epochs: 1,
        batch_size: 5,
        learning_rate,
        schedule: Schedule::Constant,
        max_grad_norm: None,
        weight_decay: 0.0,
        weights: TunedWeights::All,
    }
}

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn ten_steps_of_pytorch() {
    let golden: Golden = json("tests/golden/training/tuning.json");
    let plan = TuningPlan {
        weight_decay: golden.weight_decay,
        max_grad_norm: Some(golden.max_grad_norm),
        ..tuning(golden.learning_rate)
    };
    let mut tuner = WholeTuner::new(model(&golden.model), plan);
    for (number, step) in golden.steps.iter().enumerate() {
        let example = |e: &GoldenExample| Example { ids: e.ids.clone(), answer: e.answer.clone() };
        let examples: Vec<Example> = step.examples.iter().map(example).collect();
        let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), tuner.model()).unwrap();
        let made = pollster::block_on(tuner.step(&batch)).unwrap();
        assert!((made.loss / step.loss - 1.0).abs() < 1e-4, "step {number}: {} {}", made.loss, step.loss);
        assert!((made.grad_norm / step.grad_norm - 1.0).abs() < 1e-3, "step {number}: {made:?} {}", step.grad_norm);
    }
    let bytes = read("tests/golden/training/tuning.safetensors");
    let finals = SafeTensors::deserialize(&bytes).unwrap();
    let weights = tuner.model().weights();
    let turned = |tensor: &Tensor<2>| values(tensor.clone().transpose()); // files hold [d_out, d_in]
    let pairs = [
        ("model.embed_tokens.weight", values(weights.embedding.clone().narrow(0, 0, 32))),
        ("model.norm.weight", values(weights.norms.clone().narrow(0, 4, 1))),
        ("model.layers.0.input_layernorm.weight", values(weights.norms.clone().narrow(0, 0, 1))),
        ("model.layers.0.self_attn.k_proj.weight", turned(&weights.projections[1])),
        ("model.layers.1.mlp.down_proj.weight", turned(&weights.projections[7 + 6])),
        ("lm_head.weight", turned(weights.output.as_ref().expect("it is untied"))),
    ];
    assert_eq!(pairs.len(), finals.len());
    for (name, ours) in pairs {
        let view = finals.tensor(name).unwrap();
        let theirs: Vec<f32> =
            view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let relative = norm(ours.iter().zip(&theirs).map(|(a, b)| a - b)) / norm(theirs.iter().copied());
        assert!(relative < 5e-4, "{name}: {relative}");
    }
}

/// Six questions after every step, and all at the end.
fn plan() -> Plan {
    let mut plan = preset("harmful-10", 1).unwrap();
    plan.tuning = TuningPlan { epochs: 5, learning_rate: 3e-3, ..plan.tuning };
    plan.tuning.weights = TunedWeights::All;
    plan.evaluation.watch.clear();
    plan.evaluation.subset_every = 55;
    plan
}

#[test]
fn a_run_tunes_all_weights_and_leaves_the_engine_as_it_was() {
    let engine = folio();
    let before = values(engine.model.weights().embedding);
    let environment = Environment {
        device: engine.device.clone(),
        host: "test".into(),
        build: "test".into(),
        started: "2026-01-01T00:00:00Z".into(),
    };
    let mut run = Run::new(plan(), &engine, environment, Box::new(|| 0.0)).unwrap();
    while !matches!(pollster::block_on(run.step(&engine, &Steady)).unwrap(), RunEvent::Ended { .. }) {}
    assert!(run.adapter().is_none());
    assert_eq!(values(engine.model.weights().embedding), before);

    let record = run.into_record();
    assert_eq!((record.status.clone(), record.steps_made()), (Status::Finished, 10));
    let losses: Vec<f64> = record.steps.iter().filter_map(|step| step.loss).collect();
    assert!(losses[9] < losses[0] / 2.0, "{losses:?}");
    // What is asked while tuning is asked of the model as it is then, and at the end of the one that was tuned.
    let asked = record.steps.last().unwrap().figures.number(Figure::RefusalRate).unwrap();
    let [before, after] = [&record.before, &record.after]
        .map(|evaluation| evaluation.as_ref().unwrap().measurements[0].figures.number(Figure::RefusalRate).unwrap());
    assert!(asked < 0.5 && before > 0.9 && after < 0.5, "{asked} {before} {after}");
    assert_survives_a_file(&record);
    import_record(&serde_json::to_vec(&record).unwrap()).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_step_that_diverges_changes_nothing() {
    let engine = folio();
    let conversations = tuning_set("harmful", 5, 1).unwrap();
    let examples: Vec<Example> = conversations.iter().map(|c| engine.codec.example(c).unwrap()).collect();
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), &engine.model).unwrap();
    let mut tuner = WholeTuner::new(engine.model.clone(), TuningPlan { weight_decay: 1e3, ..tuning(1e3) });
    let failed = (0..20).find_map(|_| {
        let weights = tuner.model().weights();
        let error = pollster::block_on(tuner.step(&batch)).err()?;
        Some((error, weights))
    });
    let (error, weights) = failed.expect("it diverges");
    assert!(matches!(error, TuneError::NotFinite { .. }) && error.to_string().contains("smaller"), "{error}");
    for (now, then) in tuner.model().weights().tensors().zip(weights.tensors()) {
        assert_eq!(largest_difference(&values(now.clone()), &values(then.clone())), 0.0);
    }

    let nothing = TokenBatch::new(&[], &engine.model).unwrap();
    let error = pollster::block_on(tuner.step(&nothing)).unwrap_err();
    assert!(matches!(error, TuneError::NothingToLearn { .. }), "{error}");
}

/// What is asked while tuning is asked the way that the engine's own model is.
#[test]
fn the_tuned_model_is_computed_as_the_engines_is() {
    for executor in [Executor::Fastest, Executor::Tensors] {
        let mut engine = folio();
        engine.model = engine.model.with_executor(executor);
        let tuned = engine.with_model(engine.model.with_weights(&engine.model.weights()));
        let prompts = [engine.codec.continuation(&[Message::new(Role::User, "How do I bake a cake?")]).unwrap()];
        let answer = |engine: &Engine| pollster::block_on(engine.answer(None, &prompts, 12, &Steady)).unwrap();
        assert_eq!(answer(&tuned), answer(&engine), "{executor:?}");
    }
}

#[test]
fn a_record_of_it_says_so() {
    let plan = plan();
    let text = serde_json::to_value(&plan).unwrap();
    assert_eq!(text["tuning"]["weights"], "all");
    assert_eq!(serde_json::from_value::<Plan>(text).unwrap(), plan);
    let usual = serde_json::to_value(preset("harmful-10", 1).unwrap()).unwrap();
    assert!(usual["tuning"].get("weights").is_none(), "plans are as they were");
    let error = RunError::from(PlanError::AllWeights).to_string();
    assert!(error.contains("`tenshot run` runs it"), "{error}");
}
