//! The door for programs: `window.tenshot`, and what a program can read of the document. docs/door.md tells its users.
//!
//! | part | what it is |
//! |---|---|
//! | `request` | what a program asks for, read from its JSON and checked |
//! | `refusal` | why it does not get it: a code and a message |
//! | `desk` | who waits for what; a part of the page's model |
//! | `state` | how it stands, in a word, a code and a short JSON text |
//! | `window`, `promises` | the object in the window, and the promises that it has given |
//!
//! All but `window` and `promises` is plain data. The model obeys requests in `model::door`.

pub mod desk;
mod promises;
pub mod refusal;
pub mod request;
pub mod state;
mod window;

pub use promises::settle;
pub use window::open;

/// The version of the door: a new one if what is there changes its meaning, none if something is added.
pub const VERSION: u32 = 1;
