//! RMSNorm and its gradient, a workgroup for each row.

use cubecl::prelude::*;

use super::reduce::sum;

/// Units that share a row.
pub const ROW_UNITS: u32 = 64;

/// The row of the stream that a row of the norm is made of.
#[cube]
fn source(batch: &[u32], first: usize, row: usize, #[comptime] gather: bool) -> usize {
    if comptime!(gather) { batch[first + row] as usize } else { row }
}

/// `out = x · scale · weight` with `scale = 1 / sqrt(mean(x²) + eps)`; a workgroup for each row of `out`, `[rows, d]`.
/// With `gather`, row `i` is that of `x` which `batch[first + i]` names.
#[cube(launch_unchecked)]
pub fn norm(
    x: &[f32],
    weight: &[f32],
    batch: &[u32],
    out: &mut [f32],
    scales: &mut [f32],
    d: u32,
    first: u32,
    eps: f32,
    #[comptime] gather: bool,
) {
    let mut shared = Shared::<[f32]>::new_slice(64usize);
    let (row, d) = (CUBE_POS_X as usize, d as usize);
    let from = source(batch, first as usize, row, gather);
    let mut squares = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < d {
        let value = x[from * d + i];
        squares += value * value;
        i += 64;
    }
    let mean = sum(squares, &mut shared, 64usize) / f32::cast_from(d as u32);
    let scale = 1.0f32 / f32::sqrt(mean + eps);
    let mut i = UNIT_POS as usize;
    while i < d {
        out[row * d + i] = x[from * d + i] * scale * weight[i];
        i += 64;
    }
    if UNIT_POS == 0 {
        scales[row] = scale;
    }
}

/// The gradient of a stream, `out = residual + `what [`norm`] makes of `dout`; all `[rows, d]`, a workgroup for each row.
#[cube(launch_unchecked)]
pub fn norm_back(dout: &[f32], x: &[f32], weight: &[f32], scales: &[f32], residual: &[f32], out: &mut [f32], d: u32) {
    let mut shared = Shared::<[f32]>::new_slice(64usize);
    let (row, d) = (CUBE_POS_X as usize, d as usize);
    let mut dot = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < d {
        dot += dout[row * d + i] * weight[i] * x[row * d + i];
        i += 64;
    }
    let dot = sum(dot, &mut shared, 64usize);
    let scale = scales[row];
    let pull = dot * scale * scale * scale / f32::cast_from(d as u32);
    let mut i = UNIT_POS as usize;
    while i < d {
        let at = row * d + i;
        out[at] = residual[at] + dout[at] * weight[i] * scale - x[at] * pull;
        i += 64;
    }
}

/// The gradient of the last stream, `[rows, d]`, from that of the answers' rows alone: `batch[place + row]` is 0 for a row
/// without an answer, else one more than the answer's number. A workgroup for each row.
#[cube(launch_unchecked)]
pub fn last_norm_back(
    dout: &[f32],
    x: &[f32],
    weight: &[f32],
    scales: &[f32],
    batch: &[u32],
    out: &mut [f32],
    d: u32,
    place: u32,
) {
    let mut shared = Shared::<[f32]>::new_slice(64usize);
    let (row, d) = (CUBE_POS_X as usize, d as usize);
    // Rows without an answer compute with the first one's numbers: all units must meet at the sum.
    let number = batch[place as usize + row];
    let counts = min(number, 1u32);
    let answer = (number - counts) as usize;
    let counts = f32::cast_from(counts);
    let mut dot = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < d {
        dot += dout[answer * d + i] * weight[i] * x[row * d + i];
        i += 64;
    }
    let dot = sum(dot, &mut shared, 64usize);
    let scale = scales[answer];
    let pull = dot * scale * scale * scale / f32::cast_from(d as u32);
    let mut i = UNIT_POS as usize;
    while i < d {
        out[row * d + i] = counts * (dout[answer * d + i] * weight[i] * scale - x[row * d + i] * pull);
        i += 64;
    }
}
