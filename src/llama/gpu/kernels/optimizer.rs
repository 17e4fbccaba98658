//! The end of a step: the gradient's norm, clipping, AdamW, and the guard against what is no number, in one workgroup.

use cubecl::prelude::*;

use super::reduce::{is_finite, sum};

/// Units of the workgroup.
pub const OPTIMIZER_UNITS: u32 = 256;
/// AdamW's constants, which every plan has.
const FACTOR_1: f32 = 0.1; // 1 - beta 1
const FACTOR_2: f32 = 0.001; // 1 - beta 2
const EPSILON: f32 = 1e-8;

/// One step of AdamW. `state` is `[3, len]`: parameters and both moments, replaced if all of it is finite; `next` is room for
/// as much. `head` begins with what the step comes to: the loss, the gradient's norm before it is clipped to `max_norm` (it is not, if
/// that is negative), and the sum of the new parameters' squares; then `1 - beta^steps` of both moments. The learning rate's bits are
/// at `batch[rate]`.
#[cube(launch_unchecked)]
pub fn finish(
    gradient: &[f32],
    losses: &[f32],
    batch: &[u32],
    head: &mut [f32],
    state: &mut [f32],
    next: &mut [f32],
    len: u32,
    answers: u32,
    rate: u32,
    max_norm: f32,
    decay: f32,
) {
    let mut shared = Shared::<[f32]>::new_slice(256usize);
    let (unit, len) = (UNIT_POS as usize, len as usize);
    let mut squares = 0.0f32;
    let mut i = unit;
    while i < len {
        squares += gradient[i] * gradient[i];
        i += 256;
    }
    let norm = f32::sqrt(sum(squares, &mut shared, 256usize));
    let mut loss = 0.0f32;
    let mut i = unit;
    while i < answers as usize {
        loss += losses[i];
        i += 256;
    }
    let loss = sum(loss, &mut shared, 256usize);

    let mut clip = 1.0f32;
    if max_norm >= 0.0f32 {
        clip = min(max_norm / (norm + 1e-6f32), 1.0f32);
    }
    let rate = f32::reinterpret(batch[rate as usize]);
    let bias_1 = head[3] * (1.0f32 - FACTOR_1) + FACTOR_1;
    let bias_2 = head[4] * (1.0f32 - FACTOR_2) + FACTOR_2;
    let mut size = 0.0f32;
    let mut i = unit;
    while i < len {
        let g = gradient[i] * clip;
        let first = state[len + i] * (1.0f32 - FACTOR_1) + g * FACTOR_1;
        let second = state[2 * len + i] * (1.0f32 - FACTOR_2) + g * g * FACTOR_2;
        let change = first / bias_1 / (f32::sqrt(second / bias_2) + EPSILON);
        let value = state[i] * (1.0f32 - rate * decay) - rate * change;
        next[i] = value;
        next[len + i] = first;
        next[2 * len + i] = second;
        size += value * value;
        i += 256;
    }
    let size = sum(size, &mut shared, 256usize);
    if is_finite(loss) && is_finite(norm) && is_finite(size) {
        // Each unit copies what it wrote itself.
        let mut i = unit;
        while i < len {
            state[i] = next[i];
            state[len + i] = next[len + i];
            state[2 * len + i] = next[2 * len + i];
            i += 256;
        }
        if unit == 0 {
            head[3] = bias_1;
            head[4] = bias_2;
        }
    }
    if unit == 0 {
        head[0] = loss;
        head[1] = norm;
        head[2] = size;
    }
}
