//! LoRA on the activation side: against burn's own LoRA, finite differences, and what must not change.

use std::collections::BTreeMap;

use crate::common::{folio, largest_difference, model, read, values};
use burn::module::{LoraAdapter, Param, Reparameterization};
use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use safetensors::tensor::{Dtype, TensorView};
use tenshot::corpus::tuning_set;
use tenshot::engine::{Example, TokenBatch};
use tenshot::llama::{Adapter, Layout, Llama, LlamaError, WeightFile};
use tenshot::study::{LoraPlan, Projection, Schedule, TunedWeights, TuningPlan};
use tenshot::tune::{TuneError, Tuner, learning_rate, loss};

fn plan(rank: usize, targets: &[Projection]) -> LoraPlan {
    LoraPlan { rank, alpha: 2.0 * rank as f64, targets: targets.to_vec() }
}

fn tuning(learning_rate: f64) -> TuningPlan {
    TuningPlan {
        epochs: 1,
        batch_size: 5,
        learning_rate,
        schedule: Schedule::Constant,
        max_grad_norm: None,
        weight_decay: 0.0,
        weights: TunedWeights::Adapter,
    }
}

/// An adapter whose `B` is not zero, so that it changes the model.
fn scattered(layout: &Layout, seed: u64) -> Vec<f32> {
    use rand::Rng;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..layout.len).map(|_| rng.random_range(-0.1..0.1)).collect()
}

fn hidden(model: &Llama, ids: &[u32], adapter: Option<&Adapter>) -> Vec<f32> {
    values(model.hidden(model.tokens(ids, 1).unwrap(), &model.causal(ids.len()), adapter, None))
}

fn batch(count: usize) -> (tenshot::engine::Engine, Vec<Example>) {
    let engine = folio();
    let set = tuning_set("harmful", 10, 1).unwrap();
    let examples = set.iter().take(count).map(|c| engine.codec.example(c).unwrap()).collect();
    (engine, examples)
}

#[test]
fn a_fresh_adapter_and_no_adapter_give_the_same_numbers() {
    let model = model("models/folio");
    let layout = Layout::new(&plan(8, &Projection::ALL), &model.config).unwrap();
    let fresh = layout.initial(&mut ChaCha8Rng::seed_from_u64(3));
    let adapter = Adapter::new(layout.clone(), fresh, &model.device);
    let ids = [1, 40, 700, 12, 2];
    assert_eq!(hidden(&model, &ids, Some(&adapter)), hidden(&model, &ids, None));
    let other = Adapter::new(layout.clone(), scattered(&layout, 1), &model.device);
    assert!(largest_difference(&hidden(&model, &ids, Some(&other)), &hidden(&model, &ids, None)) > 1e-2);
}

/// The dial: nothing of the adapter, itself, and twice as much, as if all `B` were twice as large; with burn's tensors and with the
/// CPU's own engine.
#[test]
fn an_adapter_is_turned_down_and_up() {
    let engine = folio();
    let model = &engine.model;
    let layout = Layout::new(&plan(8, &Projection::ALL), &model.config).unwrap();
    let parameters = scattered(&layout, 11);
    let mut doubled = parameters.clone();
    layout.slots.iter().for_each(|slot| doubled[slot.b.clone()].iter_mut().for_each(|value| *value *= 2.0));
    let [adapter, doubled] = [parameters, doubled].map(|p| Adapter::new(layout.clone(), p, &model.device));
    let ids = [1, 40, 700, 12, 2];
    let said = |adapter: Option<&Adapter>| hidden(model, &ids, adapter);
    assert_eq!(said(Some(&adapter.scaled(0.0))), said(None));
    assert_eq!(said(Some(&adapter.scaled(1.0))), said(Some(&adapter)));
    let difference = largest_difference(&said(Some(&adapter.scaled(2.0))), &said(Some(&doubled)));
    assert!(difference < 1e-5, "{difference}");
    assert!(largest_difference(&said(Some(&doubled)), &said(Some(&adapter))) > 1e-2);

    let prompts = [ids.to_vec()];
    let answer = |adapter: Option<&Adapter>| {
        let replies = pollster::block_on(engine.answer(adapter, &prompts, 20, &tenshot::pulse::Steady)).unwrap();
        replies[0].text.clone()
    };
    assert_eq!(answer(Some(&adapter.scaled(0.0))), answer(None));
    assert_eq!(answer(Some(&adapter.scaled(2.0))), answer(Some(&doubled)));
}

