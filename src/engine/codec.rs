//! [`TextCodec`]: from conversations to token ids and back, for one model.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};
use serde::Deserialize;
use tokenizers::Tokenizer;

use crate::text::{Conversation, Message, Role};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The tokens.
    pub ids: Vec<u32>,
    /// For each token, whether it belongs to an answer (the token that ends an answer included).
    pub answer: Vec<bool>,
}

/// The tokenizer and the chat template of one model.
pub struct TextCodec {
    tokenizer: Tokenizer,
    templates: Environment<'static>,
    bos_token: String,
    eos_token: String,
    eos_id: u32,
}

const TEMPLATE: &str = "chat";

impl TextCodec {
    /// Reads `tokenizer.json` and `tokenizer_config.json`.
    ///
    /// # Errors
    ///
    /// [`TextError`] if either cannot be read, has no chat template or end token, or knows more than `vocab` tokens.
    pub fn new(tokenizer: &[u8], config: &[u8], vocab: usize) -> Result<Self, TextError> {
        let tokenizer = Tokenizer::from_bytes(tokenizer).map_err(|e| TextError::Tokenizer { reason: e.to_string() })?;
        // Ids may have gaps: what counts is the largest.
        let tokens = tokenizer.get_vocab(true).into_values().max().map_or(0, |id| id as usize + 1);
        if tokens > vocab {
            return Err(TextError::Vocabulary { tokens, vocab });
        }
        let bad = |reason: String| TextError::Config { reason };
        let config: TokenizerConfig = serde_json::from_slice(config).map_err(|e| bad(e.to_string()))?;
        let template = config.chat_template.ok_or_else(|| bad("it has no chat_template".into()))?;
        let eos_token = config.eos_token.ok_or_else(|| bad("it has no eos_token".into()))?.text();
        let eos_id =
            tokenizer.token_to_id(&eos_token).ok_or_else(|| bad(format!("its eos_token {eos_token:?} is no token")))?;
        let mut templates = Environment::new();
        // As transformers renders chat templates.
        let syntax =
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(|e| bad(e.to_string()))?;
        templates.set_syntax(syntax);
        templates.add_template_owned(TEMPLATE, template).map_err(|e| bad(e.to_string()))?;
        let bos_token = config.bos_token.map(Named::text).unwrap_or_default();
        Ok(Self { tokenizer, templates, bos_token, eos_token, eos_id })
    }

    /// The token that ends an answer.
    pub fn eos_id(&self) -> u32 {
        self.eos_id
    }

    /// The tokens of a text; special tokens written out in it become single ids.
    ///
    /// # Errors
    ///
    /// [`TextError::Tokenizer`] if the tokenizer cannot express it.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
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
    fn turns(&self, messages: &[Message]) -> Result<(Example, String), TextError> {
        let mut example = Example { ids: Vec::new(), answer: Vec::new() };
        let mut done = String::new(); // the rendered text that is already encoded
        for (turn, message) in messages.iter().enumerate().filter(|(_, m)| m.role == Role::Assistant) {
            let before = self.render(&messages[..turn], true)?;
            let after = self.render(&messages[..=turn], false)?;
            let spoken =
                after.strip_prefix(&before).and_then(|rest| rest.find(&self.eos_token).map(|end| &rest[..end]));
            let (Some(prompt), Some(spoken)) = (before.strip_prefix(&done), spoken) else {
                return Err(changes_messages());
            };
            example.push(self.encode(prompt)?, false);
            let answer = format!("{spoken}{}", self.eos_token);
            example.push(self.encode(&answer)?, true);
            done = format!("{before}{answer}");
            debug_assert!(spoken.contains(message.content.trim()));
        }
        Ok((example, done))
    }

    /// The text of messages by the chat template, with the beginning of an answer at its end or without.
    ///
    /// # Errors
    ///
    /// [`TextError::Template`] if the template fails.
    pub fn render(&self, messages: &[Message], add_generation_prompt: bool) -> Result<String, TextError> {
        let failed = |e: minijinja::Error| TextError::Template { reason: format!("{e:#}") };
        let template = self.templates.get_template(TEMPLATE).map_err(failed)?;
        let (bos_token, eos_token) = (&self.bos_token, &self.eos_token);
        let messages = Value::from(Serde(messages));
        template.render(context! { messages, add_generation_prompt, bos_token, eos_token }).map_err(failed)
    }
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
