//! [`KvCache`]: keys and values of the tokens seen so far.

use burn::tensor::{Int, Tensor};

/// By how many places the cache grows. Growing copies it; a place that is not filled yet is attended to in vain.
const STRIDE: usize = 16;

/// Keys and values of every layer. Starts empty.
#[derive(Clone, Debug, Default)]
pub struct KvCache {
    layers: Vec<Layer>,
}

/// Those of one layer, each `[batch, kv_heads, places, head_dim]`: zero from `filled` on.
#[derive(Clone, Debug)]
struct Layer {
    key: Tensor<4>,
    value: Tensor<4>,
    filled: usize,
}

impl KvCache {
    /// The number of places, filled or not, once `seq` tokens are added: so many keys there are to attend to.
    ///
    /// All layers have as many when a pass begins.
    pub(super) fn places_with(&self, seq: usize) -> usize {
        self.layers.first().map_or(seq, |layer| layer.places_with(seq))
    }

    /// Adds the keys and values of new tokens to a layer and returns all places of that layer.
    ///
    /// Layers are filled in order: the first pass over the blocks creates them.
    pub(super) fn extend(&mut self, layer: usize, key: Tensor<4>, value: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        if layer == self.layers.len() {
            let filled = key.dims()[2];
            self.layers.push(Layer { key: key.clone(), value: value.clone(), filled });
            return (key, value);
        }
        // Taken out, so that there is nobody else who holds it: then it is written in place.
        let extended = self.layers.swap_remove(layer).with(key, value);
        let all = (extended.key.clone(), extended.value.clone());
        self.layers.push(extended);
        let last = self.layers.len() - 1;
        self.layers.swap(layer, last);
        all
    }

    /// The cache of `rows` sequences that all begin with the one sequence of this cache.
    pub(super) fn repeated(self, rows: usize) -> Self {
        self.map(|tensor| tensor.repeat_dim(0, rows))
    }

    /// Keeps only these rows of the batch, `[rows]`.
    pub(super) fn keep(&mut self, rows: &Tensor<1, Int>) {
        *self = std::mem::take(self).map(|tensor| tensor.select(0, rows.clone()));
    }

    fn map(self, change: impl Fn(Tensor<4>) -> Tensor<4>) -> Self {
        let layer = |Layer { key, value, filled }| Layer { key: change(key), value: change(value), filled };
        Self { layers: self.layers.into_iter().map(layer).collect() }
    }
}

impl Layer {
    fn places(&self) -> usize {
        self.key.dims()[2]
    }

    fn places_with(&self, seq: usize) -> usize {
        let filled = self.filled + seq;
        if filled <= self.places() { self.places() } else { filled.next_multiple_of(STRIDE) }
    }

    /// The layer with the keys and values of new tokens in the next places.
    fn with(self, key: Tensor<4>, value: Tensor<4>) -> Self {
        let seq = key.dims()[2];
        let more = self.places_with(seq) - self.places();
        let filled = self.filled + seq;
        let place = self.filled..filled;
        let put = |all: Tensor<4>, new: Tensor<4>| {
            let [batch, heads, _, width] = all.dims();
            let all = match more {
                0 => all,
                _ => {
                    let room = Tensor::zeros([batch, heads, more, width], &all.device());
                    Tensor::cat(vec![all, room], 2)
                }
            };
            all.slice_assign([0..batch, 0..heads, place.clone(), 0..width], new)
        };
        Self { key: put(self.key, key), value: put(self.value, value), filled }
    }
}
