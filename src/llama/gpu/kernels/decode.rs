//! Decoding with a KV cache; norms' weights are in the matrices that follow them. Rows of prompts, and later the last token of each answer, attend to the rows before them.
//!
//! `words` are `[WORDS, rows]` and say of every row: its token; the place of that in its sequence; the row of `cache` that it fills;
//! and what it attends to. That is first the rows of `cache` that all prompts begin with, so many; then those of its prompt's own, from
//! one to before another; then so many of its answer, the row itself included, which begin at the row `first` and are `rows` apart
//! for each token.

use cubecl::prelude::*;

use super::norm::add_product_of_norm;
use super::product::{SIDE, first_row, following, gated, paired_columns, plain_columns, write_rotated, zeros};
use super::reduce::{is_finite, largest, sum};

/// Words of a row.
pub const WORDS: usize = 7;
/// Units that share a row and head of the attention.
pub const ATTEND_UNITS: u32 = 32;
/// In place of a token where the logits are no numbers.
pub const NO_NUMBER: u32 = u32::MAX;

/// Queries, keys and values of rows, `norm(x) · m`, to the rows of `cache`, `[_, width]`, that `words` name; the first `rotated`
/// columns are rotated by their place. `x` is `[rows, d_in]`, `rope` `[positions, 2, half]`.
#[cube(launch_unchecked)]
pub fn project<N: Size>(
    x: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    rope: &[Vector<f32, N>],
    words: &[u32],
    cache: &mut [Vector<f32, N>],
    rows: u32,
    d_in: u32,
    width: u32,
    rotated: u32,
    half: u32,
    eps: f32,
) {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let (width, half, rows) = (width as usize, half as usize, rows as usize);
    let (row, columns) = (first_row(), paired_columns::<N>(half));
    let both = comptime!(2 * vectors);
    let mut sums = zeros::<N>(comptime!(SIDE * both));
    add_product_of_norm::<N>(&mut sums, x, m, &following(row), &columns, d_in as usize, width, eps, both);
    #[unroll]
    for v in 0..vectors {
        if columns[v + vectors] < width {
            #[unroll]
            for r in 0..SIDE {
                let (place, to) = (words[rows + row + r] as usize, words[2 * rows + row + r] as usize * width);
                let (a, b) = (sums[r * both + v], sums[r * both + vectors + v]);
                let low = columns[v];
                write_rotated::<N>(a, b, rope, place, half, low, low < rotated as usize, cache, to);
            }
        }
    }
}

/// Sizes that attention needs.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub struct AttendSizes {
    /// Rows in all.
    pub rows: u32,
    /// Query heads for each key head.
    pub group: u32,
    /// The row of the cache that the first tokens of answers fill.
    pub first: u32,
}

/// Mixed values, `[rows, heads · hd]`: a workgroup for each row and head, whose units each take every 32nd key. What they found is put
/// together at the end, so that they wait for each other once.
#[cube(launch_unchecked)]
pub fn attend(cache: &[f32], words: &[u32], mixed: &mut [f32], sizes: &AttendSizes, scale: f32, #[comptime] hd: usize) {
    // Of each unit: sums, `hd` of them, the largest score, and the weights' sum.
    let each = comptime!(hd + 2);
    let mut found = Shared::<[f32]>::new_slice(comptime!(ATTEND_UNITS as usize * each));
    let (row, head, unit) = (CUBE_POS_X as usize, CUBE_POS_Y as usize, UNIT_POS as usize);
    let (rows, heads, group) = (sizes.rows as usize, CUBE_COUNT_Y as usize, sizes.group as usize);
    let width = (heads + 2 * (heads / group)) * hd;
    let (key, value) = ((heads + head / group) * hd, (heads + heads / group + head / group) * hd);
    let query = words[2 * rows + row] as usize * width + head * hd;
    let shared = words[3 * rows + row] as usize;
    let start = words[4 * rows + row] as usize;
    let until_answer = shared + words[5 * rows + row] as usize - start;
    let all = until_answer + words[6 * rows + row] as usize;

    let mut own = Array::<f32>::new(hd);
    let mut sums = Array::<f32>::new(hd);
    #[unroll]
    for i in 0..hd {
        own[i] = cache[query + i];
        sums[i] = 0.0f32;
    }
    let mut most = f32::min_value();
    let mut total = 0.0f32;
    let mut place = unit;
    while place < all {
        let mut other = place;
        if place >= until_answer {
            other = sizes.first as usize + (place - until_answer) * rows + row;
        } else if place >= shared {
            other = start + place - shared;
        }
        let at = other * width;
        let mut score = 0.0f32;
        #[unroll]
        for i in 0..hd {
            score += own[i] * cache[at + key + i];
        }
        let score = score * scale;
        let before = most;
        most = max(most, score);
        let (fades, weight) = (f32::exp(before - most), f32::exp(score - most));
        total = total * fades + weight;
        #[unroll]
        for i in 0..hd {
            sums[i] = sums[i] * fades + weight * cache[at + value + i];
        }
        place += ATTEND_UNITS as usize;
    }
    #[unroll]
    for i in 0..hd {
        found[unit * each + i] = sums[i];
    }
    found[unit * each + hd] = most;
    found[unit * each + hd + 1] = total;
    sync_cube();
    let mut i = unit;
    while i < hd {
        let mut most = f32::min_value();
        for other in 0..ATTEND_UNITS as usize {
            most = max(most, found[other * each + hd]);
        }
        let mut sum = 0.0f32;
        let mut total = 0.0f32;
        for other in 0..ATTEND_UNITS as usize {
            let weight = f32::exp(found[other * each + hd] - most);
            sum += weight * found[other * each + i];
            total += weight * found[other * each + hd + 1];
        }
        mixed[row * heads * hd + head * hd + i] = sum / total;
        i += ATTEND_UNITS as usize;
    }
}

