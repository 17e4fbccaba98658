//! [`Llama`]: Hugging Face's `LlamaForCausalLM` (transformers `modeling_llama.py`), frozen, with an optional adapter.

use burn::tensor::activation::{silu, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::cache::KvCache;
use super::config::LlamaConfig;
use super::error::LlamaError;
use super::executor::ByHand;
use super::lora::Adapter;
use super::rope::{Angles, Rope};
use crate::study::Projection;

/// Added to the scores of positions that must not be seen. Finite, so that a row without any visible position (padding)
/// gives numbers that nobody reads instead of NaN.
const HIDDEN: f32 = -1e9;

/// A model on a device. No weight is tracked by autodiff: only an [`Adapter`] can be trained.
#[derive(Clone, Debug)]
pub struct Llama {
    /// The shape.
    pub config: LlamaConfig,
    /// Where the weights are.
    pub device: Device,
    pub(super) embedding: Tensor<2>, // [vocab, d_model]
    pub(super) blocks: Vec<Block>,   // [layers]
    pub(super) norm: Tensor<1>,      // [d_model]
    pub(super) output: Tensor<2>,    // [d_model, vocab]
    pub(super) rope: Rope,
    pub(super) by_hand: ByHand,
}

/// The weights of one block. Projections are stored as `[d_in, d_out]`, so that a row of activations is multiplied from the left.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) input_norm: Tensor<1>,       // [d_model]
    pub(super) post_norm: Tensor<1>,        // [d_model]
    pub(super) projections: [Tensor<2>; 7], // each [d_in, d_out], in the order of Projection::ALL
}

/// What a forward pass sees besides the tokens: where each token stands, and what it may look at.
#[derive(Clone, Debug)]
pub struct Context {
    angles: Angles,
    mask: Tensor<4>, // [1 or batch, 1, seq, keys], 0 or HIDDEN
}

impl Llama {
    /// The context of sequences that begin at position 0 and are padded on the right, if at all: causal attention alone.
    pub fn causal(&self, seq: usize) -> Context {
        let mut mask = vec![0.0; seq * seq];
        for row in 0..seq {
            mask[row * seq + row + 1..(row + 1) * seq].fill(HIDDEN);
        }
        let mask = Tensor::from_data(TensorData::new(mask, [1, 1, seq, seq]), &self.device);
        Context { angles: self.rope.first(seq), mask }
    }

    /// The context of the sequences' last `seq` positions, given what each row may look at.
    ///
    /// `positions` is `[batch * seq]`; `visible` is `[batch * seq * keys]`, true where the query may see the key.
    pub fn context(&self, batch: usize, positions: Vec<i32>, visible: &[bool]) -> Context {
        let seq = positions.len() / batch;
        let keys = visible.len() / positions.len();
        let positions = Tensor::<2, Int>::from_data(TensorData::new(positions, [batch, seq]), &self.device);
        let mask: Vec<f32> = visible.iter().map(|&seen| if seen { 0.0 } else { HIDDEN }).collect();
        let mask = Tensor::from_data(TensorData::new(mask, [batch, 1, seq, keys]), &self.device);
        Context { angles: self.rope.at(positions), mask }
    }

    /// The hidden states after the last norm, `[batch * seq, d_model]`, of the tokens `[batch, seq]`.
    ///
    /// With a cache, keys and values of earlier tokens are read from it and those of these tokens added to it.
    pub fn hidden(
        &self,
        tokens: Tensor<2, Int>,
        context: &Context,
        adapter: Option<&Adapter>,
        mut cache: Option<&mut KvCache>,
    ) -> Tensor<2> {
        let [batch, seq] = tokens.dims();
        let mut x = self.embedding.clone().select(0, tokens.reshape([batch * seq])); // [rows, d_model]
        for (layer, block) in self.blocks.iter().enumerate() {
            let pass = Pass { config: &self.config, block, layer, adapter, context, batch, seq };
            let normed = self.rms_norm(x.clone(), &block.input_norm);
            x = x + pass.attention(normed, cache.as_deref_mut());
            let normed = self.rms_norm(x.clone(), &block.post_norm);
            x = x + pass.mlp(normed);
        }
        self.rms_norm(x, &self.norm)
    }

    /// The logits `[rows, vocab]` of hidden states `[rows, d_model]`.
    pub fn logits(&self, hidden: Tensor<2>) -> Tensor<2> {
        hidden.matmul(self.output.clone())
    }

    /// Tokens on the device, `[batch, seq]`, after a check that each is in the vocabulary and the sequence not too long.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Token`] or [`LlamaError::TooLong`].
    pub fn tokens(&self, ids: &[u32], batch: usize) -> Result<Tensor<2, Int>, LlamaError> {
        self.known(ids)?;
        let seq = ids.len() / batch;
        if seq > self.config.max_positions {
            return Err(LlamaError::TooLong { tokens: seq, limit: self.config.max_positions });
        }
        let ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
        Ok(Tensor::from_data(TensorData::new(ids, [batch, seq]), &self.device))
    }

