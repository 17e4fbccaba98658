//! [`CpuAdapter`]: an adapter as the products of a step want it, and what it adds to a group of projections, there and back.

use std::ops::Range;

use super::attention::fit;
use super::matrix::{Mat, MatMut, multiply, multiply_add};
use super::weights::{Group, place};
use crate::llama::LlamaConfig;
use crate::llama::lora::Layout;

/// An adapter's parameters, and the matrices `A` of each group side by side.
#[derive(Debug)]
pub struct CpuAdapter<'a> {
    parameters: &'a [f32],
    rank: usize,
    scale: f32,
    groups: Vec<[GroupAdapter; 4]>, // [layers]
}

/// What is adapted of one group.
#[derive(Debug)]
struct GroupAdapter {
    a: Vec<f32>, // [d_in, rank * members]
    members: Vec<Member>,
    shape: [usize; 2], // [d_in, width] of the group
}

/// One adapted projection of a group: where its matrices lie in the flat vector, and its columns in the group.
#[derive(Debug)]
struct Member {
    a: Range<usize>, // [d_in, rank]
    b: Range<usize>, // [rank, d_out]
    offset: usize,
    d_out: usize,
}

/// Room for the narrow matrices of a backward pass.
#[derive(Clone, Debug, Default)]
pub struct Narrow {
    du: Vec<f32>, // [rows, rank * members]
    da: Vec<f32>, // [rank * members, d_in]
}

impl<'a> CpuAdapter<'a> {
    /// Arranges parameters, `[layout.len]`.
    pub fn new(config: &LlamaConfig, layout: &Layout, parameters: &'a [f32]) -> Self {
        let empty = |group: Group| GroupAdapter { a: Vec::new(), members: Vec::new(), shape: group.shape(config) };
        let mut groups: Vec<[GroupAdapter; 4]> = (0..config.num_hidden_layers).map(|_| Group::ALL.map(empty)).collect();
        for slot in &layout.slots {
            let (group, offset) = place(config, slot.projection);
            let member = Member { a: slot.a.clone(), b: slot.b.clone(), offset, d_out: slot.d_out };
            groups[slot.layer][group as usize].members.push(member);
        }
        for group in groups.iter_mut().flatten() {
            for row in 0..group.shape[0] {
                for member in &group.members {
                    let a = &parameters[member.a.clone()];
                    group.a.extend_from_slice(&a[row * layout.rank..(row + 1) * layout.rank]);
                }
            }
        }
        Self { parameters, rank: layout.rank, scale: (layout.alpha / layout.rank as f64) as f32, groups }
    }

    /// Whether any projection of a group is adapted.
    pub fn adapts(&self, layer: usize, group: Group) -> bool {
        !self.groups[layer][group as usize].members.is_empty()
    }

    /// Adds to `y`, `[rows, width]`, what the adapter makes of `x`, `[rows, d_in]`; keeps `x A` in `u`.
    pub fn forward(&self, layer: usize, group: Group, x: &[f32], y: &mut [f32], u: &mut Vec<f32>) {
        let adapter = &self.groups[layer][group as usize];
        let ([d_in, width], wide) = (adapter.shape, self.rank * adapter.members.len());
        if wide == 0 {
            return;
        }
        let rows = x.len() / d_in;
        let u = fit(u, rows * wide);
        multiply(MatMut::new(u, rows, wide), 1.0, Mat::new(x, rows, d_in), Mat::new(&adapter.a, d_in, wide));
        for (place, member) in adapter.members.iter().enumerate() {
            let own = Mat::strided(&u[place * self.rank..], rows, self.rank, wide);
            let to = MatMut::strided(&mut y[member.offset..], rows, member.d_out, width);
            multiply_add(to, self.scale, own, self.b(member));
        }
    }

    /// Writes the gradients of `A` and `B` to their places in `gradient`, `[layout.len]`, from that of the group's output,
    /// `dy`, and what [`forward`](Self::forward) was given and kept. Adds the input's to `dx`, if that is wanted.
    #[allow(clippy::too_many_arguments, reason = "what goes in and what comes out of one product and its inverse")]
    pub fn backward(
        &self,
        layer: usize,
        group: Group,
        x: &[f32],
        u: &[f32],
        dy: &[f32],
        dx: Option<&mut [f32]>,
        gradient: &mut [f32],
        narrow: &mut Narrow,
    ) {
        let adapter = &self.groups[layer][group as usize];
        let ([d_in, width], wide) = (adapter.shape, self.rank * adapter.members.len());
        if wide == 0 {
            return;
        }
        let rows = x.len() / d_in;
        let du = fit(&mut narrow.du, rows * wide);
        for (place, member) in adapter.members.iter().enumerate() {
            let first = place * self.rank;
            let dy = Mat::strided(&dy[member.offset..], rows, member.d_out, width);
            let to = MatMut::strided(&mut du[first..], rows, self.rank, wide);
            multiply(to, self.scale, dy, self.b(member).transposed());
            let u = Mat::strided(&u[first..], rows, self.rank, wide);
            let to = MatMut::new(&mut gradient[member.b.clone()], self.rank, member.d_out);
            multiply(to, self.scale, u.transposed(), dy);
        }
        // Long rows suit the product, so that it is the transposed gradient which is computed.
        let da = fit(&mut narrow.da, wide * d_in);
        let du = Mat::new(du, rows, wide);
        multiply(MatMut::new(da, wide, d_in), 1.0, du.transposed(), Mat::new(x, rows, d_in));
        for (place, member) in adapter.members.iter().enumerate() {
            let to = &mut gradient[member.a.clone()];
            for (column, da) in da.chunks_exact(d_in).skip(place * self.rank).take(self.rank).enumerate() {
                to.iter_mut().skip(column).step_by(self.rank).zip(da).for_each(|(to, &da)| *to = da);
            }
        }
        if let Some(dx) = dx {
            multiply_add(MatMut::new(dx, rows, d_in), 1.0, du, Mat::new(&adapter.a, d_in, wide).transposed());
        }
    }

    fn b(&self, member: &Member) -> Mat<'_> {
        Mat::new(&self.parameters[member.b.clone()], self.rank, member.d_out)
    }
}
