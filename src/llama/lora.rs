//! LoRA on the activation side (Hu et al. 2021, equation 3): `y = x W + (alpha / r) (x A) B`, with `W` frozen.
//!
//! An adapter is one flat vector of parameters, so that the optimizer, the gradient's norm and its clipping are a few
//! operations on one tensor, however many projections are adapted. The matrices are views of it.

use std::ops::Range;
use std::sync::Arc;

use burn::tensor::{Device, Gradients, Tensor, TensorData};
use rand::Rng;

use super::config::LlamaConfig;
use super::error::LlamaError;
use super::readback::read_floats;
use crate::study::{LoraPlan, Projection};

/// Where the two matrices of one adapted projection lie in the flat vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The block, from 0.
    pub layer: usize,
    /// Which projection of the block.
    pub projection: Projection,
    /// The place of `A`, `[d_in, rank]`, row by row.
    pub a: Range<usize>,
    /// The place of `B`, `[rank, d_out]`, row by row.
    pub b: Range<usize>,
    /// Width of the input.
    pub d_in: usize,
    /// Width of the output.
    pub d_out: usize,
}

/// What is adapted, and where it lies in the flat vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The rank r.
    pub rank: usize,
    /// The update is scaled by `alpha / rank`.
    pub alpha: f64,
    /// One slot for each adapted projection, layer by layer in forward order.
    pub slots: Vec<Slot>,
    /// The length of the flat vector.
    pub len: usize,
}

impl Layout {
    /// That of nothing adapted.
    pub(super) fn nothing() -> Self {
        Self { rank: 1, alpha: 0.0, slots: Vec::new(), len: 0 }
    }

    /// The layout of a plan on a model.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Adapter`] if the rank is 0 or larger than the model is wide, alpha is not one that can be computed
    /// with, or nothing is adapted.
    pub fn new(plan: &LoraPlan, config: &LlamaConfig) -> Result<Self, LlamaError> {
        let bad = |reason: String| Err(LlamaError::Adapter { reason });
        if plan.rank == 0 || plan.rank > config.hidden_size {
            return bad(format!("the rank is {}, and must be from 1 to {}", plan.rank, config.hidden_size));
        }
        plan.check().map_err(|error| LlamaError::Adapter { reason: error.to_string() })?;
        if plan.targets.is_empty() {
            return bad("no projection is named, so there is nothing to tune".into());
        }
        let mut slots = Vec::new();
        let mut len = 0;
        for layer in 0..config.num_hidden_layers {
            for projection in Projection::ALL.into_iter().filter(|p| plan.targets.contains(p)) {
                let [d_in, d_out] = config.projection(projection);
                let end = |start: usize, width: usize| width.checked_mul(plan.rank)?.checked_add(start);
                let Some((a, b)) = end(len, d_in).and_then(|middle| Some((len..middle, middle..end(middle, d_out)?)))
                else {
                    return bad(format!("with the rank {} it has more parameters than can be counted", plan.rank));
                };
                len = b.end;
                slots.push(Slot { layer, projection, a, b, d_in, d_out });
            }
        }
        Ok(Self { rank: plan.rank, alpha: plan.alpha, slots, len })
    }

    /// Fresh parameters: `A` uniform in ±1/sqrt(d_in) (PEFT's Kaiming initialisation with a = sqrt 5), `B` zero, so that
    /// a fresh adapter changes nothing.
    pub fn initial(&self, rng: &mut impl Rng) -> Vec<f32> {
        let mut values = vec![0.0; self.len];
        for slot in &self.slots {
            let bound = 1.0 / (slot.d_in as f32).sqrt();
            for value in &mut values[slot.a.clone()] {
                *value = rng.random_range(-bound..bound);
            }
        }
        values
    }
}

/// An adapter on a device.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// What is adapted.
    pub layout: Layout,
    /// All parameters, `[layout.len]`.
    pub parameters: Tensor<1>,
    /// The same where they are known without asking the device.
    known: Option<Arc<[f32]>>,
    matrices: Vec<Vec<Option<Matrices>>>, // [layers][7]
}

/// The two matrices of one adapted projection.
#[derive(Clone, Debug)]
struct Matrices {
    a: Tensor<2>, // [d_in, rank]
    b: Tensor<2>, // [rank, d_out]
    scale: f64,
}

impl Adapter {
    /// Puts parameters on a device.
    pub fn new(layout: Layout, parameters: Vec<f32>, device: &Device) -> Self {
        let known = Some(parameters.as_slice().into());
        let data = TensorData::new(parameters, [layout.len]);
        Self { known, ..Self::from_tensor(layout, Tensor::from_data(data, device)) }
    }

