//! [`Shape`] and [`words`]: a batch as the kernels read it.

use crate::llama::Sequence;

/// Rows come in so many: a part of a buffer then begins where it may, and batches of nearly one size are of one shape.
const STEP: usize = 64;

/// How many rows and answers a batch has room for. What a step allocates and records depends on this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows: tokens of all sequences, one sequence after the other.
    pub rows: usize,
    /// Rows that predict a token which is learned from.
    pub answers: usize,
}

/// Where the parts of a batch begin among its words.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// `[rows]`: the first row of each row's sequence.
    pub starts: u32,
    /// `[rows]`: the row after the last one of each row's sequence.
    pub ends: u32,
    /// `[rows]`: one more than the number of the answer that the row predicts, or 0.
    pub numbers: u32,
    /// `[answers]`: the rows.
    pub answers: u32,
    /// `[answers]`: the tokens that they should predict.
    pub targets: u32,
    /// `[answers]`: how much each counts, as bits.
    pub weights: u32,
    /// The learning rate, as bits.
    pub rate: u32,
}

impl Shape {
    /// The smallest shape that has room for sequences, and at least one row and one answer.
    pub fn of(sequences: &[Sequence]) -> Self {
        let rows: usize = sequences.iter().map(|sequence| sequence.needed().len()).sum();
        let answers: usize = sequences.iter().map(|sequence| sequence.learn.len()).sum();
        Self { rows: rows.max(1).next_multiple_of(STEP), answers: answers.max(1).next_multiple_of(STEP) }
    }

    /// Where the parts begin; the tokens, `[rows]`, are first.
    pub fn places(self) -> Places {
        let [rows, answers] = [self.rows as u32, self.answers as u32];
        let answer_rows = 4 * rows;
        Places {
            starts: rows,
            ends: 2 * rows,
            numbers: 3 * rows,
            answers: answer_rows,
            targets: answer_rows + answers,
            weights: answer_rows + 2 * answers,
            rate: answer_rows + 3 * answers,
        }
    }

    /// How many words a batch has.
    pub fn words(self) -> usize {
        self.places().rate as usize + 1
    }
}

/// The words of a batch. Rows beyond the last one are sequences of their own, which nothing is learned from; answers beyond
/// the last one count nothing.
pub fn words(shape: Shape, sequences: &[Sequence], learning_rate: f64) -> Vec<u32> {
    let places = shape.places();
    let mut words = vec![0; shape.words()];
    let learned: usize = sequences.iter().map(|sequence| sequence.learn.len()).sum();
    let (mut begin, mut answer) = (0, 0);
    for sequence in sequences {
        let ids = sequence.needed();
        for (row, &id) in (begin..).zip(ids) {
            words[row] = id;
            words[places.starts as usize + row] = begin as u32;
            words[places.ends as usize + row] = (begin + ids.len()) as u32;
        }
        for &(place, target) in &sequence.learn {
            words[places.numbers as usize + begin + place] = answer + 1;
            words[(places.answers + answer) as usize] = (begin + place) as u32;
            words[(places.targets + answer) as usize] = target;
            words[(places.weights + answer) as usize] = (1.0 / learned as f32).to_bits();
            answer += 1;
        }
        begin += ids.len();
    }
    for row in begin..shape.rows {
        words[places.starts as usize + row] = row as u32;
        words[places.ends as usize + row] = row as u32 + 1;
    }
    words[places.rate as usize] = (learning_rate as f32).to_bits();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_what_it_says() {
        let of = |ids: &[u32], learn: &[(usize, u32)]| Sequence { ids: ids.to_vec(), learn: learn.to_vec() };
        let sequences = [of(&[7, 8, 9, 10], &[(1, 9), (2, 10)]), of(&[4, 4], &[]), of(&[5, 6], &[(0, 6)])];
        let shape = Shape::of(&sequences);
        assert_eq!(shape, Shape { rows: 64, answers: 64 });
        let (words, places) = (words(shape, &sequences, 0.5), shape.places());
        let part = |first: u32, len: usize| &words[first as usize..first as usize + len];
        assert_eq!(part(0, 5), [7, 8, 9, 5, 0], "what nothing depends on is left out");
        assert_eq!(part(places.starts, 5), [0, 0, 0, 3, 4]);
        assert_eq!(part(places.ends, 5), [3, 3, 3, 4, 5]);
        assert_eq!(part(places.numbers, 5), [0, 1, 2, 3, 0]);
        assert_eq!(part(places.answers, 4), [1, 2, 3, 0]);
        assert_eq!(part(places.targets, 4), [9, 10, 6, 0]);
        let weights: Vec<f32> = part(places.weights, 4).iter().map(|&bits| f32::from_bits(bits)).collect();
        assert_eq!(weights, [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0]);
        assert_eq!(f32::from_bits(words[places.rate as usize]), 0.5);
    }
}
