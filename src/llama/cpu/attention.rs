//! Causal attention of one head over one sequence, a block of queries at a time. Scores are never kept: the backward pass
//! computes them again from the logarithms of the softmax's denominators.

use std::ops::Range;

use super::math::{causal_softmax, causal_softmax_again, softmax_back};
use super::matrix::{Mat, MatMut, multiply, multiply_add};

/// Queries whose scores are computed together: so many rows keep a product busy, and few keys are looked at in vain.
const BLOCK: usize = 32;

/// One head's queries, keys and values.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// `[queries, head_dim]`: those of the last places.
    pub query: Mat<'a>,
    /// `[keys, head_dim]`.
    pub key: Mat<'a>,
    /// `[keys, head_dim]`.
    pub value: Mat<'a>,
}

/// The gradients of one head, in one buffer; those of keys and values are added to.
#[derive(Debug)]
pub struct HeadGradient<'a> {
    /// All rows that hold them.
    pub all: &'a mut [f32],
    /// The place of the first query's, `[queries, head_dim]`.
    pub query: usize,
    /// The place of the first key's, `[keys, head_dim]`.
    pub key: usize,
    /// The place of the first value's, `[keys, head_dim]`.
    pub value: usize,
    /// Numbers from one row to the next.
    pub stride: usize,
}

/// Room for the scores of a block of queries.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    weights: Vec<f32>,  // [BLOCK, keys]
    gradient: Vec<f32>, // [BLOCK, keys]
}

/// A block of queries: which, how many keys the last of them sees, and how many stand before that of the first.
struct Block {
    queries: Range<usize>,
    keys: usize,
    first: usize,
}

impl HeadGradient<'_> {
    fn at(&mut self, place: usize, rows: usize, width: usize) -> MatMut<'_> {
        MatMut::strided(&mut self.all[place..], rows, width, self.stride)
    }
}

impl Head<'_> {
    fn blocks(self) -> impl Iterator<Item = Block> {
        let queries = self.query.rows();
        let before = self.key.rows() - queries;
        (0..queries).step_by(BLOCK).map(move |begin| {
            let end = queries.min(begin + BLOCK);
            Block { queries: begin..end, keys: before + end, first: before + begin }
        })
    }

    fn scale(self) -> f32 {
        (self.query.columns() as f32).powf(-0.5)
    }

    /// The mixed values, to `out`, `[queries, head_dim]` with `stride` between rows, and the logarithms of the softmax's
    /// denominators to `logs`, `[queries]`.
    pub fn attend(self, out: &mut [f32], stride: usize, logs: &mut [f32], scores: &mut Scores) {
        let width = self.query.columns();
        for Block { queries, keys, first } in self.blocks() {
            let rows = queries.len();
            let weights = fit(&mut scores.weights, rows * keys);
            let (key, value) = (self.key.slice(0..keys), self.value.slice(0..keys));
            let query = self.query.slice(queries.clone());
            multiply(MatMut::new(weights, rows, keys), self.scale(), query, key.transposed());
            causal_softmax(weights, keys, first, &mut logs[queries.clone()]);
            let out = MatMut::strided(&mut out[queries.start * stride..], rows, width, stride);
            multiply(out, 1.0, Mat::new(weights, rows, keys), value);
        }
    }

    /// The gradients, from `dout`, that of the mixed values, `[queries, head_dim]`.
    pub fn attend_back(self, dout: Mat<'_>, logs: &[f32], mut into: HeadGradient<'_>, scores: &mut Scores) {
        let (width, scale) = (self.query.columns(), self.scale());
        for Block { queries, keys, first } in self.blocks() {
            let rows = queries.len();
            let (weights, gradient) = (fit(&mut scores.weights, rows * keys), fit(&mut scores.gradient, rows * keys));
            let (key, value) = (self.key.slice(0..keys), self.value.slice(0..keys));
            let (query, dout) = (self.query.slice(queries.clone()), dout.slice(queries.clone()));
            multiply(MatMut::new(weights, rows, keys), scale, query, key.transposed());
            causal_softmax_again(weights, keys, first, &logs[queries.clone()]);
            multiply(MatMut::new(gradient, rows, keys), 1.0, dout, value.transposed());
            multiply_add(into.at(into.value, keys, width), 1.0, Mat::new(weights, rows, keys).transposed(), dout);
            softmax_back(weights, keys, gradient);
            let gradient = Mat::new(gradient, rows, keys);
            let place = into.query + queries.start * into.stride;
            multiply(into.at(place, rows, width), scale, gradient, key);
            multiply_add(into.at(into.key, keys, width), scale, gradient.transposed(), query);
        }
    }
}

/// The first numbers of a buffer, which grows if it must.
pub fn fit(buffer: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if buffer.len() < len {
        buffer.resize(len, 0.0);
    }
    &mut buffer[..len]
}
