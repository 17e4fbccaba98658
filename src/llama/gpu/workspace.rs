//! [`Workspace`]: what a step of one shape writes, allocated once. Each kind of activation is one allocation over all blocks,
//! so that the gradients of all blocks' matrices can be computed together; no launch reads and writes one kind.

use cubecl::client::Client;

use super::adapter::SETS;
use super::batch::Shape;
use super::buffer::Buffer;
use crate::llama::LlamaConfig;
use crate::llama::cpu::Group;

/// The most numbers of one kind: 64 MiB, which every WebGPU device can bind.
const MOST_NUMBERS: usize = 1 << 24;

/// Twice as many as any of `adapter::SETS` has projections in a block.
const NARROW: usize = 2 * 6;

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

    /// Three kinds of these widths, one after the other in one allocation.
    fn together(client: &Client, layers: usize, rows: usize, widths: [usize; 3]) -> (Buffer, [Self; 3]) {
        let all = Buffer::new(client, layers * rows * widths.iter().sum::<usize>());
        let mut first = 0;
        let kinds = widths.map(|width| {
            let len = layers * rows * width;
            first += len;
            Self { all: all.part(first - len, len), each: rows * width }
        });
        (all, kinds)
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
    /// What goes into the groups of the first of `adapter::SETS`, one kind after the other: after the first norm, `d_model`; what
    /// attention mixed, `heads · head_dim`; after the second norm, `d_model`.
    pub inputs: Buffer,
    pub normed: Kind,
    pub mixed: Kind,
    pub post_normed: Kind,
    /// Rotated queries and keys, values.
    pub qkv: Kind,
    /// The logarithms of attention's denominators, `heads`.
    pub logs: Kind,
    /// The stream after attention, `d_model`.
    pub middle: Kind,
    /// Gate and up, `2 · intermediate`, and what the SwiGLU makes of them, `intermediate`.
    pub gate_up: Kind,
    pub act: Kind,
    /// The gradients of the stream before each block and after the last, `[layers + 1]`.
    pub dx: Kind,
    /// The gradients of what comes out of the same groups, one kind after the other: of queries, keys and values, of the stream after attention,
    /// of gate and up.
    pub outputs: Buffer,
    pub dqkv: Kind,
    pub dmiddle: Kind,
    pub dgate_up: Kind,
    /// Gradients that only the next launch reads, `[1]`: of a norm's output, `d_model`, and of mixed values.
    pub dnormed: Kind,
    pub dmixed: Kind,
    /// Of the answers' rows, `[1]`: the logits or their gradient, the gradient of the last norm's output, the losses.
    pub logits: Kind,
    pub dlast: Kind,
    pub losses: Kind,
    /// `x A` and `dy Bᵀ` of a set's adapted matrices, `[2, matrices, rows, rank]`.
    pub narrow: Buffer,
}

impl Workspace {
    /// Whether every kind is small enough to be bound.
    pub fn fits(config: &LlamaConfig, shape: Shape, rank: usize) -> bool {
        // What goes in lies in one allocation, and so do the gradients of what comes out.
        let together = [0, 1].map(|side| SETS[0].iter().map(|group| group.shape(config)[side]).sum::<usize>());
        let widest = together[0].max(together[1]);
        let layers = config.num_hidden_layers + 1;
        let narrow = NARROW * config.num_hidden_layers;
        let numbers = [[layers, shape.rows, widest], [1, shape.answers, config.vocab_size], [narrow, shape.rows, rank]];
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
        let together = |widths: [usize; 3]| Kind::together(client, layers, shape.rows, widths);
        let (inputs, [normed, mixed_values, post_normed]) = together([d, mixed, d]);
        let (outputs, [dqkv, dmiddle, dgate_up]) = together([qkv, d, 2 * inner]);
        Self {
            shape,
            batch: Buffer::new(client, shape.words()),
            x: kind(layers + 1, d),
            inputs,
            normed,
            mixed: mixed_values,
            post_normed,
            qkv: kind(layers, qkv),
            logs: kind(layers, heads),
            middle: kind(layers, d),
            gate_up: kind(layers, 2 * inner),
            act: kind(layers, inner),
            dx: kind(layers + 1, d),
            outputs,
            dqkv,
            dmiddle,
            dgate_up,
            dnormed: kind(1, d),
            dmixed: kind(1, mixed),
            logits: last(config.vocab_size),
            dlast: last(d),
            losses: last(1),
            narrow: Buffer::new(client, NARROW * layers * shape.rows * rank),
        }
    }
}
