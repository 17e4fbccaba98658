//! What the project's documents say: the commands in them, and the files and tests that they name.

mod examples;
#[cfg(unix)]
mod fresh;
mod markdown;
mod names;
mod served;

pub use examples::run as examples;
#[cfg(unix)]
pub use fresh::check as fresh_clone;
pub use names::check as names;
pub use served::Client;
