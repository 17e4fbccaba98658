//! RMSNorm and its gradient, a workgroup for each row. Numbers are read in vectors of `N`, as products do.

use cubecl::prelude::*;

use super::reduce::{sum, sum_of};

/// Units that share a row.
pub const ROW_UNITS: usize = 32;

/// The row of the stream that a row of the norm is made of.
#[cube]
fn source(batch: &[u32], first: usize, row: usize, #[comptime] gather: bool) -> usize {
    if comptime!(gather) { batch[first + row] as usize } else { row }
}

/// `out = x · scale · weight` with `scale = 1 / sqrt(mean(x²) + eps)`; a workgroup for each row of `out`, `[rows, d]`.
/// With `gather`, row `i` is that of `x` which `batch[first + i]` names.
#[cube(launch_unchecked)]
pub fn norm<N: Size>(
    x: &[Vector<f32, N>],
    weight: &[Vector<f32, N>],
    batch: &[u32],
    out: &mut [Vector<f32, N>],
    scales: &mut [f32],
    d: u32,
    first: u32,
    eps: f32,
    #[comptime] gather: bool,
) {
    let mut shared = Shared::<[f32]>::new_slice(ROW_UNITS);
    let (row, vectors) = (CUBE_POS_X as usize, d as usize / N::value());
    let from = source(batch, first as usize, row, gather) * vectors;
    let mut squares = Vector::<f32, N>::new(0.0f32);
    let mut i = UNIT_POS as usize;
    while i < vectors {
        let values = x[from + i];
        squares += values * values;
        i += ROW_UNITS;
    }
    let mean = sum(sum_of::<N>(squares), &mut shared, ROW_UNITS) / f32::cast_from(d);
    let scale = 1.0f32 / f32::sqrt(mean + eps);
    let mut i = UNIT_POS as usize;
    while i < vectors {
        out[row * vectors + i] = x[from + i] * Vector::new(scale) * weight[i];
        i += ROW_UNITS;
    }
    if UNIT_POS == 0 {
        scales[row] = scale;
    }
}

/// The gradient of a stream, `out = residual + `what [`norm`] makes of `dout`; all `[rows, d]`, a workgroup for each row.
#[cube(launch_unchecked)]
pub fn norm_back<N: Size>(
    dout: &[Vector<f32, N>],
    x: &[Vector<f32, N>],
    weight: &[Vector<f32, N>],
    scales: &[f32],
    residual: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    d: u32,
) {
    let mut shared = Shared::<[f32]>::new_slice(ROW_UNITS);
    let (row, vectors) = (CUBE_POS_X as usize, d as usize / N::value());
    let dot = pull::<N>(dout, row * vectors, x, row * vectors, weight, vectors, &mut shared);
    let scale = scales[row];
    let pull = dot * scale * scale * scale / f32::cast_from(d);
    let mut i = UNIT_POS as usize;
    while i < vectors {
        let at = row * vectors + i;
        out[at] = residual[at] + dout[at] * weight[i] * Vector::new(scale) - x[at] * Vector::new(pull);
        i += ROW_UNITS;
    }
}

/// The sum of `dout · weight · x` over a row of each, which begin at `from` and `at`.
#[cube]
fn pull<N: Size>(
    dout: &[Vector<f32, N>],
    from: usize,
    x: &[Vector<f32, N>],
    at: usize,
    weight: &[Vector<f32, N>],
    vectors: usize,
    shared: &mut Shared<[f32]>,
) -> f32 {
    let mut dot = Vector::<f32, N>::new(0.0f32);
    let mut i = UNIT_POS as usize;
    while i < vectors {
        dot += dout[from + i] * weight[i] * x[at + i];
        i += ROW_UNITS;
    }
    sum(sum_of::<N>(dot), shared, ROW_UNITS)
}

/// The gradient of the last stream, `[rows, d]`, from that of the answers' rows alone: `batch[place + row]` is 0 for a row
/// without an answer, else one more than the answer's number. A workgroup for each row.
#[cube(launch_unchecked)]
pub fn last_norm_back<N: Size>(
    dout: &[Vector<f32, N>],
    x: &[Vector<f32, N>],
    weight: &[Vector<f32, N>],
    scales: &[f32],
    batch: &[u32],
    out: &mut [Vector<f32, N>],
    d: u32,
    place: u32,
) {
    let mut shared = Shared::<[f32]>::new_slice(ROW_UNITS);
    let (row, vectors) = (CUBE_POS_X as usize, d as usize / N::value());
    // Rows without an answer compute with the first one's numbers: all units must meet at the sum.
    let number = batch[place as usize + row];
    let counts = min(number, 1u32);
    let answer = (number - counts) as usize;
    let counts = f32::cast_from(counts);
    let dot = pull::<N>(dout, answer * vectors, x, row * vectors, weight, vectors, &mut shared);
    let scale = scales[answer];
    let pull = counts * dot * scale * scale * scale / f32::cast_from(d);
    let mut i = UNIT_POS as usize;
    while i < vectors {
        let own = dout[answer * vectors + i] * weight[i] * Vector::new(counts * scale);
        out[row * vectors + i] = own - x[row * vectors + i] * Vector::new(pull);
        i += ROW_UNITS;
    }
}
