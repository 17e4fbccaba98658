//! [`Weights`]: all weights of a model as tensors, so that they can be made, trained and written down.

use burn::tensor::{Device, Gradients, Tensor, TensorData};
use rand::Rng;

use super::config::LlamaConfig;
use super::error::LlamaError;
use super::executor::ByHand;
use super::lora::Adapter;
use super::model::{Block, Llama};
use super::rope::Rope;
use crate::study::Projection;

/// All weights of a model.
#[derive(Clone, Debug)]
pub struct Weights {
    /// The embedding, `[vocab, d_model]`.
    pub embedding: Tensor<2>,
    /// The norms: before attention and before the SwiGLU of every block, and the last, `[2 * layers + 1, d_model]`.
    pub norms: Tensor<2>,
    /// The projections, each `[d_in, d_out]`: seven of every block, in the order of [`Projection::ALL`].
    pub projections: Vec<Tensor<2>>,
    /// The output layer, `[d_model, vocab]`; absent where it is the embedding, transposed.
    pub output: Option<Tensor<2>>,
}

impl Weights {
    /// Fresh weights of a model with tied embeddings: embedding and projections uniform with the standard deviations 0.02 and
    /// `1 / sqrt(d_in)`, the projections that write to the residual stream zero (so that a fresh block changes nothing), norms one.
    pub fn random(config: &LlamaConfig, rng: &mut impl Rng, device: &Device) -> Self {
        let mut uniform = |[rows, columns]: [usize; 2], deviation: f32| {
            let bound = 3f32.sqrt() * deviation;
            let values: Vec<f32> = (0..rows * columns).map(|_| rng.random_range(-bound..bound)).collect();
            Tensor::from_data(TensorData::new(values, [rows, columns]), device)
        };
        let embedding = uniform([config.vocab_size, config.hidden_size], 0.02);
        let mut projections = Vec::with_capacity(7 * config.num_hidden_layers);
        for _ in 0..config.num_hidden_layers {
            for projection in Projection::ALL {
                let shape = config.projection(projection);
                projections.push(match projection {
                    Projection::OProj | Projection::DownProj => Tensor::zeros(shape, device),
                    _ => uniform(shape, (shape[0] as f32).powf(-0.5)),
                });
            }
        }
        let norms = Tensor::ones([2 * config.num_hidden_layers + 1, config.hidden_size], device);
        Self { embedding, norms, projections, output: None }
    }

    /// The same weights, each tensor a leaf of the autodiff graph.
    pub fn tracked(&self) -> Self {
        self.map(|tensor| tensor.clone().autodiff().require_grad())
    }

    /// The gradients of [`tracked`](Self::tracked) weights, in the order of [`Self::tensors`] and of their shapes.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if a tensor has no gradient: the loss did not come from these weights.
    pub fn gradient(&self, gradients: &mut Gradients) -> Result<Vec<Tensor<2>>, LlamaError> {
        let missing = || LlamaError::Device { reason: "a weight got no gradient".into() };
        self.tensors().map(|tensor| tensor.grad_remove(gradients).ok_or_else(missing)).collect()
    }

    /// The same with an adapter's update added to what it adapts: `W + (alpha / r) A B`.
    #[must_use]
    pub fn merged(&self, adapter: &Adapter) -> Self {
        let mut merged = self.clone();
        for slot in &adapter.layout.slots {
            let place = Projection::ALL.len() * slot.layer + slot.projection as usize;
            if let (Some(weight), Some(update)) = (merged.projections.get_mut(place), adapter.update(slot)) {
                *weight = weight.clone() + update;
            }
        }
        merged
    }

    /// Each tensor mapped, in the order of [`Self::tensors`].
    pub fn map(&self, mut f: impl FnMut(&Tensor<2>) -> Tensor<2>) -> Self {
        Self {
            embedding: f(&self.embedding),
            norms: f(&self.norms),
            projections: self.projections.iter().map(&mut f).collect(),
            output: self.output.as_ref().map(f),
        }
    }

    /// All tensors: embedding, norms, projections, and the output layer if it is one of its own.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor<2>> {
        [&self.embedding, &self.norms].into_iter().chain(&self.projections).chain(&self.output)
    }
}

impl Llama {
    /// The model of a config with these weights.
    pub fn from_weights(config: &LlamaConfig, weights: &Weights, device: &Device) -> Self {
        Self::assemble(config.clone(), weights, device.clone(), Rope::new(config, device))
    }

    /// The same model with other weights, which may be tracked by autodiff.
    pub fn with_weights(&self, weights: &Weights) -> Self {
        let other = Self::assemble(self.config.clone(), weights, self.device.clone(), self.rope.clone());
        other.with_executor(self.by_hand.executor())
    }

    fn assemble(config: LlamaConfig, weights: &Weights, device: Device, rope: Rope) -> Self {
        let norm = |row: usize| weights.norms.clone().narrow(0, row, 1).reshape([config.hidden_size]);
        let block = |(layer, projections): (usize, &[Tensor<2>])| Block {
            input_norm: norm(2 * layer),
            post_norm: norm(2 * layer + 1),
            projections: std::array::from_fn(|i| projections[i].clone()),
        };
        let blocks = weights.projections.chunks(Projection::ALL.len()).enumerate().map(block).collect();
        Self {
            embedding: weights.embedding.clone(),
            blocks,
            norm: norm(2 * config.num_hidden_layers),
            output: weights.output.clone().unwrap_or_else(|| weights.embedding.clone().transpose()),
            config,
            device,
            rope,
            by_hand: ByHand::default(),
        }
    }

    /// The weights.
    pub fn weights(&self) -> Weights {
        let norms = self.blocks.iter().flat_map(|b| [b.input_norm.clone(), b.post_norm.clone()]);
        Weights {
            embedding: self.embedding.clone(),
            norms: Tensor::stack(norms.chain([self.norm.clone()]).collect(), 0),
            projections: self.blocks.iter().flat_map(|b| b.projections.clone()).collect(),
            output: (!self.config.tie_word_embeddings).then(|| self.output.clone()),
        }
    }
}
