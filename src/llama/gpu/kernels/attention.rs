//! Causal attention over rows that belong to sequences, a unit for each row and head. Scores are never kept: the backward
//! pass computes them again from the logarithms of the softmax's denominators.
//!
//! A row sees those from `batch[starts + row]` to itself, and is seen by those up to `batch[ends + row]`. `qkv` is
//! `[rows, width]`: the queries of all heads, then keys, then values. A workgroup has 64 rows of one head.
//! Numbers are read in vectors of `N`, as products do; the half of a head has a whole number of them.

use cubecl::prelude::*;

use super::product::zeros;
use super::reduce::sum_of;

/// Sizes that both kernels need.
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
fn load<N: Size>(from: &[Vector<f32, N>], at: usize, #[comptime] hd: usize) -> Array<Vector<f32, N>> {
    let vectors = vectors::<N>(hd);
    let mut to = Array::<Vector<f32, N>>::new(vectors);
    #[unroll]
    for i in 0..vectors {
        to[i] = from[at / N::value() + i];
    }
    to
}

/// How many vectors a head's numbers are.
#[cube]
fn vectors<N: Size>(#[comptime] hd: usize) -> comptime_type!(usize) {
    let size = N::value();
    comptime!(hd / size)
}

#[cube]
fn dot<N: Size>(own: &Array<Vector<f32, N>>, other: &[Vector<f32, N>], at: usize, #[comptime] hd: usize) -> f32 {
    let mut sum = Vector::<f32, N>::new(0.0f32);
    #[unroll]
    for i in 0..vectors::<N>(hd) {
        sum += own[i] * other[at / N::value() + i];
    }
    sum_of::<N>(sum)
}

/// Adds `factor` times a head's numbers at `at` of `from`.
#[cube]
fn add<N: Size>(
    to: &mut Array<Vector<f32, N>>,
    factor: f32,
    from: &[Vector<f32, N>],
    at: usize,
    #[comptime] hd: usize,
) {
    #[unroll]
    for i in 0..vectors::<N>(hd) {
        to[i] += Vector::new(factor) * from[at / N::value() + i];
    }
}

/// Writes a head's numbers rotated back by the angles at `angle` of `rope`, `[positions, 2, hd / 2]`.
#[cube]
fn write_rotated_back<N: Size>(
    from: &Array<Vector<f32, N>>,
    rope: &[Vector<f32, N>],
    angle: usize,
    to: &mut [Vector<f32, N>],
    at: usize,
    #[comptime] hd: usize,
) {
    let all = vectors::<N>(hd);
    let half = comptime!(all / 2);
    let (angle, at) = (angle / N::value(), at / N::value());
    #[unroll]
    for i in 0..half {
        let (a, b) = (from[i], from[i + half]);
        let (cos, sin) = (rope[angle + i], rope[angle + half + i]);
        to[at + i] = a * cos + b * sin;
        to[at + half + i] = b * cos - a * sin;
    }
}

/// Mixed values, `[rows, heads · hd]`, and the logarithms of the softmax's denominators, `[heads, rows]`.
#[cube(launch_unchecked)]
pub fn attend<N: Size>(
    qkv: &[Vector<f32, N>],
    batch: &[u32],
    mixed: &mut [Vector<f32, N>],
    logs: &mut [f32],
    sizes: &Sizes,
    scale: f32,
    #[comptime] hd: usize,
) {
    let (row, head) = (ABSOLUTE_POS_X as usize, CUBE_POS_Y as usize);
    let (rows, heads, group) = (sizes.rows as usize, sizes.heads as usize, sizes.group as usize);
    let width = (heads + 2 * (heads / group)) * hd;
    let (key, value) = ((heads + head / group) * hd, (heads + heads / group + head / group) * hd);
    let query = load::<N>(qkv, row * width + head * hd, hd);
    let vectors = vectors::<N>(hd);
    let mut sums = zeros::<N>(vectors);
    let (mut most, mut total) = (f32::min_value(), 0.0f32);
    for other in batch[sizes.starts as usize + row] as usize..row + 1 {
        let score = dot::<N>(&query, qkv, other * width + key, hd) * scale;
        let before = most;
        most = max(most, score);
        let (keep, weight) = (f32::exp(before - most), f32::exp(score - most));
        total = total * keep + weight;
        #[unroll]
        for i in 0..vectors {
            sums[i] = sums[i] * Vector::new(keep) + Vector::new(weight) * qkv[(other * width + value) / N::value() + i];
        }
    }
    #[unroll]
    for i in 0..vectors {
        mixed[(row * heads + head) * vectors + i] = sums[i] / Vector::new(total);
    }
    logs[head * rows + row] = most + f32::ln(total);
}

