//! Work in parts that are computed side by side. How it is divided depends on the work alone, so that no number depends on how
//! many cores there are.

use std::ops::Range;

/// The most parts of one piece of work. In the browser there is one thread, and larger products cost less.
pub const MOST: usize = if cfg!(target_family = "wasm") { 1 } else { 8 };

/// Divides items of these sizes, one after the other, into at most `most` parts of about the same size, none of them empty.
pub fn divided(sizes: &[usize], most: usize) -> Vec<Range<usize>> {
    let parts = most.min(sizes.len());
    let total: usize = sizes.iter().sum();
    let (mut ranges, mut begin, mut before) = (Vec::with_capacity(parts), 0, 0);
    for part in 1..=parts {
        let last = sizes.len() - (parts - part); // the others need an item each
        let mut end = begin;
        // An item belongs to the part in which its middle lies.
        while end < last && (end == begin || part == parts || 2 * before + sizes[end] <= 2 * total * part / parts) {
            before += sizes[end];
            end += 1;
        }
        ranges.push(begin..end);
        begin = end;
    }
    ranges
}

/// Divides so many rows into parts: neighbours, which are often of one length, come to different ones. A part has six rows at least
/// if there are so many: fewer would read all weights for too little.
pub fn interleaved(rows: usize) -> Vec<Vec<usize>> {
    let parts = (rows / 6).clamp(1, MOST.min(4));
    (0..parts).map(|part| (part..rows).step_by(parts).collect()).collect()
}

/// Does the work for each part, on all cores.
#[cfg(not(target_family = "wasm"))]
pub fn each<T: Send>(parts: &mut [T], work: impl Fn(&mut T) + Sync + Send) {
    use rayon::prelude::*;
    parts.par_iter_mut().with_max_len(1).for_each(work);
}

/// Does the work for each part.
#[cfg(target_family = "wasm")]
pub fn each<T: Send>(parts: &mut [T], work: impl Fn(&mut T) + Sync + Send) {
    parts.iter_mut().for_each(work);
}

#[cfg(test)]
mod tests {
    use super::divided;

    #[test]
    fn parts_follow_one_another_and_none_is_empty() {
        for sizes in
            [vec![1; 5], vec![9, 1, 1, 1], vec![1, 1, 1, 9], vec![3, 0, 0, 5, 2, 2, 8, 1, 1], vec![0; 4], vec![]]
        {
            for most in 1..8 {
                let parts = divided(&sizes, most);
                assert_eq!(parts.len(), most.min(sizes.len()));
                assert!(parts.iter().all(|part| !part.is_empty()));
                assert!(parts.iter().cloned().flatten().eq(0..sizes.len()), "{sizes:?} {parts:?}");
            }
        }
    }

    #[test]
    fn parts_have_about_the_same_size() {
        assert_eq!(divided(&[64; 10], 5), [0..2, 2..4, 4..6, 6..8, 8..10]);
        assert_eq!(divided(&[10, 10, 10, 30], 2), [0..3, 3..4]);
    }
}
