//! Reading numbers back from the device.

use burn::tensor::{Tensor, Transaction};

use super::LlamaError;

/// Two numbers, read back from the device together.
///
/// # Errors
///
/// [`LlamaError::Device`] if the device fails.
pub async fn read_pair(a: Tensor<1>, b: Tensor<1>) -> Result<(f64, f64), LlamaError> {
    let data = Transaction::default().register(a).register(b).execute_async().await;
    let data = data.map_err(|e| LlamaError::Device { reason: format!("{e:?}") })?;
    let mut values = data.iter().filter_map(|d| d.iter::<f64>().next());
    match (values.next(), values.next()) {
        (Some(a), Some(b)) => Ok((a, b)),
        _ => Err(LlamaError::Device { reason: "a value could not be read back".into() }),
    }
}
