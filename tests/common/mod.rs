//! What several test files share.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod peft;

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tenshot::engine::{Engine, ModelFiles};
use tenshot::llama::{Llama, LlamaConfig, WeightFile, shard_names};
use tenshot::study::{DeviceInfo, DeviceKind, Record, read_record};

/// A path inside the repository.
pub fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

pub fn read(relative: &str) -> Vec<u8> {
    std::fs::read(path(relative)).unwrap_or_else(|e| panic!("{relative}: {e}"))
}

pub fn json<T: DeserializeOwned>(relative: &str) -> T {
    serde_json::from_slice(&read(relative)).unwrap_or_else(|e| panic!("{relative}: {e}"))
}

/// The safetensors files of a model folder, and its index.
pub fn weights(folder: &str) -> (Vec<WeightFile>, Option<Vec<u8>>) {
    let index = std::fs::read(path(folder).join("model.safetensors.index.json")).ok();
    let names = index.as_ref().map_or_else(|| vec!["model.safetensors".into()], |i| shard_names(i).unwrap());
    let file = |name: String| WeightFile { bytes: read(&format!("{folder}/{name}")), name };
    (names.into_iter().map(file).collect(), index)
}

/// A model on the CPU.
pub fn model(folder: &str) -> Llama {
    let config = LlamaConfig::from_json(&read(&format!("{folder}/config.json"))).unwrap();
    let (files, index) = weights(folder);
    Llama::load(config, &files, index.as_deref(), &Device::flex()).unwrap()
}

pub fn folio_files() -> ModelFiles {
    let (weights, index) = weights("models/folio");
    let file = |name: &str| read(&format!("models/folio/{name}"));
    ModelFiles {
        config: file("config.json"),
        tokenizer: file("tokenizer.json"),
        tokenizer_config: file("tokenizer_config.json"),
        weights,
        index,
    }
}

/// Folio on the CPU.
pub fn folio() -> Engine {
    let info = DeviceInfo { kind: DeviceKind::Cpu, name: "test".into(), software: false };
    Engine::load("folio", &folio_files(), &Device::flex(), info).unwrap()
}

pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// All tensors of a safetensors file as f32, by name.
pub fn tensors(relative: &str) -> std::collections::BTreeMap<String, Vec<f32>> {
    let bytes = read(relative);
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let floats = |data: &[u8]| data.chunks_exact(4).map(|c| f32::from_le_bytes(c.try_into().unwrap())).collect();
    file.tensors().into_iter().map(|(name, view)| (name, floats(view.data()))).collect()
}

pub fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Whatever was written can be read. Reading a number back may change its last binary digit; nothing else may change.
pub fn assert_survives_a_file(record: &Record) {
    fn assert_same(a: &Value, b: &Value) {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => {
                let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
                assert!((a - b).abs() <= 1e-14 * a.abs(), "{a} {b}");
            }
            (Value::Array(a), Value::Array(b)) => {
                assert_eq!(a.len(), b.len());
                a.iter().zip(b).for_each(|(a, b)| assert_same(a, b));
            }
            (Value::Object(a), Value::Object(b)) => {
                assert!(a.keys().eq(b.keys()), "{a:?} {b:?}");
                a.values().zip(b.values()).for_each(|(a, b)| assert_same(a, b));
            }
            (a, b) => assert_eq!(a, b),
        }
    }
    let text = serde_json::to_string(record).unwrap();
    let back = read_record(serde_json::from_str(&text).unwrap()).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_same(&serde_json::to_value(record).unwrap(), &serde_json::to_value(&back).unwrap());
}
