//! The launches of a step, one method for each kernel, with the sizes and grids that the kernels name.

// SAFETY of all below: buffers have the sizes that their kernel names, as `Workspace`, `GpuWeights` and `GpuAdapter` make
// them, and no unit goes beyond them.
#![allow(unsafe_code)]

use cubecl::prelude::{CubeCount, CubeDim};

use super::adapter::{Adapted, GpuAdapter, Table};
use super::batch::Places;
use super::buffer::Buffer;
use super::kernels::attention::{SizesLaunch, attend, attend_back_keys, attend_back_queries};
use super::kernels::loss::{cross_entropy, embed};
use super::kernels::norm::{ROW_UNITS, last_norm_back, norm, norm_back};
use super::kernels::product::{
    CUBE, TILE_COLUMNS, TILE_ROWS, multiply, multiply_add, multiply_rotate, multiply_swiglu, multiply_swiglu_back,
    vector_size,
};
use super::kernels::{UNITS, adapter, optimizer};
use super::pass::Pass;
use super::weights::GpuWeights;
use crate::llama::cpu::Group;

impl Pass<'_> {
    /// The frozen matrices with the adapter in them, of all blocks.
    pub fn merge(&self) {
        let Self { weights, adapter, .. } = *self;
        merge(weights, &adapter.table, &adapter.parameters(), &adapter.merged, Some(&adapter.turned));
    }

    /// The stream before the first block.
    pub fn embed(&self) {
        let Self { config, weights, work, .. } = *self;
        let len = work.shape.rows * config.hidden_size;
        unsafe {
            embed::launch_unchecked(
                &weights.client,
                CubeCount::Static(groups(len, UNITS as usize), 1, 1),
                CubeDim::new_1d(UNITS),
                work.batch.arg(),
                weights.embedding.arg(),
                work.x.layer(0).arg(),
                len as u32,
                config.hidden_size as u32,
            );
        }
    }

    /// The losses, and logits to their gradient.
    pub fn cross_entropy(&self) {
        let Self { config, weights, work, .. } = *self;
        let Places { targets, weights: counts, .. } = work.shape.places();
        unsafe {
            cross_entropy::launch_unchecked(
                &weights.client,
                CubeCount::Static(work.shape.answers as u32, 1, 1),
                CubeDim::new_1d(UNITS),
                work.batch.arg(),
                work.logits.layer(0).arg(),
                work.losses.layer(0).arg(),
                config.vocab_size as u32,
                targets,
                counts,
            );
        }
    }

    /// The gradient of the stream after the last block.
    pub fn last_norm_back(&self) {
        let Self { config, weights, work, .. } = *self;
        let last = config.num_hidden_layers;
        unsafe {
            last_norm_back::launch_unchecked(
                &weights.client,
                CubeCount::Static(work.shape.rows as u32, 1, 1),
                CubeDim::new_1d(ROW_UNITS as u32),
                vector_size(&[config.hidden_size]),
                work.dlast.layer(0).arg(),
                work.x.layer(last).arg(),
                weights.norm.arg(),
                work.last_scales.layer(0).arg(),
                work.batch.arg(),
                work.dx.layer(last).arg(),
                config.hidden_size as u32,
                work.shape.places().numbers,
            );
        }
    }

    /// The gradient of gate and up, from that of the stream after the block.
    pub fn swiglu_back(&self, layer: usize) {
        let Self { config, weights, work, .. } = *self;
        let [inner, d] = Group::Down.shape(config);
        unsafe {
            multiply_swiglu_back::launch_unchecked(
                &weights.client,
                tiles(work.shape.rows, inner),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d, inner]),
                work.dx.layer(layer + 1).arg(),
                self.turned(layer, Group::Down).arg(),
                work.gate_up.layer(layer).arg(),
                work.dgate_up.layer(layer).arg(),
                d as u32,
                inner as u32,
            );
        }
    }

    /// The gradients of a group's adapted matrices, of all blocks at once, from the group's inputs, `[layers, rows, d_in]`,
    /// and the gradients of its outputs, `[layers, rows, width]`.
    pub fn adapter_gradients(&self, adapted: &Adapted, x: &Buffer, dy: &Buffer) {
        let Self { weights, adapter, work, .. } = *self;
        let (rows, rank, size) = (work.shape.rows, adapter.rank, adapter.table.vector_size);
        let count = |numbers| CubeCount::Static(groups(numbers, UNITS as usize), 2 * adapted.count as u32, 1);
        unsafe {
            adapter::narrow::launch_unchecked(
                &weights.client,
                count(rows * rank / size),
                CubeDim::new_1d(UNITS),
                size,
                x.arg(),
                dy.arg(),
                adapter.parameters().arg(),
                adapted.table.arg(),
                work.narrow.arg(),
                rows as u32,
                rank as u32,
                adapter.scale,
            );
            adapter::gradients::launch_unchecked(
                &weights.client,
                count(adapted.widest * rank / (size * size)),
                CubeDim::new_1d(UNITS),
                size,
                x.arg(),
                dy.arg(),
                work.narrow.arg(),
                adapted.table.arg(),
                adapter.gradient.arg(),
                rows as u32,
                rank as u32,
                adapter.scale,
            );
        }
    }

    /// A group's matrix with the adapter in it, transposed.
    pub fn turned(&self, layer: usize, group: Group) -> Buffer {
        self.weights.places.matrix(&self.adapter.turned, self.config, layer, group)
    }

    /// A group's matrix with the adapter in it.
    pub fn matrix(&self, layer: usize, group: Group) -> Buffer {
        self.weights.places.matrix(&self.adapter.merged, self.config, layer, group)
    }

    /// RMSNorm of all rows, or, with `gather`, of the answers' rows alone.
    pub fn norm(&self, x: &Buffer, weight: &Buffer, out: &Buffer, scales: &Buffer, gather: bool) {
        let Self { config, weights, work, .. } = *self;
        let rows = if gather { work.shape.answers } else { work.shape.rows };
        unsafe {
            norm::launch_unchecked(
                &weights.client,
                CubeCount::Static(rows as u32, 1, 1),
                CubeDim::new_1d(ROW_UNITS as u32),
                vector_size(&[config.hidden_size]),
                x.arg(),
                weight.arg(),
                work.batch.arg(),
                out.arg(),
                scales.arg(),
                config.hidden_size as u32,
                work.shape.places().answers,
                config.rms_norm_eps as f32,
                gather,
            );
        }
    }

    /// `out = residual + ` what a norm makes of the gradient of its output.
    pub fn norm_back(&self, x: &Buffer, weight: &Buffer, scales: &Buffer, residual: &Buffer, out: &Buffer) {
        let Self { config, weights, work, .. } = *self;
        unsafe {
            norm_back::launch_unchecked(
                &weights.client,
                CubeCount::Static(work.shape.rows as u32, 1, 1),
                CubeDim::new_1d(ROW_UNITS as u32),
                vector_size(&[config.hidden_size]),
                work.dnormed.layer(0).arg(),
                x.arg(),
                weight.arg(),
                scales.arg(),
                residual.arg(),
                out.arg(),
                config.hidden_size as u32,
            );
        }
    }

    /// `y = x · m`, `[rows, width]`.
    pub fn product(&self, x: &Buffer, m: &Buffer, y: &Buffer, rows: usize, d_in: usize, width: usize) {
        unsafe {
            multiply::launch_unchecked(
                &self.weights.client,
                tiles(rows, width),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d_in, width]),
                x.arg(),
                m.arg(),
                y.arg(),
                d_in as u32,
                width as u32,
            );
        }
    }

    /// `y = residual + x · m` with a group's matrix.
    pub fn product_added(&self, x: &Buffer, layer: usize, group: Group, residual: &Buffer, y: &Buffer) {
        let [d_in, width] = group.shape(self.config);
        unsafe {
            multiply_add::launch_unchecked(
                &self.weights.client,
                tiles(self.work.shape.rows, width),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d_in, width]),
                x.arg(),
                self.matrix(layer, group).arg(),
                residual.arg(),
                y.arg(),
                d_in as u32,
                width as u32,
            );
        }
    }

    /// Queries, keys and values.
    pub fn rotated(&self, normed: &Buffer, layer: usize, d: usize, width: usize) {
        let Self { config, weights, work, .. } = *self;
        let rotated = (config.num_attention_heads + config.num_key_value_heads) * config.head_dim;
        unsafe {
            multiply_rotate::launch_unchecked(
                &weights.client,
                tiles(work.shape.rows, width / 2),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d, width, config.head_dim / 2]),
                normed.arg(),
                self.matrix(layer, Group::Attention).arg(),
                weights.rope.arg(),
                work.batch.arg(),
                work.qkv.layer(layer).arg(),
                d as u32,
                width as u32,
                work.shape.places().starts,
                rotated as u32,
                (config.head_dim / 2) as u32,
            );
        }
    }

    /// Gate, up, and what the SwiGLU makes of them.
    pub fn swiglu(&self, normed: &Buffer, layer: usize, d: usize, inner: usize) {
        let Self { weights, work, .. } = *self;
        unsafe {
            multiply_swiglu::launch_unchecked(
                &weights.client,
                tiles(work.shape.rows, inner),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d, inner]),
                normed.arg(),
                self.matrix(layer, Group::GateUp).arg(),
                work.gate_up.layer(layer).arg(),
                work.act.layer(layer).arg(),
                d as u32,
                inner as u32,
            );
        }
    }

    fn sizes(&self) -> SizesLaunch {
        let Places { starts, ends, .. } = self.work.shape.places();
        let heads = self.config.num_attention_heads as u32;
        SizesLaunch::new(self.work.shape.rows as u32, heads, self.config.group() as u32, starts, ends)
    }

    /// Mixed values.
    pub fn attend(&self, layer: usize) {
        let Self { config, weights, work, .. } = *self;
        let rows = work.shape.rows as u32 / UNITS;
        unsafe {
            attend::launch_unchecked(
                &weights.client,
                CubeCount::Static(rows, config.num_attention_heads as u32, 1),
                CubeDim::new_1d(UNITS),
                vector_size(&[config.head_dim / 2]),
                work.qkv.layer(layer).arg(),
                work.batch.arg(),
                work.mixed.layer(layer).arg(),
                work.stats.layer(layer).arg(),
                self.sizes(),
                (config.head_dim as f32).powf(-0.5),
                config.head_dim,
            );
        }
    }

    /// The gradients of queries, keys and values.
    pub fn attend_back(&self, layer: usize) {
        let Self { config, weights, work, .. } = *self;
        let (rows, scale) = (work.shape.rows as u32 / UNITS, (config.head_dim as f32).powf(-0.5));
        let [qkv, stats, dqkv] = [&work.qkv, &work.stats, &work.dqkv].map(|kind| kind.layer(layer));
        let dmixed = work.dmixed.layer(0);
        unsafe {
            attend_back_queries::launch_unchecked(
                &weights.client,
                CubeCount::Static(rows, config.num_attention_heads as u32, 1),
                CubeDim::new_1d(UNITS),
                vector_size(&[config.head_dim / 2]),
                qkv.arg(),
                work.batch.arg(),
                weights.rope.arg(),
                work.mixed.layer(layer).arg(),
                dmixed.arg(),
                stats.arg(),
                dqkv.arg(),
                self.sizes(),
                scale,
                config.head_dim,
            );
            attend_back_keys::launch_unchecked(
                &weights.client,
                CubeCount::Static(rows, config.num_key_value_heads as u32, 1),
                CubeDim::new_1d(UNITS),
                vector_size(&[config.head_dim / 2]),
                qkv.arg(),
                work.batch.arg(),
                weights.rope.arg(),
                dmixed.arg(),
                stats.arg(),
                dqkv.arg(),
                self.sizes(),
                scale,
                config.head_dim,
            );
        }
    }
}

