//! The launches of a step, one method for each kernel, with the sizes and grids that the kernels name.

// SAFETY of all below: buffers have the sizes that their kernel names, as `Workspace`, `GpuWeights` and `GpuAdapter` make
// them, and no unit goes beyond them.
#![allow(unsafe_code)]

use cubecl::prelude::{CubeCount, CubeDim};

use super::adapter::{Adapted, GpuAdapter, Table};
use super::batch::Places;
use super::buffer::Buffer;
use super::kernels::attention::{SizesLaunch, attend, attend_back};
use super::kernels::loss::{cross_entropy, embed};
use super::kernels::norm::{ROW_UNITS, last_norm_back, norm_back};
use super::kernels::product::{
    CUBE, TILE_COLUMNS, TILE_ROWS, multiply, multiply_add, multiply_swiglu_back, norm_multiply_rotate,
    norm_multiply_swiglu, vector_size,
};
use super::kernels::{UNITS, adapter, decode, optimizer};
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
                work.batch.arg(),
                work.dx.layer(last).arg(),
                config.hidden_size as u32,
                config.rms_norm_eps as f32,
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

    /// The gradients of a set's adapted matrices, of all blocks at once, from what goes into its groups and the gradients of what comes
    /// out, both as `adapter::SETS` has them.
    pub fn adapter_gradients(&self, adapted: &Adapted, x: &Buffer, dy: &Buffer) {
        if adapted.count == 0 {
            return;
        }
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

    /// The weight of the norm before a group.
    fn norm(&self, layer: usize, group: Group) -> Buffer {
        let Self { config, weights, .. } = *self;
        weights.factors.part(weights.places.factors(layer, group), config.hidden_size)
    }

    /// `out = residual + ` what a norm of the stream `x` makes of the gradient of its output.
    pub fn norm_back(&self, x: &Buffer, residual: &Buffer, out: &Buffer) {
        let Self { config, weights, work, .. } = *self;
        unsafe {
            norm_back::launch_unchecked(
                &weights.client,
                CubeCount::Static(work.shape.rows as u32, 1, 1),
                CubeDim::new_1d(ROW_UNITS as u32),
                vector_size(&[config.hidden_size]),
                work.dnormed.layer(0).arg(),
                x.arg(),
                residual.arg(),
                out.arg(),
                config.hidden_size as u32,
                config.rms_norm_eps as f32,
            );
        }
    }

    /// The logits of the answers' rows.
    pub fn logits(&self) {
        let Self { config, weights, work, .. } = *self;
        let (d, vocab, answers) = (config.hidden_size, config.vocab_size, work.shape.answers);
        let rows = work.batch.part(work.shape.places().answers as usize, answers);
        let x = work.x.layer(config.num_hidden_layers);
        logits(weights, [&x, &rows, &work.logits.layer(0)], [answers, d, vocab], config.rms_norm_eps, true);
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

    /// Queries, keys and values of the stream before a block.
    pub fn rotated(&self, layer: usize) {
        let Self { config, weights, work, .. } = *self;
        let [d, width] = Group::Attention.shape(config);
        let rotated = (config.num_attention_heads + config.num_key_value_heads) * config.head_dim;
        unsafe {
            norm_multiply_rotate::launch_unchecked(
                &weights.client,
                tiles(work.shape.rows, width / 2),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d, width, config.head_dim / 2]),
                work.x.layer(layer).arg(),
                self.norm(layer, Group::Attention).arg(),
                self.matrix(layer, Group::Attention).arg(),
                weights.rope.arg(),
                work.batch.arg(),
                work.normed.layer(layer).arg(),
                work.qkv.layer(layer).arg(),
                d as u32,
                width as u32,
                work.shape.places().starts,
                rotated as u32,
                (config.head_dim / 2) as u32,
                config.rms_norm_eps as f32,
            );
        }
    }

    /// Gate and up of the stream after attention, and what the SwiGLU makes of them.
    pub fn swiglu(&self, layer: usize) {
        let Self { config, weights, work, .. } = *self;
        let (d, inner) = (config.hidden_size, config.intermediate_size);
        unsafe {
            norm_multiply_swiglu::launch_unchecked(
                &weights.client,
                tiles(work.shape.rows, inner),
                CubeDim::new_2d(CUBE.0, CUBE.1),
                vector_size(&[d, inner]),
                work.middle.layer(layer).arg(),
                self.norm(layer, Group::GateUp).arg(),
                self.matrix(layer, Group::GateUp).arg(),
                work.post_normed.layer(layer).arg(),
                work.gate_up.layer(layer).arg(),
                work.act.layer(layer).arg(),
                d as u32,
                inner as u32,
                config.rms_norm_eps as f32,
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
                work.logs.layer(layer).arg(),
                self.sizes(),
                (config.head_dim as f32).powf(-0.5),
                config.head_dim,
            );
        }
    }

    /// The gradients of queries, keys and values.
    pub fn attend_back(&self, layer: usize) {
        let Self { config, weights, work, .. } = *self;
        let heads = config.num_attention_heads + config.num_key_value_heads;
        unsafe {
            attend_back::launch_unchecked(
                &weights.client,
                CubeCount::Static(work.shape.rows as u32 / UNITS, heads as u32, 1),
                CubeDim::new_1d(UNITS),
                vector_size(&[config.head_dim / 2]),
                work.qkv.layer(layer).arg(),
                work.batch.arg(),
                weights.rope.arg(),
                work.mixed.layer(layer).arg(),
                work.dmixed.layer(0).arg(),
                work.logs.layer(layer).arg(),
                work.dqkv.layer(layer).arg(),
                self.sizes(),
                (config.head_dim as f32).powf(-0.5),
                config.head_dim,
            );
        }
    }
}

/// `y = norm(x) · output`, `[rows, vocab]`, of the last norm; with `gather` row `i` is that of `x`, `[_, d]`, which `rows[i]` names.
pub fn logits(weights: &GpuWeights, [x, rows, y]: [&Buffer; 3], [count, d, vocab]: [usize; 3], eps: f64, gather: bool) {
    unsafe {
        decode::logits::launch_unchecked(
            &weights.client,
            tiles(count, vocab),
            CubeDim::new_2d(CUBE.0, CUBE.1),
            vector_size(&[d, vocab]),
            x.arg(),
            weights.output.arg(),
            rows.arg(),
            y.arg(),
            d as u32,
            vocab as u32,
            eps as f32,
            gather,
        );
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
            weights.factors.arg(),
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
