//! The launches of an answer's token: five for each block, and three.

// SAFETY of all below: buffers have the sizes that their kernel names, as `Lanes`, `GpuWeights` and `Merged` make them, and
// no unit goes beyond them.
#![allow(unsafe_code)]

use cubecl::prelude::{CubeCount, CubeDim};

use super::buffer::Buffer;
use super::decode::Lanes;
use super::kernels::UNITS;
use super::kernels::decode::{ATTEND_UNITS, AttendSizesLaunch, attend, greedy, project, swiglu};
use super::kernels::loss::embed;
use super::kernels::product::{CUBE, multiply_add, vector_size};
use super::launch::{groups, logits, tiles};
use super::weights::GpuWeights;
use crate::llama::LlamaConfig;
use crate::llama::cpu::Group;

/// What tokens are computed with.
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    /// The model's shape.
    pub config: &'a LlamaConfig,
    /// Its weights.
    pub weights: &'a GpuWeights,
    /// The blocks' matrices, with an adapter in them if there is one.
    pub matrices: &'a Buffer,
    /// What is written.
    pub lanes: &'a Lanes,
}

impl Tokens<'_> {
    /// All tokens of prompts, `rows` of them, and the first of each answer; `asked` are `count` tokens whose probability is told.
    pub fn prompts(&self, words: &Buffer, rows: usize, asked: &Buffer, count: usize) {
        self.blocks(words, rows);
        self.logits(&self.lanes.lasts, true);
        self.greedy(asked, count, true);
    }

    /// One more token of each answer.
    pub fn next(&self) {
        let lanes = self.lanes;
        self.blocks(&lanes.words, lanes.room.lanes);
        self.logits(&lanes.lasts, false);
        self.greedy(&lanes.lasts, 0, false);
    }

    fn blocks(&self, words: &Buffer, rows: usize) {
        self.embed(words, rows);
        for layer in 0..self.config.num_hidden_layers {
            self.project(layer, words, rows);
            self.attend(layer, words, rows);
            self.add(layer, Group::Output, rows, [&self.lanes.mixed, &self.lanes.x, &self.lanes.middle]);
            self.swiglu(layer, rows);
            self.add(layer, Group::Down, rows, [&self.lanes.act, &self.lanes.middle, &self.lanes.x]);
        }
    }

    fn matrix(&self, layer: usize, group: Group) -> Buffer {
        self.weights.places.matrix(self.matrices, self.config, layer, group)
    }

    fn embed(&self, words: &Buffer, rows: usize) {
        let d = self.config.hidden_size;
        unsafe {
            embed::launch_unchecked(
                &self.weights.client,
                CubeCount::Static(groups(rows * d, UNITS as usize), 1, 1),
                CubeDim::new_1d(UNITS),
                words.arg(),
                self.weights.embedding.arg(),
                self.lanes.x.arg(),
                (rows * d) as u32,
                d as u32,
            );
        }
    }

    /// Queries, keys and values of rows, to the cache.
    fn project(&self, layer: usize, words: &Buffer, rows: usize) {
        let Self { config, weights, lanes, .. } = *self;
        let [d, width] = Group::Attention.shape(config);
        let rotated = (config.num_attention_heads + config.num_key_value_heads) * config.head_dim;
        unsafe {
            project::launch_unchecked(
                &weights.client,
                tiles(rows, width / 2),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d, width, config.head_dim / 2]),
                lanes.x.arg(),
                self.matrix(layer, Group::Attention).arg(),
                weights.rope.arg(),
                words.arg(),
                lanes.cache[layer].arg(),
                rows as u32,
                d as u32,
                width as u32,
                rotated as u32,
                (config.head_dim / 2) as u32,
                config.rms_norm_eps as f32,
            );
        }
    }

    /// Attention.
    fn attend(&self, layer: usize, words: &Buffer, rows: usize) {
        let Self { config, weights, lanes, .. } = *self;
        unsafe {
            attend::launch_unchecked(
                &weights.client,
                CubeCount::Static(rows as u32, config.num_attention_heads as u32, 1),
                CubeDim::new_1d(ATTEND_UNITS),
                lanes.cache[layer].arg(),
                words.arg(),
                lanes.mixed.arg(),
                AttendSizesLaunch::new(rows as u32, config.group() as u32, lanes.room.rows as u32),
                (config.head_dim as f32).powf(-0.5),
                config.head_dim,
            );
        }
    }

    /// `out = residual + x · m` with a group's matrix.
    fn add(&self, layer: usize, group: Group, rows: usize, [x, residual, out]: [&Buffer; 3]) {
        let [d_in, width] = group.shape(self.config);
        unsafe {
            multiply_add::launch_unchecked(
                &self.weights.client,
                tiles(rows, width),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d_in, width]),
                x.arg(),
                self.matrix(layer, group).arg(),
                residual.arg(),
                out.arg(),
                d_in as u32,
                width as u32,
            );
        }
    }

    /// What the SwiGLU makes of gate and up.
    fn swiglu(&self, layer: usize, rows: usize) {
        let Self { config, weights, lanes, .. } = *self;
        let (d, inner) = (config.hidden_size, config.intermediate_size);
        unsafe {
            swiglu::launch_unchecked(
                &weights.client,
                tiles(rows, inner),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d, inner]),
                lanes.middle.arg(),
                self.matrix(layer, Group::GateUp).arg(),
                lanes.act.arg(),
                d as u32,
                inner as u32,
                config.rms_norm_eps as f32,
            );
        }
    }

    /// The logits of each lane, of its prompt's last row if that is to be gathered.
    fn logits(&self, lasts: &Buffer, gather: bool) {
        let Self { config, weights, lanes, .. } = *self;
        let sizes = [lanes.room.lanes, config.hidden_size, config.vocab_size];
        logits(weights, [&lanes.x, lasts, &lanes.logits], sizes, config.rms_norm_eps, gather);
    }

    fn greedy(&self, asked: &Buffer, count: usize, first: bool) {
        let Self { config, weights, lanes, .. } = *self;
        unsafe {
            greedy::launch_unchecked(
                &weights.client,
                CubeCount::Static(lanes.room.lanes as u32, 1, 1),
                CubeDim::new_1d(UNITS),
                lanes.logits.arg(),
                asked.arg(),
                lanes.words.arg(),
                lanes.found.arg(),
                config.vocab_size as u32,
                count as u32,
                first,
            );
        }
    }
}
