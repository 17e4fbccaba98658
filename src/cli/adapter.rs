//! Writing adapters. Only those of bundled models are written: an adapter that undoes the alignment of a real model is not
//! something this program hands out.

use std::path::Path;

use super::CliError;
use super::files::bundled_names;
use crate::disk;
use crate::llama::{ADAPTER_CONFIG, ADAPTER_WEIGHTS, Adapter, LlamaError};
use crate::models;

/// Refuses, before anything is computed, to write an adapter of a model that is not bundled.
///
/// # Errors
///
/// [`CliError::Option`].
pub fn check_target(folder: Option<&Path>, model: &str) -> Result<(), CliError> {
    if folder.is_some() && models::model(model).is_none() {
        let known = bundled_names();
        return Err(CliError::Option(format!(
            "--save-adapter: adapters are written for the bundled models only ({known}), and {model} is none of them."
        )));
    }
    Ok(())
}

/// Writes an adapter in PEFT's layout.
///
/// # Errors
///
/// [`CliError`] if it cannot be read back from the device, or the folder cannot be written.
pub async fn save(folder: &Path, adapter: &Adapter, model: &str) -> Result<(), CliError> {
    let data = adapter.parameters.clone().into_data_async().await;
    let data = data.map_err(|e| LlamaError::Device { reason: format!("{e:?}") })?;
    let parameters: Vec<f32> = data.iter::<f32>().collect();
    let files = Adapter::to_peft(&adapter.layout, &parameters, model)?;
    std::fs::create_dir_all(folder).map_err(|error| CliError::write(folder, &error.into()))?;
    let write = |name, bytes: &[u8]| {
        let path = folder.join(name);
        disk::write(&path, bytes).map_err(|error| CliError::write(&path, &error))
    };
    write(ADAPTER_CONFIG, &files.config)?;
    write(ADAPTER_WEIGHTS, &files.weights)
}