    /// An adapter whose matrices are views of `parameters`, `[layout.len]`.
    pub fn from_tensor(layout: Layout, parameters: Tensor<1>) -> Self {
        let view = |range: &Range<usize>, shape: [usize; 2]| {
            parameters.clone().narrow(0, range.start, range.len()).reshape(shape)
        };
        let matrices = layout.place(|slot| Matrices {
            a: view(&slot.a, [slot.d_in, layout.rank]),
            b: view(&slot.b, [layout.rank, slot.d_out]),
            scale: layout.alpha / layout.rank as f64,
        });
        Self { layout, parameters, known: None, matrices }
    }

    /// The adapter with its update times `strength`: nothing at 0, itself at 1, more than was tuned beyond.
    #[must_use]
    pub fn scaled(&self, strength: f64) -> Self {
        let layout = Layout { alpha: self.layout.alpha * strength, ..self.layout.clone() };
        Self { known: self.known.clone(), ..Self::from_tensor(layout, self.parameters.clone()) }
    }

    /// All parameters, `[layout.len]`.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if they have to be read from the device, and it fails.
    pub async fn values(&self) -> Result<Arc<[f32]>, LlamaError> {
        match &self.known {
            Some(known) => Ok(known.clone()),
            None => Ok(read_floats(self.parameters.clone()).await?.into()),
        }
    }

    /// The same adapter with every matrix tracked by autodiff, each a leaf of its own.
    pub fn tracked(&self) -> Self {
        let track = |t: &Tensor<2>| t.clone().autodiff().require_grad();
        let mut tracked = self.clone();
        for matrices in tracked.matrices.iter_mut().flatten().flatten() {
            matrices.a = track(&matrices.a);
            matrices.b = track(&matrices.b);
        }
        tracked
    }

    /// The gradients of a [`tracked`](Self::tracked) adapter, in the order of the flat vector, `[layout.len]`.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Adapter`] if a matrix has no gradient: the loss did not come from this adapter.
    pub fn gradient(&self, gradients: &mut Gradients) -> Result<Tensor<1>, LlamaError> {
        let parts = self.parts(gradients).map(|(slot, _, gradient)| {
            gradient.ok_or_else(|| LlamaError::Adapter {
                reason: format!("layer {}'s {} got no gradient", slot.layer, slot.projection.name()),
            })
        });
        Ok(Tensor::cat(parts.collect::<Result<_, _>>()?, 0))
    }

    /// The same of a number that need not depend on every matrix: the gradient is 0 where it does not.
    pub fn gradient_of_part(&self, gradients: &mut Gradients) -> Tensor<1> {
        let device = self.parameters.device();
        let parts =
            self.parts(gradients).map(|(_, len, gradient)| gradient.unwrap_or_else(|| Tensor::zeros([len], &device)));
        Tensor::cat(parts.collect(), 0)
    }

    /// Each matrix's slot, length and gradient, `[length]`, in the order of the flat vector.
    fn parts(&self, gradients: &mut Gradients) -> impl Iterator<Item = (&Slot, usize, Option<Tensor<1>>)> {
        let matrices = self.layout.slots.iter().flat_map(|slot| {
            let matrices = self.matrices[slot.layer][slot.projection as usize].as_ref();
            matrices.into_iter().flat_map(|m| [&m.a, &m.b]).map(move |matrix| (slot, matrix))
        });
        matrices.map(|(slot, matrix)| {
            let len = matrix.dims().iter().product();
            (slot, len, matrix.grad_remove(gradients).map(|gradient| gradient.reshape([len])))
        })
    }

    /// The update of a projection's weight, `(alpha / r) A B`, `[d_in, d_out]`; nothing if it is not adapted.
    pub(super) fn update(&self, slot: &Slot) -> Option<Tensor<2>> {
        let matrices = self.matrices.get(slot.layer)?[slot.projection as usize].as_ref()?;
        Some(matrices.a.clone().matmul(matrices.b.clone()).mul_scalar(matrices.scale))
    }

    /// `y + (alpha / r) (x A) B` for the projection's output `y`; `y` itself where nothing is adapted.
    ///
    /// `x` is `[rows, d_in]`, `y` is `[rows, d_out]`.
    pub(super) fn apply(&self, layer: usize, projection: Projection, x: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
        match &self.matrices[layer][projection as usize] {
            None => y,
            // Scaling the narrow [rows, rank] product costs less than scaling the wide one.
            Some(m) => y + x.matmul(m.a.clone()).mul_scalar(m.scale).matmul(m.b.clone()),
        }
    }
}

impl Layout {
    /// A table `[layers][7]` with one entry for each slot.
    fn place<T>(&self, make: impl Fn(&Slot) -> T) -> Vec<Vec<Option<T>>> {
        let layers = self.slots.iter().map(|s| s.layer + 1).max().unwrap_or(0);
        let mut table: Vec<Vec<Option<T>>> = (0..layers).map(|_| Projection::ALL.map(|_| None).into()).collect();
        for slot in &self.slots {
            table[slot.layer][slot.projection as usize] = Some(make(slot));
        }
        table
    }
}
