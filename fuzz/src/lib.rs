//! What libFuzzer runs: the same functions as `tests/fuzz.rs`, from the same files.

#[path = "../../tests/fuzz/targets/mod.rs"]
pub mod targets;

// The page's settings, which a target includes, name the floors as the crate does.
#[allow(unused_imports, reason = "which of them are named is the page's business")]
use tenshot::*;
