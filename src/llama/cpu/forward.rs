//! The forward pass of a step, which keeps what the backward pass needs, and the loss.

use super::adapter::CpuAdapter;
use super::attention::{Head, Scores};
use super::math::{cross_entropy, norm, rotate, swiglu};
use super::matrix::{Mat, MatMut, multiply, multiply_add};
use super::weights::{CpuWeights, Group};
use super::workspace::{Activations, Span, Workspace};
use crate::llama::LlamaConfig;

/// Runs a part's sequences. Returns the cross-entropy of all its answers, summed, in nats; `logits` then hold the gradient of
/// `weight` times that sum.
pub fn forward(
    config: &LlamaConfig,
    weights: &CpuWeights,
    adapter: &CpuAdapter<'_>,
    weight: f32,
    work: &mut Workspace,
) -> f64 {
    let (d, eps) = (config.hidden_size, config.rms_norm_eps as f32);
    let layers = config.num_hidden_layers;
    for (&id, row) in work.ids.iter().zip(work.blocks[0].x.chunks_exact_mut(d)) {
        row.copy_from_slice(&weights.embedding[id as usize * d..][..d]);
    }
    for layer in 0..layers {
        let pass = Pass { config, weights, adapter, layer, spans: &work.spans };
        let (done, following) = work.blocks.split_at_mut(layer + 1);
        let block = &mut done[layer];
        let out = following.first_mut().map_or(&mut work.last, |next| &mut next.x);
        pass.attention(block, layer + 1 == layers, &mut work.scores);
        pass.output(block, (layer + 1 == layers).then_some(&work.answers));
        pass.mlp(block, out);
    }
    norm(&work.last, &weights.norm, eps, &mut work.normed, &mut work.scales);
    let (answers, vocab) = (work.answers.len(), config.vocab_size);
    let normed = Mat::new(&work.normed, answers, d);
    multiply(MatMut::new(&mut work.logits, answers, vocab), 1.0, normed, Mat::new(&weights.output, d, vocab));
    cross_entropy(&mut work.logits, vocab, &work.targets, weight)
}

/// One block's pass.
struct Pass<'a> {
    config: &'a LlamaConfig,
    weights: &'a CpuWeights,
    adapter: &'a CpuAdapter<'a>,
    layer: usize,
    spans: &'a [Span],
}

