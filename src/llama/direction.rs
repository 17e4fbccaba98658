//! A control: an update in a random direction, as large as an adapter's. If that did what tuning did, any disturbance of the weights
//! would.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::LlamaError;
use super::lora::{Adapter, Layout, Slot};
use super::readback::read_floats;

impl Adapter {
    /// An adapter of the same layout whose update of every projection, `(alpha / r) A B`, has the Frobenius norm of this one's and a
    /// random direction. The same seed gives the same direction.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if the parameters cannot be read back.
    pub async fn random_direction(&self, seed: u64) -> Result<Self, LlamaError> {
        let values = read_floats(self.parameters.clone()).await?;
        let random = random_direction(&self.layout, &values, seed);
        Ok(Self::new(self.layout.clone(), random, &self.parameters.device()))
    }
}

/// Random matrices in the place of each slot's, with the norm of its update.
fn random_direction(layout: &Layout, values: &[f32], seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut random = vec![0.0; layout.len];
    for slot in &layout.slots {
        for range in [&slot.a, &slot.b] {
            random[range.clone()].fill_with(|| rng.random_range(-1.0..1.0));
        }
        let scale = norm(slot, layout.rank, values) / norm(slot, layout.rank, &random);
        random[slot.a.clone()].iter_mut().for_each(|value| *value *= scale as f32);
    }
    random
}

/// The Frobenius norm of `A B`, from the small matrices `A' A` and `B B'`, `[rank, rank]`.
fn norm(slot: &Slot, rank: usize, values: &[f32]) -> f64 {
    let (a, b) = (&values[slot.a.clone()], &values[slot.b.clone()]); // [d_in, rank], [rank, d_out]
    let mut squares = 0.0;
    for i in 0..rank {
        for j in 0..rank {
            let of_a: f64 = a.chunks(rank).map(|row| f64::from(row[i]) * f64::from(row[j])).sum();
            let row = |place: usize| &b[place * slot.d_out..(place + 1) * slot.d_out];
            let of_b: f64 = row(i).iter().zip(row(j)).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
            squares += of_a * of_b;
        }
    }
    squares.max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Projection;

    /// Two projections of different shapes, the second one not tuned.
    fn layout() -> Layout {
        let slot = |projection, start: usize, d_in: usize, d_out: usize| Slot {
            layer: 0,
            projection,
            a: start..start + 3 * d_in,
            b: start + 3 * d_in..start + 3 * (d_in + d_out),
            d_in,
            d_out,
        };
        let slots = vec![slot(Projection::ALL[0], 0, 5, 7), slot(Projection::ALL[1], 36, 4, 4)];
        Layout { rank: 3, alpha: 6.0, slots, len: 60 }
    }

    /// `A B` of a slot, `[d_in, d_out]`.
    fn product(slot: &Slot, rank: usize, values: &[f32]) -> Vec<f64> {
        let (a, b) = (&values[slot.a.clone()], &values[slot.b.clone()]);
        let entry = |row: usize, column: usize| {
            (0..rank).map(|k| f64::from(a[row * rank + k]) * f64::from(b[k * slot.d_out + column])).sum()
        };
        (0..slot.d_in).flat_map(|row| (0..slot.d_out).map(move |column| entry(row, column))).collect()
    }

    #[test]
    fn a_random_update_is_as_large_and_points_elsewhere() {
        let layout = layout();
        let mut values = layout.initial(&mut ChaCha8Rng::seed_from_u64(1));
        values[layout.slots[0].b.clone()].iter_mut().enumerate().for_each(|(i, value)| *value = (i as f32).sin());
        let random = random_direction(&layout, &values, 7);
        let [tuned, untouched] = &layout.slots[..] else { panic!("there are two") };
        let [before, after] = [&values, &random].map(|of| product(tuned, layout.rank, of));
        let length = |of: &[f64]| of.iter().map(|x| x * x).sum::<f64>().sqrt();
        assert!((length(&before) - norm(tuned, layout.rank, &values)).abs() < 1e-6);
        assert!((length(&before) / length(&after) - 1.0).abs() < 1e-5);
        let cosine = before.iter().zip(&after).map(|(x, y)| x * y).sum::<f64>() / length(&before) / length(&after);
        assert!(cosine.abs() < 0.6, "{cosine}");
        // What tuning left alone stays as it is.
        assert_eq!(length(&product(untouched, layout.rank, &random)), 0.0);
        assert_eq!(random, random_direction(&layout, &values, 7));
        assert_ne!(random, random_direction(&layout, &values, 8));
    }
}