/// The frozen matrices with an adapter's parameters in them to `merged`, and, if that is wanted, each of them transposed to `turned`.
pub fn merge(weights: &GpuWeights, table: &Table, parameters: &Buffer, merged: &Buffer, turned: Option<&Buffer>) {
    let nowhere = || Buffer::new(&weights.client, 4);
    let (size, client) = (table.vector_size, &weights.client);
    unsafe {
        adapter::merge::launch_unchecked(
            client,
            CubeCount::Static(groups(table.largest / (size * size), UNITS as usize), table.projections as u32, 1),
            CubeDim::new_1d(UNITS),
            size,
            weights.base.arg(),
            parameters.arg(),
            table.words.arg(),
            merged.arg(),
            turned.cloned().unwrap_or_else(nowhere).arg(),
            table.rank as u32,
            table.scale,
            turned.is_some(),
        );
    }
}

/// One step of the optimizer with the gradient that is there, the losses of `answers` answers, and the learning rate's bits
/// at `words[rate]`.
pub fn finish(weights: &GpuWeights, adapter: &GpuAdapter, losses: &Buffer, answers: usize, words: &Buffer, rate: u32) {
    let units = CubeDim::new_1d(optimizer::OPTIMIZER_UNITS);
    unsafe {
        optimizer::finish::launch_unchecked(
            &weights.client,
            CubeCount::Static(1, 1, 1),
            units,
            adapter.gradient.arg(),
            losses.arg(),
            words.arg(),
            adapter.head().arg(),
            adapter.values().arg(),
            adapter.next.arg(),
            adapter.len as u32,
            answers as u32,
            rate,
            adapter.settings.max_grad_norm.unwrap_or(-1.0),
            adapter.settings.weight_decay,
        );
    }
}

/// Workgroups for so many numbers.
pub fn groups(numbers: usize, each: usize) -> u32 {
    numbers.div_ceil(each) as u32
}

/// Workgroups for a product of so many rows and columns, or pairs of columns.
pub fn tiles(rows: usize, width: usize) -> CubeCount {
    CubeCount::Static(groups(width, TILE_COLUMNS), groups(rows, TILE_ROWS), 1)
}
