//! The backward pass of a step: the gradients of the adapter's matrices, block by block from the last one.

use super::adapter::CpuAdapter;
use super::attention::HeadGradient;
use super::forward::Places;
use super::math::{norm_back, rotate_back, swiglu_back};
use super::matrix::{Mat, MatMut, multiply};
use super::weights::{CpuWeights, Group};
use super::workspace::Workspace;
use crate::llama::LlamaConfig;

/// Goes back from the gradient of the logits, as the forward pass has left it, and writes the adapter's gradient.
pub fn backward(config: &LlamaConfig, weights: &CpuWeights, adapter: &CpuAdapter<'_>, work: &mut Workspace) {
    let (answers, d, vocab) = (work.answers.len(), config.hidden_size, config.vocab_size);
    let normed = sized(&mut work.dnormed, answers * d);
    let output = Mat::new(weights.output_back(config), vocab, d);
    multiply(MatMut::new(normed, answers, d), 1.0, Mat::new(&work.logits, answers, vocab), output);
    work.dx.clear();
    work.dx.resize(answers * d, 0.0);
    norm_back(normed, &work.last, &weights.norm, &work.scales, &mut work.dx);
    for layer in (0..config.num_hidden_layers).rev() {
        let pass = Pass { config, weights, adapter, layer };
        pass.mlp(work);
        // Below the first block there is nothing to learn.
        if layer == 0 && !adapter.adapts(0, Group::Attention) {
            pass.output(work, false);
            return;
        }
        pass.output(work, true);
        if layer + 1 == config.num_hidden_layers {
            pass.spread(work);
        }
        pass.attention(work);
    }
}

/// One block's pass.
struct Pass<'a> {
    config: &'a LlamaConfig,
    weights: &'a CpuWeights,
    adapter: &'a CpuAdapter<'a>,
    layer: usize,
}

impl Pass<'_> {
    /// `dx = dy · Wᵀ`, `[rows, d_in]`, of a group's frozen matrix.
    fn through(&self, group: Group, dy: &[f32], dx: &mut [f32]) {
        let [d_in, width] = group.shape(self.config);
        let rows = dy.len() / width;
        let back = Mat::new(self.weights.group_back(self.config, self.layer, group), width, d_in);
        multiply(MatMut::new(dx, rows, d_in), 1.0, Mat::new(dy, rows, width), back);
    }

    /// From the stream after the block to that after its attention.
    fn mlp(&self, work: &mut Workspace) {
        let (config, layer) = (self.config, self.layer);
        let (block, kept) = (&mut work.blocks[layer], work.dx.len() / config.hidden_size);
        let dact = sized(&mut work.dact, kept * config.intermediate_size);
        self.through(Group::Down, &work.dx, dact);
        let (gradient, narrow) = (&mut work.gradient, &mut work.narrow);
        self.adapter.backward(layer, Group::Down, &block.act, &block.u[3], &work.dx, Some(dact), gradient, narrow);
        swiglu_back(&mut block.gate_up, config.intermediate_size, dact);
        let dnormed = sized(&mut work.dnormed, kept * config.hidden_size);
        self.through(Group::GateUp, &block.gate_up, dnormed);
        let (x, u, dy) = (&block.post_normed, &block.u[2], &block.gate_up);
        self.adapter.backward(layer, Group::GateUp, x, u, dy, Some(dnormed), gradient, narrow);
        norm_back(dnormed, &block.middle, &self.weights.blocks[layer].post_norm, &block.post_scales, &mut work.dx);
    }

    /// From the stream after attention to mixed values, unless those are not wanted.
    fn output(&self, work: &mut Workspace, wanted: bool) {
        let (block, layer) = (&work.blocks[self.layer], self.layer);
        let (gradient, narrow) = (&mut work.gradient, &mut work.narrow);
        let dmixed = wanted.then(|| {
            let dmixed = sized(&mut work.dmixed, block.mixed.len());
            self.through(Group::Output, &work.dx, dmixed);
            dmixed
        });
        self.adapter.backward(layer, Group::Output, &block.mixed, &block.u[1], &work.dx, dmixed, gradient, narrow);
    }

    /// From the rows that were kept to all of them: the others have no gradient yet.
    fn spread(&self, work: &mut Workspace) {
        let rows = work.ids.len();
        for buffer in [&mut work.dx, &mut work.dmixed] {
            let width = buffer.len() / work.answers.len();
            work.spread.clear();
            work.spread.resize(rows * width, 0.0);
            for (from, &row) in buffer.chunks_exact(width).zip(&work.answers) {
                work.spread[row * width..][..width].copy_from_slice(from);
            }
            std::mem::swap(buffer, &mut work.spread);
        }
    }

    /// From mixed values to the stream before the block, which nobody wants of the first.
    fn attention(&self, work: &mut Workspace) {
        let (config, layer) = (self.config, self.layer);
        let (block, places) = (&work.blocks[layer], Places::of(config));
        let (hd, half, width, rows) = (config.head_dim, config.head_dim / 2, places.width, work.ids.len());
        let last = layer + 1 == config.num_hidden_layers;
        work.dqkv.fill(0.0);
        for span in &work.spans {
            let from = if last { span.from } else { 0 };
            let dqkv = &mut work.dqkv[span.begin * width..(span.begin + span.len) * width];
            for head in 0..config.num_attention_heads {
                let view = places.head(&block.qkv, config, span, from, head);
                let dmixed = &work.dmixed[(span.begin + from) * places.key + head * hd..];
                let dmixed = Mat::strided(dmixed, span.len - from, hd, places.key);
                let logs = &block.logs[head * rows + span.begin + from..][..span.len - from];
                view.attend_back(dmixed, logs, gradients(dqkv, &places, config, from, head), &mut work.scores);
            }
            for (place, row) in dqkv.chunks_exact_mut(width).enumerate() {
                let (cos, sin) = (&self.weights.cos[place * half..][..half], &self.weights.sin[place * half..][..half]);
                row[..places.value].chunks_exact_mut(hd).for_each(|head| rotate_back(head, cos, sin));
            }
        }
        let dnormed = (layer > 0).then(|| {
            let dnormed = sized(&mut work.dnormed, block.normed.len());
            self.through(Group::Attention, &work.dqkv, dnormed);
            dnormed
        });
        let (x, u, dy) = (&block.normed, &block.u[0], &work.dqkv);
        self.adapter.backward(layer, Group::Attention, x, u, dy, dnormed, &mut work.gradient, &mut work.narrow);
        if layer > 0 {
            let norm = &self.weights.blocks[layer].input_norm;
            norm_back(&work.dnormed, &block.x, norm, &block.scales, &mut work.dx);
        }
    }
}

/// Where one head's gradients lie in a sequence's rows, `[len, width]`, with the queries from one place on.
fn gradients<'a>(
    dqkv: &'a mut [f32],
    places: &Places,
    config: &LlamaConfig,
    from: usize,
    head: usize,
) -> HeadGradient<'a> {
    let [query, key, value] = places.columns(config, head);
    HeadGradient { all: dqkv, query: from * places.width + query, key, value, stride: places.width }
}

/// A buffer of exactly this length.
fn sized(buffer: &mut Vec<f32>, len: usize) -> &mut [f32] {
    buffer.resize(len, 0.0);
    buffer
}
