//! The model on a CPU, by hand: a training step on slices of `f32`, with products by `gemm`.

mod adapter;
mod attention;
mod backward;
mod forward;
mod math;
mod matrix;
mod parts;
mod step;
mod weights;
mod workspace;

pub use step::{Sequence, Stepper};
pub use weights::{CpuWeights, Parts};
