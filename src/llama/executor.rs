//! [`Executor`]: which way a model is computed. Training steps and answers are computed by hand on burn's CPU backend
//! ([`super::cpu`]) and on a GPU through wgpu ([`super::gpu`]); all else, and models that are too large to be held twice,
//! with burn's tensors.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use burn::tensor::{Device, Tensor, TensorData};

use super::config::LlamaConfig;
use super::cpu::{BlockParts, CpuWeights, Parts, Sequence, Stepper};
use super::error::LlamaError;
use super::gpu::{self, Decoder, GpuWeights, Resident, Settings};
use super::lora::Adapter;
use super::model::Llama;
use super::readback::read_floats;

/// The most weights of a model that is computed by hand: they are held again, and for a training step once more.
const MOST_WEIGHTS: usize = 1 << 25;

/// Which way a model is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Executor {
    /// By hand where that can be done.
    #[default]
    Fastest,
    /// With burn's tensors and its autodiff, on any device. The other way is held to this one.
    Tensors,
}

/// The way that is wanted, and the weights for it, once they are needed. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct ByHand {
    executor: Executor,
    weights: Arc<OnceLock<CpuWeights>>,
    on_gpu: Arc<OnceLock<GpuWeights>>,
    decoder: Arc<Mutex<Option<Decoder>>>,
}

impl ByHand {
    /// The way that is wanted.
    pub(super) fn executor(&self) -> Executor {
        self.executor
    }

    /// The decoder that nobody has taken, if there is one.
    pub(super) fn take_decoder(&self) -> Option<Decoder> {
        self.decoder.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Gives a decoder back, for the next batch.
    pub(super) fn keep_decoder(&self, decoder: Decoder) {
        *self.decoder.lock().unwrap_or_else(PoisonError::into_inner) = Some(decoder);
    }
}

impl Llama {
    /// The same model, computed another way.
    #[must_use]
    pub fn with_executor(mut self, executor: Executor) -> Self {
        self.by_hand.executor = executor;
        self
    }

    /// The weights for the CPU, if the model is computed by hand.
    pub(super) async fn cpu_weights(&self) -> Result<Option<&CpuWeights>, LlamaError> {
        let can = self.device == Device::flex() && !self.embedding.is_tracked() && self.parameters() <= MOST_WEIGHTS;
        if self.by_hand.executor == Executor::Tensors || !can {
            return Ok(None);
        }
        if let Some(weights) = self.by_hand.weights.get() {
            return Ok(Some(weights));
        }
        let weights = CpuWeights::new(&self.config, self.read_parts().await?);
        Ok(Some(self.by_hand.weights.get_or_init(|| weights)))
    }

    /// The weights for a GPU, if the model is computed by hand there.
    pub(super) async fn gpu_weights(&self) -> Result<Option<&GpuWeights>, LlamaError> {
        let can = !self.embedding.is_tracked() && gpu::suits(&self.config, self.parameters());
        if self.by_hand.executor == Executor::Tensors || !can {
            return Ok(None);
        }
        let Some(client) = gpu::client(&self.device) else { return Ok(None) };
        if let Some(weights) = self.by_hand.on_gpu.get() {
            return Ok(Some(weights));
        }
        let weights = CpuWeights::new(&self.config, self.read_parts().await?);
        let weights = GpuWeights::new(client, &self.config, &weights);
        Ok(Some(self.by_hand.on_gpu.get_or_init(|| weights)))
    }

    async fn read_parts(&self) -> Result<Parts, LlamaError> {
        let LlamaConfig { tie_word_embeddings, head_dim, .. } = self.config;
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let norms = [read_floats(block.input_norm.clone()).await?, read_floats(block.post_norm.clone()).await?];
            let mut projections: [Vec<f32>; 7] = Default::default();
            for (values, tensor) in projections.iter_mut().zip(&block.projections) {
                *values = read_floats(tensor.clone()).await?;
            }
            blocks.push(BlockParts { norms, projections });
        }
        // Both halves of a table have the same angles; in the second the sine has its own sign.
        let half = |table: &Tensor<2>| table.clone().narrow(1, head_dim / 2, head_dim / 2);
        Ok(Parts {
            embedding: read_floats(self.embedding.clone()).await?,
            output: if tie_word_embeddings { None } else { Some(read_floats(self.output.clone()).await?) },
            norm: read_floats(self.norm.clone()).await?,
            blocks,
            cos: read_floats(half(&self.rope.cos)).await?,
            sin: read_floats(half(&self.rope.sin)).await?,
        })
    }
}

impl Decoder {
    /// One for a model; nothing if that is not computed by hand on a GPU.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if weights cannot be read.
    pub async fn of(model: &Llama) -> Result<Option<Self>, LlamaError> {
        Ok(model.gpu_weights().await?.map(|weights| Self::new(&model.config, weights)))
    }
}

impl Resident {
    /// Takes an adapter to the model's device, to be tuned there; nothing if that is not done by hand.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if weights or parameters cannot be read.
    pub async fn of(model: &Llama, adapter: &Adapter, settings: Settings) -> Result<Option<Self>, LlamaError> {
        let Some(weights) = model.gpu_weights().await? else { return Ok(None) };
        let parameters = adapter.values().await?;
        Ok(Some(Self::new(&model.config, weights, &adapter.layout, &parameters, settings)))
    }

    /// Loss, `[1]`, and gradient, `[layout.len]`, with the parameters that an adapter has, which need not be those here.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if the device fails.
    pub async fn gradient_of(
        &mut self,
        adapter: &Adapter,
        sequences: &[Sequence],
    ) -> Result<(Tensor<1>, Tensor<1>), LlamaError> {
        let device = adapter.parameters.device();
        let parameters = adapter.values().await?;
        let (loss, gradient) = self.gradient(&parameters, sequences).await?;
        Ok((on_device(vec![loss as f32], &device), on_device(gradient, &device)))
    }
}

impl Stepper {
    /// Mean cross-entropy over all that is learned from sequences, in nats, `[1]`, and its gradient in the order of the flat
    /// vector, `[layout.len]`; nothing if the model is not computed by hand. There must be something to learn.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if weights or parameters cannot be read.
    pub async fn gradient(
        &mut self,
        model: &Llama,
        adapter: &Adapter,
        sequences: &[Sequence],
    ) -> Result<Option<(Tensor<1>, Tensor<1>)>, LlamaError> {
        let Some(weights) = model.cpu_weights().await? else { return Ok(None) };
        let parameters = adapter.values().await?;
        let (loss, gradient) = self.step(&model.config, weights, &adapter.layout, &parameters, sequences);
        Ok(Some((on_device(vec![loss as f32], &model.device), on_device(gradient, &model.device))))
    }
}

fn on_device(values: Vec<f32>, device: &Device) -> Tensor<1> {
    let shape = [values.len()];
    Tensor::from_data(TensorData::new(values, shape), device)
}
