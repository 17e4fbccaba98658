//! What an adapter adds to the frozen matrices, and the gradients of its own. An adapter is merged into the matrices once a
//! step, `W + scale · A B`, so that nothing else of the step knows of it. A matrix after a norm has the norm's weight in it, a factor for
//! each of its rows.
//!
//! Numbers are read in vectors of `N`, as products do, and a unit has a block of `N` by `N`, so that each is read for `N` sums.
//! A projection's row of the table says where it lies, [`FIELDS`] numbers each.

use cubecl::prelude::*;

use super::product::zeros;
use super::reduce::sum_of;

/// Numbers of a row of the table: the place of its group's matrix, its first column there, the group's width, its own
/// `d_in` and `d_out`, the places of `A` and `B` among the parameters, whether it is adapted, the place of its rows' factors, and where its
/// inputs and the gradients of its group's outputs begin, divided by the rows of a batch.
pub const FIELDS: usize = 11;

/// `merged = W + scale · diag(factors) · A B`, and if that is wanted (`turn`) the same transposed, for the projection of the table that the
/// workgroup's second place says; a unit for each block.
#[cube(launch_unchecked)]
pub fn merge<N: Size>(
    base: &[Vector<f32, N>],
    parameters: &[Vector<f32, N>],
    table: &[u32],
    factors: &[Vector<f32, N>],
    merged: &mut [Vector<f32, N>],
    turned: &mut [Vector<f32, N>],
    rank: u32,
    scale: f32,
    #[comptime] turn: bool,
) {
    let size = N::value();
    let own = CUBE_POS_Y as usize * FIELDS;
    let (matrix, column, width) = (table[own] as usize, table[own + 1] as usize, table[own + 2] as usize);
    let (d_in, d_out) = (table[own + 3] as usize, table[own + 4] as usize);
    let (a, b, rank) = (table[own + 5] as usize, table[own + 6] as usize, rank as usize);
    let at = ABSOLUTE_POS_X as usize;
    let across = d_out / size;
    if at < d_in / size * across {
        let (k, j) = (at / across * size, at % across * size);
        let to = matrix + k * width + column + j;
        let mut values = Array::<Vector<f32, N>>::new(size);
        #[unroll]
        for r in 0..size {
            values[r] = base[(to + r * width) / size];
        }
        if table[own + 7] > 0 {
            let factor = factors[(table[own + 8] as usize + k) / size] * Vector::new(scale);
            for c in 0..rank / size {
                let mut left = Array::<Vector<f32, N>>::new(size);
                #[unroll]
                for r in 0..size {
                    left[r] = parameters[(a + (k + r) * rank) / size + c] * Vector::new(factor.extract(r));
                }
                #[unroll]
                for i in 0..size {
                    let right = parameters[(b + (c * size + i) * d_out + j) / size];
                    #[unroll]
                    for r in 0..size {
                        values[r] += right * Vector::new(left[r].extract(i));
                    }
                }
            }
        }
        #[unroll]
        for r in 0..size {
            merged[(to + r * width) / size] = values[r];
        }
        if comptime!(turn) {
            #[unroll]
            for i in 0..size {
                let mut row = Vector::<f32, N>::new(0.0f32);
                #[unroll]
                for r in 0..size {
                    row.insert(r, values[r].extract(i));
                }
                turned[(matrix + (column + j + i) * d_in + k) / size] = row;
            }
        }
    }
}

