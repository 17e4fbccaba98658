//! [`TextCodec`]: from conversations to token ids and back, for one model.

use serde::Deserialize;
use tokenizers::Tokenizer;

use super::template::ChatTemplate;
use super::tokenizer::Checked;
use crate::llama::{at_most, plain, quoted};
use crate::text::{Conversation, MOST_MESSAGES, Message, Role};

/// The longest special token, in bytes.
const LONGEST_NAME: usize = 1024;
/// The largest `tokenizer_config.json` that is read, in bytes; Llama 3.1's, which lists its tokens, has 55,000.
pub const LARGEST_TOKENIZER_CONFIG: usize = 8 << 20;

/// Why text cannot be turned into tokens.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// `tokenizer.json` cannot be used.
    #[error("The model's tokenizer.json cannot be used: {reason}.")]
    Tokenizer {
        /// What is wrong.
        reason: String,
    },
    /// `tokenizer_config.json` cannot be used.
    #[error("The model's tokenizer_config.json cannot be used: {reason}.")]
    Config {
        /// What is wrong.
        reason: String,
    },
    /// The chat template failed on a conversation.
    #[error("The model's chat template cannot express this conversation: {reason}.")]
    Template {
        /// The template engine's message.
        reason: String,
    },
    /// A text or a conversation is longer than any that a model here could read, or than its tokenizer is sure to read soon.
    #[error("This {what} has {size} {unit}; at most {limit} are read. Use a shorter one.")]
    TooLong {
        /// A text or a conversation.
        what: &'static str,
        /// Its size.
        size: usize,
        /// What is counted.
        unit: &'static str,
        /// The most.
        limit: usize,
    },
    /// The tokenizer knows more tokens than the model.
    #[error("The tokenizer has {tokens} tokens and the model {vocab}: they belong to different models.")]
    Vocabulary {
        /// The tokenizer's.
        tokens: usize,
        /// The model's.
        vocab: usize,
    },
}

/// The part of `tokenizer_config.json` that matters here.
#[derive(Deserialize)]
struct TokenizerConfig {
    chat_template: Option<String>,
    eos_token: Option<Named>,
    bos_token: Option<Named>,
}

/// A text without the beginning of a character that it ends with, if it does: that is decoded as U+FFFD.
fn whole(text: &str) -> &str {
    text.trim_end_matches('\u{FFFD}')
}

/// A special token, written as a string or as an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Plain(String),
    Object { content: String },
}

impl Named {
    fn text(self) -> String {
        match self {
            Self::Plain(text) | Self::Object { content: text } => text,
        }
    }
}

/// A conversation as tokens, with a mark on those that the model is tuned to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// The tokens.
    pub ids: Vec<u32>,
    /// For each token, whether it belongs to an answer (the token that ends an answer included).
    pub answer: Vec<bool>,
}

/// The tokenizer and the chat template of one model.
pub struct TextCodec {
    tokenizer: Tokenizer,
    /// The longest text that is encoded at once, and the longest conversation, in bytes.
    longest_text: usize,
    template: ChatTemplate,
    bos_token: String,
    eos_token: String,
    eos_id: u32,
}

impl TextCodec {
    /// Reads `tokenizer.json` and `tokenizer_config.json`.
    ///
    /// # Errors
    ///
    /// [`TextError`] if either cannot be read, has no chat template or end token, or knows more than `vocab` tokens.
    pub fn new(tokenizer: &[u8], config: &[u8], vocab: usize) -> Result<Self, TextError> {
        let unusable = |reason: String| TextError::Tokenizer { reason };
        let checked = Checked::read(tokenizer).map_err(unusable)?;
        let tokens = checked.tokens();
        if tokens > vocab {
            return Err(TextError::Vocabulary { tokens, vocab });
        }
        let longest_text = checked.longest_text();
        let tokenizer = checked.build().map_err(unusable)?;
        let bad = |reason: String| TextError::Config { reason };
        at_most("it", config, LARGEST_TOKENIZER_CONFIG).map_err(bad)?;
        let config: TokenizerConfig = serde_json::from_slice(config).map_err(|e| bad(plain(&e.to_string())))?;
        let template = config.chat_template.ok_or_else(|| bad("it has no chat_template".into()))?;
        let eos_token = config.eos_token.ok_or_else(|| bad("it has no eos_token".into()))?.text();
        let eos_id = tokenizer
            .token_to_id(&eos_token)
            .ok_or_else(|| bad(format!("its eos_token {} is no token", quoted(&eos_token))))?;
        let template = ChatTemplate::new(template).map_err(|reason| bad(format!("its chat_template: {reason}")))?;
        let bos_token = config.bos_token.map(Named::text).unwrap_or_default();
        if bos_token.len() > LONGEST_NAME {
            return Err(bad(format!("its bos_token has {} bytes", bos_token.len())));
        }
        Ok(Self { tokenizer, longest_text, template, bos_token, eos_token, eos_id })
    }

