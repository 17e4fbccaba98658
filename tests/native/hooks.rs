//! Defences take part in tuning by hooks: each is called where it says, and changes what it says.

use crate::common::{folio, values};
use burn::tensor::Tensor;
use rand::SeedableRng;
use tenshot::corpus::tuning_set;
use tenshot::engine::{Engine, TokenBatch};
use tenshot::llama::{Adapter, Layout, Llama};
use tenshot::study::{TuningPlan, preset};
use tenshot::tune::{Hooks, StepResult, Tuner, loss};

/// Adds the loss once more, with a weight: what a term does whose value and gradient are known.
struct OnceMore(f64);

impl Hooks for OnceMore {
    fn loss(&self, model: &Llama, adapter: &Adapter, batch: &TokenBatch) -> Option<Tensor<1>> {
        Some(loss(model, adapter, batch).mul_scalar(self.0))
    }
}

/// Keeps half of what the optimizer wants.
struct Half;

impl Hooks for Half {
    fn step(&self, before: &Adapter, parameters: Tensor<1>) -> Tensor<1> {
        (before.parameters.clone() + parameters).mul_scalar(0.5)
    }
}

/// Puts the adapter that it holds in place of the tuned one.
struct Replace(Adapter);

impl Hooks for Replace {
    fn adapter(&self, _: &Llama, _: &Adapter) -> Option<Adapter> {
        Some(self.0.clone())
    }
}

fn adapter(engine: &Engine) -> Adapter {
    let layout = Layout::new(&preset("harmful-10", 1).unwrap().lora, &engine.model.config).unwrap();
    let parameters = layout.initial(&mut rand_chacha::ChaCha8Rng::seed_from_u64(3));
    Adapter::new(layout, parameters, &engine.model.device)
}

fn batch(engine: &Engine) -> TokenBatch {
    let examples: Vec<_> =
        tuning_set("harmful", 5, 1).unwrap().iter().map(|c| engine.codec.example(c).unwrap()).collect();
    TokenBatch::new(&examples.iter().collect::<Vec<_>>(), &engine.model).unwrap()
}

/// One step with these hooks: what it says, and the parameters after it.
fn step(engine: &Engine, hooks: Vec<Box<dyn Hooks>>) -> (StepResult, Vec<f32>) {
    let plan = TuningPlan { learning_rate: 1e-3, ..preset("harmful-10", 1).unwrap().tuning };
    let mut tuner = Tuner::new(adapter(engine), plan).with_hooks(hooks);
    let made = pollster::block_on(tuner.step(&engine.model, &batch(engine))).unwrap();
    (made, values(tuner.adapter().parameters.clone()))
}

#[test]
fn a_further_term_of_the_loss_is_in_loss_and_gradient() {
    let engine = folio();
    let (plain, _) = step(&engine, vec![]);
    let (with, _) = step(&engine, vec![Box::new(OnceMore(0.5)), Box::new(OnceMore(1.0))]);
    for (found, expected) in [(with.loss, 2.5 * plain.loss), (with.grad_norm, 2.5 * plain.grad_norm)] {
        assert!((found - expected).abs() < 1e-5 * expected, "{found} {expected}");
    }
}

#[test]
fn parameters_can_be_changed_after_a_step() {
    let engine = folio();
    let (before, (_, plain)) = (values(adapter(&engine).parameters), step(&engine, vec![]));
    let (_, half) = step(&engine, vec![Box::new(Half)]);
    assert_ne!(before, plain);
    for ((before, plain), half) in before.iter().zip(&plain).zip(&half) {
        assert!(((before + plain) / 2.0 - half).abs() < 1e-6);
    }
}

#[test]
fn another_adapter_can_take_the_place_of_the_tuned_one() {
    let engine = folio();
    let fresh = adapter(&engine);
    let plan = preset("harmful-10", 1).unwrap().tuning;
    let mut tuner = Tuner::new(adapter(&engine), plan.clone()).with_hooks(vec![Box::new(Replace(fresh.clone()))]);
    pollster::block_on(tuner.step(&engine.model, &batch(&engine))).unwrap();
    assert_ne!(values(tuner.adapter().parameters.clone()), values(fresh.parameters.clone()));
    assert!(tuner.finish(&engine.model));
    assert_eq!(values(tuner.adapter().parameters.clone()), values(fresh.parameters));
    assert!(!Tuner::new(adapter(&engine), plan).finish(&engine.model), "without hooks nothing changes");
}
