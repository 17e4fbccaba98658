//! What is fuzzed: one function for each kind of file or message that comes from elsewhere. Each reads the bytes as the
//! program does, and checks what must hold of whatever it accepts. A refusal is returned as the user would read it.
//!
//! `tests/fuzz.rs` runs them with a mutator on the stable toolchain, `fuzz/` with libFuzzer.

mod model;
mod serve;
mod study;
mod text;

pub use model::{config, index, manifest, peft_config, peft_weights, weights};
pub use serve::serve;
pub use study::{grid, plan, protocol, recipe, record, run, url};
pub use text::{jsonl, template, tokenizer, tokenizer_config};

/// Nothing if the input was accepted, else why it was refused.
pub type Verdict = Result<(), String>;

fn refused(error: impl std::fmt::Display) -> String {
    error.to_string()
}
