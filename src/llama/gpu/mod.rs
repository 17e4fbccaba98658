//! A training step on a GPU, by hand: kernels of our own on burn's device, with the adapter and its optimizer there.

mod adapter;
mod batch;
mod buffer;
mod kernels;
mod launch;
mod pass;
mod resident;
mod weights;
mod workspace;

pub use adapter::Settings;
pub use resident::{Resident, Stepped};
pub use weights::{GpuWeights, client, suits};
