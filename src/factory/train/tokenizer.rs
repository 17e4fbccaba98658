//! Training of the byte-level BPE tokenizer.

use tokenizers::decoders::byte_level::ByteLevel as ByteLevelDecoder;
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainerBuilder};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, Tokenizer};

use crate::factory::FactoryError;

/// The special tokens in the order of their ids: padding and the end of a plain document, then ChatML's two.
pub const SPECIAL_TOKENS: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/// Trains a byte-level BPE of `vocab_size` tokens (at most; special tokens and the 256 bytes included) and gives its
/// `tokenizer.json`. The same texts in the same order give the same bytes.
///
/// # Errors
///
/// [`FactoryError::Failed`] if the tokenizers crate fails.
pub fn train_tokenizer(texts: &[String], vocab_size: usize) -> Result<Vec<u8>, FactoryError> {
    let failed = |e: tokenizers::Error| FactoryError::Failed { what: "Training the tokenizer", reason: e.to_string() };
    let mut tokenizer = Tokenizer::new(BPE::default());
    tokenizer.with_pre_tokenizer(Some(ByteLevel::new(false, true, true)));
    tokenizer.with_decoder(Some(ByteLevelDecoder::default()));
    let special = SPECIAL_TOKENS.map(|token| AddedToken::from(token, true)).to_vec();
    let mut trainer: TrainerWrapper = BpeTrainerBuilder::new()
        .vocab_size(vocab_size)
        .show_progress(false)
        .special_tokens(special)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build()
        .into();
    tokenizer.train(&mut trainer, texts.iter().map(String::as_str)).map_err(failed)?;
    tokenizer.to_string(true).map(String::into_bytes).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_texts_give_the_same_bytes() {
        let texts: Vec<String> =
            (0..50).map(|i| format!("The owl of shelf {i} reads the map of the harbour.")).collect();
        let bytes = train_tokenizer(&texts, 300).unwrap();
        assert_eq!(bytes, train_tokenizer(&texts, 300).unwrap());
        let tokenizer = Tokenizer::from_bytes(&bytes).unwrap();
        assert_eq!(tokenizer.get_vocab_size(true), 300);
        for (id, token) in SPECIAL_TOKENS.into_iter().enumerate() {
            assert_eq!(tokenizer.token_to_id(token), Some(id as u32));
        }
        let text = "A new text, with an \u{e9} and a \u{1F989}.";
        let ids = tokenizer.encode_fast(text, false).unwrap().get_ids().to_vec();
        assert_eq!(tokenizer.decode(&ids, false).unwrap(), text);
    }
}
