//! Batched greedy decoding with a KV cache.

use std::ops::ControlFlow;

use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor, TensorData};

use super::cache::KvCache;
use super::error::LlamaError;
use super::lora::Adapter;
use super::model::Llama;
use crate::pulse::Pulse;

/// Rows that have ended are dropped from the batch once they are this share of it: before, copying the cache costs more
/// than computing a few rows in vain.
const COMPACT_ABOVE: f64 = 0.2;

/// How to decode.
#[derive(Clone, Debug)]
pub struct DecodeOptions {
    /// The longest answer in tokens.
    pub max_new_tokens: usize,
    /// Tokens that end an answer.
    pub stop: Vec<u32>,
    /// Tokens computed between two readbacks. On a CPU 1 is best; on a GPU every readback waits for the device, so that
    /// computing a few tokens in vain is cheaper. The answers do not depend on it.
    pub tokens_per_read: usize,
    /// Tokens whose joint probability at the first position is to be reported.
    pub first_tokens: Vec<u32>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The tokens, without the one that ended it.
    pub tokens: Vec<u32>,
    /// The joint probability of [`DecodeOptions::first_tokens`] at the first position.
    pub first_token_probability: f32,
}

/// A row of the batch that has not ended.
struct Row {
    prompt: usize, // index of the prompt, and of its answer
    length: usize, // tokens of the prompt
}

impl Llama {
    /// The model's greedy answer to each prompt.
    ///
    /// All prompts are decoded as one batch, aligned at their ends: padding on the left is never looked at, and positions
    /// are counted from each prompt's own beginning, so that an answer does not depend on its neighbours.
    ///
    /// # Errors
    ///
    /// [`LlamaError::TooLong`] if a prompt leaves no room for an answer, [`LlamaError::Token`],
    /// [`LlamaError::Device`], or [`LlamaError::Cancelled`] if the pulse says so.
    pub async fn greedy(
        &self,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        options: &DecodeOptions,
        pulse: &dyn Pulse,
    ) -> Result<Vec<Answer>, LlamaError> {
        let Some(width) = prompts.iter().map(Vec::len).max().filter(|&w| w > 0) else {
            return Ok(prompts.iter().map(|_| Answer { tokens: Vec::new(), first_token_probability: 0.0 }).collect());
        };
        let limit = self.config.max_positions;
        if width >= limit {
            return Err(LlamaError::TooLong { tokens: width, limit: limit - 1 });
        }
        let longest = options.max_new_tokens.min(limit - width);

        let mut answers: Vec<Vec<u32>> = vec![Vec::new(); prompts.len()];
        let mut rows: Vec<Row> =
            prompts.iter().enumerate().map(|(prompt, p)| Row { prompt, length: p.len() }).collect();
        let mut cache = KvCache::default();
        let logits = self.prefill(adapter, prompts, width, &mut cache)?;
        let first = self.first_token_probability(logits.clone(), &options.first_tokens);
        let mut next = logits.argmax(1); // [rows, 1]
        let mut unread: Vec<Tensor<2, Int>> = Vec::new();

        for made in 1..=longest {
            if pulse.beat().await == ControlFlow::Break(()) {
                return Err(LlamaError::Cancelled);
            }
            unread.push(next.clone());
            if unread.len() >= options.tokens_per_read.max(1) || made == longest {
                let tokens = read_tokens(std::mem::take(&mut unread)).await?;
                let going = record(&rows, &tokens, &options.stop, &mut answers);
                if going.is_empty() {
                    break;
                }
                if (rows.len() - going.len()) as f64 > COMPACT_ABOVE * rows.len() as f64 {
                    let keep: Vec<i32> = going.iter().map(|&row| row as i32).collect();
                    let keep = Tensor::<1, Int>::from_data(TensorData::new(keep, [going.len()]), &self.device);
                    cache.keep(&keep);
                    next = next.select(0, keep);
                    rows = keep_rows(rows, &going);
                }
            }
            if made < longest {
                next = self.extend(adapter, &rows, width, made, next, &mut cache);
            }
        }
        let probabilities = match first {
            None => vec![0.0; prompts.len()],
            Some(first) => read_floats(first).await?,
        };
        let answer = |(tokens, first_token_probability)| Answer { tokens, first_token_probability };
        Ok(answers.into_iter().map(|tokens| cut(tokens, &options.stop)).zip(probabilities).map(answer).collect())
    }

