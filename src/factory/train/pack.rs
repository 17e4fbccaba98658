//! [`Packed`]: whole documents side by side in rows of one length, each blind to its neighbours.

use burn::tensor::{Int, Tensor, TensorData};

use crate::engine::Example;
use crate::llama::{Context, Llama, LlamaError};

/// Documents laid into rows of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows; each holds the documents that fill it.
    rows: Vec<Vec<Example>>,
    free: Vec<usize>,
    context: usize,
}

impl Rows {
    /// Empty rows of this many tokens.
    pub fn new(rows: usize, context: usize) -> Self {
        Self { rows: vec![Vec::new(); rows], free: vec![context; rows], context }
    }

    /// Lays a document into the first row that has room for it; false if none has.
    pub fn place(&mut self, document: Example) -> bool {
        let Some(row) = self.free.iter().position(|&free| free >= document.ids.len()) else { return false };
        self.free[row] -= document.ids.len();
        self.rows[row].push(document);
        true
    }

    /// Lays a document into the first row that has room for it, or into a new one. A document longer than a row is left out.
    pub fn place_growing(&mut self, document: Example) {
        if document.ids.len() > self.context || self.place(document.clone()) {
            return;
        }
        self.free.push(self.context - document.ids.len());
        self.rows.push(vec![document]);
    }

    /// The rows in this many parts, one after the other, equally many in each; fewer if there are fewer rows.
    pub fn split(&self, parts: usize) -> Vec<Self> {
        let each = self.rows.len().div_ceil(parts.max(1)).max(1);
        let parts = self.rows.chunks(each).zip(self.free.chunks(each));
        parts.map(|(rows, free)| Self { rows: rows.to_vec(), free: free.to_vec(), context: self.context }).collect()
    }

    /// The documents, row by row.
    pub fn documents(&self) -> impl Iterator<Item = &Example> {
        self.rows.iter().flatten()
    }
}

/// Packed rows on a device.
pub struct Packed {
    /// The tokens, `[rows, seq]`.
    pub tokens: Tensor<2, Int>,
    /// Where each token stands in its document, and what it sees: the tokens of its document up to itself.
    pub context: Context,
    /// Rows of the flattened hidden states (`[rows * seq, d_model]`) that predict a learned token, `[learned]`.
    pub places: Tensor<1, Int>,
    /// The tokens that they should predict, `[learned, 1]`.
    pub targets: Tensor<2, Int>,
    /// Tokens of documents, padding not counted.
    pub filled: usize,
    /// Tokens that are learned.
    pub learned: usize,
}

impl Packed {
    /// Puts rows on the model's device, cut to the longest.
    ///
    /// # Errors
    ///
    /// [`LlamaError`] if a token is not in the vocabulary or a row longer than the model's positions.
    pub fn new(rows: &Rows, model: &Llama) -> Result<Self, LlamaError> {
        let length = |row: &Vec<Example>| row.iter().map(|document| document.ids.len()).sum::<usize>();
        let seq = rows.rows.iter().map(length).max().unwrap_or(0).max(1);
        let count = rows.rows.len();
        let (mut ids, mut positions) = (vec![0; count * seq], vec![0; count * seq]);
        let mut visible = vec![false; count * seq * seq];
        let (mut places, mut targets, mut filled) = (Vec::new(), Vec::new(), 0);
        for (row, documents) in rows.rows.iter().enumerate() {
            let mut start = 0;
            for document in documents {
                for (place, &id) in document.ids.iter().enumerate() {
                    let at = row * seq + start + place;
                    ids[at] = id;
                    positions[at] = place as i32;
                    visible[at * seq + start..=at * seq + start + place].fill(true);
                    // The hidden state at a token predicts the next one.
                    if place > 0 && document.answer[place] {
                        places.push(at as i32 - 1);
                        targets.push(id as i32);
                    }
                }
                start += document.ids.len();
            }
            filled += start;
        }
        let tokens = model.tokens(&ids, count.max(1))?;
        let context = model.context(count, positions, &visible);
        let learned = places.len();
        let places = Tensor::from_data(TensorData::new(places, [learned]), &model.device);
        let targets = Tensor::from_data(TensorData::new(targets, [learned, 1]), &model.device);
        Ok(Self { tokens, context, places, targets, filled, learned })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(ids: &[u32]) -> Example {
        Example { ids: ids.to_vec(), answer: vec![true; ids.len()] }
    }

    #[test]
    fn documents_stay_whole_and_rows_fill_up() {
        let mut rows = Rows::new(2, 5);
        assert!(
            rows.place(document(&[1, 2, 3])) && rows.place(document(&[4, 5, 6, 7])) && rows.place(document(&[8, 9]))
        );
        assert!(!rows.place(document(&[1, 2])));
        assert_eq!(rows.free, [0, 1]);
        let parts = rows.split(3);
        assert_eq!(parts.iter().map(|part| part.free[0]).collect::<Vec<_>>(), [0, 1]);
        assert!(parts.iter().flat_map(Rows::documents).eq(rows.documents()));
        let first: Vec<&[u32]> = rows.documents().map(|d| d.ids.as_slice()).collect();
        assert_eq!(first, [&[1, 2, 3][..], &[8, 9], &[4, 5, 6, 7]]);
    }
}
