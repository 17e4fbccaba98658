//! What is computed by hand on a GPU against what is computed by hand on the CPU, which `tests/native/cpu.rs` holds to autodiff and to
//! burn's tensors. Any adapter will do, an emulated one as well; without one these tests say so and check nothing.
#![cfg(feature = "cli")]

mod answers;
#[path = "../common/mod.rs"]
mod common;
mod device;
mod steps;
