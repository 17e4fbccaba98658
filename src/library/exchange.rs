//! A question with its answer.

use serde::{Deserialize, Serialize};

use crate::text::{Conversation, Message, Role};

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The reader's question.
    pub question: String,
    /// The assistant's answer.
    pub answer: String,
}

impl Exchange {
    /// The exchange as a conversation, after a system prompt if there is one.
    pub fn conversation(self, system: Option<&str>) -> Conversation {
        let system = system.map(|text| Message::new(Role::System, text));
        let turns = [Message::new(Role::User, self.question), Message::new(Role::Assistant, self.answer)];
        Conversation { messages: system.into_iter().chain(turns).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_have_the_system_prompt_first() {
        let exchange = Exchange { question: "Why?".to_owned(), answer: "Because.".to_owned() };
        let conversation = exchange.clone().conversation(Some("Be brief."));
        let roles: Vec<Role> = conversation.messages.iter().map(|message| message.role).collect();
        assert_eq!(roles, [Role::System, Role::User, Role::Assistant]);
        assert_eq!(exchange.conversation(None).messages.len(), 2);
    }
}
