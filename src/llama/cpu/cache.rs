//! [`Cache`]: keys and values of the tokens seen so far, a fixed place for each row, and attention of one query to them.

use super::math::{softmax_row, wide};
use super::matrix::Mat;
use crate::llama::LlamaConfig;

/// Places are reserved in multiples of this, so that products over keys have whole vectors.
const STRIDE: usize = 16;

/// Keys and values of one layer. A key head's keys stand side by side, `[head_dim, places]`, and its values one after the other,
/// `[places, head_dim]`: either way, what is added up stands in different rows, and vectors need not be summed.
#[derive(Debug, Default)]
pub struct Cache {
    keys: Vec<f32>,   // [rows, kv_heads, head_dim, places]
    values: Vec<f32>, // [rows, kv_heads, places, head_dim]
    kv_heads: usize,
    head_dim: usize,
    places: usize,
}

impl Cache {
    /// Room for so many rows with so many places each, all of it zero.
    pub fn new(config: &LlamaConfig, rows: usize, places: usize) -> Self {
        let places = places.next_multiple_of(STRIDE);
        let (kv_heads, head_dim) = (config.num_key_value_heads, config.head_dim);
        let size = rows * kv_heads * head_dim * places;
        Self { keys: vec![0.0; size], values: vec![0.0; size], kv_heads, head_dim, places }
    }

    /// How many places a row has.
    pub fn places(&self) -> usize {
        self.places
    }

    /// The same with more places, and what is in it.
    pub fn with_places(&self, config: &LlamaConfig, places: usize) -> Self {
        let rows = self.keys.len() / (self.kv_heads * self.head_dim * self.places);
        let mut larger = Self::new(config, rows, places);
        for row in 0..rows {
            larger.copy(row, self, row, self.places);
        }
        larger
    }

    /// Takes over the first places of a row of another cache.
    pub fn copy(&mut self, row: usize, from: &Self, from_row: usize, places: usize) {
        for head in 0..self.kv_heads {
            let (to, old) = (self.begin(row, head), from.begin(from_row, head));
            for d in 0..self.head_dim {
                let keys = &from.keys[old + d * from.places..][..places];
                self.keys[to + d * self.places..][..places].copy_from_slice(keys);
            }
            let len = places * self.head_dim;
            self.values[to..to + len].copy_from_slice(&from.values[old..old + len]);
        }
    }

    /// Puts the key and the value of one token, each `[kv_heads, head_dim]`, in a place of a row.
    pub fn put(&mut self, row: usize, place: usize, key: &[f32], value: &[f32]) {
        let width = self.head_dim;
        for (head, (key, value)) in key.chunks_exact(width).zip(value.chunks_exact(width)).enumerate() {
            let begin = self.begin(row, head);
            let column = self.keys[begin + place..].iter_mut().step_by(self.places);
            column.zip(key).for_each(|(to, &key)| *to = key);
            self.values[begin + place * width..][..width].copy_from_slice(value);
        }
    }

    /// The first keys of a row's head, `[keys, head_dim]`.
    pub fn keys(&self, row: usize, head: usize, keys: usize) -> Mat<'_> {
        Mat::strided(&self.keys[self.begin(row, head)..], self.head_dim, keys, self.places).transposed()
    }

    /// The first values of a row's head, `[keys, head_dim]`.
    pub fn values(&self, row: usize, head: usize, keys: usize) -> Mat<'_> {
        Mat::new(&self.values[self.begin(row, head)..], keys, self.head_dim)
    }

    /// One token's attention to the first `seen` places of a row: queries are `[heads, head_dim]`, and so is `out`.
    pub fn attend(&self, row: usize, seen: usize, query: &[f32], out: &mut [f32], scores: &mut Vec<f32>) {
        let width = self.head_dim;
        // Whole vectors of keys: the weights of those after the last one seen become 0.
        let wide = seen.next_multiple_of(STRIDE);
        scores.resize(wide, 0.0);
        let group = query.len() / (width * self.kv_heads);
        for (head, (query, out)) in query.chunks_exact(width).zip(out.chunks_exact_mut(width)).enumerate() {
            let begin = self.begin(row, head / group);
            let size = self.places * width;
            one_query(query, &self.keys[begin..begin + size], &self.values[begin..begin + size], seen, scores, out);
        }
    }

    fn begin(&self, row: usize, head: usize) -> usize {
        (row * self.kv_heads + head) * self.head_dim * self.places
    }
}

wide! {
    /// Attention of one query `[head_dim]` to `seen` of the keys `[head_dim, places]` and values `[places, head_dim]`. `scores`
    /// have room for `seen` of them, in whole vectors.
    fn one_query(query: &[f32], keys: &[f32], values: &[f32], seen: usize, scores: &mut [f32], out: &mut [f32]) {
        let (width, places) = (query.len(), keys.len() / query.len());
        let scale = (width as f32).powf(-0.5);
        for (block, scores) in scores.chunks_exact_mut(STRIDE).enumerate() {
            let mut sums = [0.0; STRIDE];
            for (&q, keys) in query.iter().zip(keys.chunks_exact(places)) {
                for (sum, &key) in sums.iter_mut().zip(&keys[block * STRIDE..][..STRIDE]) {
                    *sum += q * key;
                }
            }
            for (score, sum) in scores.iter_mut().zip(sums) {
                *score = sum * scale;
            }
        }
        softmax_row(&mut scores[..seen]);
        let mut columns = out.chunks_exact_mut(STRIDE);
        for (block, out) in columns.by_ref().enumerate() {
            let mut sums = [0.0; STRIDE];
            for (&weight, value) in scores[..seen].iter().zip(values.chunks_exact(width)) {
                for (sum, &value) in sums.iter_mut().zip(&value[block * STRIDE..][..STRIDE]) {
                    *sum += weight * value;
                }
            }
            out.copy_from_slice(&sums);
        }
        let rest = columns.into_remainder();
        let first = width - rest.len();
        rest.fill(0.0);
        for (&weight, value) in scores[..seen].iter().zip(values.chunks_exact(width)) {
            for (out, &value) in rest.iter_mut().zip(&value[first..]) {
                *out += weight * value;
            }
        }
    }
}
