//! What an adapter adds to the frozen matrices, and the gradients of its own. An adapter is merged into the matrices once a
//! step, `W + scale · A B`, so that nothing else of the step knows of it.
//!
//! A projection's row of the table says where it lies, [`FIELDS`] numbers each.

use cubecl::prelude::*;

/// Numbers of a row of the table: the place of its group's matrix, its first column there, the group's width, its own
/// `d_in` and `d_out`, the places of `A` and `B` among the parameters, whether it is adapted, and its block.
pub const FIELDS: usize = 9;

/// `merged = W + scale · A B`, and if that is wanted (`turn`) the same transposed, for the projection of the table that the
/// workgroup's second place says; a unit for each number.
#[cube(launch_unchecked)]
pub fn merge(
    base: &[f32],
    parameters: &[f32],
    table: &[u32],
    merged: &mut [f32],
    turned: &mut [f32],
    rank: u32,
    scale: f32,
    #[comptime] turn: bool,
) {
    let own = CUBE_POS_Y as usize * FIELDS;
    let (matrix, column, width) = (table[own] as usize, table[own + 1] as usize, table[own + 2] as usize);
    let (d_in, d_out) = (table[own + 3] as usize, table[own + 4] as usize);
    let (a, b, rank) = (table[own + 5] as usize, table[own + 6] as usize, rank as usize);
    let at = ABSOLUTE_POS_X as usize;
    if at < d_in * d_out {
        let (k, j) = (at / d_out, at % d_out);
        let to = matrix + k * width + column + j;
        let mut value = base[to];
        if table[own + 7] > 0 {
            let mut sum = 0.0f32;
            for c in 0..rank {
                sum += parameters[a + k * rank + c] * parameters[b + c * d_out + j];
            }
            value += scale * sum;
        }
        merged[to] = value;
        if comptime!(turn) {
            turned[matrix + (column + j) * d_in + k] = value;
        }
    }
}

/// For each of a group's adapted projections `x A`, then for each `scale · dy Bᵀ`, to `narrow`, `[2, adapted, rows, rank]`.
///
/// `x` is `[layers, rows, d_in]`, `dy` `[layers, rows, width]`; the workgroup's second place counts the projections twice.
#[cube(launch_unchecked)]
pub fn narrow(
    x: &[f32],
    dy: &[f32],
    parameters: &[f32],
    table: &[u32],
    narrow: &mut [f32],
    rows: u32,
    rank: u32,
    scale: f32,
) {
    let adapted = CUBE_COUNT_Y as usize / 2;
    let place = CUBE_POS_Y as usize;
    let own = place % adapted * FIELDS;
    let (column, width) = (table[own + 1] as usize, table[own + 2] as usize);
    let (d_in, d_out, block) = (table[own + 3] as usize, table[own + 4] as usize, table[own + 8] as usize);
    let (rows, rank, at) = (rows as usize, rank as usize, ABSOLUTE_POS_X as usize);
    if at < rows * rank {
        let (row, c) = (block * rows + at / rank, at % rank);
        let mut sum = 0.0f32;
        if place < adapted {
            let a = table[own + 5] as usize + c;
            for k in 0..d_in {
                sum += x[row * d_in + k] * parameters[a + k * rank];
            }
        } else {
            let b = table[own + 6] as usize + c * d_out;
            for j in 0..d_out {
                sum += dy[row * width + column + j] * parameters[b + j];
            }
            sum *= scale;
        }
        narrow[place * rows * rank + at] = sum;
    }
}

/// The gradients of `A` and of `B` of a group's adapted projections, from what [`narrow`] made; a unit for each number.
#[cube(launch_unchecked)]
pub fn gradients(
    x: &[f32],
    dy: &[f32],
    narrow: &[f32],
    table: &[u32],
    gradient: &mut [f32],
    rows: u32,
    rank: u32,
    scale: f32,
) {
    let adapted = CUBE_COUNT_Y as usize / 2;
    let place = CUBE_POS_Y as usize;
    let number = place % adapted;
    let own = number * FIELDS;
    let (column, width) = (table[own + 1] as usize, table[own + 2] as usize);
    let (d_in, d_out, block) = (table[own + 3] as usize, table[own + 4] as usize, table[own + 8] as usize);
    let (rows, rank, at) = (rows as usize, rank as usize, ABSOLUTE_POS_X as usize);
    let first = block * rows;
    if place < adapted {
        if at < d_in * rank {
            let (k, c) = (at / rank, at % rank);
            let from = (adapted + number) * rows * rank + c;
            let mut sum = 0.0f32;
            for row in 0..rows {
                sum += x[(first + row) * d_in + k] * narrow[from + row * rank];
            }
            gradient[table[own + 5] as usize + at] = sum;
        }
    } else if at < rank * d_out {
        let (c, j) = (at / d_out, at % d_out);
        let from = number * rows * rank + c;
        let mut sum = 0.0f32;
        for row in 0..rows {
            sum += narrow[from + row * rank] * dy[(first + row) * width + column + j];
        }
        gradient[table[own + 6] as usize + at] = scale * sum;
    }
}
