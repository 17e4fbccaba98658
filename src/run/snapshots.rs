//! [`Snapshots`]: the adapter of a run as it was after its steps, so that any of them can be asked again.

use std::sync::Arc;

use burn::tensor::Device;

use crate::llama::{Adapter, Layout, LlamaError};

/// The most snapshots of a run. One has the size of the adapter, 385 kB for rank 8 on all of Folio's projections.
pub const MOST: usize = 20;

/// Adapters after the steps of a run: after each of a short one, of a longer one after every second, fourth and so on.
#[derive(Clone, Debug)]
pub struct Snapshots {
    layout: Layout,
    every: usize,
    kept: Vec<(usize, Arc<[f32]>)>, // step, parameters; in the order of the steps
}

impl Snapshots {
    /// Of a run that has made no step yet.
    pub fn new(layout: Layout) -> Self {
        Self { layout, every: 1, kept: Vec::new() }
    }

    /// Keeps the adapter after a step, counted from 1, if that is one of those that are kept.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if its parameters have to be read from the device, and it fails.
    pub async fn keep(&mut self, step: usize, adapter: &Adapter) -> Result<(), LlamaError> {
        if !step.is_multiple_of(self.every) {
            return Ok(());
        }
        if self.kept.len() == MOST {
            self.every *= 2;
            let every = self.every;
            self.kept.retain(|(step, _)| step.is_multiple_of(every));
        }
        if step.is_multiple_of(self.every) {
            self.kept.push((step, adapter.values().await?));
        }
        Ok(())
    }

    /// The steps that are kept, the first one first, each with its adapter on a device.
    pub fn adapters<'a>(&'a self, device: &'a Device) -> impl Iterator<Item = (usize, Adapter)> + 'a {
        let adapter =
            |(step, values): &(usize, Arc<[f32]>)| (*step, Adapter::new(self.layout.clone(), values.to_vec(), device));
        self.kept.iter().map(adapter)
    }
}
