//! [`Runner`]: tokens through the model without anything kept for a backward pass, with caches of what was before them.

use super::attention::{Scores, fit};
use super::cache::Cache;
use super::forward::Places;
use super::math::{norm, rotate, swiglu};
use super::matrix::{Mat, MatMut, multiply, multiply_add};
use super::weights::{CpuWeights, Group};
use crate::llama::LlamaConfig;

/// A model whose adapter, if it has one, is part of its matrices.
#[derive(Clone, Copy, Debug)]
pub struct Merged<'a> {
    /// The shape.
    pub config: &'a LlamaConfig,
    /// All weights.
    pub weights: &'a CpuWeights,
    /// Matrices in place of the blocks' own, `[layers]`.
    pub matrices: Option<&'a [[Vec<f32>; 4]]>,
}

impl<'a> Merged<'a> {
    fn matrix(self, layer: usize, group: Group) -> Mat<'a> {
        let [d_in, width] = group.shape(self.config);
        let own = &self.weights.blocks[layer].groups;
        let groups = self.matrices.map_or(own, |matrices| &matrices[layer]);
        Mat::new(&groups[group as usize], d_in, width)
    }
}

/// Tokens that follow one another in one row of the caches.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The row of the caches.
    pub row: usize,
    /// Places that are filled already.
    pub before: usize,
    /// How many tokens; one at least.
    pub len: usize,
}

/// The buffers of a pass. `rows` are its tokens; in the last block, after its attention, the last of each stretch.
#[derive(Debug, Default)]
pub struct Runner {
    x: Vec<f32>,       // [rows, d_model]
    normed: Vec<f32>,  // [rows, d_model]
    scales: Vec<f32>,  // [rows]
    qkv: Vec<f32>,     // [rows, width]
    mixed: Vec<f32>,   // [rows, heads * head_dim]
    gate_up: Vec<f32>, // [rows, 2 * d_ff]
    act: Vec<f32>,     // [rows, d_ff]
    logits: Vec<f32>,  // [stretches, vocab]
    logs: Vec<f32>,    // [rows]
    scores: Scores,
    one: Vec<f32>, // [keys]
}

impl Runner {
    /// Runs stretches of tokens and fills the caches, `[layers]`. Returns the logits after the last token of each stretch,
    /// `[stretches, vocab]`.
    pub fn logits(
        &mut self,
        model: Merged<'_>,
        ids: &[u32],
        stretches: &[Stretch],
        caches: &mut [Cache],
    ) -> &mut [f32] {
        self.blocks(model, ids, stretches, caches, true);
        let (config, rows, d) = (model.config, stretches.len(), model.config.hidden_size);
        let (normed, scales) = (fit(&mut self.normed, rows * d), fit(&mut self.scales, rows));
        norm(&self.x[..rows * d], &model.weights.norm, config.rms_norm_eps as f32, normed, scales);
        let logits = fit(&mut self.logits, rows * config.vocab_size);
        let output = Mat::new(&model.weights.output, d, config.vocab_size);
        multiply(MatMut::new(logits, rows, config.vocab_size), 1.0, Mat::new(normed, rows, d), output);
        logits
    }

    /// The same for tokens after which nothing is asked: only the caches are filled.
    pub fn fill(&mut self, model: Merged<'_>, ids: &[u32], stretches: &[Stretch], caches: &mut [Cache]) {
        self.blocks(model, ids, stretches, caches, false);
    }

    fn blocks(&mut self, model: Merged<'_>, ids: &[u32], stretches: &[Stretch], caches: &mut [Cache], asked: bool) {
        let d = model.config.hidden_size;
        let x = fit(&mut self.x, ids.len() * d);
        for (&id, row) in ids.iter().zip(x.chunks_exact_mut(d)) {
            row.copy_from_slice(&model.weights.embedding[id as usize * d..][..d]);
        }
        let mut rows = ids.len();
        for (layer, cache) in caches.iter_mut().enumerate() {
            let last = layer + 1 == model.config.num_hidden_layers;
            self.keys_and_values(model, layer, rows, stretches, cache);
            if last && !asked {
                return;
            }
            self.attention(model, rows, stretches, cache, last);
            if last && rows > stretches.len() {
                self.keep_last_of_each(model.config, stretches);
                rows = stretches.len();
            }
            self.rest(model, layer, rows);
        }
    }

