//! The most bytes that are read of each kind of file: far more than any real one has, and far less than a memory. Weights
//! are ordinary files and as large as they say.

/// Conversations to tune on.
pub const CONVERSATIONS: u64 = crate::text::LARGEST_FILE as u64;
/// `config.json` of a model, `adapter_config.json`, a manifest, a recipe.
pub const CONFIG: u64 = 1 << 20;
/// `tokenizer_config.json`: a chat template, and sometimes every special token again.
pub const TOKENIZER_CONFIG: u64 = 16 << 20;
/// `tokenizer.json`.
pub const TOKENIZER: u64 = 64 << 20;
/// `model.safetensors.index.json`: a line for each tensor.
pub const INDEX: u64 = 16 << 20;
/// Questions.
pub const QUESTIONS: u64 = 16 << 20;
/// Answers to judge.
pub const ANSWERS: u64 = 64 << 20;
/// A plan, which may hold its conversations and questions.
pub const PLAN: u64 = 64 << 20;
/// A record: 17 kB for each step with the bundled questions.
pub const RECORD: u64 = 128 << 20;
/// The most values in a JSON file. In memory each is many times as large as the two bytes that it can be in a file.
pub const JSON_VALUES: usize = 10_000_000;
/// The header of a file of weights, which the format itself limits.
pub const WEIGHTS_HEADER: u64 = 100_000_000;
