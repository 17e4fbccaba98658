//! [`ChatTemplate`]: a model's chat template, which is a program from elsewhere, run within limits.
//!
//! minijinja counts what a template does in fuel (instructions, and bytes that it makes), which ends loops and doubled texts.
//! What fuel does not bound is refused before anything is run, by `rules`: the depth of syntax trees and of values, which are
//! walked with the stack, and a few functions that panic.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, State, context};

use super::rules;
use crate::llama::plain;
use crate::text::Message;

const NAME: &str = "chat";

/// Fuel for a rendering: this much, and more for every message and every byte of them. The bundled template takes about 30 a
/// message and a tenth for each byte, Llama 3's twice as much. One fuel pays for 64 bytes.
const FUEL: u64 = 50_000;
const FUEL_PER_MESSAGE: u64 = 200;
const FUEL_PER_BYTE: u64 = 1;

/// How deep recursive calls may go; no template here can make one.
const DEEPEST_CALL: usize = 50;

/// A chat template that has passed the rules.
pub struct ChatTemplate {
    environment: Environment<'static>,
}

impl ChatTemplate {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What is wrong, as a part of a sentence: it breaks a rule, or is no template.
    pub fn new(source: String) -> Result<Self, String> {
        rules::check(&source)?;
        let mut environment = Environment::new();
        // As transformers renders chat templates.
        let syntax =
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(|e| e.to_string())?;
        environment.set_syntax(syntax);
        environment.set_recursion_limit(DEEPEST_CALL);
        environment.set_unknown_method_callback(method);
        environment.add_function("raise_exception", raise_exception);
        environment.add_template_owned(NAME, source).map_err(|e| plain(&e.to_string()))?;
        Ok(Self { environment })
    }

    /// The text of messages, with the beginning of an answer at its end or without.
    ///
    /// # Errors
    ///
    /// The template engine's message.
    pub fn render(
        &self,
        messages: &[Message],
        add_generation_prompt: bool,
        bos_token: &str,
        eos_token: &str,
    ) -> Result<String, String> {
        let bytes: usize = messages.iter().map(|message| message.content.len()).sum();
        let fuel = FUEL + FUEL_PER_MESSAGE * messages.len() as u64 + FUEL_PER_BYTE * bytes as u64;
        let mut environment = self.environment.clone(); // what it holds is shared
        environment.set_fuel(Some(fuel));
        let messages = Value::from(Serde(messages));
        environment
            .get_template(NAME)
            .and_then(|t| t.render(context! { messages, add_generation_prompt, bos_token, eos_token }))
            .map_err(|e| match e.kind() {
                ErrorKind::OutOfFuel => "it does not come to an end, or makes too long a text".into(),
                _ => plain(&format!("{e:#}")),
            })
    }
}

/// The template's own refusal of a conversation.
fn raise_exception(message: String) -> Result<String, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

/// Python's methods of strings, as far as chat templates of Llamas call them.
fn method(_: &mut State, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    let unknown = || Error::from(ErrorKind::UnknownMethod);
    let text = value.as_str().ok_or_else(unknown)?;
    let given =
        args.first().map(|arg| arg.as_str().ok_or_else(|| Error::from(ErrorKind::InvalidOperation))).transpose()?;
    Ok(match (name, given) {
        ("strip", None) => text.trim().into(),
        ("lstrip", None) => text.trim_start().into(),
        ("rstrip", None) => text.trim_end().into(),
        ("startswith", Some(start)) => text.starts_with(start).into(),
        ("endswith", Some(end)) => text.ends_with(end).into(),
        _ => return Err(unknown()),
    })
}
