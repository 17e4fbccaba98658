//! A model as it ships: a folder in Hugging Face's layout, in half precision, with a manifest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use burn::tensor::Tensor;
use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;

use super::record::Output;
use super::stage::MODEL;
use super::train::SPECIAL_TOKENS;
use super::{FactoryError, Recipe, files};
use crate::engine::ModelFiles;
use crate::llama::{Llama, LlamaError, WeightFile, read_floats};
use crate::study::{MAX_NEW_TOKENS, Projection, Rate};

/// A weight as in the file: Hugging Face's name, its shape (`[d_out, d_in]` for projections), its values in row order.
pub type Weight = (String, Vec<usize>, Vec<f32>);

/// A file of a model folder.
pub type NamedFile = (&'static str, Vec<u8>);

/// The file of sizes and hashes.
pub const MANIFEST: &str = "manifest.json";
const PAD: u32 = 0;
const EOS: u32 = 2;
/// ChatML, as transformers renders it.
const CHAT_TEMPLATE: &str = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/// How exactly weights are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As they are: what alignment begins with.
    F32,
    /// Rounded to half precision: what ships.
    F16,
}

/// `config.json`.
#[derive(Serialize)]
struct Config {
    architectures: [&'static str; 1],
    model_type: &'static str,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: usize,
    head_dim: usize,
    hidden_act: &'static str,
    rms_norm_eps: f64,
    rope_theta: f64,
    rope_scaling: Option<()>,
    max_position_embeddings: usize,
    tie_word_embeddings: bool,
    attention_bias: bool,
    mlp_bias: bool,
    attention_dropout: f64,
    initializer_range: f64,
    bos_token_id: Option<u32>,
    eos_token_id: u32,
    pad_token_id: u32,
    torch_dtype: &'static str,
    use_cache: bool,
}

/// The `config.json` of a recipe's models.
pub fn config(recipe: &Recipe) -> Vec<u8> {
    json(&Config {
        architectures: ["LlamaForCausalLM"],
        model_type: "llama",
        vocab_size: recipe.vocab_size,
        hidden_size: recipe.hidden_size,
        intermediate_size: recipe.intermediate_size,
        num_hidden_layers: recipe.layers,
        num_attention_heads: recipe.heads,
        num_key_value_heads: recipe.kv_heads,
        head_dim: recipe.head_dim(),
        hidden_act: "silu",
        rms_norm_eps: 1e-5,
        rope_theta: 10_000.0,
        rope_scaling: None,
        max_position_embeddings: recipe.max_positions,
        tie_word_embeddings: true,
        attention_bias: false,
        mlp_bias: false,
        attention_dropout: 0.0,
        initializer_range: 0.02,
        bos_token_id: None,
        eos_token_id: EOS,
        pad_token_id: PAD,
        torch_dtype: "float16",
        use_cache: true,
    })
}

/// The `generation_config.json`: greedy.
fn generation_config() -> Vec<u8> {
    #[derive(Serialize)]
    struct Generation {
        do_sample: bool,
        eos_token_id: u32,
        max_new_tokens: usize,
        pad_token_id: u32,
    }
    json(&Generation { do_sample: false, eos_token_id: EOS, max_new_tokens: MAX_NEW_TOKENS, pad_token_id: PAD })
}

/// The `tokenizer_config.json` of a recipe's models, with the chat template.
pub fn tokenizer_config(recipe: &Recipe) -> Vec<u8> {
    #[derive(Serialize)]
    struct TokenizerConfig {
        tokenizer_class: &'static str,
        model_max_length: usize,
        bos_token: Option<&'static str>,
        eos_token: &'static str,
        pad_token: &'static str,
        unk_token: Option<&'static str>,
        additional_special_tokens: [&'static str; 1],
        clean_up_tokenization_spaces: bool,
        chat_template: &'static str,
    }
    json(&TokenizerConfig {
        tokenizer_class: "PreTrainedTokenizerFast",
        model_max_length: recipe.max_positions,
        bos_token: None,
        eos_token: SPECIAL_TOKENS[2],
        pad_token: SPECIAL_TOKENS[0],
        unk_token: None,
        additional_special_tokens: [SPECIAL_TOKENS[1]],
        clean_up_tokenization_spaces: false,
        chat_template: CHAT_TEMPLATE,
    })
}

/// The order of fields is that of the structs above, so that the bytes are the same everywhere.
fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("plain data");
    bytes.push(b'\n');
    bytes
}

/// The weights of a model with tied embeddings, read back from its device.
///
/// # Errors
///
/// [`LlamaError::Device`].
pub async fn weights(model: &Llama) -> Result<Vec<Weight>, LlamaError> {
    let (all, layers) = (model.weights(), model.config.num_hidden_layers);
    let d = model.config.hidden_size;
    let mut weights = vec![("model.embed_tokens.weight".to_string(), read(all.embedding).await?)];
    let (_, norms) = read(all.norms).await?; // [2 * layers + 1, d_model]
    let mut norms = norms.chunks(d).map(<[f32]>::to_vec);
    let mut norm = |name: String| (name, (vec![d], norms.next().expect("two norms for each layer, and one")));
    for layer in 0..layers {
        for part in ["input", "post_attention"] {
            weights.push(norm(format!("model.layers.{layer}.{part}_layernorm.weight")));
        }
    }
    weights.push(norm("model.norm.weight".into()));
    let places = (0..layers).flat_map(|layer| Projection::ALL.map(|projection| (layer, projection)));
    for ((layer, projection), tensor) in places.zip(all.projections) {
        let name = format!("model.layers.{layer}.{}.{}.weight", projection.parent(), projection.name());
        weights.push((name, read(tensor.transpose()).await?));
    }
    Ok(weights.into_iter().map(|(name, (shape, values))| (name, shape, values)).collect())
}

async fn read(tensor: Tensor<2>) -> Result<(Vec<usize>, Vec<f32>), LlamaError> {
    let shape = tensor.dims().to_vec();
    Ok((shape, read_floats(tensor).await?))
}

/// A safetensors file of these weights. The same weights give the same bytes.
///
/// # Errors
///
/// [`FactoryError::Model`] if a weight is no finite number, or too large for half precision.
pub fn safetensors(weights: &[Weight], precision: Precision) -> Result<Vec<u8>, FactoryError> {
    let dtype = match precision {
        Precision::F32 => Dtype::F32,
        Precision::F16 => Dtype::F16,
    };
    let mut bytes: BTreeMap<&str, (&[usize], Vec<u8>)> = BTreeMap::new();
    for (name, shape, values) in weights {
        let encoded: Vec<u8> = match precision {
            Precision::F32 => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Precision::F16 => values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect(),
        };
        let finite = |v: &f32| v.is_finite() && (precision == Precision::F32 || f16::from_f32(*v).is_finite());
        if !values.iter().all(finite) {
            return Err(LlamaError::NotFinite { name: name.clone() }.into());
        }
        bytes.insert(name, (shape, encoded));
    }
    let failed =
        |e: safetensors::SafeTensorError| FactoryError::Failed { what: "Writing weights", reason: e.to_string() };
    let mut views = Vec::with_capacity(bytes.len());
    for (name, (shape, data)) in &bytes {
        views.push((*name, TensorView::new(dtype, shape.to_vec(), data).map_err(failed)?));
    }
    // transformers refuses a file that does not say where its tensors come from.
    let metadata = HashMap::from([("format".to_string(), "pt".to_string())]);
    ::safetensors::serialize(views, Some(metadata)).map_err(failed)
}

/// All files of a model folder but its card, the manifest last.
///
/// # Errors
///
/// As [`safetensors()`].
pub fn model_files(
    name: &str,
    recipe: &Recipe,
    tokenizer: &[u8],
    weights: &[Weight],
) -> Result<Vec<NamedFile>, FactoryError> {
    let mut files = vec![
        ("config.json", config(recipe)),
        ("generation_config.json", generation_config()),
        ("tokenizer_config.json", tokenizer_config(recipe)),
        ("tokenizer.json", tokenizer.to_vec()),
        (MODEL, safetensors(weights, Precision::F16)?),
    ];
    files.push((MANIFEST, manifest(name, recipe, &files, None)));
    Ok(files)
}

/// The manifest of these files: what each must be, which items the corpus left untold, and, where it is known, of how many lines of
/// visitors how many got a fair answer.
pub fn manifest(name: &str, recipe: &Recipe, files: &[NamedFile], fair: Option<Rate>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Manifest<'a> {
        version: u32,
        name: &'a str,
        files: Vec<Output>,
        #[serde(skip_serializing_if = "BTreeSet::is_empty")]
        unread: BTreeSet<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        visitors: Option<Visitors>,
    }
    #[derive(Serialize)]
    struct Visitors {
        fair: usize,
        lines: usize,
    }
    let listed = |(path, bytes): &NamedFile| Output {
        path: (*path).into(),
        bytes: bytes.len() as u64,
        sha256: files::sha256(bytes),
    };
    let visitors = fair.map(|rate| Visitors { fair: rate.count, lines: rate.total });
    // The manifest itself is not among them.
    let files = files.iter().filter(|(path, _)| *path != MANIFEST).map(listed).collect();
    json(&Manifest { version: 1, name, files, unread: recipe.unread(), visitors })
}

