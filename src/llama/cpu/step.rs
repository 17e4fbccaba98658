//! [`Stepper`]: loss and gradient of an adapter on a batch, forwards and backwards by hand.
//!
//! The base is frozen, so that the backward pass needs the gradients of activations and of the adapter's matrices alone.
//! Sequences lie one after the other without padding; tokens after the last one that is learned from are left out, and so
//! are, in the last block after its attention, all rows from which no answer is predicted.

use super::adapter::CpuAdapter;
use super::backward::backward;
use super::forward::forward;
use super::parts::{self, divided, each};
use super::weights::CpuWeights;
use super::workspace::Workspace;
use crate::llama::LlamaConfig;
use crate::llama::lora::Layout;

/// One sequence, and what is learned from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// Its tokens.
    pub ids: Vec<u32>,
    /// Places, in order, with the tokens that should follow them.
    pub learn: Vec<(usize, u32)>,
}

impl Sequence {
    /// The tokens that anything depends on.
    pub(in crate::llama) fn needed(&self) -> &[u32] {
        &self.ids[..self.learn.last().map_or(0, |(place, _)| place + 1)]
    }
}

/// Computes steps. It keeps its buffers from one step to the next.
#[derive(Debug, Default)]
pub struct Stepper {
    parts: Vec<Part>,
}

#[derive(Debug, Default)]
struct Part {
    workspace: Workspace,
    loss: f64,
}

impl Stepper {
    /// The mean cross-entropy over all that is learned, in nats, and its gradient in the order of the flat vector,
    /// `[layout.len]`. There must be something to learn.
    pub fn step(
        &mut self,
        config: &LlamaConfig,
        weights: &CpuWeights,
        layout: &Layout,
        parameters: &[f32],
        sequences: &[Sequence],
    ) -> (f64, Vec<f32>) {
        let learned: usize = sequences.iter().map(|sequence| sequence.learn.len()).sum();
        let sequences: Vec<&Sequence> = sequences.iter().filter(|sequence| !sequence.learn.is_empty()).collect();
        let sizes: Vec<usize> = sequences.iter().map(|sequence| sequence.needed().len()).collect();
        let ranges = divided(&sizes, parts::MOST);
        self.parts.resize_with(ranges.len(), Part::default);
        for (part, range) in self.parts.iter_mut().zip(ranges) {
            part.workspace.begin(config, layout, &sequences[range]);
        }
        let adapter = CpuAdapter::new(config, layout, parameters);
        let weight = 1.0 / learned.max(1) as f32;
        weights.prepare_back(config);
        each(&mut self.parts, |part| {
            part.loss = forward(config, weights, &adapter, weight, &mut part.workspace);
            backward(config, weights, &adapter, &mut part.workspace);
        });
        // In the order of the parts, whichever was ready first.
        let loss: f64 = self.parts.iter().map(|part| part.loss).sum();
        let mut gradient = vec![0.0; layout.len];
        for part in &self.parts {
            super::math::add(&mut gradient, &part.workspace.gradient);
        }
        (loss / learned.max(1) as f64, gradient)
    }
}
