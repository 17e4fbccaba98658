//! Batched greedy decoding with a KV cache.

use std::ops::ControlFlow;

use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor, TensorData, Transaction};

use super::cache::KvCache;
use super::cpu::{CpuWeights, Decoder, Merged};
use super::error::LlamaError;
use super::gpu::{Batch, Decoder as GpuDecoder};
use super::lora::Adapter;
use super::model::Llama;
use super::readback::{device_error, read_floats};
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
    /// computing a few tokens in vain is cheaper. The answers do not depend on it; by hand a CPU does not look at it, and a GPU
    /// only until it knows how long a token takes.
    pub tokens_per_read: usize,
    /// Tokens whose joint probability at the first position is to be reported.
    pub first_tokens: Vec<u32>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The tokens, without the one that ended it.
    pub tokens: Vec<u32>,
    /// The joint probability of [`DecodeOptions::first_tokens`] at the first position; absent if there are none.
    pub first_token_probability: Option<f32>,
}

/// The next token of every row, on the device.
#[derive(Clone)]
struct Column {
    tokens: Tensor<2, Int>, // [rows, 1], the most probable ones
    sums: Tensor<2>,        // [rows, 1], of all logits: finite if each of them is
}

impl Column {
    /// From the logits `[rows, vocab]`. Which token is the most probable means nothing where one of them is not a number; a
    /// sum tells that on every device, while a maximum may pass over it.
    fn of(logits: Tensor<2>) -> Self {
        Self { sums: logits.clone().sum_dim(1), tokens: logits.argmax(1) }
    }
}

/// A token that was read, and the sum of the logits that it is the largest of.
type Read = (u32, f32);

/// A row of the batch that has not ended.
struct Row {
    prompt: usize, // index of the prompt, and of its answer
    length: usize, // tokens of the prompt
}

/// How the prompts of a batch lie in the cache: first what they all begin with, then the rest of each, aligned at its end.
#[derive(Clone, Copy)]
struct Alignment {
    shared: usize, // tokens that all prompts begin with
    width: usize,  // tokens of the longest prompt, the shared ones included
}

impl Alignment {
    /// Every prompt keeps a token of its own: the one after which it is answered.
    fn of(prompts: &[Vec<u32>], width: usize) -> Self {
        let [first, others @ ..] = prompts else { return Self { shared: 0, width } };
        let shortest = prompts.iter().map(Vec::len).min().unwrap_or(0);
        let same = |&place: &usize| others.iter().all(|prompt| prompt[place] == first[place]);
        let shared = if others.is_empty() { 0 } else { (0..shortest.saturating_sub(1)).take_while(same).count() };
        Self { shared, width }
    }

    /// Places of padding between the shared tokens and those of a prompt's own.
    fn padding(self, length: usize) -> usize {
        self.width - length
    }

    /// Whether a token at one place of the cache sees what is at another one, in the row of a prompt of this length: what
    /// is not padding, and stands before it.
    fn sees(self, query: usize, key: usize, length: usize) -> bool {
        key <= query && (key < self.shared || key >= self.shared + self.padding(length))
    }
}

impl Llama {
    /// The model's greedy answer to each prompt.
    ///
    /// All prompts are decoded as one batch, aligned at their ends: padding before what is a prompt's own is never looked at,
    /// and positions are counted from each prompt's beginning, so that an answer does not depend on its neighbours. What all
    /// prompts begin with, such as a system prompt, is computed once.
    ///
    /// # Errors
    ///
    /// [`LlamaError::TooLong`] if a prompt leaves no room for an answer, [`LlamaError::Empty`] if one has no token,
    /// [`LlamaError::Token`], [`LlamaError::Logits`] if the model computes what is no number, [`LlamaError::Device`], or
    /// [`LlamaError::Cancelled`] if the pulse says so.
    pub async fn greedy(
        &self,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        options: &DecodeOptions,
        pulse: &dyn Pulse,
    ) -> Result<Vec<Answer>, LlamaError> {
        let Some(width) = prompts.iter().map(Vec::len).max() else { return Ok(Vec::new()) };
        if prompts.iter().any(Vec::is_empty) {
            return Err(LlamaError::Empty);
        }
        let limit = self.config.max_positions;
        if width >= limit {
            return Err(LlamaError::TooLong { tokens: width, limit: limit - 1 });
        }
        let longest = options.max_new_tokens.min(limit - width);
        if let Some(weights) = self.cpu_weights().await? {
            return self.greedy_by_hand(weights, adapter, prompts, longest, options, pulse).await;
        }
        match self.greedy_on_gpu(adapter, prompts, longest, options, pulse).await? {
            Some(answers) => Ok(answers),
            None => self.greedy_with_tensors(adapter, prompts, longest, options, pulse).await,
        }
    }

