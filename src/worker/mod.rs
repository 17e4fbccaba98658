//! The browser worker: the engine behind a message port. It knows nothing of the page but [`crate::protocol`].

mod answers;
mod choice;
mod device;
mod errors;
mod fetch;
mod further;
mod inbox;
pub mod kernel;
mod memory;
mod port;
mod service;

pub use service::start;