    /// Queries, keys and values of all rows; the latter go to the cache.
    fn keys_and_values(
        &mut self,
        model: Merged<'_>,
        layer: usize,
        rows: usize,
        stretches: &[Stretch],
        cache: &mut Cache,
    ) {
        let (config, weights) = (model.config, model.weights);
        let ([d, width], places) = (Group::Attention.shape(config), Places::of(config));
        let half = config.head_dim / 2;
        let (normed, scales) = (fit(&mut self.normed, rows * d), fit(&mut self.scales, rows));
        let eps = config.rms_norm_eps as f32;
        norm(&self.x[..rows * d], &weights.blocks[layer].input_norm, eps, normed, scales);
        let qkv = fit(&mut self.qkv, rows * width);
        let matrix = model.matrix(layer, Group::Attention);
        multiply(MatMut::new(qkv, rows, width), 1.0, Mat::new(normed, rows, d), matrix);
        let tokens = stretches.iter().flat_map(|s| (0..s.len).map(|at| (s.row, s.before + at)));
        for ((row, place), qkv) in tokens.zip(qkv.chunks_exact_mut(width)) {
            let (cos, sin) = (&weights.cos[place * half..][..half], &weights.sin[place * half..][..half]);
            qkv[..places.value].chunks_exact_mut(config.head_dim).for_each(|head| rotate(head, cos, sin));
            cache.put(row, place, &qkv[places.key..places.value], &qkv[places.value..]);
        }
    }

    /// Mixed values of all rows, or of the last of each stretch alone.
    fn attention(&mut self, model: Merged<'_>, rows: usize, stretches: &[Stretch], cache: &Cache, last: bool) {
        let (config, places) = (model.config, Places::of(model.config));
        let (queries, hd) = (places.key, config.head_dim);
        let mixed = fit(&mut self.mixed, rows * queries);
        let mut begin = 0;
        for stretch in stretches {
            let (from, seen) = (if last { begin + stretch.len - 1 } else { begin }, stretch.before + stretch.len);
            begin += stretch.len;
            if from + 1 == begin {
                let query = &self.qkv[from * places.width..][..queries];
                cache.attend(stretch.row, seen, query, &mut mixed[from * queries..][..queries], &mut self.one);
                continue;
            }
            for head in 0..config.num_attention_heads {
                let view = super::attention::Head {
                    query: Mat::strided(&self.qkv[from * places.width + head * hd..], begin - from, hd, places.width),
                    key: cache.keys(stretch.row, head / config.group(), seen),
                    value: cache.values(stretch.row, head / config.group(), seen),
                };
                let logs = fit(&mut self.logs, begin - from);
                view.attend(&mut mixed[from * queries + head * hd..], queries, logs, &mut self.scores);
            }
        }
    }

    /// Moves the last row of each stretch to the beginning.
    fn keep_last_of_each(&mut self, config: &LlamaConfig, stretches: &[Stretch]) {
        let (d, [mixed, _]) = (config.hidden_size, Group::Output.shape(config));
        let mut end = 0;
        for (to, stretch) in stretches.iter().enumerate() {
            end += stretch.len;
            self.x.copy_within((end - 1) * d..end * d, to * d);
            self.mixed.copy_within((end - 1) * mixed..end * mixed, to * mixed);
        }
    }

    /// From mixed values to the stream after the block.
    fn rest(&mut self, model: Merged<'_>, layer: usize, rows: usize) {
        let (config, d, ff) = (model.config, model.config.hidden_size, model.config.intermediate_size);
        let [mixed, _] = Group::Output.shape(config);
        let x = fit(&mut self.x, rows * d);
        let heads = Mat::new(&self.mixed, rows, mixed);
        multiply_add(MatMut::new(x, rows, d), 1.0, heads, model.matrix(layer, Group::Output));
        let (normed, scales) = (fit(&mut self.normed, rows * d), fit(&mut self.scales, rows));
        norm(x, &model.weights.blocks[layer].post_norm, config.rms_norm_eps as f32, normed, scales);
        let gate_up = fit(&mut self.gate_up, rows * 2 * ff);
        let normed = Mat::new(normed, rows, d);
        multiply(MatMut::new(gate_up, rows, 2 * ff), 1.0, normed, model.matrix(layer, Group::GateUp));
        let act = fit(&mut self.act, rows * ff);
        swiglu(gate_up, ff, act);
        multiply_add(MatMut::new(x, rows, d), 1.0, Mat::new(act, rows, ff), model.matrix(layer, Group::Down));
    }
}