    /// [`greedy`](Self::greedy) by hand on the CPU, with answers of at most `longest` tokens.
    async fn greedy_by_hand(
        &self,
        weights: &CpuWeights,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        longest: usize,
        options: &DecodeOptions,
        pulse: &dyn Pulse,
    ) -> Result<Vec<Answer>, LlamaError> {
        self.known(prompts.iter().flatten())?;
        let matrices = match adapter {
            None => None,
            Some(adapter) => {
                let parameters = adapter.values().await?;
                Some(weights.merged(&self.config, &adapter.layout, &parameters))
            }
        };
        let model = Merged { config: &self.config, weights, matrices: matrices.as_deref() };
        let shared = Alignment::of(prompts, 0).shared;
        let mut decoder = Decoder::new(model, prompts, shared, &options.first_tokens);
        for made in 1..=longest {
            if pulse.beat().await == ControlFlow::Break(()) {
                return Err(LlamaError::Cancelled);
            }
            let goes_on = decoder.take(&options.stop).ok_or(LlamaError::Logits)?;
            decoder.alone().into_iter().for_each(|answer| pulse.heard(answer));
            if !goes_on {
                break;
            }
            if made < longest {
                decoder.advance();
            }
        }
        let answers = decoder.finish().into_iter().map(|decoded| (decoded.tokens, decoded.first));
        checked(answers, options)
    }

    /// [`greedy`](Self::greedy) by hand on a GPU; nothing if that cannot be done.
    async fn greedy_on_gpu(
        &self,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        longest: usize,
        options: &DecodeOptions,
        pulse: &dyn Pulse,
    ) -> Result<Option<Vec<Answer>>, LlamaError> {
        // Clones share a decoder: whether it may be used is this one's to say.
        let Some(weights) = self.gpu_weights().await? else { return Ok(None) };
        let mut decoder = self.by_hand.take_decoder().unwrap_or_else(|| GpuDecoder::new(&self.config, weights));
        self.known(prompts.iter().flatten())?;
        let parameters = match adapter {
            None => None,
            Some(adapter) => Some((&adapter.layout, adapter.values().await?)),
        };
        decoder.merge(parameters.as_ref().map(|(layout, values)| (*layout, &values[..])));
        let batch = Batch { prompts, shared: Alignment::of(prompts, 0).shared, longest, asked: &options.first_tokens };
        let answers = all_of(&mut decoder, batch, options, pulse).await;
        // Whoever stopped will ask again; a device that failed has lost what the decoder had there.
        if !matches!(answers, Err(LlamaError::Device { .. })) {
            self.by_hand.keep_decoder(decoder);
        }
        answers
    }

