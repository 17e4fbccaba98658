//! What a device can do at best, by burn's own operators: a product of large matrices, and a copy.

use burn::tensor::{Device, Tensor};

use crate::llama::read_floats;
use crate::run::RunError;

/// Numbers in a copy, 64 MB. There are caches that hold them.
const COPIED: usize = 1 << 24;
/// How many follow one another, each on what the one before made, until a number is read; of an emulated device one.
const IN_A_ROW: usize = 8;
/// Each is measured so often, and the best time taken.
const TIMES: usize = 5;

/// The best of a device.
pub struct Peak {
    /// Billions of floating-point operations a second, in a product of square matrices.
    pub gflops: f64,
    /// GB read and written a second, in adding one to many numbers.
    pub copy: f64,
}

/// Measures it. What is emulated gets smaller matrices: it takes a second for what others do in a few milliseconds.
///
/// # Errors
///
/// [`RunError`] if the device fails.
pub async fn measure(device: &Device, software: bool, clock: fn() -> f64) -> Result<Peak, RunError> {
    let (side, copied, in_a_row) = if software { (512, COPIED / 16, 1) } else { (1024, COPIED, IN_A_ROW) };
    // The mean of what is multiplied, so that the numbers stay what they are.
    let mean = Tensor::<2>::full([side, side], 1.0 / side as f64, device);
    let product = |matrix: Tensor<2>| matrix.matmul(mean.clone());
    let product = quickest(Tensor::ones([side, side], device), product, in_a_row, clock).await?;
    let copy = quickest(Tensor::<1>::ones([copied], device), |numbers| numbers + 1.0, in_a_row, clock).await?;
    let operations = 2.0 * (side as f64).powi(3);
    // Each number is read and written.
    Ok(Peak { gflops: 1e-9 * operations / product, copy: 1e-9 * 8.0 * copied as f64 / copy })
}

/// The seconds of one of so many operations in a row, the best of [`TIMES`], until a part of what came out can be read.
async fn quickest<const D: usize>(
    start: Tensor<D>,
    operation: impl Fn(Tensor<D>) -> Tensor<D>,
    in_a_row: usize,
    clock: fn() -> f64,
) -> Result<f64, RunError> {
    let row = |tensor: Tensor<D>| read_floats(tensor.narrow(0, 0, 1));
    row(start.clone()).await?;
    let mut best = f64::INFINITY;
    for _ in 0..TIMES {
        let begun = clock();
        row((0..in_a_row).fold(start.clone(), |tensor, _| operation(tensor))).await?;
        best = best.min((clock() - begun) / in_a_row as f64);
    }
    Ok(best)
}
