//! The files of a model folder and of an adapter folder.

use std::path::{Component, Path};

use burn::tensor::Device;
use tenshot::engine::Manifest;
use tenshot::llama::{
    ADAPTER_CONFIG, Adapter, AdapterFiles, DecodeOptions, Llama, LlamaConfig, WeightFile, shard_names,
};
use tenshot::pulse::Steady;
use tenshot::study::Projection;

use super::{Verdict, refused};

pub const CONFIG: &[u8] = include_bytes!("../corpus/config/tiny.json");
pub const WEIGHTS: &[u8] = include_bytes!("../corpus/weights/tiny.safetensors");
const PEFT_CONFIG: &[u8] = include_bytes!("../corpus/peft-config/tiny.json");
const PEFT_WEIGHTS: &[u8] = include_bytes!("../corpus/peft-weights/tiny.safetensors");

/// The most values of a model that is computed with: what the fuzzer tries is read, not trained.
const MOST_COMPUTED: usize = 1 << 20;

fn tiny() -> LlamaConfig {
    LlamaConfig::from_json(CONFIG).expect("the corpus has a config that can be read")
}

fn file(name: &str, bytes: &[u8]) -> WeightFile {
    WeightFile { name: name.into(), bytes: bytes.to_vec() }
}

/// `config.json`, with the weights of the tiny model beside it.
pub fn config(data: &[u8]) -> Verdict {
    let config = LlamaConfig::from_json(data).map_err(refused)?;
    assert!(config.group() >= 1 && config.head_dim.is_multiple_of(2), "{config:?}");
    assert!(Projection::ALL.into_iter().all(|p| config.projection(p).iter().all(|&width| width > 0)), "{config:?}");
    load(config, WEIGHTS)
}

/// `model.safetensors`, for the config of the tiny model.
pub fn weights(data: &[u8]) -> Verdict {
    load(tiny(), data)
}

/// Loads a model, and has it answer: with a number for the first token, or with an error.
fn load(config: LlamaConfig, weights: &[u8]) -> Verdict {
    let model = Llama::load(config, &[file("model.safetensors", weights)], None, &Device::flex()).map_err(refused)?;
    if model.parameters() > MOST_COMPUTED {
        return Ok(());
    }
    let options = DecodeOptions { max_new_tokens: 2, stop: vec![2], tokens_per_read: 1, first_tokens: vec![0] };
    let prompts = [vec![0], vec![0, 0, 0]];
    for answer in pollster::block_on(model.greedy(None, &prompts, &options, &Steady)).map_err(refused)? {
        let probability = answer.first_token_probability.expect("a token is asked about");
        assert!((0.0..=1.001).contains(&probability), "a probability of {probability} is told as a result");
        assert!(answer.tokens.len() <= 2, "{:?}", answer.tokens);
    }
    Ok(())
}

/// `model.safetensors.index.json`, for one shard.
pub fn index(data: &[u8]) -> Verdict {
    let names = shard_names(data).map_err(refused)?;
    for name in &names {
        let beside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        assert!(beside && !name.contains('/'), "{name} is not beside the index");
    }
    let shards: Vec<WeightFile> = names.iter().take(3).map(|name| file(name, WEIGHTS)).collect();
    Llama::load(tiny(), &shards, Some(data), &Device::flex()).map(drop).map_err(refused)
}

/// `manifest.json`.
pub fn manifest(data: &[u8]) -> Verdict {
    let manifest = Manifest::from_json(data).map_err(refused)?;
    manifest.check("config.json", CONFIG).map_err(refused)
}

/// `adapter_config.json`, with the weights of a small adapter beside it.
pub fn peft_config(data: &[u8]) -> Verdict {
    adapter(data, PEFT_WEIGHTS)
}

/// `adapter_model.safetensors`, for the config of a small adapter.
pub fn peft_weights(data: &[u8]) -> Verdict {
    adapter(PEFT_CONFIG, data)
}

/// Reads an adapter; what is accepted is written and read again without a change.
fn adapter(config: &[u8], weights: &[u8]) -> Verdict {
    let (model, device) = (tiny(), Device::flex());
    let files = AdapterFiles { config: config.to_vec(), weights: weights.to_vec() };
    let adapter = Adapter::from_peft(files, &model, &device).map_err(refused)?;
    let values = |adapter: &Adapter| adapter.parameters.clone().into_data().iter::<f32>().collect::<Vec<_>>();
    let parameters = values(&adapter);
    assert!(parameters.iter().all(|value| value.is_finite()), "{ADAPTER_CONFIG} was read with values that are none");
    assert!(adapter.layout.alpha.is_finite() && (adapter.layout.alpha as f32).is_finite(), "{}", adapter.layout.alpha);
    let files = Adapter::to_peft(&adapter.layout, &parameters, "tiny").expect("what was read can be written");
    let again = Adapter::from_peft(files, &model, &device).expect("what was written can be read");
    assert_eq!((&again.layout, values(&again)), (&adapter.layout, parameters));
    Ok(())
}
