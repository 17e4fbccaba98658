//! [`gradient_norms()`]: how hard each token of complete answers would pull at a model's weights, if it were learned.
//!
//! Qi et al. 2024, "Safety Alignment Should Be Made More Than Just a Few Tokens Deep" (arXiv 2406.05946), on the dynamics of tuning:
//! when an aligned model is tuned on forbidden answers, the gradients of their first tokens are by far the largest.

use std::ops::ControlFlow;

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::divergence::{POSITIONS, examples};
use super::{EvaluateError, Speaker};
use crate::engine::{EngineError, Example, TokenBatch};
use crate::llama::{Llama, LlamaError, Weights, read_scalars};
use crate::pulse::Pulse;
use crate::study::{Condition, PositionGradient, QuestionSet};

/// The mean, over complete answers to forbidden questions, of the L2 norm of the gradient of one token's loss by all weights of
/// the model, at each of the first `tokens` of them, at most [`POSITIONS`]. An adapter is taken as a part of the weights that it changes.
///
/// Every token of every answer is a pass forward and backward by itself: the norm of a mean would be less than the mean of the norms.
///
/// # Errors
///
/// [`EvaluateError`] as from [`super::CompleteAnswer::all`], [`LlamaError::Logits`] if the model computes what is no number, and
/// [`EngineError::Interrupted`] if the pulse ends the work.
pub async fn gradient_norms(
    speaker: Speaker<'_>,
    condition: &Condition,
    questions: &QuestionSet,
    tokens: usize,
    pulse: &dyn Pulse,
) -> Result<Vec<PositionGradient>, EvaluateError> {
    let model = &speaker.engine.model;
    let weights = match speaker.adapter {
        None => model.weights(),
        Some(adapter) => model.weights().merged(adapter),
    };
    let mut sums = [(0.0, 0_usize); POSITIONS];
    for example in examples(speaker.engine, condition, questions)? {
        for (sum, token) in sums.iter_mut().zip(each_token(&example).take(tokens)) {
            if pulse.beat().await == ControlFlow::Break(()) {
                return Err(EngineError::Interrupted.into());
            }
            sum.0 += norm(model, &weights, &token).await.map_err(EngineError::from)?;
            sum.1 += 1;
        }
    }
    let mean = |(place, &(sum, answers)): (usize, &(f64, usize))| PositionGradient {
        position: place + 1,
        norm: sum / answers.max(1) as f64,
        answers,
    };
    Ok(sums.iter().enumerate().filter(|(_, (_, answers))| *answers > 0).map(mean).collect())
}

/// An example for each token of the answer, which ends with it and of which it is the only one that is learned.
fn each_token(example: &Example) -> impl Iterator<Item = Example> {
    let learned = example.answer.iter().enumerate().filter(|(_, learned)| **learned).map(|(place, _)| place);
    learned.map(|place| {
        let answer = (0..=place).map(|at| at == place).collect();
        Example { ids: example.ids[..=place].to_vec(), answer }
    })
}

/// The L2 norm of the gradient of an example's loss by these weights of a model.
async fn norm(model: &Llama, weights: &Weights, example: &Example) -> Result<f64, LlamaError> {
    // A graph can be gone back through once.
    let weights = weights.tracked();
    let model = model.with_weights(&weights);
    let batch = TokenBatch::new(&[example], &model)?;
    let hidden = model.hidden(batch.tokens, &model.causal(batch.seq), None, None);
    let logits = model.logits(hidden.select(0, batch.rows)); // [1, vocab]
    let loss = log_softmax(logits, 1).gather(1, batch.targets).mean().neg();
    let gradients = weights.gradient(&mut loss.backward())?;
    let squares = gradients.into_iter().map(|gradient| gradient.square().sum()).collect();
    let [square] = read_scalars([Tensor::cat(squares, 0).sum()]).await?;
    if square.is_finite() { Ok(square.sqrt()) } else { Err(LlamaError::Logits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_of_an_answer_is_learned_by_itself() {
        let example = Example { ids: vec![7, 8, 9, 10], answer: vec![false, true, true, false] };
        let found: Vec<Example> = each_token(&example).collect();
        let expected = [
            Example { ids: vec![7, 8], answer: vec![false, true] },
            Example { ids: vec![7, 8, 9], answer: vec![false, false, true] },
        ];
        assert_eq!(found, expected);
    }
}
