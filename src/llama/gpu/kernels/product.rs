//! Products of activations with a matrix, and what follows at once. A unit computes four rows by four columns in registers;
//! what many of them read comes from the caches, so that no unit waits for another.
//!
//! Activations have rows in multiples of [`TILE_ROWS`]; columns beyond the last one are computed again and not written.

use cubecl::prelude::*;

/// Rows and columns of a unit.
pub const SIDE: usize = 4;
/// Units side by side, and one above the other.
const ACROSS: usize = 16;
const DOWN: usize = 4;
/// Rows of a workgroup.
pub const TILE_ROWS: usize = SIDE * DOWN;
/// Columns of a workgroup.
pub const TILE_COLUMNS: usize = SIDE * ACROSS;
/// The shape of a workgroup.
pub const CUBE: (u32, u32) = (ACROSS as u32, DOWN as u32);

/// The first of a unit's rows.
#[cube]
pub fn first_row() -> usize {
    (CUBE_POS_Y as usize * DOWN + UNIT_POS_Y as usize) * SIDE
}

/// A unit's columns, so that neighbours read neighbouring numbers.
#[cube]
pub fn plain_columns() -> Array<usize> {
    let mut columns = Array::<usize>::new(SIDE);
    #[unroll]
    for c in 0..SIDE {
        columns[c] = CUBE_POS_X as usize * TILE_COLUMNS + c * ACROSS + UNIT_POS_X as usize;
    }
    columns
}

/// A unit's columns where two belong together, `half` apart in each `2 · half`: the first pair, then the second.
#[cube]
pub fn paired_columns(half: usize) -> Array<usize> {
    let mut columns = Array::<usize>::new(SIDE);
    #[unroll]
    for c in 0..SIDE / 2 {
        let pair = CUBE_POS_X as usize * (TILE_COLUMNS / 2) + c * ACROSS + UNIT_POS_X as usize;
        let first = pair / half * (2 * half) + pair % half;
        columns[2 * c] = first;
        columns[2 * c + 1] = first + half;
    }
    columns
}

/// `x · m` at four rows from `row` on and four columns, `[4, 4]`; `x` is `[rows, d_in]`, `m` `[d_in, width]`.
#[cube]
fn product(x: &[f32], m: &[f32], row: usize, columns: &Array<usize>, d_in: usize, width: usize) -> Array<f32> {
    let mut sums = Array::<f32>::new(SIDE * SIDE);
    let mut from = Array::<usize>::new(SIDE);
    #[unroll]
    for c in 0..SIDE {
        from[c] = min(columns[c], width - 1);
    }
    #[unroll]
    for i in 0..SIDE * SIDE {
        sums[i] = 0.0f32;
    }
    for k in 0..d_in {
        let mut own = Array::<f32>::new(SIDE);
        #[unroll]
        for c in 0..SIDE {
            own[c] = m[k * width + from[c]];
        }
        #[unroll]
        for r in 0..SIDE {
            let value = x[(row + r) * d_in + k];
            #[unroll]
            for c in 0..SIDE {
                sums[r * SIDE + c] += value * own[c];
            }
        }
    }
    sums
}

/// `y = x · m`, `[rows, width]`.
#[cube(launch_unchecked)]
pub fn multiply(x: &[f32], m: &[f32], y: &mut [f32], d_in: u32, width: u32) {
    let (row, columns, width) = (first_row(), plain_columns(), width as usize);
    let sums = product(x, m, row, &columns, d_in as usize, width);
    #[unroll]
    for c in 0..SIDE {
        if columns[c] < width {
            #[unroll]
            for r in 0..SIDE {
                y[(row + r) * width + columns[c]] = sums[r * SIDE + c];
            }
        }
    }
}