    /// That each token is in the vocabulary.
    pub(super) fn known<'a>(&self, ids: impl IntoIterator<Item = &'a u32>) -> Result<(), LlamaError> {
        let vocab = self.config.vocab_size;
        match ids.into_iter().find(|&&id| id as usize >= vocab) {
            Some(&id) => Err(LlamaError::Token { id, vocab }),
            None => Ok(()),
        }
    }

    /// The number of weights.
    pub fn parameters(&self) -> usize {
        let block = |b: &Block| b.projections.iter().map(|p| p.dims().iter().product::<usize>()).sum::<usize>();
        let norms = (2 * self.blocks.len() + 1) * self.config.hidden_size;
        let embeddings = if self.config.tie_word_embeddings { 1 } else { 2 };
        self.blocks.iter().map(block).sum::<usize>()
            + norms
            + embeddings * self.config.vocab_size * self.config.hidden_size
    }

    /// RMSNorm (Zhang & Sennrich 2019): `x / sqrt(mean(x²) + eps) · weight` over the last dimension.
    fn rms_norm(&self, x: Tensor<2>, weight: &Tensor<1>) -> Tensor<2> {
        let scale = x.clone().square().mean_dim(1).add_scalar(self.config.rms_norm_eps).sqrt().recip(); // [rows, 1]
        x * scale * weight.clone().unsqueeze()
    }
}

/// One block's pass over one batch.
struct Pass<'a> {
    config: &'a LlamaConfig,
    block: &'a Block,
    layer: usize,
    adapter: Option<&'a Adapter>,
    context: &'a Context,
    batch: usize,
    seq: usize,
}

impl Pass<'_> {
    /// A projection with its adapter, `[rows, d_in] -> [rows, d_out]`.
    fn project(&self, projection: Projection, x: Tensor<2>) -> Tensor<2> {
        let y = x.clone().matmul(self.block.projections[projection as usize].clone());
        match self.adapter {
            None => y,
            Some(adapter) => adapter.apply(self.layer, projection, x, y),
        }
    }

    /// `[rows, heads * head_dim] -> [batch, heads, seq, head_dim]`.
    fn heads(&self, x: Tensor<2>, heads: usize) -> Tensor<4> {
        x.reshape([self.batch, self.seq, heads, self.config.head_dim]).swap_dims(1, 2)
    }

    /// Grouped-query attention (Ainslie et al. 2023), `[rows, d_model] -> [rows, d_model]`.
    ///
    /// Keys and values are never repeated: the query heads of one group are stacked as rows of one matrix.
    fn attention(&self, x: Tensor<2>, cache: Option<&mut KvCache>) -> Tensor<2> {
        let c = self.config;
        let (heads, kv, head_dim) = (c.num_attention_heads, c.num_key_value_heads, c.head_dim);
        let (batch, seq, angles) = (self.batch, self.seq, &self.context.angles);

        let query = angles.rotate(self.heads(self.project(Projection::QProj, x.clone()), heads)); // [batch, heads, seq, head_dim]
        let key = angles.rotate(self.heads(self.project(Projection::KProj, x.clone()), kv)); // [batch, kv, seq, head_dim]
        let value = self.heads(self.project(Projection::VProj, x), kv); // [batch, kv, seq, head_dim]
        let (key, value) = match cache {
            None => (key, value),
            Some(cache) => cache.extend(self.layer, key, value), // both [batch, kv, keys, head_dim]
        };
        let keys = key.dims()[2];

        let query = query.mul_scalar((head_dim as f64).powf(-0.5));
        let query = query.reshape([batch, kv, c.group() * seq, head_dim]); // the heads of a group as rows
        let scores = query.matmul(key.swap_dims(2, 3)); // [batch, kv, group * seq, keys]
        let scores = scores.reshape([batch, heads, seq, keys]) + self.context.mask.clone(); // mask [batch, 1, seq, keys]
        let weights = softmax(scores, 3).reshape([batch, kv, c.group() * seq, keys]);
        let mixed = weights.matmul(value); // [batch, kv, group * seq, head_dim]
        let mixed = mixed.reshape([batch, heads, seq, head_dim]).swap_dims(1, 2); // [batch, seq, heads, head_dim]
        let rows = mixed.reshape([batch * seq, heads * head_dim]);
        self.project(Projection::OProj, rows)
    }

    /// SwiGLU (Shazeer 2020), `[rows, d_model] -> [rows, d_model]`.
    fn mlp(&self, x: Tensor<2>) -> Tensor<2> {
        let gate = silu(self.project(Projection::GateProj, x.clone()));
        let up = self.project(Projection::UpProj, x);
        self.project(Projection::DownProj, gate * up)
    }
}
