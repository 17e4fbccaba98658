//! [`KvCache`]: keys and values of the tokens seen so far.

use burn::tensor::{Int, Tensor};

/// Keys and values of every layer, each `[batch, kv_heads, keys, head_dim]`. Starts empty.
#[derive(Clone, Debug, Default)]
pub struct KvCache {
    layers: Vec<(Tensor<4>, Tensor<4>)>,
}

impl KvCache {
    /// Adds the keys and values of new tokens to a layer and returns all of that layer.
    ///
    /// Layers are filled in order: the first pass over the blocks creates them.
    pub(super) fn extend(&mut self, layer: usize, key: Tensor<4>, value: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let Some(slot) = self.layers.get_mut(layer) else {
            self.layers.push((key.clone(), value.clone()));
            return (key, value);
        };
        slot.0 = Tensor::cat(vec![slot.0.clone(), key], 2);
        slot.1 = Tensor::cat(vec![slot.1.clone(), value], 2);
        slot.clone()
    }

    /// Keeps only these rows of the batch, `[rows]`.
    pub(super) fn keep(&mut self, rows: &Tensor<1, Int>) {
        for (key, value) in &mut self.layers {
            *key = key.clone().select(0, rows.clone());
            *value = value.clone().select(0, rows.clone());
        }
    }
}
