//! Text in and out: conversations, the chat template, the tokenizer.

#[cfg(feature = "engine")]
mod codec;
mod conversation;
mod jsonl;

#[cfg(feature = "engine")]
pub use codec::{Example, TextCodec, TextError};
pub use conversation::{Conversation, Message, Role};
pub use jsonl::{JsonlError, LARGEST_FILE, MOST_CONVERSATIONS, read_jsonl};
