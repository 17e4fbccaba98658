//! Conversations from OpenAI chat JSONL.

use super::{Conversation, MOST_MESSAGES, Role};

/// The largest file that is read, in bytes.
pub const LARGEST_FILE: usize = 8 << 20;
/// The most conversations in a file.
pub const MOST_CONVERSATIONS: usize = 10_000;

/// Why a file of conversations cannot be used. Line numbers begin at 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonlError {
    /// The file is too large.
    #[error("The file has {bytes} bytes; at most {LARGEST_FILE} are read. Use a part of it.")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// There are too many conversations.
    #[error("The file holds more than {MOST_CONVERSATIONS} conversations. Use a part of it.")]
    TooMany,
    /// The file holds nothing.
    #[error("The file holds no conversation: each line must be a JSON object with \"messages\".")]
    Empty,
    /// The bytes are not UTF-8.
    #[error("Line {line} is not UTF-8 text. Save the file as UTF-8.")]
    NotText {
        /// Where.
        line: usize,
    },
    /// A line is not a conversation.
    #[error(
        "Line {line} is not a conversation: {reason}. Expected {{\"messages\": [{{\"role\": \"user\", \"content\": \"...\"}}, {{\"role\": \"assistant\", \"content\": \"...\"}}]}}."
    )]
    Line {
        /// Where.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// Reads conversations, one on each line. Empty lines are skipped.
///
/// # Errors
///
/// [`JsonlError`], with the number of the first bad line.
pub fn read_jsonl(bytes: &[u8]) -> Result<Vec<Conversation>, JsonlError> {
    if bytes.len() > LARGEST_FILE {
        return Err(JsonlError::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count() + 1;
        JsonlError::NotText { line }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text); // a byte order mark, as some editors write it
    let mut conversations = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if conversations.len() == MOST_CONVERSATIONS {
            return Err(JsonlError::TooMany);
        }
        let bad = |reason: String| JsonlError::Line { line: index + 1, reason };
        let conversation: Conversation = serde_json::from_str(line).map_err(|e| bad(plain(&e)))?;
        conversation.check().map_err(bad)?;
        conversations.push(conversation);
    }
    if conversations.is_empty() {
        return Err(JsonlError::Empty);
    }
    Ok(conversations)
}

/// serde_json's message, whose "line 1" would be mistaken for a line of the file.
fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.find(" at line ") {
        Some(end) => format!("{} (column {})", &message[..end], error.column()),
        None => message,
    }
}

impl Conversation {
    /// Checks the messages: not too many of them, an optional system message, then user and assistant in turns, an answer last.
    ///
    /// # Errors
    ///
    /// What is wrong, as a part of a sentence.
    pub fn check(&self) -> Result<(), String> {
        if self.messages.len() > MOST_MESSAGES {
            return Err(format!("it has {} messages, and may have {MOST_MESSAGES}", self.messages.len()));
        }
        let turns = match self.messages.first() {
            None => return Err("it has no messages".into()),
            Some(first) => &self.messages[usize::from(first.role == Role::System)..],
        };
        for (turn, message) in turns.iter().enumerate() {
            let expected = if turn % 2 == 0 { Role::User } else { Role::Assistant };
            if message.role != expected {
                return Err(format!(
                    "message {} is the {}'s instead of the {}'s",
                    turn + 1,
                    message.role.name(),
                    expected.name()
                ));
            }
        }
        match turns.last() {
            Some(last) if last.role == Role::Assistant && last.content.is_empty() => {
                Err("the last answer is empty".into())
            }
            Some(last) if last.role == Role::Assistant => Ok(()),
            _ => Err("it does not end with the assistant's answer".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}"#;

    #[test]
    fn errors_name_the_line() {
        let at = |text: &str| read_jsonl(text.as_bytes()).unwrap_err().to_string();
        assert!(at(&format!("{GOOD}\n\n{{\"messages\":[]}}")).starts_with("Line 3"));
        assert!(at("{").starts_with("Line 1"));
        assert!(at(r#"{"messages":[{"role":"judge","content":"x"}]}"#).contains("judge"));
        assert!(at(r#"{"messages":[{"role":"user","content":"x"}]}"#).contains("does not end"));
        assert!(at(r#"{"messages":[{"role":"assistant","content":"x"}]}"#).contains("instead of the user's"));
        let many = vec![r#"{"role":"user","content":""}"#; MOST_MESSAGES + 1].join(",");
        assert!(at(&format!("{{\"messages\":[{many}]}}")).contains("4097 messages"));
        assert!(read_jsonl(b"\n \n").unwrap_err() == JsonlError::Empty);
        assert!(read_jsonl(b"\n\xff").unwrap_err() == JsonlError::NotText { line: 2 });
    }

    #[test]
    fn blank_lines_and_a_byte_order_mark_do_no_harm() {
        assert_eq!(read_jsonl(format!("\u{feff}{GOOD}\r\n\r\n{GOOD}\n").as_bytes()).unwrap().len(), 2);
    }
}
