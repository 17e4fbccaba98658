//! What can go wrong with a model.

use crate::terminal;

/// Why a model cannot be loaded, or a sequence cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum LlamaError {
    /// The config describes something that cannot be run.
    #[error("The model's config.json cannot be used: {reason}.")]
    Config {
        /// What is wrong.
        reason: String,
    },
    /// A weights file is not a safetensors file, or was cut short.
    #[error("The model file {file} is damaged or incomplete: {reason}. Fetch it again.")]
    Damaged {
        /// The file's name.
        file: String,
        /// What the reader found.
        reason: String,
    },
    /// A tensor is not there.
    #[error(
        "The model file lacks the tensor {name}, which config.json calls for. Config and weights are of different models."
    )]
    Missing {
        /// The tensor's name.
        name: String,
    },
    /// A tensor is there that the config has no place for.
    #[error("The model file holds the tensor {name}, for which config.json has no place{hint}.")]
    Unexpected {
        /// The tensor's name.
        name: String,
        /// Why, where it is known; begins with `: `.
        hint: &'static str,
    },
    /// A tensor has the wrong shape.
    #[error("The tensor {name} has the shape {found:?}, and config.json calls for {expected:?}.")]
    Shape {
        /// The tensor's name.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape by the config.
        expected: Vec<usize>,
    },
    /// A tensor has a type that cannot be read.
    #[error("The tensor {name} is of type {found}; only F32, F16 and BF16 can be read.")]
    Type {
        /// The tensor's name.
        name: String,
        /// The type in the file.
        found: String,
    },
    /// A weight is infinite or not a number.
    #[error(
        "The tensor {name} holds a value that is not a finite number: the file is damaged, or its training diverged."
    )]
    NotFinite {
        /// The tensor's name.
        name: String,
    },
    /// What the model computes is infinite or not a number, so that it has no most probable token.
    #[error(
        "The model computes numbers that are infinite or no numbers, so it has no answer: its weights or the constants in its config.json are broken, or its adapter is (alpha too large, or tuning diverged)."
    )]
    Logits,
    /// A sequence has no token.
    #[error("This text has no tokens, so there is nothing that the model could go on with. Use another one.")]
    Empty,
    /// A sequence is too long for the model.
    #[error("This text has {tokens} tokens, and the model reads at most {limit}. Use a shorter one.")]
    TooLong {
        /// The sequence's length.
        tokens: usize,
        /// The model's.
        limit: usize,
    },
    /// A token id lies outside the vocabulary.
    #[error("The token id {id} is outside the model's vocabulary of {vocab}. The tokenizer belongs to another model.")]
    Token {
        /// The id.
        id: u32,
        /// The vocabulary's size.
        vocab: usize,
    },
    /// An adapter does not fit the model.
    #[error("The adapter does not fit: {reason}.")]
    Adapter {
        /// What is wrong.
        reason: String,
    },
    /// The device failed while computing or reading back.
    #[error("The device stopped working: {reason}. Start again, or use the CPU.")]
    Device {
        /// The driver's message.
        reason: String,
    },
    /// The caller asked to stop.
    #[error("Stopped.")]
    Cancelled,
}

/// The longest piece of a file that an error repeats, in characters.
const LONGEST_PIECE: usize = 200;

/// Text that holds pieces of a file, as it may stand in a message: one line, of bounded length, nothing that a terminal obeys.
pub fn plain(text: &str) -> String {
    terminal::label(text, LONGEST_PIECE)
}

/// That a file is not too large to be read.
///
/// # Errors
///
/// What is wrong, as a part of a sentence about `what`.
pub fn at_most(what: &str, bytes: &[u8], most: usize) -> Result<(), String> {
    if bytes.len() > most {
        return Err(format!("{what} has {} bytes, and at most {most} are read", bytes.len()));
    }
    Ok(())
}

/// A name from a file, in quotation marks.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", plain(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_files_are_short_and_harmless() {
        assert_eq!(plain("q_proj, größer, 图书馆"), "q_proj, größer, 图书馆");
        assert_eq!(quoted("a\u{1b}[2J\n\u{202e}b"), "\"a\\u{1b}[2J\\n\\u{202e}b\"");
        assert!(plain(&"x".repeat(5_000_000)).chars().count() < 210);
    }
}
