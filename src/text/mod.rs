//! Text in and out: conversations, the chat template, the tokenizer, masked token batches.

mod conversation;

pub use conversation::{Conversation, Message, Role};
