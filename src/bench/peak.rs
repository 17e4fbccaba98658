//! What a device can do at best, by burn's own operators: a product of large matrices, and a copy.

use burn::tensor::{Device, Tensor};

use crate::llama::read_floats;
use crate::run::RunError;

/// Numbers in a copy: 64 MB, more than any cache holds.
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
    let (mut product, mut copy) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..TIMES {
        let matrix = Tensor::<2>::ones([side, side], device);
        read_floats(matrix.clone().narrow(0, 0, 1)).await?;
        let begun = clock();
        let last = (0..in_a_row).fold(matrix, |matrix, _| matrix.matmul(mean.clone()));
        read_floats(last.narrow(0, 0, 1)).await?;
        product = product.min((clock() - begun) / in_a_row as f64);
    }
    for _ in 0..TIMES {
        let numbers = Tensor::<1>::ones([copied], device);
        read_floats(numbers.clone().narrow(0, 0, 1)).await?;
        let begun = clock();
        let last = (0..in_a_row).fold(numbers, |numbers, _| numbers + 1.0);
        read_floats(last.narrow(0, 0, 1)).await?;
        copy = copy.min((clock() - begun) / in_a_row as f64);
    }
    let operations = 2.0 * (side as f64).powi(3);
    // Each number is read and written.
    Ok(Peak { gflops: 1e-9 * operations / product, copy: 1e-9 * 8.0 * copied as f64 / copy })
}