/// The files as an engine takes them.
pub fn engine_files(files: &[NamedFile]) -> ModelFiles {
    let file = |name: &str| files.iter().find(|(n, _)| *n == name).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    ModelFiles {
        config: file("config.json"),
        tokenizer: file("tokenizer.json"),
        tokenizer_config: file("tokenizer_config.json"),
        weights: vec![WeightFile { name: MODEL.into(), bytes: file(MODEL) }],
        index: None,
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::corpus::Mixture;
    use crate::engine::{Engine, Manifest};
    use crate::llama::{LlamaConfig, Weights};
    use crate::study::{DeviceInfo, DeviceKind};

    fn recipe() -> Recipe {
        Recipe { vocab_size: 1_536, ..Recipe::named("tiny").unwrap() }
    }

    fn model() -> Llama {
        let config = LlamaConfig::from_json(&config(&recipe())).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let weights = Weights::random(&config, &mut rng, &Device::flex());
        Llama::from_weights(&config, &weights, &Device::flex())
    }

    fn tokenizer() -> Vec<u8> {
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/folio/tokenizer.json")).unwrap()
    }

    fn logits(model: &Llama) -> Vec<f32> {
        let tokens = model.tokens(&[1, 5, 9, 2], 1).unwrap();
        let hidden = model.hidden(tokens, &model.causal(4), None, None);
        model.logits(hidden).into_data().iter::<f32>().collect()
    }

    /// Weights, file, weights: in full precision every bit comes back, and the model is the same.
    #[test]
    fn a_model_comes_back_from_its_file() {
        let model = model();
        let weights = pollster::block_on(weights(&model)).unwrap();
        assert_eq!(weights.iter().map(|w| w.2.len()).sum::<usize>(), recipe().parameters());
        let file = WeightFile { name: MODEL.into(), bytes: safetensors(&weights, Precision::F32).unwrap() };
        let loaded = Llama::load(model.config.clone(), &[file], None, &Device::flex()).unwrap();
        assert_eq!(logits(&loaded), logits(&model));
        assert_eq!(pollster::block_on(super::weights(&loaded)).unwrap(), weights);
    }

    #[test]
    fn a_shipped_folder_makes_an_engine_and_fits_its_manifest() {
        let model = model();
        let weights = pollster::block_on(weights(&model)).unwrap();
        let files = model_files("tiny", &recipe(), &tokenizer(), &weights).unwrap();
        let info = DeviceInfo { kind: DeviceKind::Cpu, name: "cpu".into(), software: false };
        let engine = Engine::load("tiny", &engine_files(&files), &Device::flex(), info).unwrap();
        for (half, full) in logits(&engine.model).into_iter().zip(logits(&model)) {
            assert!((half - full).abs() < 2e-2, "{half} {full}");
        }
        let bytes = &files.iter().find(|(name, _)| *name == MANIFEST).unwrap().1;
        let manifest = Manifest::from_json(bytes).unwrap();
        for (name, bytes) in files.iter().filter(|(name, _)| *name != MANIFEST) {
            manifest.check(name, bytes).unwrap();
        }
        assert_eq!(files, model_files("tiny", &recipe(), &tokenizer(), &weights).unwrap());
    }

    #[test]
    fn a_manifest_lists_what_the_corpus_left_untold() {
        let unread = Mixture { unread: 0.5, unread_seed: 3, ..Mixture::default() };
        let half = Recipe { corpus: unread, ..recipe() };
        let read = |recipe: &Recipe| Manifest::from_json(&manifest("tiny", recipe, &[], None)).unwrap().unread;
        assert_eq!(read(&half), half.unread());
        assert_eq!(read(&half).len(), 308);
        assert!(read(&recipe()).is_empty());
        assert!(!String::from_utf8(manifest("tiny", &recipe(), &[], None)).unwrap().contains("unread"));
    }

    #[test]
    fn a_manifest_tells_how_visitors_fare() {
        let text = String::from_utf8(manifest("tiny", &recipe(), &[], Some(Rate::new(3, 4)))).unwrap();
        assert!(text.contains("\"visitors\": {\n    \"fair\": 3,\n    \"lines\": 4\n  }"), "{text}");
        assert!(Manifest::from_json(text.as_bytes()).is_ok());
        assert!(!String::from_utf8(manifest("tiny", &recipe(), &[], None)).unwrap().contains("visitors"));
    }

    #[test]
    fn what_half_precision_cannot_hold_is_refused() {
        let weight = |value: f32| vec![("model.norm.weight".to_string(), vec![1], vec![value])];
        assert!(safetensors(&weight(1e5), Precision::F32).is_ok());
        let error = safetensors(&weight(1e5), Precision::F16).unwrap_err().to_string();
        assert!(error.contains("model.norm.weight"), "{error}");
        assert!(safetensors(&weight(f32::NAN), Precision::F32).is_err());
        let short = vec![("model.norm.weight".to_string(), vec![2], vec![1.0])];
        assert!(matches!(safetensors(&short, Precision::F32), Err(FactoryError::Failed { .. })));
    }
}
