//! [`CpuWeights`]: the weights of a model as the products want them.

use std::sync::OnceLock;

use super::matrix::{Mat, MatMut, multiply_add};
use crate::llama::LlamaConfig;
use crate::llama::lora::Layout;
use crate::study::Projection;

/// Projections that read the same input: they are one matrix, whose columns stand side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Queries, keys, values, from the first norm.
    Attention,
    /// What is added to the stream, from the attention's heads.
    Output,
    /// Gate and up, from the second norm.
    GateUp,
    /// What is added to the stream, from the SwiGLU.
    Down,
}

impl Group {
    /// In the order of a block's forward pass.
    pub const ALL: [Self; 4] = [Self::Attention, Self::Output, Self::GateUp, Self::Down];

    /// Its projections, left to right.
    pub fn projections(self) -> &'static [Projection] {
        use Projection as P;
        match self {
            Self::Attention => &[P::QProj, P::KProj, P::VProj],
            Self::Output => &[P::OProj],
            Self::GateUp => &[P::GateProj, P::UpProj],
            Self::Down => &[P::DownProj],
        }
    }

    /// The shape `[d_in, width]`.
    pub fn shape(self, config: &LlamaConfig) -> [usize; 2] {
        let shapes = self.projections().iter().map(|&projection| config.projection(projection));
        shapes.fold([0, 0], |[_, width], [d_in, d_out]| [d_in, width + d_out])
    }
}

/// All weights as plain numbers, row by row.
#[derive(Debug)]
pub struct CpuWeights {
    /// `[vocab, d_model]`.
    pub embedding: Vec<f32>,
    /// The output layer, `[d_model, vocab]`.
    pub output: Vec<f32>,
    /// The last norm, `[d_model]`.
    pub norm: Vec<f32>,
    /// `[layers]`.
    pub blocks: Vec<CpuBlock>,
    /// Cosines of every position, `[positions, head_dim / 2]`.
    pub cos: Vec<f32>,
    /// Sines of every position, `[positions, head_dim / 2]`.
    pub sin: Vec<f32>,
    tied: bool,
    /// What only a backward pass needs: transposed matrices, made when the first one is.
    back: OnceLock<Back>,
}

/// The weights of one block.
#[derive(Debug)]
pub struct CpuBlock {
    /// Before attention, `[d_model]`.
    pub input_norm: Vec<f32>,
    /// Before the SwiGLU, `[d_model]`.
    pub post_norm: Vec<f32>,
    /// One matrix for each of [`Group::ALL`], `[d_in, width]`.
    pub groups: [Vec<f32>; 4],
}

/// A product with a transposed matrix copies it first, at every call; so they are copied once.
#[derive(Debug)]
struct Back {
    blocks: Vec<[Vec<f32>; 4]>, // [layers], each `[width, d_in]`
    output: Option<Vec<f32>>,   // [vocab, d_model]; of tied embeddings it is the embedding
}

/// The parts of [`CpuWeights`], as they come from a model.
#[derive(Debug)]
pub struct Parts {
    /// `[vocab, d_model]`.
    pub embedding: Vec<f32>,
    /// `[d_model, vocab]`; absent if it is the transposed embedding.
    pub output: Option<Vec<f32>>,
    /// `[d_model]`.
    pub norm: Vec<f32>,
    /// `[layers]`.
    pub blocks: Vec<BlockParts>,
    /// `[positions, head_dim / 2]`.
    pub cos: Vec<f32>,
    /// `[positions, head_dim / 2]`.
    pub sin: Vec<f32>,
}

/// The parts of one block.
#[derive(Debug)]
pub struct BlockParts {
    /// Before attention and before the SwiGLU, each `[d_model]`.
    pub norms: [Vec<f32>; 2],
    /// Each `[d_in, d_out]`, in the order of [`Projection::ALL`].
    pub projections: [Vec<f32>; 7],
}