    /// The token that ends an answer.
    pub fn eos_id(&self) -> u32 {
        self.eos_id
    }

    /// The tokens of a text; special tokens written out in it become single ids.
    ///
    /// # Errors
    ///
    /// [`TextError::Tokenizer`] if the tokenizer cannot express it, [`TextError::TooLong`] if no model could read it, or
    /// the tokenizer's regular expressions could take long over it.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
        short("text", text.len(), "bytes", self.longest_text)?;
        let encoding =
            self.tokenizer.encode_fast(text, false).map_err(|e| TextError::Tokenizer { reason: e.to_string() })?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of tokens, without special ones.
    ///
    /// # Errors
    ///
    /// [`TextError::Tokenizer`] if an id is unknown.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TextError> {
        self.tokenizer.decode(ids, true).map_err(|e| TextError::Tokenizer { reason: e.to_string() })
    }

    /// What each token adds to the text, in whole characters: one that is in several tokens is with the last of them. One after the
    /// other they are what [`TextCodec::decode`] makes of all.
    ///
    /// # Errors
    ///
    /// [`TextError::Tokenizer`] if an id is unknown.
    pub fn pieces(&self, ids: &[u32]) -> Result<Vec<String>, TextError> {
        let mut said = String::new();
        let mut pieces = Vec::with_capacity(ids.len());
        for end in 1..=ids.len() {
            let text = self.decode(&ids[..end])?;
            let whole = if end == ids.len() { &text } else { whole(&text) };
            let piece = whole.strip_prefix(said.as_str()).unwrap_or_default();
            said.push_str(piece);
            pieces.push(piece.to_owned());
        }
        Ok(pieces)
    }

    /// What a token would add to the text of those before it, in whole characters.
    ///
    /// # Errors
    ///
    /// [`TextError::Tokenizer`] if an id is unknown.
    pub fn piece_after(&self, before: &[u32], token: u32) -> Result<String, TextError> {
        let said = self.decode(before)?;
        let text = self.decode(&[before, &[token]].concat())?;
        Ok(whole(&text).strip_prefix(whole(&said)).unwrap_or_default().to_owned())
    }

    /// The tokens of a conversation that goes on, up to where the model's next answer begins. Earlier answers are encoded
    /// as in [`TextCodec::example`], so that a model meets the tokens that it was trained on.
    ///
    /// # Errors
    ///
    /// As [`TextCodec::example`].
    pub fn continuation(&self, messages: &[Message]) -> Result<Vec<u32>, TextError> {
        let (mut example, done) = self.turns(messages)?;
        let text = self.render(messages, true)?;
        let rest = text.strip_prefix(&done).ok_or_else(changes_messages)?;
        example.push(self.encode(rest)?, false);
        Ok(example.ids)
    }

    /// A conversation as tokens. Prompts and answers are encoded apart, as they are when the model answers: an answer's
    /// first token never merges with the prompt's last.
    ///
    /// # Errors
    ///
    /// [`TextError`] if the template or the tokenizer fails, or the template does not put answers where they can be found.
    pub fn example(&self, conversation: &Conversation) -> Result<Example, TextError> {
        Ok(self.turns(&conversation.messages)?.0)
    }

    /// The messages up to the last answer as tokens, and the text that these tokens stand for.
    ///
    /// The template is asked for each answer's text before and after it, of which the new part is encoded. In a long
    /// conversation it is asked about the beginning and the messages around the answer alone, so that the time grows with the
    /// messages and not with their square; whether that gives what the whole conversation does is checked at the end.
    fn turns(&self, messages: &[Message]) -> Result<(Example, String), TextError> {
        short("conversation", messages.len(), "messages", MOST_MESSAGES)?;
        short("conversation", messages.iter().map(|m| m.content.len()).sum(), "bytes", self.longest_text)?;
        if let Some(beginning) = beginning(messages).filter(|_| messages.len() > LONG)
            && let Some(turns) = self.windowed(messages, beginning)?
        {
            return Ok(turns);
        }
        short("conversation", messages.len(), "messages that its chat template looks at all at once", MOST_AT_ONCE)?;
        let (mut example, mut done) = (Example::default(), String::new());
        for (turn, _) in messages.iter().enumerate().filter(|(_, m)| m.role == Role::Assistant) {
            let exchange = self.exchange(&messages[..=turn], &done)?;
            self.push(&mut example, &mut done, &exchange)?;
        }
        Ok((example, done))
    }

    /// As [`Self::turns`], in time that grows with the messages; nothing, if the template treats them differently.
    fn windowed(&self, messages: &[Message], beginning: usize) -> Result<Option<(Example, String)>, TextError> {
        let (mut example, mut done) = (Example::default(), String::new());
        let mut last = 0;
        for (turn, _) in messages.iter().enumerate().filter(|(_, m)| m.role == Role::Assistant) {
            let near = turn.saturating_sub(NEAR).max(beginning);
            let some = [&messages[..beginning.min(turn + 1)], messages.get(near..=turn).unwrap_or_default()].concat();
            let Ok(before) = self.spoken(&some[..some.len().saturating_sub(2)]) else { return Ok(None) };
            let Ok(exchange) = self.exchange(&some, &before) else { return Ok(None) };
            self.push(&mut example, &mut done, &exchange)?;
            last = turn;
        }
        Ok(self.render(&messages[..=last], false)?.starts_with(&done).then_some((example, done)))
    }

    /// The text of messages up to the end of the last answer, which they end with; nothing, if there is none.
    fn spoken(&self, messages: &[Message]) -> Result<String, TextError> {
        match messages.last() {
            Some(last) if last.role == Role::Assistant => {
                let Exchange { prompt, answer } = self.exchange(messages, "")?;
                Ok(prompt + &answer)
            }
            _ => Ok(String::new()),
        }
    }

    /// The last answer of messages that end with one, and what stands before it after the text `done`.
    fn exchange(&self, messages: &[Message], done: &str) -> Result<Exchange, TextError> {
        let before = self.render(&messages[..messages.len().saturating_sub(1)], true)?;
        let after = self.render(messages, false)?;
        let spoken = after.strip_prefix(&before).and_then(|rest| rest.find(&self.eos_token).map(|end| &rest[..end]));
        // A template that changes an answer would have the model learn something else than was said.
        let said = messages.last().map_or("", |message| message.content.trim());
        let spoken = spoken.filter(|spoken| spoken.contains(said));
        match (before.strip_prefix(done), spoken) {
            (Some(prompt), Some(spoken)) => {
                Ok(Exchange { prompt: prompt.into(), answer: format!("{spoken}{}", self.eos_token) })
            }
            _ => Err(changes_messages()),
        }
    }

    fn push(&self, example: &mut Example, done: &mut String, exchange: &Exchange) -> Result<(), TextError> {
        example.push(self.encode(&exchange.prompt)?, false);
        example.push(self.encode(&exchange.answer)?, true);
        done.push_str(&exchange.prompt);
        done.push_str(&exchange.answer);
        Ok(())
    }

    /// The text of messages by the chat template, with the beginning of an answer at its end or without.
    ///
    /// # Errors
    ///
    /// [`TextError::Template`] if the template fails.
    pub fn render(&self, messages: &[Message], add_generation_prompt: bool) -> Result<String, TextError> {
        self.template
            .render(messages, add_generation_prompt, &self.bos_token, &self.eos_token)
            .map_err(|reason| TextError::Template { reason })
    }
}