/// The gradients of queries, keys and values, `dqkv`, `[rows, width]`, from that of the mixed values, `dmixed`. The workgroup's second place
/// is a query head, or, after all of these, a key head: `heads + heads / group` of them.
#[cube(launch_unchecked)]
pub fn attend_back<N: Size>(
    qkv: &[Vector<f32, N>],
    batch: &[u32],
    rope: &[Vector<f32, N>],
    mixed: &[Vector<f32, N>],
    dmixed: &[Vector<f32, N>],
    logs: &[f32],
    dqkv: &mut [Vector<f32, N>],
    sizes: &Sizes,
    scale: f32,
    #[comptime] hd: usize,
) {
    if CUBE_POS_Y < sizes.heads {
        of_queries::<N>(qkv, batch, rope, mixed, dmixed, logs, dqkv, sizes, scale, hd);
    } else {
        of_keys::<N>(qkv, batch, rope, mixed, dmixed, logs, dqkv, sizes, scale, hd);
    }
}

/// The gradients of a query head.
#[cube]
fn of_queries<N: Size>(
    qkv: &[Vector<f32, N>],
    batch: &[u32],
    rope: &[Vector<f32, N>],
    mixed: &[Vector<f32, N>],
    dmixed: &[Vector<f32, N>],
    logs: &[f32],
    dqkv: &mut [Vector<f32, N>],
    sizes: &Sizes,
    scale: f32,
    #[comptime] hd: usize,
) {
    let (row, head) = (ABSOLUTE_POS_X as usize, CUBE_POS_Y as usize);
    let (rows, heads, group) = (sizes.rows as usize, sizes.heads as usize, sizes.group as usize);
    let width = (heads + 2 * (heads / group)) * hd;
    let (key, value) = ((heads + head / group) * hd, (heads + heads / group + head / group) * hd);
    let query = load::<N>(qkv, row * width + head * hd, hd);
    let at = row * heads * hd + head * hd;
    let gradient = load::<N>(dmixed, at, hd);
    let mean = dot::<N>(&gradient, mixed, at, hd);
    let log = logs[head * rows + row];
    let start = batch[sizes.starts as usize + row] as usize;
    let mut sums = zeros::<N>(vectors::<N>(hd));
    for other in start..row + 1 {
        let weight = f32::exp(dot::<N>(&query, qkv, other * width + key, hd) * scale - log);
        let pull = weight * (dot::<N>(&gradient, qkv, other * width + value, hd) - mean) * scale;
        add::<N>(&mut sums, pull, qkv, other * width + key, hd);
    }
    write_rotated_back::<N>(&sums, rope, (row - start) * hd, dqkv, row * width + head * hd, hd);
}

/// The gradients of a key head and its values. Each unit computes the mean of every query's gradient itself, which in a launch of its own
/// the queries could tell it.
#[cube]
fn of_keys<N: Size>(
    qkv: &[Vector<f32, N>],
    batch: &[u32],
    rope: &[Vector<f32, N>],
    mixed: &[Vector<f32, N>],
    dmixed: &[Vector<f32, N>],
    logs: &[f32],
    dqkv: &mut [Vector<f32, N>],
    sizes: &Sizes,
    scale: f32,
    #[comptime] hd: usize,
) {
    let (rows, heads, group) = (sizes.rows as usize, sizes.heads as usize, sizes.group as usize);
    let (row, shared) = (ABSOLUTE_POS_X as usize, CUBE_POS_Y as usize - heads);
    let width = (heads + 2 * (heads / group)) * hd;
    let (at_key, at_value) = (row * width + (heads + shared) * hd, row * width + (heads + heads / group + shared) * hd);
    let (key, value) = (load::<N>(qkv, at_key, hd), load::<N>(qkv, at_value, hd));
    let (mut dkey, mut dvalue) = (zeros::<N>(vectors::<N>(hd)), zeros::<N>(vectors::<N>(hd)));
    for head in shared * group..(shared + 1) * group {
        for other in row..batch[sizes.ends as usize + row] as usize {
            let (query, at) = (other * width + head * hd, (other * heads + head) * hd);
            let weight = f32::exp(dot::<N>(&key, qkv, query, hd) * scale - logs[head * rows + other]);
            // The gradient of the weight, and less of it what the mean over all keys is: both are products with the gradient.
            let mut pulls = Vector::<f32, N>::new(0.0f32);
            #[unroll]
            for i in 0..vectors::<N>(hd) {
                let gradient = dmixed[at / N::value() + i];
                pulls += gradient * (value[i] - mixed[at / N::value() + i]);
                dvalue[i] += Vector::new(weight) * gradient;
            }
            add::<N>(&mut dkey, weight * sum_of::<N>(pulls) * scale, qkv, query, hd);
        }
    }
    let place = row - batch[sizes.starts as usize + row] as usize;
    write_rotated_back::<N>(&dkey, rope, place * hd, dqkv, at_key, hd);
    #[unroll]
    for i in 0..vectors::<N>(hd) {
        dqkv[at_value / N::value() + i] = dvalue[i];
    }
}
