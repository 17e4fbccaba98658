//! What is computed by hand on a GPU against what is computed by hand on the CPU, which `tests/cpu.rs` holds to autodiff. Any
//! adapter will do, an emulated one as well; without one these tests say so and check nothing.
#![cfg(feature = "cli")]

mod common;

use std::sync::OnceLock;

use burn::tensor::{Device, Tensor, TensorData};
use common::values;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tenshot::llama::{
    Adapter, Layout, Llama, LlamaConfig, Resident, RopeConfig, Sequence, Settings, Stepper, Weights, read_floats,
};
use tenshot::study::{LoraPlan, Projection};

/// The GPU, which can be opened once.
fn gpu() -> Option<&'static Device> {
    static DEVICE: OnceLock<Option<Device>> = OnceLock::new();
    let open = || {
        let opened = std::panic::catch_unwind(|| Device::wgpu_options().init());
        let device = opened.ok().and_then(Result::ok);
        if device.is_none() {
            eprintln!("There is no GPU here, and nothing was checked.");
        }
        device
    };
    DEVICE.get_or_init(open).as_ref()
}

/// A small model of any shape, none of whose weights is zero.
fn small(heads: usize, kv_heads: usize, head_dim: usize, seed: u64, device: &Device) -> Llama {
    let config = LlamaConfig {
        vocab_size: 41,
        hidden_size: 24,
        intermediate_size: 40,
        num_hidden_layers: 3,
        num_attention_heads: heads,
        num_key_value_heads: kv_heads,
        head_dim,
        rms_norm_eps: 1e-5,
        rope: RopeConfig { theta: 10_000.0, llama3: None },
        tie_word_embeddings: true,
        max_positions: 256,
        eos_token_ids: vec![2],
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut scattered = |[rows, columns]: [usize; 2], middle: f32, spread: f32| {
        let values: Vec<f32> = (0..rows * columns).map(|_| middle + rng.random_range(-spread..spread)).collect();
        Tensor::from_data(TensorData::new(values, [rows, columns]), device)
    };
    let norms = scattered([2 * config.num_hidden_layers + 1, config.hidden_size], 1.0, 0.5);
    let embedding = scattered([config.vocab_size, config.hidden_size], 0.0, 0.8);
    let projections = (0..config.num_hidden_layers).flat_map(|_| Projection::ALL);
    let projections = projections.map(|projection| {
        let shape = config.projection(projection);
        scattered(shape, 0.0, 1.5 / (shape[0] as f32).sqrt())
    });
    let weights = Weights { norms, embedding, projections: projections.collect() };
    Llama::from_weights(&config, &weights, device)
}

fn adapter(model: &Llama, rank: usize, targets: &[Projection], seed: u64) -> Adapter {
    let plan = LoraPlan { rank, alpha: 1.5 * rank as f64, targets: targets.to_vec() };
    let layout = Layout::new(&plan, &model.config).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let parameters = (0..layout.len).map(|_| rng.random_range(-0.2..0.2)).collect();
    Adapter::new(layout, parameters, &model.device)
}

fn targets(chosen: u8) -> Vec<Projection> {
    Projection::ALL.into_iter().filter(|&p| chosen & (1 << p as u8) != 0).collect()
}

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

/// Every matrix has the same gradient, as a whole and number by number.
fn assert_same_gradients(layout: &Layout, found: &[f32], expected: &[f32]) {
    for slot in &layout.slots {
        for range in [slot.a.clone(), slot.b.clone()] {
            let (found, expected) = (&found[range.clone()], &expected[range]);
            let difference = norm(found.iter().zip(expected).map(|(a, b)| a - b));
            let size = norm(expected.iter().copied());
            assert!(difference <= 1e-4 * size, "layer {} {:?}: {difference} of {size}", slot.layer, slot.projection);
            let most = expected.iter().fold(0_f32, |most, x| most.max(x.abs()));
            for (a, b) in found.iter().zip(expected) {
                assert!((a - b).abs() <= 1e-4 * most, "layer {} {:?}: {a} and {b}", slot.layer, slot.projection);
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
        head_dim in prop::sample::select(vec![2_usize, 6, 16]),
        rank in 1_usize..17,
        chosen in 1_u8..128,
        lengths in prop::collection::vec(prop::sample::select(vec![1_usize, 2, 3, 31, 32, 33, 63, 65]), 1..12),
        learned in prop::sample::select(vec![0.05, 0.5, 1.0]),
        seed in 0_u64..1000,
    ) {
        let Some(device) = gpu() else { return Ok(()) };
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
        let (size, expected_size) = (norm(found.iter().copied()), norm(expected.iter().copied()));
        prop_assert!((size - expected_size).abs() <= 1e-4 * expected_size, "{size} and {expected_size}");
        assert_same_gradients(&start.layout, &found, &expected);
    }
}
