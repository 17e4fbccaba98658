//! Writing adapters. Only those of bundled models are written: an adapter that undoes the alignment of a real model is not
//! something this program hands out.

use std::path::Path;

use super::CliError;
use super::files::{self, bundled_names};
use crate::llama::{ADAPTER_CONFIG, ADAPTER_WEIGHTS, Adapter, read_floats};
use crate::models;
use crate::study::{Plan, TunedWeights};

/// Refuses, before anything is computed, to write an adapter of a model that is not bundled.
///
/// # Errors
///
/// [`CliError::Option`].
pub fn check_target(folder: Option<&Path>, plan: &Plan) -> Result<(), CliError> {
    if folder.is_none() {
        return Ok(());
    }
    if plan.tuning.weights == TunedWeights::All {
        return Err(CliError::Option("--save-adapter: the plan tunes all weights, so there is no adapter.".into()));
    }
    let model = &plan.model;
    if models::model(model).is_none() {
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
    let parameters = read_floats(adapter.parameters.clone()).await?;
    let written = Adapter::to_peft(&adapter.layout, &parameters, model)?;
    std::fs::create_dir_all(folder).map_err(|error| CliError::write(folder, &error.into()))?;
    files::write(&folder.join(ADAPTER_CONFIG), &written.config)?;
    files::write(&folder.join(ADAPTER_WEIGHTS), &written.weights)
}
