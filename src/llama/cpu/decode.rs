//! [`Decoder`]: greedy answers to many prompts, token by token.
//!
//! Each row attends to its own keys alone, so that there is neither padding nor a mask. Rows are divided into parts that are
//! computed side by side; a row that has ended is dropped from its part, and nothing is moved.

use super::cache::Cache;
use super::math::{most_probable, softmax};
use super::parts::{each, interleaved};
use super::run::{Merged, Runner, Stretch};

/// Tokens of prompts that are run together.
const PROMPT_ROWS: usize = 256;
/// Places that a cache has beyond the longest prompt, when it is made and whenever it is full.
const ROOM: usize = 64;

/// Answers in the making.
#[derive(Debug)]
pub struct Decoder<'a> {
    model: Merged<'a>,
    parts: Vec<Part>,
    done: Vec<Row>,
}

#[derive(Debug)]
struct Part {
    rows: Vec<Row>,
    caches: Vec<Cache>, // [layers], with a row for each of the part's at first
    runner: Runner,
}

/// A prompt, and its answer so far.
#[derive(Debug)]
struct Row {
    prompt: usize,    // which of the prompts
    slot: usize,      // its row in the caches
    filled: usize,    // places of it that are filled
    answer: Vec<u32>, // with the token that ends it
    next: u32,        // the most probable token after it
    finite: bool,     // whether the logits that it is the largest of are numbers
    probability: f32, // of the first tokens that were asked for
}

/// A finished answer.
#[derive(Debug)]
pub struct Decoded {
    /// The tokens, with the one that ended it.
    pub tokens: Vec<u32>,
    /// The joint probability of the tokens that were asked for, at the first position.
    pub first: f32,
}

impl<'a> Decoder<'a> {
    /// Runs the prompts, of which all have the first `shared` tokens in common and each some of its own.
    pub fn new(model: Merged<'a>, prompts: &[Vec<u32>], shared: usize, first_tokens: &[u32]) -> Self {
        let longest = prompts.iter().map(Vec::len).max().unwrap_or(0);
        let places = model.config.max_positions.min(longest + ROOM);
        let caches = |rows: usize, places: usize| -> Vec<Cache> {
            (0..model.config.num_hidden_layers).map(|_| Cache::new(model.config, rows, places)).collect()
        };
        let mut begun = caches(1, shared.max(1));
        if let Some(first) = prompts.first().filter(|_| shared > 0) {
            let stretch = Stretch { row: 0, before: 0, len: shared };
            Runner::default().fill(model, &first[..shared], &[stretch], &mut begun);
        }
        let part = |members: Vec<usize>| {
            let row = |(slot, prompt)| Row {
                prompt,
                slot,
                filled: shared,
                answer: Vec::new(),
                next: 0,
                finite: true,
                probability: 0.0,
            };
            let rows: Vec<Row> = members.into_iter().enumerate().map(row).collect();
            Part { caches: caches(rows.len(), places), rows, runner: Runner::default() }
        };
        let mut parts: Vec<Part> = interleaved(prompts.len()).into_iter().map(part).collect();
        each(&mut parts, |part| part.prompts(model, prompts, &begun, first_tokens));
        Self { model, parts, done: Vec::new() }
    }

    /// Adds to every answer the most probable token, and drops those that end with it. Returns whether any goes on; nothing if
    /// the model computes what is no number.
    pub fn take(&mut self, stop: &[u32]) -> Option<bool> {
        for part in &mut self.parts {
            for mut row in std::mem::take(&mut part.rows) {
                if !row.finite {
                    return None;
                }
                row.answer.push(row.next);
                if stop.contains(&row.next) { &mut self.done } else { &mut part.rows }.push(row);
            }
        }
        Some(self.parts.iter().any(|part| !part.rows.is_empty()))
    }

    /// The answer so far, if there is one alone.
    pub fn alone(&self) -> Option<&[u32]> {
        let mut rows = self.parts.iter().flat_map(|part| &part.rows).chain(&self.done);
        let first = rows.next()?;
        rows.next().is_none().then_some(&first.answer[..])
    }

    /// Runs the last token of every answer that goes on.
    pub fn advance(&mut self) {
        let model = self.model;
        self.parts.retain(|part| !part.rows.is_empty());
        each(&mut self.parts, |part| part.advance(model));
    }

    /// All answers, in the order of the prompts.
    pub fn finish(self) -> Vec<Decoded> {
        let mut rows: Vec<Row> = self.parts.into_iter().flat_map(|part| part.rows).chain(self.done).collect();
        rows.sort_by_key(|row| row.prompt);
        rows.into_iter().map(|row| Decoded { tokens: row.answer, first: row.probability }).collect()
    }
}

impl Part {
    /// Runs what is the prompts' own, after what all of them begin with.
    fn prompts(&mut self, model: Merged<'_>, prompts: &[Vec<u32>], begun: &[Cache], first_tokens: &[u32]) {
        let Self { rows, caches, runner } = self;
        for row in rows.iter() {
            for (cache, begun) in caches.iter_mut().zip(begun) {
                cache.copy(row.slot, begun, 0, row.filled);
            }
        }
        let mut rest = &mut rows[..];
        while !rest.is_empty() {
            let own = |row: &Row| &prompts[row.prompt][row.filled..];
            let mut tokens = 0;
            let fitting = rest.iter().take_while(|row| {
                tokens += own(row).len();
                tokens <= PROMPT_ROWS
            });
            let (now, later) = rest.split_at_mut(fitting.count().max(1));
            rest = later;
            let ids: Vec<u32> = now.iter().flat_map(own).copied().collect();
            let stretch = |row: &Row| Stretch { row: row.slot, before: row.filled, len: own(row).len() };
            let stretches: Vec<Stretch> = now.iter().map(stretch).collect();
            let logits = runner.logits(model, &ids, &stretches, caches);
            for ((row, stretch), logits) in now.iter_mut().zip(stretches).zip(rows_of(logits, model)) {
                row.see(logits, stretch.len);
                if !first_tokens.is_empty() {
                    softmax(logits);
                    row.probability = first_tokens.iter().map(|&token| logits[token as usize]).sum();
                }
            }
        }
    }

    fn advance(&mut self, model: Merged<'_>) {
        let Self { rows, caches, runner } = self;
        let filled = rows.iter().map(|row| row.filled).max().unwrap_or(0);
        if let Some(places) = caches.first().map(Cache::places).filter(|&places| filled == places) {
            caches.iter_mut().for_each(|cache| *cache = cache.with_places(model.config, places + ROOM));
        }
        let ids: Vec<u32> = rows.iter().map(|row| row.next).collect();
        let stretch = |row: &Row| Stretch { row: row.slot, before: row.filled, len: 1 };
        let stretches: Vec<Stretch> = rows.iter().map(stretch).collect();
        let logits = runner.logits(model, &ids, &stretches, caches);
        for (row, logits) in rows.iter_mut().zip(rows_of(logits, model)) {
            row.see(logits, 1);
        }
    }
}

impl Row {
    /// Takes the logits after so many more tokens.
    fn see(&mut self, logits: &[f32], tokens: usize) {
        (self.next, self.finite) = most_probable(logits);
        self.filled += tokens;
    }
}

fn rows_of<'a>(logits: &'a mut [f32], model: Merged<'_>) -> impl Iterator<Item = &'a mut [f32]> {
    logits.chunks_exact_mut(model.config.vocab_size)
}
