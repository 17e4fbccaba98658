//! The kernels of a step and of answers, each for one stage. A kernel is launched unchecked, so that each names what its sizes must be.
//!
//! WebGPU's least limits hold for all of them: at most seven buffers besides cubecl's own, 256 units, no subgroups, little
//! workgroup memory; and no launch reads a buffer that it also writes under another name.

#![allow(clippy::too_many_arguments, reason = "a kernel's arguments are its bindings and sizes")]
#![allow(unsafe_code, missing_docs, reason = "what the attribute of a kernel writes: unchecked launches")]
#![allow(clippy::ptr_arg, clippy::needless_range_loop, reason = "kernels are a language of their own")]

pub mod adapter;
pub mod attention;
pub mod decode;
pub mod loss;
pub mod norm;
pub mod optimizer;
pub mod product;
pub mod reduce;

/// Units of a workgroup where each does its own work.
pub const UNITS: u32 = 64;
