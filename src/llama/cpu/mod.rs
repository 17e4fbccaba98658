//! The model on a CPU, by hand: a training step and greedy decoding on slices of `f32`, with products by `gemm`.

mod adapter;
mod attention;
mod backward;
mod cache;
mod decode;
mod forward;
mod math;
mod matrix;
mod parts;
mod run;
mod step;
mod weights;
mod workspace;

pub use decode::Decoder;
pub use run::Merged;
pub use step::{Sequence, Stepper};
pub use weights::{BlockParts, CpuWeights, Group, Parts, place};
