//! Steps by hand on a GPU against those by hand on the CPU.

use crate::common::peft::check_ten_steps;
use crate::common::values;
use crate::device::{adapter, gpu, launches, load, small, targets, turn};
use burn::tensor::{Device, Tensor};
use burn_dispatch::DispatchDevice;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tenshot::engine::{Example, TokenBatch};
use tenshot::llama::{Adapter, Executor, Layout, Llama, Resident, Sequence, Settings, Stepped, Stepper, read_floats};
use tenshot::study::{Projection, Schedule, TunedWeights, TuningPlan};
use tenshot::tune::{Hooks, TuneError, Tuner, loss};

/// Sequences of these lengths, of which each token is learned with this probability.
fn sequences(lengths: &[usize], vocab: u32, learned: f64, seed: u64) -> Vec<Sequence> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sequence = |&length: &usize| {
        let ids: Vec<u32> = (0..length).map(|_| rng.random_range(0..vocab)).collect();
        let learn = (1..length).filter(|_| rng.random_bool(learned)).map(|place| (place - 1, ids[place])).collect();
        Sequence { ids, learn }
    };
    lengths.iter().map(&mut sequence).collect()
}

const SETTINGS: Settings = Settings { max_grad_norm: Some(1.0), weight_decay: 0.1 };

fn resident(model: &Llama, adapter: &Adapter) -> Resident {
    pollster::block_on(Resident::of(model, adapter, SETTINGS)).unwrap().expect("the device and the model suit")
}

/// Loss and gradient on the CPU.
fn on_cpu(model: &Llama, adapter: &Adapter, sequences: &[Sequence]) -> (f64, Vec<f32>) {
    let found = pollster::block_on(Stepper::default().gradient(model, adapter, sequences)).unwrap();
    let (loss, gradient) = found.expect("it is computed by hand");
    (f64::from(values(loss)[0]), values(gradient))
}

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

