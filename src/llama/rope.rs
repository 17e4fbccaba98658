//! Rotary position embedding in Hugging Face's order (Su et al. 2021; `rotate_half` in transformers' Llama).

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::config::{LlamaConfig, RopeConfig};

/// Cosines and sines of every position. The sine carries the sign of `rotate_half`: its first half is negated.
#[derive(Clone, Debug)]
pub struct Rope {
    pub(super) cos: Tensor<2>, // [positions, head_dim]
    pub(super) sin: Tensor<2>, // [positions, head_dim]
}

/// The angles of a batch: one row for all sequences, or one for each.
#[derive(Clone, Debug)]
pub struct Angles {
    cos: Tensor<4>, // [1 or batch, 1, seq, head_dim]
    sin: Tensor<4>, // [1 or batch, 1, seq, head_dim]
}

impl Rope {
    /// The tables of all positions of the model.
    pub fn new(config: &LlamaConfig, device: &Device) -> Self {
        let half = config.head_dim / 2;
        let frequencies = frequencies(&config.rope, config.head_dim);
        // The config bounds both factors, so that these are at most 16 MiB each.
        let size = config.max_positions * config.head_dim;
        let (mut cos, mut sin) = (Vec::with_capacity(size), Vec::with_capacity(size));
        for position in 0..config.max_positions {
            for j in 0..config.head_dim {
                // Angles are rounded to f32 before the cosine, as transformers does.
                let angle = position as f32 * frequencies[j % half];
                cos.push(angle.cos());
                sin.push(if j < half { -angle.sin() } else { angle.sin() });
            }
        }
        let table =
            |values| Tensor::from_data(TensorData::new(values, [config.max_positions, config.head_dim]), device);
        Self { cos: table(cos), sin: table(sin) }
    }

    /// The angles of positions `0..seq`, for sequences that all begin at 0.
    pub fn first(&self, seq: usize) -> Angles {
        let rows = |table: &Tensor<2>| table.clone().narrow(0, 0, seq).unsqueeze::<4>();
        Angles { cos: rows(&self.cos), sin: rows(&self.sin) }
    }

    /// The angles of given positions, `[batch, seq]`.
    pub fn at(&self, positions: Tensor<2, Int>) -> Angles {
        let [batch, seq] = positions.dims();
        let flat = positions.reshape([batch * seq]);
        let rows = |table: &Tensor<2>| {
            let [_, head_dim] = table.dims();
            table.clone().select(0, flat.clone()).reshape([batch, 1, seq, head_dim])
        };
        Angles { cos: rows(&self.cos), sin: rows(&self.sin) }
    }
}

impl Angles {
    /// Rotates the heads `[batch, heads, seq, head_dim]`.
    pub fn rotate(&self, x: Tensor<4>) -> Tensor<4> {
        let half = x.dims()[3] / 2;
        let swapped = Tensor::cat(vec![x.clone().narrow(3, half, half), x.clone().narrow(3, 0, half)], 3);
        x * self.cos.clone() + swapped * self.sin.clone()
    }
}

/// The angle per position of each pair of dimensions, `[head_dim / 2]`, in radians.
fn frequencies(rope: &RopeConfig, head_dim: usize) -> Vec<f32> {
    (0..head_dim / 2)
        .map(|j| {
            let exponent = (2 * j) as f32 / head_dim as f32;
            let frequency = 1.0 / (rope.theta as f32).powf(exponent);
            rope.llama3.as_ref().map_or(frequency, |scaling| {
                let wavelength = 2.0 * std::f32::consts::PI / frequency;
                let original = scaling.original_max_position_embeddings as f32;
                let (low, high) = (scaling.low_freq_factor as f32, scaling.high_freq_factor as f32);
                let stretched = frequency / scaling.factor as f32;
                if wavelength > original / low {
                    return stretched;
                }
                if wavelength < original / high {
                    return frequency;
                }
                let smooth = (original / wavelength - low) / (high - low);
                (1.0 - smooth) * stretched + smooth * frequency
            })
        })
        .collect()
}
