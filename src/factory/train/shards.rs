//! [`Shards`]: the gradient of a batch, computed in parts at the same time. Small matrices leave most cores idle when one
//! product after the other is spread over them; a part of the batch for each thread does not.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::pack::{Packed, Rows};
use crate::llama::{Llama, LlamaError, Weights};

/// Parts of a batch on the CPU. A constant, not the number of cores: the order of the sums, and so the last bit of every
/// weight, must not depend on the machine.
const CPU_SHARDS: usize = 2;

/// How a batch is divided, and the threads that compute its parts.
pub(super) struct Shards {
    /// How many parts; one where the device spreads the work itself, as a GPU does.
    parts: usize,
    /// A pool of one thread for each part. Empty if there is one part, or if the system gave no threads: then the parts
    /// come one after the other, with the same sums.
    pools: Vec<ThreadPool>,
}

/// A batch's loss and gradient.
pub(super) struct Gradient {
    /// Mean cross-entropy over the learned tokens, `[1]`.
    pub loss: Tensor<1>,
    /// One for each tensor, in the order of [`Weights::tensors`].
    pub tensors: Vec<Tensor<2>>,
}

impl Shards {
    /// As many as suit the device.
    pub fn of(device: &Device) -> Self {
        if *device != Device::flex() {
            return Self { parts: 1, pools: Vec::new() };
        }
        let pool = |_| ThreadPoolBuilder::new().num_threads(1).build();
        Self { parts: CPU_SHARDS, pools: (0..CPU_SHARDS).map(pool).collect::<Result<_, _>>().unwrap_or_default() }
    }

    /// The batch in its parts; those in which nothing is learned are left out.
    pub fn pack(&self, rows: &Rows, model: &Llama) -> Result<Vec<Packed>, LlamaError> {
        let packed = rows.split(self.parts).into_iter().map(|rows| Packed::new(&rows, model));
        let packed = packed.collect::<Result<Vec<_>, _>>()?;
        Ok(packed.into_iter().filter(|part| part.learned > 0).collect())
    }

    /// The gradient over all parts together.
    pub fn gradient(&self, model: &Llama, weights: &Weights, parts: &[Packed]) -> Result<Gradient, LlamaError> {
        let learned: usize = parts.iter().map(|part| part.learned).sum();
        let share = |part: &Packed| part.learned as f64 / learned as f64;
        let of = |part: &Packed| Gradient::of(model, weights, part, share(part));
        let gradients: Vec<Result<Gradient, LlamaError>> = if self.pools.is_empty() {
            parts.iter().map(of).collect()
        } else {
            std::thread::scope(|scope| {
                let pairs = parts.iter().zip(&self.pools);
                let threads: Vec<_> = pairs.map(|(part, pool)| scope.spawn(|| pool.install(|| of(part)))).collect();
                let failed = || LlamaError::Device { reason: "a thread of the training panicked".into() };
                threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(failed()))).collect()
            })
        };
        let nothing = || LlamaError::Device { reason: "nothing is learned in this batch".into() };
        let sum = |a: Result<Gradient, _>, b: Result<Gradient, _>| Ok(a?.plus(b?));
        gradients.into_iter().reduce(sum).ok_or_else(nothing)?
    }
}

impl Gradient {
    /// Of one part, which has this share of the whole batch's learned tokens.
    fn of(model: &Llama, weights: &Weights, part: &Packed, share: f64) -> Result<Self, LlamaError> {
        let tracked = weights.tracked();
        let loss = loss(&model.with_weights(&tracked), part).mul_scalar(share);
        let tensors = tracked.gradient(&mut loss.backward())?;
        Ok(Self { loss: loss.inner(), tensors })
    }

    fn plus(self, other: Self) -> Self {
        let tensors = self.tensors.into_iter().zip(other.tensors).map(|(a, b)| a + b).collect();
        Self { loss: self.loss + other.loss, tensors }
    }
}

/// Mean cross-entropy over the learned tokens, in nats, `[1]`: only they reach the output layer.
pub fn loss(model: &Llama, batch: &Packed) -> Tensor<1> {
    let hidden = model.hidden(batch.tokens.clone(), &batch.context, None, None);
    let logits = model.logits(hidden.select(0, batch.places.clone())); // [learned, vocab]
    log_softmax(logits, 1).gather(1, batch.targets.clone()).mean().neg()
}