    /// [`greedy`](Self::greedy) with burn's tensors, on any device.
    async fn greedy_with_tensors(
        &self,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        longest: usize,
        options: &DecodeOptions,
        pulse: &dyn Pulse,
    ) -> Result<Vec<Answer>, LlamaError> {
        let width = prompts.iter().map(Vec::len).max().unwrap_or(0);
        let mut answers: Vec<Vec<u32>> = vec![Vec::new(); prompts.len()];
        let mut rows: Vec<Row> =
            prompts.iter().enumerate().map(|(prompt, p)| Row { prompt, length: p.len() }).collect();
        let alignment = Alignment::of(prompts, width);
        let mut cache = self.shared(adapter, prompts, alignment)?;
        let logits = self.prefill(adapter, prompts, alignment, &mut cache)?;
        let first = self.first_token_probability(logits.clone(), &options.first_tokens);
        let mut next = Column::of(logits);
        let mut unread: Vec<Column> = Vec::new();

        for made in 1..=longest {
            if pulse.beat().await == ControlFlow::Break(()) {
                return Err(LlamaError::Cancelled);
            }
            unread.push(next.clone());
            if unread.len() >= options.tokens_per_read.max(1) || made == longest {
                let read = read(std::mem::take(&mut unread)).await?;
                let going = record(&rows, &read, &options.stop, &mut answers)?;
                if let [alone] = &answers[..] {
                    pulse.heard(alone);
                }
                if going.is_empty() {
                    break;
                }
                if (rows.len() - going.len()) as f64 > COMPACT_ABOVE * rows.len() as f64 {
                    let keep: Vec<i32> = going.iter().map(|&row| row as i32).collect();
                    let keep = Tensor::<1, Int>::from_data(TensorData::new(keep, [going.len()]), &self.device);
                    cache.keep(&keep);
                    next.tokens = next.tokens.select(0, keep);
                    rows = keep_rows(rows, &going);
                }
            }
            if made < longest {
                next = self.extend(adapter, &rows, alignment, made, next.tokens, &mut cache);
            }
        }
        let probabilities = match first {
            None => vec![None; prompts.len()],
            Some(first) => read_floats(first).await?.into_iter().map(Some).collect(),
        };
        if probabilities.iter().flatten().any(|probability| !probability.is_finite()) {
            return Err(LlamaError::Logits);
        }
        let answer = |(tokens, first_token_probability)| Answer { tokens, first_token_probability };
        Ok(answers.into_iter().map(|tokens| cut(tokens, &options.stop)).zip(probabilities).map(answer).collect())
    }

    /// Runs what all prompts begin with, once, and returns the cache with a row for each of them.
    fn shared(
        &self,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        alignment: Alignment,
    ) -> Result<KvCache, LlamaError> {
        let mut cache = KvCache::default();
        if alignment.shared == 0 {
            return Ok(cache);
        }
        let tokens = self.tokens(&prompts[0][..alignment.shared], 1)?;
        self.hidden(tokens, &self.causal(alignment.shared), adapter, Some(&mut cache));
        Ok(cache.repeated(prompts.len()))
    }

    /// Runs what is the prompts' own, padded on the left, and returns the logits of their last tokens, `[batch, vocab]`.
    fn prefill(
        &self,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        alignment: Alignment,
        cache: &mut KvCache,
    ) -> Result<Tensor<2>, LlamaError> {
        let (batch, Alignment { shared, width }) = (prompts.len(), alignment);
        let own = width - shared;
        let places = cache.places_with(own);
        let (mut ids, mut positions, mut visible) = (Vec::new(), Vec::new(), Vec::new());
        for prompt in prompts {
            let padding = alignment.padding(prompt.len());
            ids.extend(std::iter::repeat_n(0, padding).chain(prompt[shared..].iter().copied()));
            positions.extend((shared..width).map(|place| place.saturating_sub(padding) as i32));
            for query in shared..width {
                visible.extend((0..places).map(|key| alignment.sees(query, key, prompt.len())));
            }
        }
        let context = self.context(batch, positions, &visible);
        let hidden = self.hidden(self.tokens(&ids, batch)?, &context, adapter, Some(cache));
        let last: Vec<i32> = (1..=batch).map(|row| (row * own - 1) as i32).collect();
        let last = Tensor::<1, Int>::from_data(TensorData::new(last, [batch]), &self.device);
        Ok(self.logits(hidden.select(0, last)))
    }

