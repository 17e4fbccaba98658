//! Conversations, as OpenAI chat JSONL writes them: one JSON object with `messages` on each line.

use serde::{Deserialize, Serialize};

/// The most messages of a conversation: no model here reads more than 4096 tokens, and each message is at least one.
pub const MOST_MESSAGES: usize = 4096;

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The instructions before a conversation.
    System,
    /// The reader of the Library.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The role's name in the file format.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// A conversation that ends with the assistant's answer: an optional system message, then user and assistant in turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    /// The messages in order.
    pub messages: Vec<Message>,
}

impl Message {
    /// A message.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}
