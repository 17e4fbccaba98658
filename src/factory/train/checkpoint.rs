//! Checkpoints: everything that a training needs to go on as if it had never been stopped. One safetensors file holds the
//! weights, the optimizers' states and, as metadata, the step and what is being trained.

use std::collections::HashMap;
use std::path::Path;

use burn::optim::{AdamWState, AdaptiveMomentumState, MuonState, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use sha2::{Digest, Sha256};

use super::optimizer::{State, Trainer};
use crate::disk::{self, ReadError};
use crate::factory::{FactoryError, files};
use crate::llama::LlamaError;

/// Metadata: the step that the checkpoint was written after.
const STEP: &str = "step";
/// Metadata: the tokens read so far.
const TOKENS: &str = "tokens";
/// Metadata: what is being trained, from what, on what.
const JOB: &str = "job";
/// Metadata: the SHA-256 of all tensors, so that a changed byte is not taken up as a weight.
const SHA256: &str = "sha256";

/// Writes a checkpoint: to a neighbour first, which then takes the file's place, so that a stop at any moment leaves a
/// whole checkpoint.
///
/// # Errors
///
/// [`FactoryError`] if the device fails or the file cannot be written.
pub fn write(trainer: &Trainer, step: u64, tokens: u64, job: &str, path: &Path) -> Result<(), FactoryError> {
    let mut tensors = Vec::new();
    for (place, tensor) in trainer.weights.tensors().enumerate() {
        tensors.push((format!("{place}.weight"), bytes(tensor.to_data())?));
        let mut sink = StateSink::default();
        match &trainer.states[place] {
            Some(State::AdamW(state)) => state.state_flatten(&format!("{place}.adamw"), &mut sink),
            Some(State::Muon(state)) => state.state_flatten(&format!("{place}.muon"), &mut sink),
            None => {}
        }
        for (name, data) in sink.tensors {
            tensors.push((name, bytes(data)?));
        }
    }
    let views = tensors.iter().map(|(name, (shape, bytes))| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).expect("four bytes for each number");
        (name.as_str(), view)
    });
    let sum = sha256(tensors.iter().map(|(name, (_, bytes))| (name.as_str(), bytes.as_slice())));
    let metadata = [(STEP, step.to_string()), (TOKENS, tokens.to_string()), (JOB, job.to_owned()), (SHA256, sum)];
    let metadata = HashMap::from(metadata.map(|(key, value)| (key.to_owned(), value)));
    let file = safetensors::serialize(views, Some(metadata)).map_err(|e| FactoryError::checkpoint(path, e))?;
    files::write(path, &file)
}

/// Takes up a checkpoint if there is one; gives the steps already made and the tokens already read, 0 without a checkpoint.
///
/// # Errors
///
/// [`FactoryError::Checkpoint`] if the file is damaged, of another model, or of another job.
pub fn read(trainer: &mut Trainer, job: &str, path: &Path) -> Result<(u64, u64), FactoryError> {
    let file = match disk::read_regular(path) {
        Ok(file) => file,
        Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => return Ok((0, 0)),
        Err(error) => return Err(FactoryError::read(path, &error)),
    };
    let damaged =
        |e: safetensors::SafeTensorError| FactoryError::checkpoint(path, format!("it is damaged or incomplete: {e}"));
    let (_, header) = SafeTensors::read_metadata(&file).map_err(damaged)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    if metadata.get(JOB).map(String::as_str) != Some(job) {
        return Err(FactoryError::checkpoint(
            path,
            "it was written by another build: another recipe, seed, base model or program",
        ));
    }
    let number = |key: &str| {
        let number = metadata.get(key).and_then(|number| number.parse::<u64>().ok());
        number.ok_or_else(|| FactoryError::checkpoint(path, format!("it does not say its {key}")))
    };
    let (step, tokens) = (number(STEP)?, number(TOKENS)?);
    let tensors_of_file = SafeTensors::deserialize(&file).map_err(damaged)?;
    let sum = sha256(tensors_of_file.iter().map(|(name, view)| (name, view.data())));
    if metadata.get(SHA256) != Some(&sum) {
        return Err(FactoryError::checkpoint(path, "it is damaged: its numbers are not those that were written"));
    }
    let device = trainer.model.device.clone();
    let mut place = 0;
    let mut states = Vec::new();
    let mut failure = None;
    let weights = trainer.weights.map(|old| {
        let restored = restore(&tensors_of_file, place, step, old, &device);
        place += 1;
        match restored {
            Ok((tensor, state)) => {
                states.push(state);
                tensor
            }
            Err(reason) => {
                failure.get_or_insert(reason);
                old.clone()
            }
        }
    });
    if let Some(reason) = failure {
        return Err(FactoryError::checkpoint(path, reason));
    }
    trainer.resume(weights, states);
    Ok((step, tokens))
}

fn restore(
    tensors: &SafeTensors<'_>,
    place: usize,
    step: u64,
    old: &Tensor<2>,
    device: &Device,
) -> Result<(Tensor<2>, Option<State>), String> {
    let read = |name: String| -> Result<TensorData, String> {
        let view = tensors.tensor(&name).map_err(|_| format!("it lacks {name}"))?;
        if view.shape() != old.dims() || view.dtype() != Dtype::F32 {
            return Err(format!("{name} has the shape {:?} instead of {:?}", view.shape(), old.dims()));
        }
        let values: Vec<f32> =
            view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        Ok(TensorData::new(values, old.dims()))
    };
    let weight = Tensor::from_data(read(format!("{place}.weight"))?, device);
    let names = tensors.names();
    let with = |prefix: String| -> Vec<String> {
        names.iter().filter(|name| name.starts_with(&prefix)).map(|name| name.to_string()).collect()
    };
    let adamw = with(format!("{place}.adamw."));
    if let [first, second] = [".moment_1", ".moment_2"].map(|end| adamw.iter().find(|name| name.ends_with(end)))
        && let (Some(first), Some(second)) = (first, second)
    {
        let moment = |name: &String| Ok::<_, String>(Tensor::from_data(read(name.clone())?, device));
        // The optimizer counts its steps as the training does.
        let momentum = AdaptiveMomentumState::new(step as usize, moment(first)?, moment(second)?);
        return Ok((weight, Some(State::AdamW(Box::new(AdamWState::new(momentum))))));
    }
    let mut source = StateSource::default();
    let muon = with(format!("{place}.muon."));
    for name in &muon {
        source.insert_tensor(name.clone(), read(name.clone())?);
    }
    let state = MuonState::state_unflatten(&format!("{place}.muon"), &mut source, device)
        .map(|state| State::Muon(Box::new(state)));
    match state {
        None if step > 0 => Err(format!("it lacks the optimizer's state of weight {place}")),
        state => Ok((weight, state)),
    }
}

/// The SHA-256 over names and bytes of tensors, in the order of the names.
fn sha256<'a>(tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut tensors: Vec<_> = tensors.collect();
    tensors.sort_unstable();
    let mut digest = Sha256::new();
    for (name, bytes) in tensors {
        digest.update(name);
        digest.update(bytes);
    }
    files::hexadecimal(&digest.finalize())
}

/// Shape and little-endian bytes of a tensor of f32.
fn bytes(data: TensorData) -> Result<(Vec<usize>, Vec<u8>), LlamaError> {
    let shape = data.shape().to_vec();
    let bytes = data.iter::<f32>().flat_map(f32::to_le_bytes).collect();
    Ok((shape, bytes))
}
