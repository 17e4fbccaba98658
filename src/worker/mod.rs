//! The browser worker: the engine behind a message port.
//!
//! The page knows [`protocol`] alone; the rest is compiled into the worker's own WebAssembly file.

pub mod protocol;

#[cfg(all(feature = "worker", target_family = "wasm"))]
mod device;
#[cfg(all(feature = "worker", target_family = "wasm"))]
mod fetch;
#[cfg(all(feature = "worker", target_family = "wasm"))]
mod inbox;
#[cfg(all(feature = "worker", target_family = "wasm"))]
mod port;
#[cfg(all(feature = "worker", target_family = "wasm"))]
mod service;

#[cfg(all(feature = "worker", target_family = "wasm"))]
pub use service::start;
