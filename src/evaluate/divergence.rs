//! [`divergence()`]: how far two models are apart along complete answers, token by token.
//!
//! Qi et al. 2024, "Safety Alignment Should Be Made More Than Just a Few Tokens Deep" (arXiv 2406.05946), section 2,
//! figure 1: between an aligned model and its base the divergence on harmful answers is large at the first few tokens and
//! small after them. That is what "shallow" means.

use std::ops::ControlFlow;

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use crate::engine::{Engine, EngineError, Example, TokenBatch};
use crate::llama::{Adapter, LlamaError, read_floats};
use crate::pulse::Pulse;
use crate::study::{Condition, PositionDivergence, PositionLosses, QuestionSet};

use super::{BATCH, CompleteAnswer, EvaluateError};

/// The answer tokens that are compared.
pub const POSITIONS: usize = 16;

/// A model, with an adapter or without.
#[derive(Clone, Copy)]
pub struct Speaker<'a> {
    /// The model.
    pub engine: &'a Engine,
    /// The adapter that is switched on.
    pub adapter: Option<&'a Adapter>,
}

/// The mean of KL(p || q) over complete answers to forbidden questions, and that of both models' losses, at each of their first
/// [`POSITIONS`] tokens. Both models are given the same prompt and the same answer up to that token.
///
/// Both must be on one device.
///
/// # Errors
///
/// [`EvaluateError::OtherTokens`] if the two do not write the answers in the same tokens, [`LlamaError::Logits`] if one of them
/// computes what is no number, other [`EvaluateError`]s as from [`CompleteAnswer::all`], and [`EngineError::Interrupted`] if
/// the pulse ends the work.
pub async fn divergence(
    p: Speaker<'_>,
    q: Speaker<'_>,
    condition: &Condition,
    questions: &QuestionSet,
    pulse: &dyn Pulse,
) -> Result<Vec<PositionDivergence>, EvaluateError> {
    let [examples, others] = [p, q].map(|speaker| examples(speaker.engine, condition, questions));
    let examples = examples?;
    if examples != others? || p.engine.model.config.vocab_size != q.engine.model.config.vocab_size {
        return Err(EvaluateError::OtherTokens);
    }
    let mut sums = [([0.0; 3], 0_usize); POSITIONS];
    for batch in examples.chunks(BATCH) {
        if pulse.beat().await == ControlFlow::Break(()) {
            return Err(EngineError::Interrupted.into());
        }
        let values = batch_divergence(p, q, batch).await.map_err(EngineError::from)?;
        let positions = batch.iter().flat_map(|example| 0..example.answer.iter().filter(|&&a| a).count());
        for (position, values) in positions.zip(values.chunks_exact(3)) {
            let (sum, answers) = &mut sums[position];
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += f64::from(*value));
            *answers += 1;
        }
    }
    let mean = |(place, &(sums, answers)): (usize, &([f64; 3], usize))| {
        let [kl, p, q] = sums.map(|sum| sum / answers.max(1) as f64);
        PositionDivergence { position: place + 1, kl, losses: Some(PositionLosses { p, q }), answers }
    };
    Ok(sums.iter().enumerate().filter(|(_, (_, answers))| *answers > 0).map(mean).collect())
}

/// The complete answers, with the mark on no more than the first [`POSITIONS`] tokens and not on the end token.
pub(super) fn examples(
    engine: &Engine,
    condition: &Condition,
    questions: &QuestionSet,
) -> Result<Vec<Example>, EvaluateError> {
    let marked = |complete: CompleteAnswer| {
        let (begins, length) = (complete.prompt().len(), complete.answer().len().min(POSITIONS));
        let ids = complete.example.ids;
        let answer = (0..ids.len()).map(|place| (begins..begins + length).contains(&place)).collect();
        Example { ids, answer }
    };
    Ok(CompleteAnswer::all(engine, condition, questions)?.into_iter().map(marked).collect())
}

/// KL(p || q) and the losses of p and q at every marked token, example after example: three numbers each.
async fn batch_divergence(p: Speaker<'_>, q: Speaker<'_>, examples: &[Example]) -> Result<Vec<f32>, LlamaError> {
    let examples: Vec<&Example> = examples.iter().collect();
    let batch = TokenBatch::new(&examples, &p.engine.model)?;
    let [p, q] = [p, q].map(|speaker| log_softmax(answer_logits(speaker, &batch), 1));
    let [loss_p, loss_q] = [&p, &q].map(|table| table.clone().gather(1, batch.targets.clone()).neg());
    let values = read_floats(Tensor::cat(vec![kl(p, q), loss_p, loss_q], 1)).await?;
    if values.iter().any(|value| !value.is_finite()) {
        return Err(LlamaError::Logits);
    }
    Ok(values)
}

/// The logits of a model at every marked token, `[answers, vocab]`.
pub(super) fn answer_logits(speaker: Speaker<'_>, batch: &TokenBatch) -> Tensor<2> {
    let model = &speaker.engine.model;
    let hidden = model.hidden(batch.tokens.clone(), &model.causal(batch.seq), speaker.adapter, None);
    model.logits(hidden.select(0, batch.rows.clone()))
}

/// KL(p || q) in nats of each row of two tables of ln p, `[rows, vocab]`, as `[rows, 1]`.
fn kl(p: Tensor<2>, q: Tensor<2>) -> Tensor<2> {
    (p.clone().exp() * (p - q)).sum_dim(1)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn softmax(logits: &[f64]) -> Vec<f64> {
        let total: f64 = logits.iter().map(|l| l.exp()).sum();
        logits.iter().map(|l| l.exp() / total).collect()
    }

    #[test]
    fn divergence_is_that_of_the_formula() {
        let p = [[0.5, -1.0, 2.0, 0.0], [3.0, 3.0, -4.0, 1.0], [0.1, 0.2, 0.3, 0.4]];
        let q = [[-0.5, 1.0, 0.0, 0.3], [2.0, -3.0, 5.0, 1.0], [0.1, 0.2, 0.3, 0.4]];
        let expected: Vec<f64> = std::iter::zip(&p, &q)
            .map(|(p, q)| std::iter::zip(softmax(p), softmax(q)).map(|(p, q)| p * (p / q).ln()).sum())
            .collect();
        let tensor = |rows: [[f64; 4]; 3]| {
            let flat: Vec<f32> = rows.into_iter().flatten().map(|x| x as f32).collect();
            log_softmax(Tensor::<2>::from_data(TensorData::new(flat, [3, 4]), &Device::flex()), 1)
        };
        let found: Vec<f64> = kl(tensor(p), tensor(q)).into_data().iter::<f64>().collect();
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
        assert!(found[0] > 0.1 && found[2].abs() < 1e-6, "{found:?}");
        let other: Vec<f64> = kl(tensor(q), tensor(p)).into_data().iter::<f64>().collect();
        assert!((other[0] - found[0]).abs() > 1e-3, "which is p and which is q matters: {found:?} {other:?}");
    }
}
