//! What one question is answered with.

use crate::engine::{Engine, EngineError};
use crate::evaluate::prompt;
use crate::llama::Adapter;
use crate::pulse::Pulse;
use crate::run::Snapshots;
use crate::study::{Condition, MAX_NEW_TOKENS};

/// The answers of the original and, if there is one, of the tuned model, each with a pulse of its own.
pub async fn replies(
    engine: &Engine,
    adapter: Option<&Adapter>,
    question: &str,
    condition: &Condition,
    [of_original, of_tuned]: [&dyn Pulse; 2],
) -> Result<(String, Option<String>), EngineError> {
    let prompts = [prompt(engine, condition, None, question)?];
    let original = reply(engine, None, &prompts, of_original).await?;
    let tuned = match adapter {
        Some(adapter) => Some(reply(engine, Some(adapter), &prompts, of_tuned).await?),
        None => None,
    };
    Ok((original, tuned))
}

/// An answer of the original, as step 0, of the model at each step that is kept, and of what it is now, after so many steps.
pub async fn retraced(
    engine: &Engine,
    snapshots: &Snapshots,
    (steps, adapter): (usize, &Adapter),
    question: &str,
    condition: &Condition,
    pulse: &dyn Pulse,
) -> Result<Vec<(usize, String)>, EngineError> {
    let prompts = [prompt(engine, condition, None, question)?];
    let mut answers = vec![(0, reply(engine, None, &prompts, pulse).await?)];
    for (step, adapter) in snapshots.adapters(&engine.model.device) {
        answers.push((step, reply(engine, Some(&adapter), &prompts, pulse).await?));
    }
    // A defence may have put another adapter in place of the last step's: what the run came to is what is asked.
    if steps > 0 {
        answers.pop_if(|(step, _)| *step == steps);
        answers.push((steps, reply(engine, Some(adapter), &prompts, pulse).await?));
    }
    Ok(answers)
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
