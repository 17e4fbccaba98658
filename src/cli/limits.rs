//! The most bytes that are read of each kind of file: far more than any real one has, and far less than a memory. Weights
//! are ordinary files and as large as they say. Where what reads a file's content has a limit of its own, no more is read.

use crate::{engine, llama, study, text};

/// Conversations to tune on.
pub const CONVERSATIONS: u64 = text::LARGEST_FILE as u64;
/// `config.json` of a model.
pub const CONFIG: u64 = llama::LARGEST_CONFIG as u64;
/// `adapter_config.json`.
pub const ADAPTER_CONFIG: u64 = llama::LARGEST_ADAPTER_CONFIG as u64;
/// `manifest.json`.
pub const MANIFEST: u64 = engine::LARGEST_MANIFEST as u64;
/// `tokenizer_config.json`.
pub const TOKENIZER_CONFIG: u64 = engine::LARGEST_TOKENIZER_CONFIG as u64;
/// `tokenizer.json`.
pub const TOKENIZER: u64 = engine::LARGEST_TOKENIZER as u64;
/// `model.safetensors.index.json`.
pub const INDEX: u64 = llama::LARGEST_INDEX as u64;
/// The header of a file of weights.
pub const WEIGHTS_HEADER: u64 = llama::LONGEST_HEADER;
/// A recipe.
pub const RECIPE: u64 = 1 << 20;
/// A study: its grid, or the file that says what a folder is of.
pub const GRID: u64 = 16 << 20;
/// Questions.
pub const QUESTIONS: u64 = 16 << 20;
/// Answers to judge.
pub const ANSWERS: u64 = 64 << 20;
/// A plan, which may hold its conversations and questions.
pub const PLAN: u64 = study::LARGEST_PLAN as u64;
/// Rows of a benchmark.
pub const GROWTH: u64 = 1 << 20;
/// A record: 17 kB for each step with the bundled questions.
pub const RECORD: u64 = 128 << 20;
/// The most values in a JSON file.
pub const JSON_VALUES: usize = study::MOST_JSON_VALUES;
