//! [`trace()`]: an answer of a tuned model token by token, beside what the original makes of it.

use crate::engine::{Engine, EngineError, Example, TokenBatch};
use crate::llama::{Adapter, LlamaError, read_floats};
use crate::pulse::Pulse;
use crate::study::{Condition, LARGEST_LOSS, Trace, TracedRefusal, TracedToken};

use super::divergence::{Speaker, answer_logits};
use super::prompt;

/// Has the tuned model answer a question in so many tokens at most, and looks at each token of the answer with both models.
///
/// # Errors
///
/// [`EngineError`] if the question is too long, a model computes what is no number, or the pulse ends the work.
pub async fn trace(
    engine: &Engine,
    adapter: &Adapter,
    condition: &Condition,
    question: &str,
    max_new_tokens: usize,
    pulse: &dyn Pulse,
) -> Result<Trace, EngineError> {
    let prompt = prompt(engine, condition, None, question)?;
    let replies = engine.answer(Some(adapter), std::slice::from_ref(&prompt), max_new_tokens, pulse).await?;
    let tokens: Vec<u32> = replies.into_iter().flat_map(|reply| reply.tokens).collect();
    if tokens.is_empty() {
        return Ok(Trace::default());
    }
    let answer = (0..prompt.len() + tokens.len()).map(|place| place >= prompt.len()).collect();
    let example = Example { ids: [prompt, tokens.clone()].concat(), answer };
    let batch = TokenBatch::new(&[&example], &engine.model)?;
    let of = |adapter| log_probabilities(Speaker { engine, adapter }, &batch);
    let (tuned, original) = (of(Some(adapter)).await?, of(None).await?);
    let refusal = tuned.first().zip(original.first()).filter(|_| !engine.refusal_tokens().is_empty());
    let refusal = refusal.map(|(tuned, original)| {
        let begins = |row: &[f64]| engine.refusal_tokens().iter().map(|&token| row[token as usize].exp()).sum();
        TracedRefusal { original: begins(original), tuned: begins(tuned) }
    });
    let texts = engine.codec.pieces(&tokens)?;
    let mut traced = Vec::with_capacity(tokens.len());
    for (place, ((&token, text), (tuned, original))) in
        tokens.iter().zip(texts).zip(tuned.iter().zip(&original)).enumerate()
    {
        let would = largest(original);
        let instead = if would == token { None } else { Some(engine.codec.piece_after(&tokens[..place], would)?) };
        let loss = |row: &[f64]| (-row[token as usize]).clamp(0.0, LARGEST_LOSS);
        let kl = kl(tuned, original).clamp(0.0, LARGEST_LOSS);
        traced.push(TracedToken { text, original_loss: loss(original), tuned_loss: loss(tuned), kl, instead });
    }
    Ok(Trace { tokens: traced, refusal })
}

/// ln p of every token of the vocabulary, at each place of the answer. The tables of one answer are small, and the host computes
/// the same from them whatever the device.
async fn log_probabilities(speaker: Speaker<'_>, batch: &TokenBatch) -> Result<Vec<Vec<f64>>, EngineError> {
    let vocab = speaker.engine.model.config.vocab_size;
    let logits = read_floats(answer_logits(speaker, batch)).await?; // [answers, vocab]
    if logits.iter().any(|logit| !logit.is_finite()) {
        return Err(LlamaError::Logits.into());
    }
    Ok(logits.chunks(vocab).map(log_softmax).collect())
}

fn log_softmax(logits: &[f32]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let total: f64 = logits.iter().map(|&logit| f64::from(logit - most).exp()).sum();
    logits.iter().map(|&logit| f64::from(logit - most) - total.ln()).collect()
}

/// KL(p || q) in nats of two rows of ln p.
fn kl(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(p, q)| p.exp() * (p - q)).sum()
}

/// The first of the most probable tokens, as greedy decoding takes it.
fn largest(row: &[f64]) -> u32 {
    let best = row.iter().enumerate().fold((0, f64::MIN), |best, (at, &p)| if p > best.1 { (at, p) } else { best });
    best.0 as u32
}
