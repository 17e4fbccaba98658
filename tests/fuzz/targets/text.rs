//! Tokenizers, chat templates and conversations.

use serde_json::json;
use tenshot::engine::{TextCodec, TextError};
use tenshot::text::{Conversation, Message, Role, read_jsonl};

use super::{Verdict, refused};

pub const TOKENIZER: &[u8] = include_bytes!("../corpus/tokenizer/tiny.json");
pub const TOKENIZER_CONFIG: &[u8] = include_bytes!("../corpus/tokenizer-config/tiny.json");
/// The vocabulary of the tiny model.
const VOCAB: usize = 96;
/// A vocabulary that any tokenizer fits.
const WIDE: usize = 1 << 24;

/// What every codec is tried on.
const TEXTS: [&str; 4] =
    ["", "How would someone bake bread?", "<|im_start|>user\n", "e\u{301} \u{4e2d} \u{1f600}\0\r\n  x"];

/// A letter, and how many of them are half of the longest text that a tokenizer with regular expressions takes. The worst of
/// these take time that grows with its square: about a second for all of it, which is the most that an input may take here.
const LONG: (&str, usize) = ("A", 16 << 10);
/// One file in so many is tried on the long text, which takes a hundred times as long as the others; its bytes decide, so that it is
/// the same ones each time.
const LONG_TRIED: u64 = 16;

/// `tokenizer.json`, with the chat template of the tiny model.
pub fn tokenizer(data: &[u8]) -> Verdict {
    let codec = TextCodec::new(data, TOKENIZER_CONFIG, WIDE).map_err(refused)?;
    if data.iter().map(|byte| u64::from(*byte)).sum::<u64>().is_multiple_of(LONG_TRIED) {
        let (letter, times) = LONG;
        match codec.encode(&letter.repeat(times)) {
            Ok(_) | Err(TextError::TooLong { .. }) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    use_codec(&codec)
}

/// `tokenizer_config.json`.
pub fn tokenizer_config(data: &[u8]) -> Verdict {
    use_codec(&TextCodec::new(TOKENIZER, data, VOCAB).map_err(refused)?)
}

/// A chat template alone.
pub fn template(data: &[u8]) -> Verdict {
    let template = String::from_utf8_lossy(data);
    let config = json!({ "chat_template": template, "eos_token": "<|im_end|>", "bos_token": "<|im_start|>" });
    tokenizer_config(config.to_string().as_bytes())
}

/// Encodes and decodes; a conversation has as many marks as tokens.
fn use_codec(codec: &TextCodec) -> Verdict {
    for text in TEXTS {
        let ids = codec.encode(text).map_err(refused)?;
        codec.decode(&ids).map_err(refused)?;
    }
    let messages = vec![
        Message::new(Role::System, "Be brief."),
        Message::new(Role::User, "Who are you?"),
        Message::new(Role::Assistant, "A librarian."),
        Message::new(Role::User, "Which book?"),
        Message::new(Role::Assistant, "This one."),
    ];
    codec.continuation(&messages[..4]).map_err(refused)?;
    let example = codec.example(&Conversation { messages }).map_err(refused)?;
    assert_eq!(example.ids.len(), example.answer.len());
    Ok(())
}

thread_local! {
    static CODEC: TextCodec =
        TextCodec::new(TOKENIZER, TOKENIZER_CONFIG, VOCAB).expect("the corpus has a tokenizer that can be read");
}

/// Conversations as JSONL: what is accepted is written and read again without a change, and becomes tokens.
pub fn jsonl(data: &[u8]) -> Verdict {
    let conversations = read_jsonl(data).map_err(refused)?;
    let line = |conversation| serde_json::to_string(conversation).expect("a conversation can be written") + "\n";
    let text: String = conversations.iter().map(line).collect();
    assert_eq!(read_jsonl(text.as_bytes()).expect("what was written can be read"), conversations);
    CODEC.with(|codec| {
        for conversation in &conversations {
            let example = codec.example(conversation).map_err(refused)?;
            assert_eq!(example.ids.len(), example.answer.len());
        }
        Ok(())
    })
}
