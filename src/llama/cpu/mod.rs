//! The model on a CPU, by hand: a training step and greedy decoding on slices of `f32`, with products by `gemm` or, in
//! a browser, by a kernel of our own.

mod adapter;
mod attention;
mod backward;
mod cache;
mod decode;
mod forward;
mod math;
mod matrix;
#[cfg(target_arch = "wasm32")]
mod panel;
#[cfg(target_arch = "wasm32")]
mod panels;
mod parts;
mod run;
mod step;
mod weights;
mod workspace;

pub use decode::Decoder;
pub use matrix::{Mat, MatMut, multiply, multiply_add};
#[cfg(target_arch = "wasm32")]
pub use panels::{Kernel, set_kernel};
pub use run::Merged;
pub use step::{Sequence, Stepper};
pub use weights::{BlockParts, CpuWeights, Group, Parts, place};
