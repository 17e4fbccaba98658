//! Mutated inputs for everything that reads what comes from elsewhere: no panic, no abort, no more than a second of computing
//! and no more than a gigabyte for any of them, and what is accepted keeps its word (`fuzz/targets/`).
//!
//! ```text
//! cargo test --release --test fuzz                       # the corpus, and a few inputs
//! cargo xtask test fuzz                                  # about 20 seconds for each target
//! cargo test --release --test fuzz -- tokenizer plan     # these targets alone
//! cargo test --release --test fuzz -- --input FILE tokenizer
//! ```
//!
//! | variable | what it decides |
//! |---|---|
//! | `TENSHOT_FUZZ_EFFORT` | how many inputs: 1 (the default) is about a second for each target, 60 a minute |
//! | `TENSHOT_FUZZ_SEED` | which inputs: one seed, the same ones (default 1) |
//!
//! Each target runs in processes of its own: what ends one is told by the one that started it, with the input in a file.

#[path = "fuzz/child.rs"]
mod child;
#[path = "fuzz/guard.rs"]
mod guard;
#[path = "fuzz/json.rs"]
mod json;
#[path = "fuzz/mutate.rs"]
mod mutate;
#[path = "fuzz/parent.rs"]
mod parent;
#[path = "fuzz/proof.rs"]
mod proof;
#[path = "fuzz/table.rs"]
mod table;
#[path = "fuzz/targets/mod.rs"]
mod targets;

use std::process::ExitCode;

// The page's settings, which a target includes, name the floors as the crate does.
#[allow(unused_imports, reason = "which of them are named is the page's business")]
use tenshot::*;

#[global_allocator]
static ALLOCATOR: guard::Counting = guard::Counting;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--child", target, seed, from, inputs, state] => child::run(target, [seed, from, inputs], state),
        ["--input", file, target] => child::one(target, file),
        _ => parent::run(&words),
    }
}