impl Pass<'_> {
    fn matrix(&self, group: Group) -> Mat<'_> {
        let [d_in, width] = group.shape(self.config);
        Mat::new(&self.weights.blocks[self.layer].groups[group as usize], d_in, width)
    }

    /// From the stream to mixed values. In the last block only queries from the first answer of each sequence on matter.
    fn attention(&self, block: &mut Activations, last: bool, scores: &mut Scores) {
        let (config, own) = (self.config, &self.weights.blocks[self.layer]);
        norm(&block.x, &own.input_norm, config.rms_norm_eps as f32, &mut block.normed, &mut block.scales);
        let [d, width] = Group::Attention.shape(config);
        let rows = block.scales.len();
        let qkv = MatMut::new(&mut block.qkv, rows, width);
        multiply(qkv, 1.0, Mat::new(&block.normed, rows, d), self.matrix(Group::Attention));
        self.adapter.forward(self.layer, Group::Attention, &block.normed, &mut block.qkv, &mut block.u[0]);

        let places = Places::of(config);
        let (hd, half) = (config.head_dim, config.head_dim / 2);
        for span in self.spans {
            for place in 0..span.len {
                let row = &mut block.qkv[(span.begin + place) * width..][..places.value];
                let (cos, sin) = (&self.weights.cos[place * half..][..half], &self.weights.sin[place * half..][..half]);
                row.chunks_exact_mut(hd).for_each(|head| rotate(head, cos, sin));
            }
            let from = if last { span.from } else { 0 };
            for head in 0..config.num_attention_heads {
                let view = places.head(&block.qkv, config, span, from, head);
                let logs = &mut block.logs[head * rows + span.begin + from..][..span.len - from];
                let out = &mut block.mixed[(span.begin + from) * places.key + head * hd..];
                view.attend(out, places.key, logs, scores);
            }
        }
    }

    /// From mixed values back to the stream, of these rows alone, if they are given.
    fn output(&self, block: &mut Activations, answers: Option<&Vec<usize>>) {
        let [mixed, d] = Group::Output.shape(self.config);
        match answers {
            None => block.middle.copy_from_slice(&block.x),
            Some(answers) => {
                // Ascending, so that no row is overwritten before it has moved.
                for (to, &row) in answers.iter().enumerate() {
                    block.mixed.copy_within(row * mixed..(row + 1) * mixed, to * mixed);
                    block.middle[to * d..(to + 1) * d].copy_from_slice(&block.x[row * d..(row + 1) * d]);
                }
                block.mixed.truncate(answers.len() * mixed);
            }
        }
        let kept = block.post_scales.len();
        let middle = MatMut::new(&mut block.middle, kept, d);
        multiply_add(middle, 1.0, Mat::new(&block.mixed, kept, mixed), self.matrix(Group::Output));
        self.adapter.forward(self.layer, Group::Output, &block.mixed, &mut block.middle, &mut block.u[1]);
    }

    /// The SwiGLU, and the stream after the block to `out`, `[kept, d_model]`.
    fn mlp(&self, block: &mut Activations, out: &mut [f32]) {
        let (config, own) = (self.config, &self.weights.blocks[self.layer]);
        let eps = config.rms_norm_eps as f32;
        norm(&block.middle, &own.post_norm, eps, &mut block.post_normed, &mut block.post_scales);
        let (kept, [d, width]) = (block.post_scales.len(), Group::GateUp.shape(config));
        let gate_up = MatMut::new(&mut block.gate_up, kept, width);
        multiply(gate_up, 1.0, Mat::new(&block.post_normed, kept, d), self.matrix(Group::GateUp));
        self.adapter.forward(self.layer, Group::GateUp, &block.post_normed, &mut block.gate_up, &mut block.u[2]);
        swiglu(&block.gate_up, width / 2, &mut block.act);
        out.copy_from_slice(&block.middle);
        let act = Mat::new(&block.act, kept, width / 2);
        multiply_add(MatMut::new(out, kept, d), 1.0, act, self.matrix(Group::Down));
        self.adapter.forward(self.layer, Group::Down, &block.act, out, &mut block.u[3]);
    }
}

/// Where keys and values begin in a row of queries, keys and values.
pub struct Places {
    /// The first number of the first key; so many numbers have the queries.
    pub key: usize,
    /// The first number of the first value.
    pub value: usize,
    /// The length of a row.
    pub width: usize,
}

impl Places {
    /// Those of a model.
    pub fn of(config: &LlamaConfig) -> Self {
        let key = config.num_attention_heads * config.head_dim;
        let value = key + config.num_key_value_heads * config.head_dim;
        Self { key, value, width: value + config.num_key_value_heads * config.head_dim }
    }

    /// The first numbers of a query head, its key head and its value head in a row.
    pub fn columns(&self, config: &LlamaConfig, head: usize) -> [usize; 3] {
        let shared = head / config.group() * config.head_dim;
        [head * config.head_dim, self.key + shared, self.value + shared]
    }

    /// One head of a sequence, with the queries from one place on.
    pub fn head<'a>(&self, qkv: &'a [f32], config: &LlamaConfig, span: &Span, from: usize, head: usize) -> Head<'a> {
        let [query, key, value] = self.columns(config, head);
        let view = |row: usize, column: usize, rows: usize| {
            Mat::strided(&qkv[row * self.width + column..], rows, config.head_dim, self.width)
        };
        Head {
            query: view(span.begin + from, query, span.len - from),
            key: view(span.begin, key, span.len),
            value: view(span.begin, value, span.len),
        }
    }
}