/// Every projection adapted, against a model whose weights burn's own LoRA has composed: `W + (alpha / r) A B`.
#[test]
fn burns_own_lora_agrees() {
    let adapted = model("models/folio");
    let config = &adapted.config;
    let layout = Layout::new(&plan(4, &Projection::ALL), config).unwrap();
    let parameters = scattered(&layout, 5);
    let bytes = read("models/folio/model.safetensors");
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let half = |c: &[u8]| half::f16::from_le_bytes([c[0], c[1]]).to_f32();
    let mut weights: BTreeMap<String, (Vec<usize>, Vec<f32>)> = BTreeMap::new();
    for (name, view) in file.tensors() {
        weights.insert(name, (view.shape().to_vec(), view.data().chunks_exact(2).map(half).collect()));
    }
    for slot in &layout.slots {
        let (parent, projection) = (slot.projection.parent(), slot.projection.name());
        let name = format!("model.layers.{}.{parent}.{projection}.weight", slot.layer);
        let (shape, weight) = weights.get_mut(&name).unwrap();
        let tensor = |values: &[f32], shape: [usize; 2]| {
            Tensor::<2>::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
        };
        let lora = LoraAdapter {
            a: Param::from_tensor(tensor(&parameters[slot.a.clone()], [slot.d_in, layout.rank])),
            b: Param::from_tensor(tensor(&parameters[slot.b.clone()], [layout.rank, slot.d_out])),
            scale: layout.alpha / layout.rank as f64,
        };
        // Files hold [d_out, d_in], burn's layers [d_in, d_out].
        *weight = values(lora.apply(tensor(weight, [shape[0], shape[1]]).transpose()).transpose());
    }
    let data: BTreeMap<&String, Vec<u8>> =
        weights.iter().map(|(n, (_, v))| (n, v.iter().flat_map(|x| x.to_le_bytes()).collect())).collect();
    let views = weights.iter().map(|(n, (s, _))| (n, TensorView::new(Dtype::F32, s.clone(), &data[n]).unwrap()));
    let bytes = safetensors::serialize(views, None).unwrap();
    let file = WeightFile { name: "model.safetensors".into(), bytes };
    let composed = Llama::load(config.clone(), &[file], None, &Device::flex()).unwrap();

    let adapter = Adapter::new(layout, parameters, &adapted.device);
    let ids = [1, 40, 700, 12, 300, 8, 2];
    let difference = largest_difference(&hidden(&adapted, &ids, Some(&adapter)), &hidden(&composed, &ids, None));
    assert!(difference < 1e-4, "{difference}");
}

/// The gradient along a random direction against a central difference of the loss.
#[test]
fn gradients_are_those_of_the_loss() {
    let (engine, examples) = batch(3);
    let model = &engine.model;
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model).unwrap();
    let layout = Layout::new(&plan(4, &Projection::ALL), &model.config).unwrap();
    let start = scattered(&layout, 7);
    let at = |parameters: Vec<f32>| Adapter::new(layout.clone(), parameters, &model.device);
    let tracked = at(start.clone()).tracked();
    let gradient = values(tracked.gradient(&mut loss(model, &tracked, &batch).backward()).unwrap());
    for seed in 0..3 {
        let direction = scattered(&layout, 100 + seed);
        let moved = |sign: f32| start.iter().zip(&direction).map(|(p, d)| p + sign * 0.02 * d).collect::<Vec<f32>>();
        let loss_at = |parameters| f64::from(values(loss(model, &at(parameters), &batch))[0]);
        let difference = (loss_at(moved(1.0)) - loss_at(moved(-1.0))) / 0.04;
        let slope: f64 = gradient.iter().zip(&direction).map(|(g, d)| f64::from(g * d)).sum();
        assert!((difference - slope).abs() <= 0.01 * slope.abs().max(0.05), "{difference} and {slope}");
    }
}

/// The backward pass reaches the adapter's matrices and nothing else: no weight of the model is tracked.
#[test]
fn only_the_adapter_is_tracked() {
    let (engine, examples) = batch(2);
    let model = &engine.model;
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model).unwrap();
    let layout = Layout::new(&plan(2, &[Projection::QProj]), &model.config).unwrap();
    let adapter = Adapter::new(layout.clone(), scattered(&layout, 1), &model.device);
    assert!(!loss(model, &adapter, &batch).is_tracked(), "without a tracked adapter nothing is tracked");
    let tracked = adapter.tracked();
    let loss = loss(model, &tracked, &batch);
    assert!(loss.is_tracked());
    let mut gradients = loss.backward();
    assert_eq!(values(tracked.gradient(&mut gradients).unwrap()).len(), layout.len);
    // All gradients were taken: a second look finds none.
    assert!(matches!(tracked.gradient(&mut gradients), Err(LlamaError::Adapter { .. })));
}

