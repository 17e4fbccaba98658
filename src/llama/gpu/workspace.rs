//! [`Workspace`]: what a step of one shape writes, allocated once. Each kind of activation is one allocation over all blocks,
//! so that the gradients of all blocks' matrices can be computed together; no launch reads and writes one kind.

use cubecl::client::Client;

use super::batch::Shape;
use super::buffer::Buffer;
use crate::llama::LlamaConfig;
use crate::llama::cpu::Group;

/// The most numbers of one kind: 64 MiB, which every WebGPU device can bind.
const MOST_NUMBERS: usize = 1 << 24;

/// One kind of activation, `[layers, rows, width]`.
#[derive(Debug)]
pub struct Kind {
    all: Buffer,
    each: usize, // numbers of a block
}

impl Kind {
    fn new(client: &Client, layers: usize, rows: usize, width: usize) -> Self {
        Self { all: Buffer::new(client, layers * rows * width), each: rows * width }
    }

    /// That of one block, `[rows, width]`.
    pub fn layer(&self, layer: usize) -> Buffer {
        self.all.part(layer * self.each, self.each)
    }

    /// That of all but the first.
    pub fn after_first(&self) -> Buffer {
        self.all.part(self.each, self.all.len() - self.each)
    }

    /// That of all blocks.
    pub fn all(&self) -> &Buffer {
        &self.all
    }
}

/// What a step writes. Widths are of a row; every kind has `[layers]` unless it says otherwise.
#[derive(Debug)]
pub struct Workspace {
    /// What it has room for.
    pub shape: Shape,
    /// The batch's words.
    pub batch: Buffer,
    /// The stream before each block and after the last, `[layers + 1]`, `d_model`.
    pub x: Kind,
    /// After the first norm, `d_model`, and what it multiplied by, 1.
    pub normed: Kind,
    pub scales: Kind,
    /// Rotated queries and keys, values.
    pub qkv: Kind,
    /// What attention mixed, `heads · head_dim`.
    pub mixed: Kind,
    /// Of attention: logarithms of denominators and sums of its backward pass, `2 · heads`.
    pub stats: Kind,
    /// The stream after attention, `d_model`.
    pub middle: Kind,
    /// After the second norm, `d_model`, and what it multiplied by, 1.
    pub post_normed: Kind,
    pub post_scales: Kind,
    /// Gate and up, `2 · intermediate`, and what the SwiGLU makes of them, `intermediate`.
    pub gate_up: Kind,
    pub act: Kind,
    /// Gradients of the same: the stream before each block and after the last, `[layers + 1]`; after attention; the rest.
    pub dx: Kind,
    pub dmiddle: Kind,
    pub dgate_up: Kind,
    pub dqkv: Kind,
    /// Gradients that only the next launch reads, `[1]`: of a norm's output, `d_model`, and of mixed values.
    pub dnormed: Kind,
    pub dmixed: Kind,
    /// Of the answers' rows, `[1]`: the last norm's output, what it multiplied by, the logits or their gradient, the
    /// gradient of the norm's output, the losses.
    pub last: Kind,
    pub last_scales: Kind,
    pub logits: Kind,
    pub dlast: Kind,
    pub losses: Kind,
    /// `x A` and `dy Bᵀ` of a group's adapted matrices, `[2, matrices, rows, rank]`.
    pub narrow: Buffer,
}

impl Workspace {
    /// Whether every kind is small enough to be bound.
    pub fn fits(config: &LlamaConfig, shape: Shape, rank: usize) -> bool {
        let widest = [Group::Attention, Group::GateUp].map(|group| group.shape(config)[1]);
        let widest = widest.into_iter().max().unwrap_or(0).max(config.hidden_size);
        let layers = config.num_hidden_layers + 1;
        let numbers =
            [[layers, shape.rows, widest], [1, shape.answers, config.vocab_size], [6 * layers, shape.rows, rank]];
        // Rows are places of a grid as well, which ends at 65,535.
        let counted = numbers.iter().all(|n| n[0].saturating_mul(n[1]).saturating_mul(n[2]) <= MOST_NUMBERS);
        counted && shape.rows.max(shape.answers) < 1 << 16
    }

    /// Allocates all of it.
    pub fn new(client: &Client, config: &LlamaConfig, shape: Shape, rank: usize) -> Self {
        let (layers, d, inner) = (config.num_hidden_layers, config.hidden_size, config.intermediate_size);
        let (heads, mixed) = (config.num_attention_heads, config.num_attention_heads * config.head_dim);
        let qkv = Group::Attention.shape(config)[1];
        let kind = |layers: usize, width: usize| Kind::new(client, layers, shape.rows, width);
        let last = |width: usize| Kind::new(client, 1, shape.answers, width);
        Self {
            shape,
            batch: Buffer::new(client, shape.words()),
            x: kind(layers + 1, d),
            normed: kind(layers, d),
            scales: kind(layers, 1),
            qkv: kind(layers, qkv),
            mixed: kind(layers, mixed),
            stats: kind(layers, 2 * heads),
            middle: kind(layers, d),
            post_normed: kind(layers, d),
            post_scales: kind(layers, 1),
            gate_up: kind(layers, 2 * inner),
            act: kind(layers, inner),
            dx: kind(layers + 1, d),
            dmiddle: kind(layers, d),
            dgate_up: kind(layers, 2 * inner),
            dqkv: kind(layers, qkv),
            dnormed: kind(1, d),
            dmixed: kind(1, mixed),
            last: last(d),
            last_scales: last(1),
            logits: last(config.vocab_size),
            dlast: last(d),
            losses: last(1),
            // No group has more than three projections.
            narrow: Buffer::new(client, 6 * layers * shape.rows * rank),
        }
    }
}