impl CpuWeights {
    /// Arranges the weights of a model.
    pub fn new(config: &LlamaConfig, parts: Parts) -> Self {
        let tied = parts.output.is_none();
        let output = parts.output.unwrap_or_else(|| transposed(&parts.embedding, config.hidden_size));
        let block = |BlockParts { norms: [input_norm, post_norm], projections }: BlockParts| {
            let groups = Group::ALL.map(|group| side_by_side(config, group, &projections));
            CpuBlock { input_norm, post_norm, groups }
        };
        Self {
            embedding: parts.embedding,
            output,
            norm: parts.norm,
            blocks: parts.blocks.into_iter().map(block).collect(),
            cos: parts.cos,
            sin: parts.sin,
            tied,
            back: OnceLock::new(),
        }
    }

    fn back(&self, config: &LlamaConfig) -> &Back {
        self.back.get_or_init(|| {
            let turn = |block: &CpuBlock| {
                std::array::from_fn(|i| transposed(&block.groups[i], Group::ALL[i].shape(config)[1]))
            };
            Back {
                blocks: self.blocks.iter().map(turn).collect(),
                output: (!self.tied).then(|| transposed(&self.output, config.vocab_size)),
            }
        })
    }

    /// Makes what a backward pass needs, if it is not there yet.
    pub fn prepare_back(&self, config: &LlamaConfig) {
        self.back(config);
    }

    /// A group's matrix transposed, `[width, d_in]`.
    pub fn group_back(&self, config: &LlamaConfig, layer: usize, group: Group) -> &[f32] {
        &self.back(config).blocks[layer][group as usize]
    }

    /// The output layer transposed, `[vocab, d_model]`.
    pub fn output_back(&self, config: &LlamaConfig) -> &[f32] {
        self.back(config).output.as_ref().unwrap_or(&self.embedding)
    }

    /// The groups' matrices with an adapter added, `W + (alpha / r) A B`, `[layers]`: for many rows this costs less than to
    /// compute with `A` and `B` beside `W`.
    pub fn merged(&self, config: &LlamaConfig, layout: &Layout, parameters: &[f32]) -> Vec<[Vec<f32>; 4]> {
        let mut merged: Vec<[Vec<f32>; 4]> = self.blocks.iter().map(|block| block.groups.clone()).collect();
        let scale = (layout.alpha / layout.rank as f64) as f32;
        for slot in &layout.slots {
            let (group, offset) = place(config, slot.projection);
            let [d_in, width] = group.shape(config);
            let to = &mut merged[slot.layer][group as usize][offset..];
            let a = Mat::new(&parameters[slot.a.clone()], d_in, layout.rank);
            let b = Mat::new(&parameters[slot.b.clone()], layout.rank, slot.d_out);
            multiply_add(MatMut::strided(to, d_in, slot.d_out, width), scale, a, b);
        }
        merged
    }
}

/// The group of a projection, and its first column there.
pub fn place(config: &LlamaConfig, projection: Projection) -> (Group, usize) {
    let mut at = (Group::Attention, 0);
    for group in Group::ALL {
        let mut offset = 0;
        for &other in group.projections() {
            if other == projection {
                at = (group, offset);
            }
            offset += config.projection(other)[1];
        }
    }
    at
}

fn side_by_side(config: &LlamaConfig, group: Group, projections: &[Vec<f32>; 7]) -> Vec<f32> {
    let [d_in, width] = group.shape(config);
    let mut all = Vec::with_capacity(d_in * width);
    for row in 0..d_in {
        for &projection in group.projections() {
            let d_out = config.projection(projection)[1];
            all.extend_from_slice(&projections[projection as usize][row * d_out..(row + 1) * d_out]);
        }
    }
    all
}

/// `[rows, columns]` to `[columns, rows]`.
fn transposed(values: &[f32], columns: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(values.len());
    for column in 0..columns {
        out.extend(values.iter().skip(column).step_by(columns));
    }
    out
}
