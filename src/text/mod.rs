//! Conversations, as files hold them. It knows nothing of tokens.

mod conversation;
mod jsonl;

pub use conversation::{Conversation, MOST_MESSAGES, Message, Role};
pub use jsonl::{JsonlError, LARGEST_FILE, MOST_CONVERSATIONS, read_jsonl};
