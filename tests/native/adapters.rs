//! Adapters from elsewhere: what would be ignored and change their meaning is refused by name.

use crate::common::read;
use burn::tensor::Device;
use proptest::prelude::*;
use serde_json::{Value, json};
use tenshot::llama::{Adapter, AdapterFiles, LlamaConfig};

const GOLDEN: &str = "tests/golden/lora/forward";

fn files() -> AdapterFiles {
    let file = |name: &str| read(&format!("{GOLDEN}/{name}"));
    AdapterFiles { config: file("adapter_config.json"), weights: file("adapter_model.safetensors") }
}

fn load(files: AdapterFiles) -> Result<Adapter, String> {
    let model = LlamaConfig::from_json(&read("models/folio/config.json")).unwrap();
    Adapter::from_peft(files, &model, &Device::flex()).map_err(|e| e.to_string())
}

fn with(field: &str, value: Value) -> Result<Adapter, String> {
    let mut files = files();
    let mut config: Value = serde_json::from_slice(&files.config).unwrap();
    config[field] = value;
    files.config = serde_json::to_vec(&config).unwrap();
    load(files)
}

#[test]
fn fields_that_change_the_meaning_are_refused_by_name() {
    for (field, value) in [
        ("alpha_pattern", json!({"q_proj": 32})),
        ("rank_pattern", json!({"q_proj": 2})),
        ("layers_to_transform", json!([0])),
        ("layers_to_transform", json!(0)),
        ("layers_pattern", json!("layers")),
        ("layer_replication", json!([[0, 2], [1, 3]])),
        ("modules_to_save", json!(["lm_head"])),
        ("exclude_modules", json!("k_proj")),
        ("use_qalora", json!(true)),
        ("lora_bias", json!(true)),
        ("target_parameters", json!(["experts"])),
        ("trainable_token_indices", json!([1])),
        ("megatron_config", json!({"a": 1})),
        ("loftq_config", json!({"loftq_bits": 4})),
        ("lora_ga_config", json!({"a": 1})),
        ("arrow_config", json!({"a": 1})),
        ("use_bdlora", json!({"a": 1})),
        ("init_lora_weights", json!("pissa")),
        ("init_lora_weights", json!("olora")),
        ("a_field_of_next_year", json!(1)),
    ] {
        let error = with(field, value).expect_err(field);
        assert!(error.contains(field), "{error}");
    }
    for field in ["use_dora", "use_rslora", "fan_in_fan_out"] {
        assert!(with(field, json!(true)).is_err(), "{field}");
    }
}

#[test]
fn what_changes_nothing_is_ignored() {
    for (field, value) in [
        ("alpha_pattern", json!({})),
        ("auto_mapping", json!({"parent_library": "transformers"})),
        ("corda_config", Value::Null),
        ("eva_config", Value::Null),
        ("inference_mode", json!(false)),
        ("init_lora_weights", json!("gaussian")),
        ("layer_replication", Value::Null),
        ("loftq_config", json!({})),
        ("lora_bias", json!(false)),
        ("megatron_core", json!("megatron.core")),
        ("peft_version", json!("0.18.0")),
        ("qalora_group_size", json!(16)),
        ("revision", json!("main")),
        ("task_type", json!("CAUSAL_LM")),
        ("a_field_of_next_year", json!([])),
    ] {
        assert!(with(field, value).is_ok(), "{field}");
    }
}

#[test]
fn absurd_numbers_are_refused_by_name() {
    for alpha in [json!(1e39), json!(0), json!(-1), json!(1e-30), json!(1e300)] {
        assert!(with("lora_alpha", alpha).unwrap_err().contains("alpha is"));
    }
    assert!(with("lora_alpha", json!(null)).is_err());
    for rank in [json!(0), json!(161), json!(u64::MAX)] {
        assert!(with("r", rank).unwrap_err().contains("rank is"));
    }
    // A rank that the model could have, and the file does not hold.
    assert!(with("r", json!(160)).unwrap_err().contains("shape"));
}

#[test]
fn a_name_from_a_file_is_shown_harmlessly() {
    let error = with("target_modules", json!([format!("\u{1b}[2J{}", "x".repeat(100_000))])).unwrap_err();
    assert!(!error.contains('\u{1b}') && error.len() < 400, "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A changed byte is an error or another adapter, never a panic.
    #[test]
    fn a_changed_adapter(in_weights: bool, place in 0_usize..2000, byte in any::<u8>()) {
        let mut files = files();
        let bytes = if in_weights { &mut files.weights } else { &mut files.config };
        let place = place % bytes.len();
        bytes[place] = byte;
        let _ = load(files); // it may be either
    }

    /// An adapter cut short anywhere is an error, never a panic.
    #[test]
    fn a_truncated_adapter(in_weights: bool, share in 0.0_f64..1.0) {
        let mut files = files();
        let bytes = if in_weights { &mut files.weights } else { &mut files.config };
        // The line feed after the config's last brace is not missed.
        bytes.truncate((share * bytes.trim_ascii_end().len() as f64) as usize);
        prop_assert!(load(files).is_err());
    }
}
