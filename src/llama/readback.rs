//! Reading numbers back from the device.

use burn::tensor::{Tensor, Transaction};

use super::LlamaError;

/// The numbers of a tensor, row by row.
///
/// # Errors
///
/// [`LlamaError::Device`] if the device fails.
pub async fn read_floats<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, LlamaError> {
    Ok(tensor.into_data_async().await.map_err(device_error)?.iter::<f32>().collect())
}

/// What a device says of its failure.
pub(super) fn device_error(error: impl std::fmt::Debug) -> LlamaError {
    LlamaError::Device { reason: format!("{error:?}") }
}

/// The first number of each of these tensors, read back from the device together: however many, it is one readback.
///
/// # Errors
///
/// [`LlamaError::Device`] if the device fails.
pub async fn read_scalars<const N: usize>(tensors: [Tensor<1>; N]) -> Result<[f64; N], LlamaError> {
    let transaction = tensors.into_iter().fold(Transaction::default(), Transaction::register);
    let data = transaction.execute_async().await;
    let data = data.map_err(device_error)?;
    let values: Vec<f64> = data.iter().filter_map(|d| d.iter::<f64>().next()).collect();
    values.try_into().map_err(|_| LlamaError::Device { reason: "a value could not be read back".into() })
}