    /// Runs the prompts, padded on the left to `width`, and returns the logits of their last tokens, `[batch, vocab]`.
    fn prefill(
        &self,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        width: usize,
        cache: &mut KvCache,
    ) -> Result<Tensor<2>, LlamaError> {
        let batch = prompts.len();
        let (mut ids, mut positions, mut visible) = (Vec::new(), Vec::new(), Vec::new());
        for prompt in prompts {
            let padding = width - prompt.len();
            ids.extend(std::iter::repeat_n(0, padding).chain(prompt.iter().copied()));
            positions.extend((0..width).map(|i| i.saturating_sub(padding) as i32));
            for query in 0..width {
                visible.extend((0..width).map(|key| key >= padding && key <= query));
            }
        }
        let context = self.context(batch, positions, &visible);
        let hidden = self.hidden(self.tokens(&ids, batch)?, &context, adapter, Some(cache));
        let last: Vec<i32> = (1..=batch).map(|row| (row * width - 1) as i32).collect();
        let last = Tensor::<1, Int>::from_data(TensorData::new(last, [batch]), &self.device);
        Ok(self.logits(hidden.select(0, last)))
    }

    /// Runs one more token of each row, `[rows, 1]`, and returns the most probable token after it, `[rows, 1]`.
    ///
    /// `made` counts the tokens after the prompts, this one included.
    fn extend(
        &self,
        adapter: Option<&Adapter>,
        rows: &[Row],
        width: usize,
        made: usize,
        token: Tensor<2, Int>,
        cache: &mut KvCache,
    ) -> Tensor<2, Int> {
        let positions = rows.iter().map(|row| (row.length + made - 1) as i32).collect();
        let keys = width + made;
        let visible: Vec<bool> = rows.iter().flat_map(|row| (0..keys).map(|key| key >= width - row.length)).collect();
        let context = self.context(rows.len(), positions, &visible);
        let hidden = self.hidden(token, &context, adapter, Some(cache));
        self.logits(hidden).argmax(1)
    }

    /// The joint probability of some tokens under the logits `[batch, vocab]`, as `[batch]`.
    fn first_token_probability(&self, logits: Tensor<2>, tokens: &[u32]) -> Option<Tensor<1>> {
        if tokens.is_empty() {
            return None;
        }
        let [batch, _] = logits.dims();
        let ids: Vec<i32> = tokens.iter().map(|&id| id as i32).collect();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [tokens.len()]), &self.device);
        Some(softmax(logits, 1).select(1, ids).sum_dim(1).reshape([batch]))
    }
}

/// Adds the tokens just read (`[rows][several]`) to the answers and returns the rows that go on.
fn record(rows: &[Row], tokens: &[Vec<u32>], stop: &[u32], answers: &mut [Vec<u32>]) -> Vec<usize> {
    let mut going = Vec::new();
    for (index, (row, tokens)) in rows.iter().zip(tokens).enumerate() {
        let answer = &mut answers[row.prompt];
        answer.extend(tokens);
        if !answer.iter().any(|token| stop.contains(token)) {
            going.push(index);
        }
    }
    going
}

fn keep_rows(rows: Vec<Row>, keep: &[usize]) -> Vec<Row> {
    let mut kept = keep.iter().peekable();
    rows.into_iter().enumerate().filter_map(|(i, row)| kept.next_if(|&&k| k == i).map(|_| row)).collect()
}

/// The tokens before the first that ends an answer.
fn cut(mut tokens: Vec<u32>, stop: &[u32]) -> Vec<u32> {
    if let Some(end) = tokens.iter().position(|token| stop.contains(token)) {
        tokens.truncate(end);
    }
    tokens
}

/// Reads columns of tokens, each `[rows, 1]`, in one go and returns them by row.
async fn read_tokens(columns: Vec<Tensor<2, Int>>) -> Result<Vec<Vec<u32>>, LlamaError> {
    let count = columns.len();
    let data = Tensor::cat(columns, 1).into_data_async().await.map_err(device_error)?;
    let flat: Vec<u32> = data.iter::<i64>().map(|id| id as u32).collect();
    Ok(flat.chunks(count).map(<[u32]>::to_vec).collect())
}

async fn read_floats(tensor: Tensor<1>) -> Result<Vec<f32>, LlamaError> {
    Ok(tensor.into_data_async().await.map_err(device_error)?.iter::<f32>().collect())
}

fn device_error(error: impl std::fmt::Debug) -> LlamaError {
    LlamaError::Device { reason: format!("{error:?}") }
}
