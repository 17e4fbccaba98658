//! What a model's files hold bounds what is allocated for them: at most [`FACTOR`] times their size, and [`CONSTANT`].
#![cfg(feature = "cli")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use burn::tensor::Device;
use common::{folio_files, read, weights};
use serde_json::Value;
use tenshot::engine::{Engine, ModelFiles, TextCodec};
use tenshot::llama::{Adapter, AdapterFiles, Llama, LlamaConfig};
use tenshot::study::{DeviceInfo, DeviceKind};

/// Weights in F16 become twice as large, and the largest tensor is there three times while it is turned; the tables of a
/// tokenizer whose tokens are as short as can be are about twenty times as large as its file.
const FACTOR: usize = 24;
/// Rotary tables of 4096 positions of 1024 are 32 MiB, twice while they are put on the device; the tokenizer's cache and the
/// chat template's fuel take the rest.
const CONSTANT: usize = 96 << 20;

/// Counts what is allocated now, and the most that was.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One measurement at a time.
static TURN: Mutex<()> = Mutex::new(());

/// The most that was allocated at once while something was done, beyond what was allocated before.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    let made = work();
    (made, MOST.load(Relaxed).saturating_sub(before))
}

fn within(name: &str, size: usize, peak: usize) {
    let bound = FACTOR * size + CONSTANT;
    println!("{name}: {peak} bytes for files of {size} (at most {bound})");
    assert!(peak <= bound, "{name}: {peak} bytes are allocated for files of {size}");
}

fn changed(config: &[u8], changes: &[(&str, Value)]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(config).unwrap();
    for (field, change) in changes {
        value[*field] = change.clone();
    }
    serde_json::to_vec(&value).unwrap()
}

/// Configs that call for far more than the file holds.
#[test]
fn a_config_allocates_nothing_that_the_file_does_not_hold() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = "tests/golden/models/gqa-tied-llama3-f16";
    let (files, _) = weights(folder);
    let size: usize = files.iter().map(|file| file.bytes.len()).sum();
    let sizes = [1_u64, 7, 1000, 1024, 1 << 16, 1 << 18, 1 << 20, 1 << 24, 1 << 32, u64::MAX];
    for field in [
        "num_hidden_layers",
        "head_dim",
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_attention_heads",
        "num_key_value_heads",
        "max_position_embeddings",
    ] {
        for value in sizes {
            let config = changed(&read(&format!("{folder}/config.json")), &[(field, value.into())]);
            let (_, most) = peak(|| {
                LlamaConfig::from_json(&config).and_then(|config| Llama::load(config, &files, None, &Device::flex()))
            });
            within(&format!("{field} {value}"), size, most);
        }
    }
}

/// The widest heads that are allowed, with a file that holds them.
#[test]
fn rotary_tables_are_bounded() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let config = changed(
        &read("tests/golden/models/gqa-tied-llama3-f16/config.json"),
        &[
            ("head_dim", 1024.into()),
            ("hidden_size", 1.into()),
            ("intermediate_size", 1.into()),
            ("vocab_size", 1.into()),
            ("num_attention_heads", 1.into()),
            ("num_key_value_heads", 1.into()),
            ("num_hidden_layers", 1.into()),
            ("max_position_embeddings", (1 << 24).into()),
        ],
    );
    let config = LlamaConfig::from_json(&config).unwrap();
    let layer = "model.layers.0";
    let wide: Vec<(String, Vec<usize>)> = [
        ("model.embed_tokens.weight".to_string(), vec![1, 1]),
        ("model.norm.weight".into(), vec![1]),
        (format!("{layer}.input_layernorm.weight"), vec![1]),
        (format!("{layer}.post_attention_layernorm.weight"), vec![1]),
        (format!("{layer}.self_attn.q_proj.weight"), vec![1024, 1]),
        (format!("{layer}.self_attn.k_proj.weight"), vec![1024, 1]),
        (format!("{layer}.self_attn.v_proj.weight"), vec![1024, 1]),
        (format!("{layer}.self_attn.o_proj.weight"), vec![1, 1024]),
        (format!("{layer}.mlp.gate_proj.weight"), vec![1, 1]),
        (format!("{layer}.mlp.up_proj.weight"), vec![1, 1]),
        (format!("{layer}.mlp.down_proj.weight"), vec![1, 1]),
    ]
    .into();
    let zeros = [0; 4096];
    let view = |shape: &Vec<usize>| {
        let length = 4 * shape.iter().product::<usize>();
        safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), &zeros[..length]).unwrap()
    };
    let bytes = safetensors::serialize(wide.iter().map(|(name, shape)| (name, view(shape))), None).unwrap();
    let file = tenshot::llama::WeightFile { name: "model.safetensors".into(), bytes };
    let size = file.bytes.len();
    let (model, most) = peak(|| Llama::load(config, &[file], None, &Device::flex()));
    assert!(model.is_ok());
    within("head_dim 1024", size, most);
}

#[test]
fn an_adapter_allocates_nothing_that_the_file_does_not_hold() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let model = LlamaConfig::from_json(&read("models/folio/config.json")).unwrap();
    // A model of the same shape as the file says, and of far more layers.
    let deep = LlamaConfig { num_hidden_layers: 1024, hidden_size: 1 << 16, ..model.clone() };
    for (model, rank) in [(&model, 4_u64), (&model, 128), (&deep, 4), (&deep, 1 << 16)] {
        let folder = "tests/golden/lora/forward";
        let config = changed(&read(&format!("{folder}/adapter_config.json")), &[("r", rank.into())]);
        let weights = read(&format!("{folder}/adapter_model.safetensors"));
        let size = weights.len();
        let (_, most) = peak(|| Adapter::from_peft(AdapterFiles { config, weights }, model, &Device::flex()));
        within(&format!("rank {rank}, {} layers", model.num_hidden_layers), size, most);
    }
}

#[test]
fn engines_are_within_the_bound() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let files: ModelFiles = folio_files();
    let size = files.config.len()
        + files.tokenizer.len()
        + files.tokenizer_config.len()
        + files.weights.iter().map(|file| file.bytes.len()).sum::<usize>();
    let info = DeviceInfo { kind: DeviceKind::Cpu, name: "test".into(), software: false };
    let (engine, most) = peak(|| Engine::load("folio", &files, &Device::flex(), info));
    assert!(engine.is_ok());
    within("folio", size, most);
}

#[test]
fn a_codec_is_within_the_bound() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let config = read("models/folio/tokenizer_config.json");
    // A vocabulary of as many and as short tokens as fit a file of 16 MB.
    let vocab: serde_json::Map<String, Value> = (0..1_000_000_u32).map(|id| (format!("{id:x}"), id.into())).collect();
    let mut tokenizer: Value = serde_json::from_slice(&read("models/folio/tokenizer.json")).unwrap();
    tokenizer["model"]["vocab"] = vocab.into();
    tokenizer["model"]["merges"] = Value::Array(Vec::new());
    tokenizer["added_tokens"] = Value::Array(Vec::new());
    let tokenizer = serde_json::to_vec(&tokenizer).unwrap();
    let config = changed(&config, &[("eos_token", "1".into())]);
    let (codec, most) = peak(|| TextCodec::new(&tokenizer, &config, 1 << 20));
    assert!(codec.is_ok(), "{}", codec.err().unwrap());
    within("a million tokens", tokenizer.len(), most);
}
