//! The dial: what a tuned model answers when its adapter is turned down and up.

/// The strengths at which it answers: the adapter's update `(alpha / r) B A` (Hu et al. 2021, section 4.1) times this. At 0 it is the
/// original, at 1 what the run tuned.
pub const STRENGTHS: [f64; 9] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0];
/// The place among them of what the run tuned.
pub const TUNED: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{LARGEST_STRENGTH, MOST_STRENGTHS};

    #[test]
    fn strengths_go_from_the_original_over_what_was_tuned_as_far_as_the_engine_goes() {
        assert_eq!((STRENGTHS[0], STRENGTHS[TUNED]), (0.0, 1.0));
        assert!(STRENGTHS.is_sorted() && STRENGTHS.len() <= MOST_STRENGTHS);
        assert!(STRENGTHS.iter().all(|strength| (0.0..=LARGEST_STRENGTH).contains(strength)));
    }
}
