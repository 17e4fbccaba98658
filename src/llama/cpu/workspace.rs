//! [`Workspace`]: the buffers of one part of a step, kept from one step to the next.

use super::adapter::Narrow;
use super::attention::Scores;
use super::step::Sequence;
use super::weights::Group;
use crate::llama::LlamaConfig;
use crate::llama::lora::Layout;

/// Tokens and buffers of one part of a step. `rows` are its tokens; `kept` are the rows of a block after its attention: in the
/// last block those from which an answer is predicted, in the others all.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The tokens, `[rows]`.
    pub ids: Vec<u32>,
    /// Where each sequence lies.
    pub spans: Vec<Span>,
    /// Rows from which an answer is predicted, ascending, `[answers]`.
    pub answers: Vec<usize>,
    /// What they should predict, `[answers]`.
    pub targets: Vec<u32>,
    /// What the backward pass needs of each block, `[layers]`.
    pub blocks: Vec<Activations>,
    /// The stream after the last block, `[answers, d_model]`.
    pub last: Vec<f32>,
    /// The same after the last norm, `[answers, d_model]`.
    pub normed: Vec<f32>,
    /// Of the last norm, `[answers]`.
    pub scales: Vec<f32>,
    /// Logits, then their gradient, `[answers, vocab]`.
    pub logits: Vec<f32>,
    /// The gradient of the stream, `[kept or rows, d_model]`.
    pub dx: Vec<f32>,
    /// The gradient of a norm's output, `[kept or rows, d_model]`.
    pub dnormed: Vec<f32>,
    /// The gradient of what the SwiGLU made, `[kept, d_ff]`.
    pub dact: Vec<f32>,
    /// The gradient of mixed values, `[kept or rows, heads · head_dim]`.
    pub dmixed: Vec<f32>,
    /// The gradient of queries, keys and values, `[rows, width]`.
    pub dqkv: Vec<f32>,
    /// Rows on their way from `kept` to `rows`.
    pub spread: Vec<f32>,
    /// Room for attention.
    pub scores: Scores,
    /// Room for the adapter.
    pub narrow: Narrow,
    /// The gradient of the adapter's parameters, `[layout.len]`.
    pub gradient: Vec<f32>,
}

/// A sequence's rows.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The first row.
    pub begin: usize,
    /// How many.
    pub len: usize,
    /// The first place from which an answer is predicted.
    pub from: usize,
}

/// What the backward pass needs of one block.
#[derive(Debug, Default)]
pub struct Activations {
    /// The stream before it, `[rows, d_model]`.
    pub x: Vec<f32>,
    /// After the first norm, `[rows, d_model]`.
    pub normed: Vec<f32>,
    /// Of the first norm, `[rows]`.
    pub scales: Vec<f32>,
    /// Rotated queries and keys, and values, `[rows, width]`.
    pub qkv: Vec<f32>,
    /// Logarithms of the softmax's denominators, `[heads, rows]`.
    pub logs: Vec<f32>,
    /// Mixed values, `[kept, heads · head_dim]`.
    pub mixed: Vec<f32>,
    /// The stream after attention, `[kept, d_model]`.
    pub middle: Vec<f32>,
    /// After the second norm, `[kept, d_model]`.
    pub post_normed: Vec<f32>,
    /// Of the second norm, `[kept]`.
    pub post_scales: Vec<f32>,
    /// Gate and up, then their gradients, `[kept, 2 · d_ff]`.
    pub gate_up: Vec<f32>,
    /// What the SwiGLU makes of them, `[kept, d_ff]`.
    pub act: Vec<f32>,
    /// `x A` of each group, `[rows or kept, rank · members]`.
    pub u: [Vec<f32>; 4],
}

impl Workspace {
    /// Takes sequences, from each of which something is learned, and makes room for them.
    pub fn begin(&mut self, config: &LlamaConfig, layout: &Layout, sequences: &[&Sequence]) {
        self.ids.clear();
        self.spans.clear();
        self.answers.clear();
        self.targets.clear();
        for sequence in sequences {
            let (ids, learn, begin) = (sequence.needed(), &sequence.learn, self.ids.len());
            let from = learn.first().map_or(0, |&(place, _)| place);
            self.spans.push(Span { begin, len: ids.len(), from });
            self.answers.extend(learn.iter().map(|(place, _)| begin + place));
            self.targets.extend(learn.iter().map(|(_, target)| target));
            self.ids.extend(ids);
        }
        let (rows, answers) = (self.ids.len(), self.answers.len());
        let (d, ff) = (config.hidden_size, config.intermediate_size);
        let [_, width] = Group::Attention.shape(config);
        let [mixed, _] = Group::Output.shape(config);
        let layers = config.num_hidden_layers;
        self.blocks.resize_with(layers, Activations::default);
        for (layer, block) in self.blocks.iter_mut().enumerate() {
            let kept = if layer + 1 == layers { answers } else { rows };
            let sizes = [
                (&mut block.x, rows * d),
                (&mut block.normed, rows * d),
                (&mut block.scales, rows),
                (&mut block.qkv, rows * width),
                (&mut block.logs, config.num_attention_heads * rows),
                (&mut block.mixed, rows * mixed),
                (&mut block.middle, kept * d),
                (&mut block.post_normed, kept * d),
                (&mut block.post_scales, kept),
                (&mut block.gate_up, kept * 2 * ff),
                (&mut block.act, kept * ff),
            ];
            sizes.into_iter().for_each(|(buffer, len)| buffer.resize(len, 0.0));
        }
        let sizes = [
            (&mut self.last, answers * d),
            (&mut self.normed, answers * d),
            (&mut self.scales, answers),
            (&mut self.logits, answers * config.vocab_size),
            (&mut self.dx, answers * d),
            (&mut self.dqkv, rows * width),
            (&mut self.gradient, layout.len),
        ];
        sizes.into_iter().for_each(|(buffer, len)| buffer.resize(len, 0.0));
    }
}
