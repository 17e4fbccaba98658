//! Reading `tokenizer.json`: what the `tokenizers` crate is given is written anew from what has been checked here.
//!
//! That crate reads more than any Llama needs, and parts of it panic or never end on a file that is damaged or made to harm:
//! its decoder on any error, its regular expressions, its padding. A WebAssembly module cannot catch a panic, so catching it
//! natively would only hide the fault from the command line. Instead every part is read into the types below first, which know
//! what Llamas' tokenizers have and nothing else; the rest is refused by name. As the file is written anew from these types,
//! the crate cannot read it differently (a key that occurs twice, for instance).

mod check;
mod file;

use tokenizers::Tokenizer;

use crate::llama::{at_most, plain, quoted};
use file::File;

/// The largest `tokenizer.json` that is read, in bytes; Llama 3's has 17 MB.
pub const LARGEST_TOKENIZER: usize = 64 << 20;

/// The longest text that is encoded at once, in bytes: 256 for each of 4096 tokens.
const LONGEST_TEXT: usize = 1 << 20;
/// The longest text that regular expressions of a file search, in bytes: the worst take time that grows with its square.
const LONGEST_SEARCHED: usize = 32 << 10;

/// A `tokenizer.json` that has passed the checks.
pub struct Checked {
    file: File,
    longest_text: usize,
}

impl Checked {
    /// Reads and checks a `tokenizer.json`.
    ///
    /// # Errors
    ///
    /// What is wrong, as a part of a sentence: it is no JSON, or has what no Llama's tokenizer has, or does not fit together.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        at_most("it", bytes, LARGEST_TOKENIZER)?;
        let mut file: File = serde_json::from_slice(bytes).map_err(|e| plain(&e.to_string()))?;
        let searched = file.check()?;
        Ok(Self { file, longest_text: searched.map_or(LONGEST_TEXT, |times| LONGEST_SEARCHED / times) })
    }

    /// The longest text that it may be given at once, in bytes.
    pub fn longest_text(&self) -> usize {
        self.longest_text
    }

    /// The number of tokens: the largest id and one more. Ids may have gaps.
    pub fn tokens(&self) -> usize {
        let File { model, added_tokens, .. } = &self.file;
        let ids = model.vocab.values().copied().chain(added_tokens.iter().map(|token| token.id));
        ids.max().map_or(0, |id| id as usize + 1)
    }

    /// The tokenizer.
    ///
    /// # Errors
    ///
    /// What is wrong, as a part of a sentence.
    pub fn build(self) -> Result<Tokenizer, String> {
        let Self { mut file, .. } = self;
        let checked = serde_json::to_vec(&file).map_err(|e| e.to_string())?;
        let added = std::mem::take(&mut file.added_tokens);
        drop(file); // its vocabulary is made anew
        let tokenizer = Tokenizer::from_bytes(checked).map_err(|e| plain(&e.to_string()))?;
        // The crate itself numbers tokens that are not in the vocabulary.
        match added.into_iter().find(|token| tokenizer.token_to_id(&token.content) != Some(token.id)) {
            Some(token) => Err(format!("the added token {} cannot have the id {}", quoted(&token.content), token.id)),
            None => Ok(tokenizer),
        }
    }
}
