//! The first stage and the last of a forward pass: from tokens to the stream, and from logits to the loss.

use cubecl::prelude::*;

use super::reduce::{largest, sum};

/// The embeddings of the batch's first words, `[rows, d]`; a unit for each number.
#[cube(launch_unchecked)]
pub fn embed(batch: &[u32], embedding: &[f32], out: &mut [f32], len: u32, d: u32) {
    let (at, d) = (ABSOLUTE_POS, d as usize);
    if at < len as usize {
        out[at] = embedding[batch[at / d] as usize * d + at % d];
    }
}

/// Replaces logits, `[answers, vocab]`, by the gradient of the loss, and writes each answer's part of it to `losses`,
/// `[answers]`. The targets are at `batch[targets + answer]`, the weights of the answers, as bits, at
/// `batch[weights + answer]`. A workgroup for each answer.
#[cube(launch_unchecked)]
pub fn cross_entropy(batch: &[u32], logits: &mut [f32], losses: &mut [f32], vocab: u32, targets: u32, weights: u32) {
    let mut shared = Shared::<[f32]>::new_slice(64usize);
    let (answer, vocab) = (CUBE_POS_X as usize, vocab as usize);
    let row = answer * vocab;
    let target = batch[targets as usize + answer] as usize;
    let weight = f32::reinterpret(batch[weights as usize + answer]);
    let logit = logits[row + target];
    let mut most = logit;
    let mut i = UNIT_POS as usize;
    while i < vocab {
        most = max(most, logits[row + i]);
        i += 64;
    }
    let most = largest(most, &mut shared, 64usize);
    let mut total = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < vocab {
        total += f32::exp(logits[row + i] - most);
        i += 64;
    }
    let total = sum(total, &mut shared, 64usize);
    let mut i = UNIT_POS as usize;
    while i < vocab {
        let mut share = f32::exp(logits[row + i] - most) / total;
        if i == target {
            share -= 1.0f32;
        }
        logits[row + i] = share * weight;
        i += 64;
    }
    if UNIT_POS == 0 {
        losses[answer] = (most + f32::ln(total) - logit) * weight;
    }
}
