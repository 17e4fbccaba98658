//! What one question is answered with.

use crate::engine::{Engine, EngineError};
use crate::evaluate::prompt;
use crate::llama::Adapter;
use crate::pulse::Pulse;
use crate::study::{Condition, MAX_NEW_TOKENS};

/// The answers of the original and, if there is one, of the tuned model.
pub async fn replies(
    engine: &Engine,
    adapter: Option<&Adapter>,
    question: &str,
    condition: &Condition,
    pulse: &dyn Pulse,
) -> Result<(String, Option<String>), EngineError> {
    let prompts = [prompt(engine, condition, None, question)?];
    let original = reply(engine, None, &prompts, pulse).await?;
    let tuned = match adapter {
        Some(adapter) => Some(reply(engine, Some(adapter), &prompts, pulse).await?),
        None => None,
    };
    Ok((original, tuned))
}

/// An answer for each strength of the adapter.
pub async fn dialled(
    engine: &Engine,
    adapter: &Adapter,
    question: &str,
    condition: &Condition,
    strengths: &[f64],
    pulse: &dyn Pulse,
) -> Result<Vec<String>, EngineError> {
    let prompts = [prompt(engine, condition, None, question)?];
    let mut answers = Vec::new();
    for strength in strengths {
        answers.push(reply(engine, Some(&adapter.scaled(*strength)), &prompts, pulse).await?);
    }
    Ok(answers)
}

async fn reply(
    engine: &Engine,
    adapter: Option<&Adapter>,
    prompts: &[Vec<u32>],
    pulse: &dyn Pulse,
) -> Result<String, EngineError> {
    let replies = engine.answer(adapter, prompts, MAX_NEW_TOKENS, pulse).await?;
    Ok(replies.into_iter().map(|reply| reply.text).collect())
}