    /// Runs one more token of each row, `[rows, 1]`, and returns the most probable token after it.
    ///
    /// `made` counts the tokens after the prompts, this one included.
    fn extend(
        &self,
        adapter: Option<&Adapter>,
        rows: &[Row],
        alignment: Alignment,
        made: usize,
        token: Tensor<2, Int>,
        cache: &mut KvCache,
    ) -> Column {
        let positions = rows.iter().map(|row| (row.length + made - 1) as i32).collect();
        let (query, places) = (alignment.width + made - 1, cache.places_with(1));
        let visible: Vec<bool> =
            rows.iter().flat_map(|row| (0..places).map(|key| alignment.sees(query, key, row.length))).collect();
        let context = self.context(rows.len(), positions, &visible);
        let hidden = self.hidden(token, &context, adapter, Some(cache));
        Column::of(self.logits(hidden))
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

/// Answers on a GPU, as many at a time as fit; nothing if a single one does not.
async fn all_of(
    decoder: &mut GpuDecoder,
    batch: Batch<'_>,
    options: &DecodeOptions,
    pulse: &dyn Pulse,
) -> Result<Option<Vec<Answer>>, LlamaError> {
    let (mut rest, mut answers) = (batch.prompts, Vec::with_capacity(batch.prompts.len()));
    while !rest.is_empty() {
        let count = decoder.fitting(Batch { prompts: rest, ..batch });
        if count == 0 {
            return Ok(None);
        }
        let (prompts, later) = rest.split_at(count);
        rest = later;
        let now = Batch { prompts, ..batch };
        let (tokens, shares) = decoder.answer(now, &options.stop, options.tokens_per_read, pulse).await?;
        answers.extend(checked(tokens.into_iter().zip(shares), options)?);
    }
    Ok(Some(answers))
}

/// Answers by hand, each with the token that ended it and the joint probability of the first tokens.
fn checked(answers: impl Iterator<Item = (Vec<u32>, f32)>, options: &DecodeOptions) -> Result<Vec<Answer>, LlamaError> {
    let wanted = !options.first_tokens.is_empty();
    let answers = answers.map(|(tokens, first)| match wanted && !first.is_finite() {
        true => Err(LlamaError::Logits),
        false => Ok(Answer { tokens: cut(tokens, &options.stop), first_token_probability: wanted.then_some(first) }),
    });
    answers.collect()
}

/// Adds the tokens just read (`[rows][several]`) to the answers, each up to the one that ends it, and returns the rows that
/// go on. What was computed after the end of an answer is not looked at.
fn record(rows: &[Row], read: &[Vec<Read>], stop: &[u32], answers: &mut [Vec<u32>]) -> Result<Vec<usize>, LlamaError> {
    let mut going = Vec::new();
    for (index, (row, read)) in rows.iter().zip(read).enumerate() {
        let answer = &mut answers[row.prompt];
        for &(token, sum) in read {
            if has_ended(answer, stop) {
                break;
            }
            if !sum.is_finite() {
                return Err(LlamaError::Logits);
            }
            answer.push(token);
        }
        if !has_ended(answer, stop) {
            going.push(index);
        }
    }
    Ok(going)
}

fn has_ended(answer: &[u32], stop: &[u32]) -> bool {
    answer.last().is_some_and(|token| stop.contains(token))
}

fn keep_rows(rows: Vec<Row>, keep: &[usize]) -> Vec<Row> {
    let mut kept = keep.iter().peekable();
    rows.into_iter().enumerate().filter_map(|(i, row)| kept.next_if(|&&k| k == i).map(|_| row)).collect()
}

/// The tokens before the one that ends an answer.
fn cut(mut tokens: Vec<u32>, stop: &[u32]) -> Vec<u32> {
    if has_ended(&tokens, stop) {
        tokens.pop();
    }
    tokens
}

/// Reads columns in one go and returns them by row.
async fn read(columns: Vec<Column>) -> Result<Vec<Vec<Read>>, LlamaError> {
    let count = columns.len();
    let (tokens, sums) = columns.into_iter().map(|column| (column.tokens, column.sums)).unzip();
    let transaction = Transaction::default().register(Tensor::cat(tokens, 1)).register(Tensor::cat(sums, 1));
    let data = transaction.execute_async().await.map_err(device_error)?;
    let [tokens, sums] = &data[..] else { return Err(device_error("tokens could not be read back")) };
    let flat: Vec<Read> = tokens.iter::<i64>().map(|id| id as u32).zip(sums.iter::<f32>()).collect();
    Ok(flat.chunks(count).map(<[Read]>::to_vec).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(prompts: &[&[u32]]) -> usize {
        let prompts: Vec<Vec<u32>> = prompts.iter().map(|prompt| prompt.to_vec()).collect();
        let width = prompts.iter().map(Vec::len).max().unwrap_or(0);
        Alignment::of(&prompts, width).shared
    }

    #[test]
    fn what_all_begin_with_is_shared_but_for_their_last_token() {
        assert_eq!(shared(&[&[1, 2, 3, 4], &[1, 2, 5]]), 2);
        assert_eq!(shared(&[&[1, 2, 3], &[1, 2, 3]]), 2);
        assert_eq!(shared(&[&[1, 2, 3], &[1]]), 0);
        assert_eq!(shared(&[&[1, 2], &[3, 2]]), 0);
    }

    #[test]
    fn one_prompt_shares_nothing() {
        assert_eq!(shared(&[&[1, 2, 3]]), 0);
        assert_eq!(shared(&[]), 0);
    }
}
