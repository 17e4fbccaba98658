//! Causal attention over rows that belong to sequences, a unit for each row and head. Scores are never kept: the backward
//! pass computes them again from the logarithms of the softmax's denominators.
//!
//! A row sees those from `batch[starts + row]` to itself, and is seen by those up to `batch[ends + row]`. `qkv` is
//! `[rows, width]`: the queries of all heads, then keys, then values. A workgroup has 64 rows of one head.

use cubecl::prelude::*;

/// Sizes that all three kernels need.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub struct Sizes {
    /// Rows in all.
    pub rows: u32,
    /// Query heads.
    pub heads: u32,
    /// Query heads for each key head.
    pub group: u32,
    /// The first of the batch's starts.
    pub starts: u32,
    /// The first of the batch's ends.
    pub ends: u32,
}

#[cube]
fn load(from: &[f32], at: usize, #[comptime] hd: usize) -> Array<f32> {
    let mut to = Array::<f32>::new(hd);
    #[unroll]
    for i in 0..hd {
        to[i] = from[at + i];
    }
    to
}

#[cube]
fn zeros(#[comptime] hd: usize) -> Array<f32> {
    let mut to = Array::<f32>::new(hd);
    #[unroll]
    for i in 0..hd {
        to[i] = 0.0f32;
    }
    to
}

#[cube]
fn dot(own: &Array<f32>, other: &[f32], at: usize, #[comptime] hd: usize) -> f32 {
    let mut sum = 0.0f32;
    #[unroll]
    for i in 0..hd {
        sum += own[i] * other[at + i];
    }
    sum
}

/// Writes a head's numbers rotated back by the angles at `angle` of `rope`, `[positions, 2, hd / 2]`.
#[cube]
fn write_rotated_back(from: &Array<f32>, rope: &[f32], angle: usize, to: &mut [f32], at: usize, #[comptime] hd: usize) {
    let half = comptime!(hd / 2);
    #[unroll]
    for i in 0..half {
        let (a, b) = (from[i], from[i + half]);
        let (cos, sin) = (rope[angle + i], rope[angle + half + i]);
        to[at + i] = a * cos + b * sin;
        to[at + half + i] = b * cos - a * sin;
    }
}

/// Mixed values, `[rows, heads · hd]`, and the logarithms of the softmax's denominators to the first half of `stats`,
/// `[2, heads, rows]`.
#[cube(launch_unchecked)]
pub fn attend(
    qkv: &[f32],
    batch: &[u32],
    mixed: &mut [f32],
    stats: &mut [f32],
    sizes: &Sizes,
    scale: f32,
    #[comptime] hd: usize,
) {
    let (row, head) = (ABSOLUTE_POS_X as usize, CUBE_POS_Y as usize);
    let (rows, heads, group) = (sizes.rows as usize, sizes.heads as usize, sizes.group as usize);
    let width = (heads + 2 * (heads / group)) * hd;
    let (key, value) = ((heads + head / group) * hd, (heads + heads / group + head / group) * hd);
    let query = load(qkv, row * width + head * hd, hd);
    let mut sums = zeros(hd);
    let (mut most, mut total) = (f32::min_value(), 0.0f32);
    for other in batch[sizes.starts as usize + row] as usize..row + 1 {
        let score = dot(&query, qkv, other * width + key, hd) * scale;
        let before = most;
        most = max(most, score);
        let (keep, weight) = (f32::exp(before - most), f32::exp(score - most));
        total = total * keep + weight;
        #[unroll]
        for i in 0..hd {
            sums[i] = sums[i] * keep + weight * qkv[other * width + value + i];
        }
    }
    #[unroll]
    for i in 0..hd {
        mixed[row * heads * hd + head * hd + i] = sums[i] / total;
    }
    stats[head * rows + row] = most + f32::ln(total);
}

/// The gradients of the queries, to their columns of `dqkv`, `[rows, width]`, and to the second half of `stats` each
/// query's sum of `dmixed · mixed`.
#[cube(launch_unchecked)]
pub fn attend_back_queries(
    qkv: &[f32],
    batch: &[u32],
    rope: &[f32],
    mixed: &[f32],
    dmixed: &[f32],
    stats: &mut [f32],
    dqkv: &mut [f32],
    sizes: &Sizes,
    scale: f32,
    #[comptime] hd: usize,
) {
    let (row, head) = (ABSOLUTE_POS_X as usize, CUBE_POS_Y as usize);
    let (rows, heads, group) = (sizes.rows as usize, sizes.heads as usize, sizes.group as usize);
    let width = (heads + 2 * (heads / group)) * hd;
    let (key, value) = ((heads + head / group) * hd, (heads + heads / group + head / group) * hd);
    let query = load(qkv, row * width + head * hd, hd);
    let at = row * heads * hd + head * hd;
    let gradient = load(dmixed, at, hd);
    let mean = dot(&gradient, mixed, at, hd);
    let log = stats[head * rows + row];
    let start = batch[sizes.starts as usize + row] as usize;
    let mut sums = zeros(hd);
    for other in start..row + 1 {
        let weight = f32::exp(dot(&query, qkv, other * width + key, hd) * scale - log);
        let pull = weight * (dot(&gradient, qkv, other * width + value, hd) - mean) * scale;
        #[unroll]
        for i in 0..hd {
            sums[i] += pull * qkv[other * width + key + i];
        }
    }
    write_rotated_back(&sums, rope, (row - start) * hd, dqkv, row * width + head * hd, hd);
    stats[(heads + head) * rows + row] = mean;
}

/// The gradients of keys and values, to their columns of `dqkv`, `[rows, width]`; a unit for each row and key head.
#[cube(launch_unchecked)]
pub fn attend_back_keys(
    qkv: &[f32],
    batch: &[u32],
    rope: &[f32],
    dmixed: &[f32],
    stats: &[f32],
    dqkv: &mut [f32],
    sizes: &Sizes,
    scale: f32,
    #[comptime] hd: usize,
) {
    let (row, shared) = (ABSOLUTE_POS_X as usize, CUBE_POS_Y as usize);
    let (rows, heads, group) = (sizes.rows as usize, sizes.heads as usize, sizes.group as usize);
    let width = (heads + 2 * (heads / group)) * hd;
    let (at_key, at_value) = (row * width + (heads + shared) * hd, row * width + (heads + heads / group + shared) * hd);
    let (key, value) = (load(qkv, at_key, hd), load(qkv, at_value, hd));
    let (mut dkey, mut dvalue) = (zeros(hd), zeros(hd));
    for head in shared * group..(shared + 1) * group {
        for other in row..batch[sizes.ends as usize + row] as usize {
            let (query, gradient) = (other * width + head * hd, (other * heads + head) * hd);
            let weight = f32::exp(dot(&key, qkv, query, hd) * scale - stats[head * rows + other]);
            let mean = stats[(heads + head) * rows + other];
            let pull = weight * (dot(&value, dmixed, gradient, hd) - mean) * scale;
            #[unroll]
            for i in 0..hd {
                dkey[i] += pull * qkv[query + i];
                dvalue[i] += weight * dmixed[gradient + i];
            }
        }
    }
    let place = row - batch[sizes.starts as usize + row] as usize;
    write_rotated_back(&dkey, rope, place * hd, dqkv, at_key, hd);
    #[unroll]
    for i in 0..hd {
        dqkv[at_value + i] = dvalue[i];
    }
}
