//! A training step and answers on a GPU, by hand: kernels of our own on burn's device, with the adapter and its optimizer there.

mod adapter;
mod batch;
mod buffer;
mod decode;
mod decode_launch;
mod kernels;
mod lanes;
mod launch;
mod pass;
mod recording;
mod resident;
mod weights;
mod workspace;

pub use adapter::Settings;
pub use decode::{Batch, Decoder};
pub use resident::{Resident, Stepped};
pub use weights::{GpuWeights, client, suits};

use super::LlamaError;

/// How many launches cubecl gathers before it submits them, on devices that we open: a step of Folio is 57 and one submit. cubecl's own
/// 32 make three of it, each of which costs a browser's host more than many launches.
pub const LAUNCHES_PER_SUBMIT: usize = 128;

fn incomplete() -> LlamaError {
    LlamaError::Device { reason: "it gave back less than it was asked for".into() }
}
