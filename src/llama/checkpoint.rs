//! Reading a model in Hugging Face's layout: `config.json` and safetensors files, in one piece or sharded.
//!
//! Everything is checked before anything is put on a device: the file's structure (by the `safetensors` crate), every
//! name, shape and type against the config, and that every weight is finite. What the files hold bounds what is allocated:
//! the weights as f32, two copies of one tensor while it is turned, and the rotary tables, which the config's ranges bound.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::{Device, Tensor, TensorData};
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::config::LlamaConfig;
use super::error::{LlamaError, at_most, plain, quoted};
use super::executor::ByHand;
use super::model::{Block, Llama};
use super::rope::Rope;
use crate::study::Projection;

/// The longest header of a safetensors file that is read, in bytes. It is JSON of about 100 bytes for each tensor; none of a
/// real model comes near this.
pub const LONGEST_HEADER: u64 = 1 << 20;

/// The largest index that is read, in bytes; that of a model with 126 layers has a tenth of it.
pub const LARGEST_INDEX: usize = 1 << 20;
/// The most files of one model.
const MOST_SHARDS: usize = 1024;

/// A safetensors file in memory.
#[derive(Clone, Debug)]
pub struct WeightFile {
    /// Its name, for error messages and the index.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The names of the safetensors files that a `model.safetensors.index.json` lists, each once, in order.
///
/// # Errors
///
/// [`LlamaError::Damaged`] if it is no such index, or names a file outside its own folder.
pub fn shard_names(index: &[u8]) -> Result<Vec<String>, LlamaError> {
    let names: BTreeSet<String> = weight_map(index)?.into_values().collect();
    if let Some(name) = names.iter().find(|name| !(is_beside(name) && name.ends_with(".safetensors"))) {
        return Err(damaged(
            INDEX,
            format!("it names the file {}, which is no safetensors file beside it", quoted(name)),
        ));
    }
    if names.len() > MOST_SHARDS {
        return Err(damaged(INDEX, format!("it names {} files, and a model has at most {MOST_SHARDS}", names.len())));
    }
    Ok(names.into_iter().collect())
}

/// Whether a name that a file gives is that of another file in the same folder.
pub fn is_beside(name: &str) -> bool {
    let plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':');
    (1..=255).contains(&name.len()) && !name.starts_with('.') && name.chars().all(plain)
}

const INDEX: &str = "model.safetensors.index.json";

fn weight_map(index: &[u8]) -> Result<BTreeMap<String, String>, LlamaError> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    at_most("it", index, LARGEST_INDEX).map_err(|reason| damaged(INDEX, reason))?;
    serde_json::from_slice::<Index>(index).map(|i| i.weight_map).map_err(|e| damaged(INDEX, e.to_string()))
}

impl Llama {
    /// Builds a model from its config and its weights: one file, or all shards together with their index.
    ///
    /// # Errors
    ///
    /// Any [`LlamaError`] about files and tensors. Nothing is allocated on the device before every check has passed.
    pub fn load(
        config: LlamaConfig,
        files: &[WeightFile],
        index: Option<&[u8]>,
        device: &Device,
    ) -> Result<Self, LlamaError> {
        let mut weights = Tensors::read(files, index, &config)?;
        let d = config.hidden_size;
        let embedding = weights.matrix("model.embed_tokens.weight", [config.vocab_size, d], device)?;
        let output = if config.tie_word_embeddings {
            embedding.clone().transpose()
        } else {
            weights.transposed("lm_head.weight", [d, config.vocab_size], device)?
        };
        let mut blocks = Vec::with_capacity(config.num_hidden_layers);
        for layer in 0..config.num_hidden_layers {
            let mut projections = Vec::with_capacity(7);
            for projection in Projection::ALL {
                let name = projection_weight(layer, projection);
                projections.push(weights.transposed(&name, config.projection(projection), device)?);
            }
            blocks.push(Block {
                input_norm: weights.vector(&format!("model.layers.{layer}.input_layernorm.weight"), d, device)?,
                post_norm: weights.vector(
                    &format!("model.layers.{layer}.post_attention_layernorm.weight"),
                    d,
                    device,
                )?,
                projections: projections.try_into().expect("there are seven projections"),
            });
        }
        let norm = weights.vector("model.norm.weight", d, device)?;
        let rope = Rope::new(&config, device);
        let device = device.clone();
        Ok(Self { config, device, embedding, blocks, norm, output, rope, by_hand: ByHand::default() })
    }
}

/// The name of a projection's weight, such as `model.layers.0.self_attn.q_proj.weight`.
pub(super) fn projection_weight(layer: usize, projection: Projection) -> String {
    format!("model.layers.{layer}.{}.{}.weight", projection.parent(), projection.name())
}

/// Every tensor that a config calls for, with its shape as in the file (`[d_out, d_in]` for projections).
fn expected(config: &LlamaConfig) -> BTreeMap<String, Vec<usize>> {
    let d = config.hidden_size;
    let mut table = BTreeMap::new();
    table.insert("model.embed_tokens.weight".into(), vec![config.vocab_size, d]);
    table.insert("model.norm.weight".into(), vec![d]);
    if !config.tie_word_embeddings {
        table.insert("lm_head.weight".into(), vec![config.vocab_size, d]);
    }
    for layer in 0..config.num_hidden_layers {
        for norm in ["input_layernorm", "post_attention_layernorm"] {
            table.insert(format!("model.layers.{layer}.{norm}.weight"), vec![d]);
        }
        for projection in Projection::ALL {
            let [d_in, d_out] = config.projection(projection);
            table.insert(projection_weight(layer, projection), vec![d_out, d_in]);
        }
    }
    table
}

