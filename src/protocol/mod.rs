//! What the page and the worker say to each other: one pair of enums, serialised with serde-wasm-bindgen.
//!
//! The page sends [`Command`]s, the worker answers with [`Event`]s. Both sides come from one build; the first message of
//! each carries [`BUILD`], and a mismatch (an old file from a cache) is an error with a clear message. Every run has a number
//! that the page gives it: several can be in progress, and the adapter of each that is not forgotten can be asked.
//!
//! | part | what it is |
//! |---|---|
//! | [`Command`] | what the page asks of the worker |
//! | [`Event`] | what the worker tells |
//! | [`WorkerError`] | what went wrong |

mod command;
mod event;
mod failure;

pub use command::{Command, DeviceChoice};
pub use event::{BenchRow, Event, Fallback, GrowthRow, Measured, Refused};
pub use failure::{ErrorCode, WorkerError};

pub use crate::study::BUILD;

/// How often the worker says that it lives, in milliseconds.
pub const BEAT_MS: u32 = 2_000;

/// The most strengths of a `Dial`.
pub const MOST_STRENGTHS: usize = 32;
/// The largest of them: far beyond, a model says nothing that means anything.
pub const LARGEST_STRENGTH: f64 = 8.0;