/// An answer as text with its end token, and the text before it.
struct Exchange {
    prompt: String,
    answer: String,
}

/// From this many messages on, a conversation is long.
const LONG: usize = 16;
/// The most messages of a conversation whose template has to be asked about all of them for each answer.
const MOST_AT_ONCE: usize = 256;
/// How many messages before an answer the template is asked about in a long conversation: an exchange and the question.
const NEAR: usize = 3;

/// The length of a conversation's beginning, a system message if there is one and the first exchange; nothing, if the messages
/// do not take turns.
fn beginning(messages: &[Message]) -> Option<usize> {
    let system = usize::from(messages.first()?.role == Role::System);
    let mut turns = messages[system..].iter().zip([Role::User, Role::Assistant].into_iter().cycle());
    turns.all(|(message, role)| message.role == role).then_some(system + 2)
}

fn short(what: &'static str, size: usize, unit: &'static str, limit: usize) -> Result<(), TextError> {
    if size > limit {
        return Err(TextError::TooLong { what, size, unit, limit });
    }
    Ok(())
}

fn changes_messages() -> TextError {
    let reason = "it changes earlier messages or does not end an answer with the end token".into();
    TextError::Template { reason }
}

impl Example {
    fn push(&mut self, ids: Vec<u32>, answer: bool) {
        self.answer.extend(std::iter::repeat_n(answer, ids.len()));
        self.ids.extend(ids);
    }
}