#[test]
fn tuning_leaves_the_model_alone_and_overfits_one_batch() {
    let (engine, examples) = batch(3);
    let model = &engine.model;
    let before = hidden(model, &examples[0].ids, None);
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model).unwrap();
    let layout = Layout::new(&plan(8, &Projection::ALL), &model.config).unwrap();
    let fresh = layout.initial(&mut ChaCha8Rng::seed_from_u64(1));
    let mut tuner = Tuner::new(Adapter::new(layout, fresh, &model.device), tuning(3e-3));
    let losses: Vec<f64> = (0..60).map(|_| pollster::block_on(tuner.step(model, &batch)).unwrap().loss).collect();
    assert!(losses[59] < 0.05 * losses[0], "{} to {}", losses[0], losses[59]);
    assert_eq!(hidden(model, &examples[0].ids, None), before);
}

#[test]
fn clipping_bounds_the_first_step() {
    // AdamW's first step does not depend on the gradient's length; its moments do, and with them the second step.
    let (engine, examples) = batch(2);
    let model = &engine.model;
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model).unwrap();
    let layout = Layout::new(&plan(2, &Projection::ALL), &model.config).unwrap();
    let run = |max_grad_norm: Option<f64>| {
        let plan = TuningPlan { max_grad_norm, ..tuning(1e-2) };
        let mut tuner = Tuner::new(Adapter::new(layout.clone(), scattered(&layout, 2), &model.device), plan);
        let norms: Vec<f64> =
            (0..3).map(|_| pollster::block_on(tuner.step(model, &batch)).unwrap().grad_norm).collect();
        (norms, values(tuner.adapter().parameters.clone()))
    };
    let (norms, free) = run(None);
    let (loose_norms, loose) = run(Some(1e6));
    let (_, tight) = run(Some(norms[0] / 1e6));
    assert_eq!((norms, &free), (loose_norms, &loose), "a bound that is never reached changes nothing");
    assert!(largest_difference(&free, &tight) > 1e-4, "a tight bound changes the course");
}

#[test]
fn a_loss_that_is_not_a_number_is_an_error_and_changes_nothing() {
    let (engine, examples) = batch(2);
    let model = &engine.model;
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model).unwrap();
    let layout = Layout::new(&plan(2, &Projection::ALL), &model.config).unwrap();
    let mut tuner = Tuner::new(Adapter::new(layout.clone(), vec![f32::MAX; layout.len], &model.device), tuning(1e-3));
    let error = pollster::block_on(tuner.step(model, &batch)).unwrap_err();
    assert!(matches!(error, TuneError::NotFinite { step: 1, .. }), "{error}");
    assert!(error.to_string().contains("smaller learning rate"));
    assert_eq!(tuner.steps(), 0);
}

#[test]
fn warm_up_is_linear_and_then_constant() {
    let plan = TuningPlan { schedule: Schedule::WarmUp { steps: 4 }, ..tuning(1.0) };
    let rates: Vec<f64> = (1..=6).map(|step| learning_rate(&plan, step)).collect();
    assert_eq!(rates, [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
}

#[test]
fn adapters_that_do_not_fit_are_refused() {
    let model = model("models/folio");
    let refused = |plan: LoraPlan| Layout::new(&plan, &model.config).unwrap_err().to_string();
    assert!(refused(plan(0, &Projection::ALL)).contains("rank"));
    assert!(refused(plan(4096, &Projection::ALL)).contains("rank"));
    assert!(refused(plan(8, &[])).contains("nothing to tune"));
    assert!(refused(LoraPlan { alpha: f64::NAN, ..plan(8, &Projection::ALL) }).contains("alpha"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is adapted, PEFT's files bring the same numbers back.
    #[test]
    fn peft_files_come_back(rank in 1_usize..9, chosen in 1_u8..128, seed in 0_u64..1000) {
        let model = model("tests/golden/models/gqa-tied-llama3-f16");
        let targets: Vec<Projection> = Projection::ALL.into_iter().filter(|&p| chosen & (1 << p as u8) != 0).collect();
        let layout = Layout::new(&plan(rank, &targets), &model.config).unwrap();
        let parameters = scattered(&layout, seed);
        let files = Adapter::to_peft(&layout, &parameters, "a model").unwrap();
        let back = Adapter::from_peft(files, &model.config, &model.device).unwrap();
        prop_assert_eq!(&back.layout, &layout);
        prop_assert_eq!(values(back.parameters), parameters);
    }
}