/// For each of some adapted projections `x A`, then for each `scale · dy Bᵀ`, to `narrow`, `[2, adapted, rows, rank]`; a unit for each
/// vector.
///
/// The inputs `x` and the gradients `dy` of all of them lie one after the other, a projection's `[rows, d_in]` and `[rows, width]`. The
/// workgroup's second place counts the projections twice.
#[cube(launch_unchecked)]
pub fn narrow<N: Size>(
    x: &[Vector<f32, N>],
    dy: &[Vector<f32, N>],
    parameters: &[Vector<f32, N>],
    table: &[u32],
    narrow: &mut [Vector<f32, N>],
    rows: u32,
    rank: u32,
    scale: f32,
) {
    let size = N::value();
    let adapted = CUBE_COUNT_Y as usize / 2;
    let place = CUBE_POS_Y as usize;
    let own = place % adapted * FIELDS;
    let (column, width) = (table[own + 1] as usize, table[own + 2] as usize);
    let (d_in, d_out) = (table[own + 3] as usize, table[own + 4] as usize);
    let (rows, rank, at) = (rows as usize, rank as usize, ABSOLUTE_POS_X as usize);
    let across = rank / size;
    if at < rows * across {
        let (row, c) = (at / across, at % across);
        let mut sum = Vector::<f32, N>::new(0.0f32);
        if place < adapted {
            let a = table[own + 5] as usize / size + c;
            let from = (table[own + 9] as usize * rows + row * d_in) / size;
            for k in 0..d_in / size {
                let values = x[from + k];
                #[unroll]
                for i in 0..size {
                    sum += parameters[a + (k * size + i) * across] * Vector::new(values.extract(i));
                }
            }
        } else {
            let b = (table[own + 6] as usize + c * size * d_out) / size;
            let from = (table[own + 10] as usize * rows + row * width + column) / size;
            let mut sums = zeros::<N>(size);
            for j in 0..d_out / size {
                let values = dy[from + j];
                #[unroll]
                for i in 0..size {
                    sums[i] += values * parameters[b + i * (d_out / size) + j];
                }
            }
            #[unroll]
            for i in 0..size {
                sum.insert(i, scale * sum_of::<N>(sums[i]));
            }
        }
        narrow[place * rows * across + at] = sum;
    }
}

/// Adds to a block, `[N]` rows, each of the left numbers times all of the right ones.
#[cube]
fn add_outer<N: Size>(block: &mut Array<Vector<f32, N>>, left: Vector<f32, N>, right: Vector<f32, N>) {
    #[unroll]
    for i in 0..N::value() {
        block[i] += right * Vector::new(left.extract(i));
    }
}

/// The gradients of `A` and of `B` of the same adapted projections, from what [`narrow`] made; a unit for each block.
#[cube(launch_unchecked)]
pub fn gradients<N: Size>(
    x: &[Vector<f32, N>],
    dy: &[Vector<f32, N>],
    narrow: &[Vector<f32, N>],
    table: &[u32],
    gradient: &mut [Vector<f32, N>],
    rows: u32,
    rank: u32,
    scale: f32,
) {
    let size = N::value();
    let adapted = CUBE_COUNT_Y as usize / 2;
    let place = CUBE_POS_Y as usize;
    let number = place % adapted;
    let own = number * FIELDS;
    let (column, width) = (table[own + 1] as usize, table[own + 2] as usize);
    let (d_in, d_out) = (table[own + 3] as usize, table[own + 4] as usize);
    let (rows, rank, at) = (rows as usize, rank as usize, ABSOLUTE_POS_X as usize);
    let across = rank / size;
    let mut sums = zeros::<N>(size);
    if place < adapted {
        if at < d_in / size * across {
            let (k, c) = (at / across, at % across);
            let own_x = table[own + 9] as usize * rows / size + k;
            let from = (adapted + number) * rows * across + c;
            for row in 0..rows {
                add_outer::<N>(&mut sums, x[own_x + row * d_in / size], narrow[from + row * across]);
            }
            let a = table[own + 5] as usize / size + c;
            #[unroll]
            for i in 0..size {
                gradient[a + (k * size + i) * across] = sums[i];
            }
        }
    } else if at < across * (d_out / size) {
        let (c, j) = (at / (d_out / size), at % (d_out / size));
        let own_dy = (table[own + 10] as usize * rows + column) / size + j;
        let from = number * rows * across + c;
        for row in 0..rows {
            let others = dy[own_dy + row * width / size];
            add_outer::<N>(&mut sums, narrow[from + row * across], others);
        }
        let b = table[own + 6] as usize / size + j;
        #[unroll]
        for i in 0..size {
            gradient[b + (c * size + i) * (d_out / size)] = sums[i] * Vector::new(scale);
        }
    }
}