/// Every matrix has the same gradient, as a whole and number by number, to 1e-4 of its size or to `rounding`.
fn assert_same_gradients(layout: &Layout, found: &[f32], expected: &[f32], rounding: f64) {
    for slot in &layout.slots {
        for range in [slot.a.clone(), slot.b.clone()] {
            let (found, expected) = (&found[range.clone()], &expected[range]);
            let difference = norm(found.iter().zip(expected).map(|(a, b)| a - b));
            let size = norm(expected.iter().copied());
            let most = rounding.max(1e-4 * size);
            assert!(difference <= most, "layer {} {:?}: {difference} of {size}", slot.layer, slot.projection);
            let largest = expected.iter().fold(0_f32, |most, x| most.max(x.abs()));
            let most = rounding.max(1e-4 * f64::from(largest));
            for (a, b) in found.iter().zip(expected) {
                let difference = f64::from((a - b).abs());
                assert!(difference <= most, "layer {} {:?}: {a} and {b}", slot.layer, slot.projection);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gradients_are_those_of_the_cpu(
        group in 1_usize..9,
        kv_heads in 1_usize..4,
        // Where half a head, or the rank, is a multiple of four, numbers are read four at a time.
        head_dim in prop::sample::select(vec![2_usize, 6, 8, 16]),
        rank in prop_oneof![1_usize..17, prop::sample::select(vec![4_usize, 8, 16])],
        chosen in 1_u8..128,
        lengths in prop::collection::vec(prop::sample::select(vec![1_usize, 2, 3, 31, 32, 33, 63, 65]), 1..12),
        learned in prop::sample::select(vec![0.05, 0.5, 1.0]),
        seed in 0_u64..1000,
    ) {
        let Some(device) = gpu() else { return Ok(()) };
        let _turn = turn();
        let [cpu, gpu] = [&Device::flex(), device].map(|device| small(group * kv_heads, kv_heads, head_dim, seed, device));
        let start = adapter(&cpu, rank, &targets(chosen), seed);
        let sequences = sequences(&lengths, 41, learned, seed);
        if sequences.iter().all(|sequence| sequence.learn.is_empty()) {
            return Ok(());
        }
        let parameters = pollster::block_on(read_floats(start.parameters.clone())).unwrap();
        let on_gpu = Adapter::new(start.layout.clone(), parameters.clone(), &gpu.device);
        let mut resident = resident(&gpu, &on_gpu);
        let (loss, found) = pollster::block_on(resident.gradient(&parameters, &sequences)).unwrap();
        let (expected_loss, expected) = on_cpu(&cpu, &start, &sequences);
        prop_assert!((loss - expected_loss).abs() <= 1e-4 * expected_loss.abs(), "{loss} and {expected_loss}");
        // A token with one key to look at has no gradient in queries and keys; what stays there is the rounding of
        // terms that cancel, on either side. It goes with the loss, of which all of them are made.
        let rounding = 2.0 * f64::from(f32::EPSILON) * expected_loss.abs();
        let (size, expected_size) = (norm(found.iter().copied()), norm(expected.iter().copied()));
        prop_assert!((size - expected_size).abs() <= rounding.max(1e-4 * expected_size), "{size} and {expected_size}");
        assert_same_gradients(&start.layout, &found, &expected, rounding);
    }
}

fn examples(sequences: &[Sequence]) -> Vec<Example> {
    let example = |sequence: &Sequence| {
        let mut answer = vec![false; sequence.ids.len()];
        sequence.learn.iter().for_each(|(place, _)| answer[place + 1] = true);
        Example { ids: sequence.ids.clone(), answer }
    };
    sequences.iter().map(example).collect()
}

fn batch(sequences: &[Sequence], model: &Llama) -> TokenBatch {
    TokenBatch::new(&examples(sequences).iter().collect::<Vec<_>>(), model).unwrap()
}

fn tuning(learning_rate: f64) -> TuningPlan {
    TuningPlan {
        epochs: 1,
        batch_size: 5,
        learning_rate,
        schedule: Schedule::WarmUp { steps: 3 },
        max_grad_norm: Some(1.0),
        weight_decay: 0.1,
        weights: TunedWeights::Adapter,
    }
}

/// Batches of two shapes in turn.
fn batches(count: usize, vocab: u32) -> Vec<Vec<Sequence>> {
    let lengths = |index: usize| if index % 3 == 2 { vec![70, 9, 33] } else { vec![20 + index, 31, 5] };
    (0..count).map(|index| sequences(&lengths(index), vocab, 0.4, index as u64)).collect()
}

fn assert_close(a: f64, b: f64, what: &str) {
    assert!((a - b).abs() <= 1e-4 * b.abs(), "{what}: {a} and {b}");
}

#[test]
fn ten_steps_are_those_of_the_cpu() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let run = |device: &Device| {
        let model = small(6, 2, 6, 3, device);
        let mut tuner = Tuner::new(adapter(&model, 5, &Projection::ALL, 4), tuning(1e-3));
        let made: Vec<(f64, f64)> = batches(10, 41)
            .iter()
            .map(|sequences| {
                let made = pollster::block_on(tuner.step(&model, &batch(sequences, &model))).unwrap();
                (made.loss, made.grad_norm)
            })
            .collect();
        (made, values(tuner.adapter().parameters.clone()))
    };
    let ((made, found), (expected_made, expected)) = (run(device), run(&Device::flex()));
    for (step, (made, expected)) in made.iter().zip(&expected_made).enumerate() {
        assert_close(made.0, expected.0, &format!("loss of step {step}"));
        assert_close(made.1, expected.1, &format!("norm of step {step}"));
    }
    let difference = norm(found.iter().zip(&expected).map(|(a, b)| a - b));
    assert!(difference <= 1e-4 * norm(expected.iter().copied()), "{difference}");
}

/// Ten steps of AdamW from PEFT's own initial adapter, and the final one.
#[test]
fn ten_steps_of_peft() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    check_ten_steps(|folder| load(folder, device));
}

fn steps(mut resident: Resident, batches: &[Vec<Sequence>], between: impl Fn()) -> (Vec<Stepped>, bool) {
    let step = |sequences: &Vec<Sequence>| {
        between();
        pollster::block_on(resident.step(sequences, 1e-2)).unwrap()
    };
    let made = batches.iter().map(step).collect();
    (made, resident.records())
}

#[test]
fn replayed_steps_are_launched_ones() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = small(4, 2, 16, 8, device);
    let start = adapter(&model, 4, &Projection::ALL, 8);
    let batches = batches(20, 41);
    let (expected, _) = steps(resident(&model, &start).eager(), &batches, || ());
    // burn allocates, computes and forgets in between, and so does another tuning.
    let mut other = resident(&model, &start);
    let other = std::cell::RefCell::new(&mut other);
    let between = || {
        let numbers = Tensor::<1>::ones([40_000], device).mul_scalar(3.0);
        assert_eq!(values(numbers.sum())[0], 120_000.0);
        pollster::block_on(other.borrow_mut().step(&batches[0], 1.0)).unwrap();
    };
    let (found, records) = steps(resident(&model, &start), &batches, between);
    assert!(records, "a recording was refused");
    assert_eq!(found, expected);
}

