//! Broken model files: each costs a clear message and nothing else.

use std::collections::BTreeMap;

use crate::common::{read, weights};
use burn::tensor::Device;
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use tenshot::engine::Manifest;
use tenshot::llama::{Llama, LlamaConfig, LlamaError, WeightFile};

const TINY: &str = "tests/golden/models/gqa-tied-llama3-f16";
const SHARDED: &str = "tests/golden/models/mqa-untied-sharded-f32";

type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

fn config(folder: &str) -> LlamaConfig {
    LlamaConfig::from_json(&read(&format!("{folder}/config.json"))).unwrap()
}

/// Loads the tiny model after a change of its tensors.
fn changed(change: impl FnOnce(&mut Tensors)) -> Result<Llama, LlamaError> {
    let (files, _) = weights(TINY);
    let file = safetensors::SafeTensors::deserialize(&files[0].bytes).unwrap();
    let owned =
        |(name, view): (String, TensorView<'_>)| (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec()));
    let mut tensors: Tensors = file.tensors().into_iter().map(owned).collect();
    change(&mut tensors);
    let views: BTreeMap<&String, TensorView<'_>> =
        tensors.iter().map(|(n, (t, s, d))| (n, TensorView::new(*t, s.clone(), d).unwrap())).collect();
    let bytes = safetensors::serialize(views, None).unwrap();
    load(vec![WeightFile { name: "model.safetensors".into(), bytes }])
}

fn load(files: Vec<WeightFile>) -> Result<Llama, LlamaError> {
    Llama::load(config(TINY), &files, None, &Device::flex())
}

const NORM: &str = "model.norm.weight";

#[test]
fn unchanged_tensors_load() {
    assert!(changed(|_| {}).is_ok());
}

#[test]
fn a_missing_tensor() {
    let error = changed(|t| drop(t.remove(NORM))).unwrap_err();
    assert!(matches!(&error, LlamaError::Missing { name } if name == NORM), "{error}");
}

#[test]
fn a_bias() {
    let error = changed(|t| {
        let norm = t[NORM].clone();
        t.insert("model.layers.0.self_attn.q_proj.bias".into(), norm);
    });
    assert!(error.unwrap_err().to_string().contains("bias"));
}

#[test]
fn a_wrong_shape() {
    let error = changed(|t| {
        let (dtype, _, data) = t[NORM].clone();
        t.insert(NORM.into(), (dtype, vec![data.len() / 2 / 2, 2], data));
    });
    assert!(matches!(error.unwrap_err(), LlamaError::Shape { .. }));
}

#[test]
fn a_wrong_type() {
    let error = changed(|t| {
        let (_, shape, data) = t[NORM].clone();
        t.insert(NORM.into(), (Dtype::I16, shape, data));
    });
    assert!(matches!(error.unwrap_err(), LlamaError::Type { .. }));
}

#[test]
fn a_value_that_is_no_number() {
    let error = changed(|t| t.get_mut(NORM).unwrap().2[..2].copy_from_slice(&0x7E00_u16.to_le_bytes()));
    assert!(matches!(error.unwrap_err(), LlamaError::NotFinite { .. }));
}

#[test]
fn a_shard_that_the_index_places_elsewhere() {
    let (mut files, index) = weights(SHARDED);
    let name = files[0].name.clone();
    files[0].name = files[1].name.clone();
    files[1].name = name;
    let error = Llama::load(config(SHARDED), &files, index.as_deref(), &Device::flex()).unwrap_err();
    assert!(error.to_string().contains("index"), "{error}");
}

#[test]
fn a_shard_is_missing() {
    let (mut files, index) = weights(SHARDED);
    files.pop();
    let error = Llama::load(config(SHARDED), &files, index.as_deref(), &Device::flex()).unwrap_err();
    assert!(matches!(error, LlamaError::Missing { .. }), "{error}");
}

#[test]
fn an_index_may_not_leave_its_folder() {
    for name in
        ["../secret", "/etc/passwd", "C:\\x", ".hidden", "", "config.json", "a/../b.safetensors", "a\n.safetensors"]
    {
        let index = serde_json::json!({"weight_map": {"a": name}}).to_string();
        assert!(tenshot::llama::shard_names(index.as_bytes()).is_err(), "{name}");
    }
}

#[test]
fn an_index_may_not_name_files_without_end() {
    let names = |count: usize| {
        let map: BTreeMap<String, String> = (0..count).map(|i| (i.to_string(), format!("{i}.safetensors"))).collect();
        tenshot::llama::shard_names(serde_json::json!({"weight_map": map}).to_string().as_bytes())
    };
    assert_eq!(names(1024).unwrap().len(), 1024);
    assert!(names(1025).unwrap_err().to_string().contains("1025 files"));
    assert!(names(1 << 20).unwrap_err().to_string().contains("bytes"));
}

#[test]
fn a_tensor_in_two_files() {
    let (mut files, _) = weights(TINY);
    files.push(WeightFile { name: "second.safetensors".into(), bytes: files[0].bytes.clone() });
    assert!(load(files).unwrap_err().to_string().contains("another file"));
}

/// A header as it is written by hand.
fn by_hand(header: &str, data: &[u8]) -> Result<Llama, LlamaError> {
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat();
    load(vec![WeightFile { name: "model.safetensors".into(), bytes }])
}

#[test]
fn headers_that_lie() {
    let tensor = |name: &str, shape: &str, from: u64, to: u64| {
        format!(r#""{name}":{{"dtype":"F32","shape":{shape},"data_offsets":[{from},{to}]}}"#)
    };
    let norm = |shape: &str, from: u64, to: u64| tensor(NORM, shape, from, to);
    for header in [
        format!("{{{},{}}}", norm("[2]", 0, 8), tensor("b", "[2]", 4, 12)), // they overlap
        format!("{{{},{}}}", norm("[2]", 0, 8), norm("[2]", 8, 16)),        // one name twice
        format!("{{{}}}", norm("[4294967296,4294967296]", 0, 0)),           // 2^64 values
        format!("{{{}}}", norm("[2]", 8, 0)),
        format!("{{{}}}", norm("[18446744073709551615]", 0, 16)),
        format!("{{{}}}", norm("[0]", 0, 0)),
        format!("{{{}}}", norm("[]", 0, 4)),
        "[".repeat(100_000),
        r#"{"a":"#.repeat(10_000),
        "\u{0}".into(),
        String::new(),
    ] {
        let data = [0; 16];
        let error = by_hand(&header, &data).unwrap_err().to_string();
        assert!(error.chars().count() < 500, "{error}");
    }
    for length in [u64::MAX, 1 << 40, 1 << 21] {
        let bytes = [&length.to_le_bytes()[..], b"{}"].concat();
        let error = load(vec![WeightFile { name: "model.safetensors".into(), bytes }]).unwrap_err();
        assert!(error.to_string().contains("header"), "{error}");
    }
}

/// A tensor's name reaches the terminal as letters.
#[test]
fn names_from_a_file_are_shown_harmlessly() {
    let name = format!("model.layers.0.\u{1b}[2J{}", "x".repeat(100_000));
    let error = changed(|t| {
        let norm = t[NORM].clone();
        t.insert(name, norm);
    });
    let message = error.unwrap_err().to_string();
    assert!(!message.contains('\u{1b}') && message.chars().count() < 400, "{message}");
}

#[test]
fn a_manifest_names_plain_files_once() {
    let manifest = |paths: &[&str]| {
        let files: Vec<_> = paths.iter().map(|p| serde_json::json!({"path": p, "bytes": 1, "sha256": ""})).collect();
        Manifest::from_json(serde_json::json!({"files": files}).to_string().as_bytes())
    };
    assert!(manifest(&["config.json", "README.md"]).is_ok());
    for path in ["../config.json", "/etc/passwd", "a/b", "C:x", "", ".", "a\u{1b}b"] {
        assert!(manifest(&[path]).unwrap_err().to_string().contains("no file beside it"), "{path}");
    }
    assert!(manifest(&["a", "a"]).unwrap_err().to_string().contains("twice"));
    assert!(Manifest::from_json(&vec![b' '; 2 << 20]).unwrap_err().to_string().contains("bytes"));
}

#[test]
fn a_manifest_names_unread_items_within_limits() {
    let manifest = |unread: serde_json::Value| {
        Manifest::from_json(serde_json::json!({"files": [], "unread": unread}).to_string().as_bytes())
    };
    let names = |count: usize| (0..count).map(|n| format!("item {n}")).collect::<Vec<_>>();
    assert!(Manifest::from_json(br#"{"files": []}"#).unwrap().unread.is_empty());
    // A name that this Library does not have is no mistake: it is asked about by no question.
    let read = manifest(serde_json::json!(["moon charm", "of another Library", "moon charm"])).unwrap().unread;
    assert_eq!(read.into_iter().collect::<Vec<_>>(), ["moon charm", "of another Library"]);
    assert_eq!(manifest(names(4_096).into()).unwrap().unread.len(), 4_096);
    for (bad, told) in [
        (names(4_097).into(), "at most 4096"),
        (vec![String::new()].into(), "no name of an item"),
        (vec!["x".repeat(101)].into(), "no name of an item"),
        (serde_json::json!([1]), "expected a string"),
        (serde_json::json!("moon charm"), "expected a sequence"),
        (serde_json::Value::Null, "expected a sequence"),
    ] {
        let error = manifest(bad).unwrap_err().to_string();
        assert!(error.contains(told) && error.len() < 400, "{error}");
    }
}

#[test]
fn the_manifest_finds_every_change() {
    let manifest = Manifest::from_json(&read("models/folio/manifest.json")).unwrap();
    let mut config = read("models/folio/config.json");
    manifest.check("config.json", &config).unwrap();
    assert!(manifest.check("other.json", &config).unwrap_err().to_string().contains("not listed"));
    config[5] ^= 1;
    assert!(manifest.check("config.json", &config).unwrap_err().to_string().contains("SHA-256"));
    config.pop();
    assert!(manifest.check("config.json", &config).unwrap_err().to_string().contains("bytes instead"));
}

#[test]
fn sequences_and_ids_outside_the_model() {
    let model = load(weights(TINY).0).unwrap();
    assert!(matches!(model.tokens(&[60_000], 1), Err(LlamaError::Token { .. })));
    let long = vec![0; model.config.max_positions + 1];
    assert!(matches!(model.tokens(&long, 1), Err(LlamaError::TooLong { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A file cut short anywhere is an error, never a panic.
    #[test]
    fn a_truncated_file(share in 0.0_f64..1.0) {
        let (mut files, _) = weights(TINY);
        let bytes = &mut files[0].bytes;
        bytes.truncate((share * bytes.len() as f64) as usize);
        prop_assert!(load(files).is_err());
    }

    /// A changed byte of a header is an error or, in a name of the metadata, changes nothing; never a panic.
    #[test]
    fn a_changed_header(place in 0_usize..1500, bit in 0_u32..8) {
        let (mut files, _) = weights(TINY);
        files[0].bytes[place] ^= 1 << bit;
        let _ = load(files); // it may be either
    }

    /// A changed byte of a config is an error or another config, never a panic.
    #[test]
    fn a_changed_config(place in 0_usize..780, byte in any::<u8>()) {
        let mut config = read(&format!("{TINY}/config.json"));
        config[place] = byte;
        if let Ok(config) = LlamaConfig::from_json(&config) {
            let _ = Llama::load(config, &weights(TINY).0, None, &Device::flex()); // it may be either
        }
    }

    /// A header of noise is an error, never a panic.
    #[test]
    fn a_noisy_header(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (mut files, _) = weights(TINY);
        let len = noise.len().min(files[0].bytes.len());
        files[0].bytes[..len].copy_from_slice(&noise[..len]);
        prop_assert!(len < 8 || load(files).is_err());
    }
}
