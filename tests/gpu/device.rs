//! A GPU to test on, small models of any shape, and a count of launches.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{ThreadId, current};

use burn::tensor::{Device, Tensor, TensorData};
use cubecl::logging::{LaunchObservation, LaunchObserver};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tenshot::llama::{Adapter, LAUNCHES_PER_SUBMIT, Layout, Llama, LlamaConfig, RopeConfig, Weights};
use tenshot::study::{LoraPlan, Projection};

use crate::common::{read, weights};

/// Tests take turns: recordings and launches are of a whole process.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The GPU, which can be opened once.
pub fn gpu() -> Option<&'static Device> {
    static DEVICE: OnceLock<Option<Device>> = OnceLock::new();
    let open = || {
        let opened = std::panic::catch_unwind(|| Device::wgpu_options().tasks_max(LAUNCHES_PER_SUBMIT).init());
        let device = opened.ok().and_then(Result::ok);
        if device.is_none() {
            eprintln!("There is no GPU here, and nothing was checked.");
        }
        device
    };
    DEVICE.get_or_init(open).as_ref()
}

/// A small model of any shape, none of whose weights is zero.
pub fn small(heads: usize, kv_heads: usize, head_dim: usize, seed: u64, device: &Device) -> Llama {
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
    let weights = Weights { norms, embedding, projections: projections.collect(), output: None };
    Llama::from_weights(&config, &weights, device)
}

pub fn adapter(model: &Llama, rank: usize, targets: &[Projection], seed: u64) -> Adapter {
    let plan = LoraPlan { rank, alpha: 1.5 * rank as f64, targets: targets.to_vec() };
    let layout = Layout::new(&plan, &model.config).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let parameters = (0..layout.len).map(|_| rng.random_range(-0.2..0.2)).collect();
    Adapter::new(layout, parameters, &model.device)
}

pub fn targets(chosen: u8) -> Vec<Projection> {
    Projection::ALL.into_iter().filter(|&p| chosen & (1 << p as u8) != 0).collect()
}

/// The golden model or any that ships.
pub fn load(folder: &str, device: &Device) -> Llama {
    let config = LlamaConfig::from_json(&read(&format!("{folder}/config.json"))).unwrap();
    let (files, index) = weights(folder);
    Llama::load(config, &files, index.as_deref(), device).unwrap()
}

/// Counts what one thread launches.
struct Counter(ThreadId, AtomicUsize);

impl LaunchObserver for Counter {
    fn launched(&self, _: &'static str) {
        if current().id() == self.0 {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// How many kernels this thread launches meanwhile.
pub fn launches(work: impl FnOnce()) -> usize {
    let counter = Arc::new(Counter(current().id(), AtomicUsize::new(0)));
    let observation = LaunchObservation::new(counter.clone());
    work();
    drop(observation);
    counter.1.load(Ordering::Relaxed)
}