/// `y = residual + x · m`, `[rows, width]`.
#[cube(launch_unchecked)]
pub fn multiply_add(x: &[f32], m: &[f32], residual: &[f32], y: &mut [f32], d_in: u32, width: u32) {
    let (row, columns, width) = (first_row(), plain_columns(), width as usize);
    let sums = product(x, m, row, &columns, d_in as usize, width);
    #[unroll]
    for c in 0..SIDE {
        if columns[c] < width {
            #[unroll]
            for r in 0..SIDE {
                let at = (row + r) * width + columns[c];
                y[at] = residual[at] + sums[r * SIDE + c];
            }
        }
    }
}

/// Queries, keys and values, `y = x · m`, `[rows, width]`, with the first `rotated` columns rotated by their place: `rope` is
/// `[positions, 2, half]`, cosines first, and a row's place is what it stands after `batch[starts + row]`.
#[cube(launch_unchecked)]
pub fn multiply_rotate(
    x: &[f32],
    m: &[f32],
    rope: &[f32],
    batch: &[u32],
    y: &mut [f32],
    d_in: u32,
    width: u32,
    starts: u32,
    rotated: u32,
    half: u32,
) {
    let (width, half) = (width as usize, half as usize);
    let (row, columns) = (first_row(), paired_columns(half));
    let sums = product(x, m, row, &columns, d_in as usize, width);
    #[unroll]
    for pair in 0..SIDE / 2 {
        let low = columns[2 * pair];
        let high = columns[2 * pair + 1];
        if high < width {
            #[unroll]
            for r in 0..SIDE {
                let row = row + r;
                let a = sums[r * SIDE + 2 * pair];
                let b = sums[r * SIDE + 2 * pair + 1];
                if low < rotated as usize {
                    let angle = (row - batch[starts as usize + row] as usize) * 2 * half + low % half;
                    let (cos, sin) = (rope[angle], rope[angle + half]);
                    y[row * width + low] = a * cos - b * sin;
                    y[row * width + high] = b * cos + a * sin;
                } else {
                    y[row * width + low] = a;
                    y[row * width + high] = b;
                }
            }
        }
    }
}

/// Gate and up, `gate_up = x · m`, `[rows, 2 · inner]`, and `act = silu(gate) · up`, `[rows, inner]`.
#[cube(launch_unchecked)]
pub fn multiply_swiglu(x: &[f32], m: &[f32], gate_up: &mut [f32], act: &mut [f32], d_in: u32, inner: u32) {
    let inner = inner as usize;
    let (row, columns) = (first_row(), paired_columns(inner));
    let sums = product(x, m, row, &columns, d_in as usize, 2 * inner);
    #[unroll]
    for pair in 0..SIDE / 2 {
        let column = columns[2 * pair];
        if column < inner {
            #[unroll]
            for r in 0..SIDE {
                let row = row + r;
                let gate = sums[r * SIDE + 2 * pair];
                let up = sums[r * SIDE + 2 * pair + 1];
                gate_up[row * 2 * inner + column] = gate;
                gate_up[row * 2 * inner + inner + column] = up;
                act[row * inner + column] = gate * up / (1.0f32 + f32::exp(-gate));
            }
        }
    }
}

/// The gradient of gate and up, `[rows, 2 · inner]`, from that of the stream, `dy`, `[rows, d]`, through the transposed
/// matrix `m`, `[d, inner]`.
#[cube(launch_unchecked)]
pub fn multiply_swiglu_back(dy: &[f32], m: &[f32], gate_up: &[f32], out: &mut [f32], d: u32, inner: u32) {
    let (row, columns, inner) = (first_row(), plain_columns(), inner as usize);
    let sums = product(dy, m, row, &columns, d as usize, inner);
    #[unroll]
    for c in 0..SIDE {
        if columns[c] < inner {
            #[unroll]
            for r in 0..SIDE {
                let at = (row + r) * 2 * inner + columns[c];
                let (gate, up, dact) = (gate_up[at], gate_up[at + inner], sums[r * SIDE + c]);
                let sigmoid = 1.0f32 / (1.0f32 + f32::exp(-gate));
                let silu = gate * sigmoid;
                out[at] = dact * up * (sigmoid + silu * (1.0f32 - sigmoid));
                out[at + inner] = dact * silu;
            }
        }
    }
}
