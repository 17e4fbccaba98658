//! RMSNorm as a part of the product after it, and its gradient, a workgroup for each row. Numbers are read in vectors of `N`, as products do.
//! Gradients of a norm's output come with its weight in them: it is in the matrix that they came through.

use cubecl::prelude::*;

use super::product::{ACROSS, SIDE, add_product, within, zeros};
use super::reduce::sum_of;

/// Units that share a row.
pub const ROW_UNITS: usize = 32;

/// RMSNorm without its weight and a product, `(scale · x) · m` at four rows of `x`, `[_, d_in]`, and the columns of `vectors` vectors of
/// `m`, `[d_in, width]`, added to `sums`, `[4, vectors]`; the norm's weight is in `m`. Returns the rows' `scale = 1 / sqrt(mean(x²) + eps)`,
/// `[4]`, all numbers of a vector the same. Each unit sums the squares of its rows itself: it reads them anyway. Those of
/// workgroups beyond the first that have no column of their own do nothing.
#[cube]
pub fn add_product_of_norm<N: Size>(
    sums: &mut Array<Vector<f32, N>>,
    x: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    rows: &Array<usize>,
    columns: &Array<usize>,
    d_in: usize,
    width: usize,
    eps: f32,
    #[comptime] vectors: usize,
) -> Array<Vector<f32, N>> {
    let size = N::value();
    let from = within::<N>(columns, width, vectors);
    let mut scales = zeros::<N>(SIDE);
    if columns[0] < width || CUBE_POS_X == 0 {
        for k in 0..d_in / size {
            let mut own = Array::<Vector<f32, N>>::new(SIDE);
            #[unroll]
            for r in 0..SIDE {
                own[r] = x[rows[r] * (d_in / size) + k];
                scales[r] += own[r] * own[r];
            }
            add_product::<N>(sums, &own, m, k, &from, width, vectors);
        }
    }
    #[unroll]
    for r in 0..SIDE {
        let mean = sum_of::<N>(scales[r]) / f32::cast_from(d_in as u32);
        scales[r] = Vector::new(1.0f32 / f32::sqrt(mean + eps));
        #[unroll]
        for v in 0..vectors {
            sums[r * vectors + v] *= scales[r];
        }
    }
    scales
}

/// The whole norm of a unit's four rows, `scale · x · weight`, to `normed`, `[_, d_in]`: once for all columns, by the first workgroup of each
/// row.
#[cube]
pub fn write_normed<N: Size>(
    x: &[Vector<f32, N>],
    weight: &[Vector<f32, N>],
    scales: &Array<Vector<f32, N>>,
    normed: &mut [Vector<f32, N>],
    row: usize,
    d_in: usize,
) {
    let vectors = d_in / N::value();
    if CUBE_POS_X == 0 {
        let mut i = UNIT_POS_X as usize;
        while i < vectors {
            #[unroll]
            for r in 0..SIDE {
                let at = (row + r) * vectors + i;
                normed[at] = x[at] * scales[r] * weight[i];
            }
            i += ACROSS;
        }
    }
}

/// The gradient of a stream `x`, `out = residual + `what its norm makes of `dout`; all `[rows, d]`, a workgroup for each row.
#[cube(launch_unchecked)]
pub fn norm_back<N: Size>(
    dout: &[Vector<f32, N>],
    x: &[Vector<f32, N>],
    residual: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    d: u32,
    eps: f32,
) {
    let (row, vectors) = (CUBE_POS_X as usize, d as usize / N::value());
    let (scale, pull) = scale_and_pull::<N>(dout, row * vectors, x, row * vectors, d, eps);
    let mut i = UNIT_POS as usize;
    while i < vectors {
        let at = row * vectors + i;
        out[at] = residual[at] + dout[at] * Vector::new(scale) - x[at] * Vector::new(pull);
        i += ROW_UNITS;
    }
}

/// The gradient of the last stream `x`, `[rows, d]`, from that of the answers' rows alone: `batch[place + row]` is 0 for a row
/// without an answer, else one more than the answer's number. A workgroup for each row.
#[cube(launch_unchecked)]
pub fn last_norm_back<N: Size>(
    dout: &[Vector<f32, N>],
    x: &[Vector<f32, N>],
    batch: &[u32],
    out: &mut [Vector<f32, N>],
    d: u32,
    eps: f32,
    place: u32,
) {
    let (row, vectors) = (CUBE_POS_X as usize, d as usize / N::value());
    // Rows without an answer compute with the first one's numbers: all units must meet at the sum.
    let number = batch[place as usize + row];
    let counts = min(number, 1u32);
    let answer = (number - counts) as usize;
    let counts = f32::cast_from(counts);
    let (scale, pull) = scale_and_pull::<N>(dout, answer * vectors, x, row * vectors, d, eps);
    let mut i = UNIT_POS as usize;
    while i < vectors {
        let own = dout[answer * vectors + i] * Vector::new(counts * scale);
        out[row * vectors + i] = own - x[row * vectors + i] * Vector::new(counts * pull);
        i += ROW_UNITS;
    }
}

/// How a row's norm is scaled, `1 / sqrt(mean(x²) + eps)`, and how much of `x` its gradient takes away: `mean(dout · x) · scale³`. A row of
/// `dout` begins at `from`, that of `x` at `at`. The same for all units.
#[cube]
fn scale_and_pull<N: Size>(
    dout: &[Vector<f32, N>],
    from: usize,
    x: &[Vector<f32, N>],
    at: usize,
    d: u32,
    eps: f32,
) -> (f32, f32) {
    let mut shared = Shared::<[f32]>::new_slice(comptime!(2 * ROW_UNITS));
    let vectors = d as usize / N::value();
    let mut squares = Vector::<f32, N>::new(0.0f32);
    let mut dots = Vector::<f32, N>::new(0.0f32);
    let mut i = UNIT_POS as usize;
    while i < vectors {
        let own = x[at + i];
        squares += own * own;
        dots += dout[from + i] * own;
        i += ROW_UNITS;
    }
    shared[UNIT_POS as usize] = sum_of::<N>(squares);
    shared[ROW_UNITS + UNIT_POS as usize] = sum_of::<N>(dots);
    sync_cube();
    let mut square = 0.0f32;
    let mut dot = 0.0f32;
    for unit in 0..ROW_UNITS {
        square += shared[unit];
        dot += shared[ROW_UNITS + unit];
    }
    let count = f32::cast_from(d);
    let scale = 1.0f32 / f32::sqrt(square / count + eps);
    (scale, dot * scale * scale * scale / count)
}