/// Checked tensors, by name.
struct Tensors<'a> {
    tensors: BTreeMap<String, TensorView<'a>>,
}

impl<'a> Tensors<'a> {
    fn read(files: &'a [WeightFile], index: Option<&[u8]>, config: &LlamaConfig) -> Result<Self, LlamaError> {
        let expected = expected(config);
        let placed = index.map(weight_map).transpose()?;
        let mut tensors = BTreeMap::new();
        for file in files {
            for (name, view) in open(file)? {
                let in_place = placed.as_ref().is_none_or(|map| map.get(&name) == Some(&file.name));
                if !in_place {
                    let name = quoted(&name);
                    return Err(damaged(&file.name, format!("it holds {name}, which the index places elsewhere")));
                }
                if superfluous(&name, config) {
                    continue;
                }
                let Some(shape) = expected.get(&name) else {
                    return Err(LlamaError::Unexpected { hint: hint(&name), name: plain(&name) });
                };
                check(&name, &view, shape)?;
                if tensors.insert(name.clone(), view).is_some() {
                    return Err(damaged(&file.name, format!("it holds {name}, which another file holds, too")));
                }
            }
        }
        match expected.into_keys().find(|name| !tensors.contains_key(name)) {
            Some(name) => Err(LlamaError::Missing { name }),
            None => Ok(Self { tensors }),
        }
    }

    fn take(&mut self, name: &str) -> Result<Vec<f32>, LlamaError> {
        let view = self.tensors.remove(name).ok_or_else(|| LlamaError::Missing { name: name.into() })?;
        Ok(values(&view))
    }

    fn vector(&mut self, name: &str, len: usize, device: &Device) -> Result<Tensor<1>, LlamaError> {
        Ok(Tensor::from_data(TensorData::new(self.take(name)?, [len]), device))
    }

    fn matrix(&mut self, name: &str, shape: [usize; 2], device: &Device) -> Result<Tensor<2>, LlamaError> {
        Ok(Tensor::from_data(TensorData::new(self.take(name)?, shape), device))
    }

    /// A weight stored as `[d_out, d_in]`, turned into `[d_in, d_out]`.
    fn transposed(&mut self, name: &str, [d_in, d_out]: [usize; 2], device: &Device) -> Result<Tensor<2>, LlamaError> {
        let values = transpose(&self.take(name)?, d_out, d_in);
        Ok(Tensor::from_data(TensorData::new(values, [d_in, d_out]), device))
    }
}

/// `[rows, columns]` to `[columns, rows]`.
pub(super) fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(values.len());
    for column in 0..columns {
        out.extend((0..rows).map(|row| values[row * columns + column]));
    }
    out
}

/// The tensors of a file, after the checks of its structure.
pub(super) fn open(file: &WeightFile) -> Result<Vec<(String, TensorView<'_>)>, LlamaError> {
    let header = file.bytes.first_chunk::<8>().map(|b| u64::from_le_bytes(*b));
    match header {
        None => return Err(damaged(&file.name, "it ends before its header")),
        Some(length) if length > LONGEST_HEADER => {
            return Err(damaged(&file.name, format!("its header would have {length} bytes")));
        }
        Some(_) => {}
    }
    let parsed = SafeTensors::deserialize(&file.bytes).map_err(|e| damaged(&file.name, e.to_string()))?;
    Ok(parsed.tensors())
}

/// Some checkpoints repeat what follows from the rest: the tied output layer, the rotary frequencies.
fn superfluous(name: &str, config: &LlamaConfig) -> bool {
    (config.tie_word_embeddings && name == "lm_head.weight") || name.ends_with(".rotary_emb.inv_freq")
}

fn hint(name: &str) -> &'static str {
    if name.ends_with(".bias") {
        return ": it is a bias, and projections with a bias are not supported";
    }
    if name.contains(".layers.") {
        return ": the weights may have more layers than the config";
    }
    ""
}

/// That a tensor has the shape that is expected, a type that can be read, and finite values.
pub(super) fn check(name: &str, view: &TensorView<'_>, shape: &[usize]) -> Result<(), LlamaError> {
    if view.shape() != shape {
        return Err(LlamaError::Shape { name: name.into(), found: view.shape().into(), expected: shape.into() });
    }
    if !matches!(view.dtype(), Dtype::F32 | Dtype::F16 | Dtype::BF16) {
        return Err(LlamaError::Type { name: name.into(), found: format!("{:?}", view.dtype()) });
    }
    if !numbers(view).all(f32::is_finite) {
        return Err(LlamaError::NotFinite { name: name.into() });
    }
    Ok(())
}

/// The values as f32. The type is one of the three that [`check`] lets through.
pub(super) fn values(view: &TensorView<'_>) -> Vec<f32> {
    numbers(view).collect()
}

fn numbers<'a>(view: &'a TensorView<'_>) -> Box<dyn Iterator<Item = f32> + 'a> {
    let bytes = view.data();
    let halves = || bytes.chunks_exact(2).map(|c| [c[0], c[1]]);
    match view.dtype() {
        Dtype::F16 => Box::new(halves().map(|c| f16::from_le_bytes(c).to_f32())),
        Dtype::BF16 => Box::new(halves().map(|c| bf16::from_le_bytes(c).to_f32())),
        _ => Box::new(bytes.chunks_exact(4).map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]]))),
    }
}

fn damaged(file: &str, reason: impl Into<String>) -> LlamaError {
    LlamaError::Damaged { file: plain(file), reason: plain(&reason.into()) }
}
