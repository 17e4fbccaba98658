//! The browser worker: the engine behind a message port.

pub mod protocol;