/// `act = silu(gate) · up`, `[rows, inner]`, of the halves of `norm(x) · m`.
#[cube(launch_unchecked)]
pub fn swiglu<N: Size>(
    x: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    act: &mut [Vector<f32, N>],
    d_in: u32,
    inner: u32,
    eps: f32,
) {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let inner = inner as usize;
    let (row, columns) = (first_row(), paired_columns::<N>(inner));
    let both = comptime!(2 * vectors);
    let mut sums = zeros::<N>(comptime!(SIDE * both));
    add_product_of_norm::<N>(&mut sums, x, m, &following(row), &columns, d_in as usize, 2 * inner, eps, both);
    #[unroll]
    for v in 0..vectors {
        if columns[v] < inner {
            #[unroll]
            for r in 0..SIDE {
                let made = gated::<N>(sums[r * both + v], sums[r * both + vectors + v]);
                act[((row + r) * inner + columns[v]) / size] = made;
            }
        }
    }
}

/// `norm(x) · m`, `[lanes, width]`; with `gather` lane `i` is the row of `x` that `lasts[i]` names.
#[cube(launch_unchecked)]
pub fn logits<N: Size>(
    x: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    lasts: &[u32],
    y: &mut [Vector<f32, N>],
    d_in: u32,
    width: u32,
    eps: f32,
    #[comptime] gather: bool,
) {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let (row, columns, width) = (first_row(), plain_columns::<N>(), width as usize);
    let mut rows = following(row);
    if comptime!(gather) {
        #[unroll]
        for r in 0..SIDE {
            rows[r] = lasts[row + r] as usize;
        }
    }
    let mut sums = zeros::<N>(comptime!(SIDE * vectors));
    add_product_of_norm::<N>(&mut sums, x, m, &rows, &columns, d_in as usize, width, eps, vectors);
    #[unroll]
    for v in 0..vectors {
        if columns[v] < width {
            #[unroll]
            for r in 0..SIDE {
                y[((row + r) * width + columns[v]) / size] = sums[r * vectors + v];
            }
        }
    }
}

/// The most probable token of each lane, to `found`, `[1 + longest, lanes]`, and to the words of the next row, which is made ready; a
/// workgroup for each lane. After a prompt (`first`) the joint probability of the `asked` tokens goes to the first row, as bits.
#[cube(launch_unchecked)]
pub fn greedy(
    logits: &[f32],
    asked: &[u32],
    words: &mut [u32],
    found: &mut [u32],
    vocab: u32,
    count: u32,
    #[comptime] first: bool,
) {
    let mut shared = Shared::<[f32]>::new_slice(64usize);
    let (lane, lanes, vocab) = (CUBE_POS_X as usize, CUBE_COUNT_X as usize, vocab as usize);
    let row = lane * vocab;
    let mut best = f32::min_value();
    let mut place = 0.0f32;
    let mut wrong = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < vocab {
        let logit = logits[row + i];
        if logit > best {
            best = logit;
            place = f32::cast_from(i as u32);
        }
        if !is_finite(logit) {
            wrong = 1.0f32;
        }
        i += 64;
    }
    let wrong = largest(wrong, &mut shared, 64usize);
    let most = largest(best, &mut shared, 64usize);
    // The first of those that are equal, as everywhere; a vocabulary's places are exact in an f32.
    let mut ahead = f32::min_value();
    if best == most {
        ahead = -place;
    }
    let token = u32::cast_from(-largest(ahead, &mut shared, 64usize));
    if comptime!(first) {
        let mut total = 0.0f32;
        let mut i = UNIT_POS as usize;
        while i < vocab {
            total += f32::exp(logits[row + i] - most);
            i += 64;
        }
        let total = sum(total, &mut shared, 64usize);
        let mut share = 0.0f32;
        let mut i = UNIT_POS as usize;
        while i < count as usize {
            share += f32::exp(logits[row + asked[i] as usize] - most);
            i += 64;
        }
        let share = sum(share, &mut shared, 64usize);
        if UNIT_POS == 0 {
            found[lane] = u32::reinterpret(share / total);
        }
    }
    if UNIT_POS == 0 {
        let made = words[6 * lanes + lane];
        let mut to = lanes + lane;
        if comptime!(!first) {
            to += made as usize * lanes;
            words[lanes + lane] += 1;
            words[2 * lanes + lane] += lanes as u32;
            words[6 * lanes + lane] = made + 1;
        }
        words[lane] = token;
        if wrong > 0.0f32 {
            found[to] = NO_NUMBER;
        } else {
            found[to] = token;
        }
    }
}