#[test]
fn a_refused_recording_changes_nothing() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = small(2, 1, 6, 9, device);
    let start = adapter(&model, 3, &Projection::ALL, 9);
    let batches = batches(6, 41);
    let (expected, _) = steps(resident(&model, &start).eager(), &batches, || ());
    let tuned = resident(&model, &start);
    // Somebody else records.
    let DispatchDevice::Cube(device) = device.as_dispatch() else { panic!("it is one of cubecl's") };
    let client = device.client();
    client.graph_prepare().unwrap();
    let (found, records) = steps(tuned, &batches, || ());
    assert!(client.stop_capture().is_err(), "nothing was recorded");
    assert!(!records);
    assert_eq!(found, expected);
}

#[test]
fn a_step_is_few_launches_and_a_replayed_one_none() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = load("models/folio", device);
    let mut resident = resident(&model, &adapter(&model, 8, &Projection::ALL, 1)).eager();
    let sequences = sequences(&[64; 5], 1000, 0.4, 1);
    let counted =
        |resident: &mut Resident| launches(|| pollster::block_on(resident.step(&sequences, 1e-3)).map(drop).unwrap());
    assert_eq!(counted(&mut resident), 57);
    let mut recorded = self::resident(&model, &adapter(&model, 8, &Projection::ALL, 1));
    counted(&mut recorded);
    assert_eq!(counted(&mut recorded), 0);
}

#[test]
fn what_is_no_number_is_an_error_and_the_adapter_stays() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = small(2, 2, 6, 5, device);
    let start = adapter(&model, 3, &Projection::ALL, 5);
    let mut tuner = Tuner::new(start.clone(), TuningPlan { schedule: Schedule::Constant, ..tuning(f64::MAX) });
    let batch = batch(&batches(1, 41)[0], &model);
    for _ in 0..3 {
        let failed = pollster::block_on(tuner.step(&model, &batch));
        assert!(matches!(failed, Err(TuneError::NotFinite { step: 1, .. })), "{failed:?}");
        assert_eq!(values(tuner.adapter().parameters.clone()), values(start.parameters.clone()));
    }
    // What the optimizer keeps on the device is as it was, too.
    let mut resident = resident(&model, &start);
    let sequences = &batches(1, 41)[0];
    let first = pollster::block_on(self::resident(&model, &start).step(sequences, 1e-3)).unwrap();
    assert!(!pollster::block_on(resident.step(sequences, f64::MAX)).unwrap().size.is_finite());
    assert_eq!(pollster::block_on(resident.step(sequences, 1e-3)).unwrap(), first);
}

#[test]
fn a_gradient_from_elsewhere_makes_the_same_step() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = small(2, 2, 6, 6, device);
    let start = adapter(&model, 3, &Projection::ALL, 6);
    let sequences = &batches(1, 41)[0];
    let parameters = values(start.parameters.clone());
    let (loss, gradient) = pollster::block_on(resident(&model, &start).gradient(&parameters, sequences)).unwrap();
    let found = pollster::block_on(resident(&model, &start).step_with(loss as f32, &gradient, 1e-3)).unwrap();
    let expected = pollster::block_on(resident(&model, &start).step(sequences, 1e-3)).unwrap();
    assert_eq!((found.grad_norm, found.parameters), (expected.grad_norm, expected.parameters));
    assert_close(f64::from(found.loss), f64::from(expected.loss), "loss");
}

/// A term with the model in it.
struct Again;

impl Hooks for Again {
    fn loss(&self, model: &Llama, adapter: &Adapter, batch: &TokenBatch) -> Option<Tensor<1>> {
        Some(loss(model, adapter, batch).mul_scalar(0.3))
    }
}

#[test]
fn terms_of_defences_are_added_to_what_is_computed_by_hand() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = small(2, 2, 6, 7, device);
    let step = |model: &Llama| {
        let start = adapter(model, 4, &[Projection::QProj, Projection::DownProj], 2);
        let mut tuner = Tuner::new(start, tuning(1e-3)).with_hooks(vec![Box::new(Again)]);
        let made = |sequences: &Vec<Sequence>| {
            let made = pollster::block_on(tuner.step(model, &batch(sequences, model))).unwrap();
            (made.loss, made.grad_norm)
        };
        batches(3, 41).iter().map(made).collect::<Vec<_>>()
    };
    let (found, expected) = (step(&model), step(&model.clone().with_executor(Executor::Tensors)));
    for (found, expected) in found.iter().zip(&expected) {
        assert_close(found.0, expected.0, "loss");
        assert_close(found.1, expected.1, "norm");
    }
}
