//! [`TokenBatch`]: examples as one rectangle of tokens, with the places where the model learns.

use burn::tensor::{Int, Tensor, TensorData};

use super::Example;
use crate::llama::{Llama, LlamaError, Sequence};

/// A batch of examples on a device, padded on the right. Causal attention never looks at padding.
#[derive(Clone, Debug)]
pub struct TokenBatch {
    /// The tokens, `[batch, seq]`.
    pub tokens: Tensor<2, Int>,
    /// Rows of the flattened hidden states (`[batch * seq, d_model]`) that predict a token of an answer, `[answers]`.
    pub rows: Tensor<1, Int>,
    /// The tokens that they should predict, `[answers, 1]`.
    pub targets: Tensor<2, Int>,
    /// The length of the longest example.
    pub seq: usize,
    /// The number of answer tokens.
    pub answers: usize,
    /// The same examples as they were given, for the CPU, which computes no padding.
    pub sequences: Vec<Sequence>,
}

impl TokenBatch {
    /// Puts examples on the model's device.
    ///
    /// # Errors
    ///
    /// [`LlamaError::TooLong`] or [`LlamaError::Token`] if an example does not suit the model.
    pub fn new(examples: &[&Example], model: &Llama) -> Result<Self, LlamaError> {
        let seq = examples.iter().map(|e| e.ids.len()).max().unwrap_or(0);
        // Before the rectangle is filled: one long example would widen every row.
        if seq > model.config.max_positions {
            return Err(LlamaError::TooLong { tokens: seq, limit: model.config.max_positions });
        }
        let sequences: Vec<Sequence> = examples.iter().map(|example| sequence(example)).collect();
        let (mut ids, mut rows, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for (row, sequence) in sequences.iter().enumerate() {
            ids.extend(&sequence.ids);
            ids.extend(std::iter::repeat_n(0, seq - sequence.ids.len()));
            rows.extend(sequence.learn.iter().map(|(place, _)| (row * seq + place) as i32));
            targets.extend(sequence.learn.iter().map(|&(_, token)| token as i32));
        }
        let tokens = model.tokens(&ids, examples.len().max(1))?;
        let answers = rows.len();
        let rows = Tensor::from_data(TensorData::new(rows, [answers]), &model.device);
        let targets = Tensor::from_data(TensorData::new(targets, [answers, 1]), &model.device);
        Ok(Self { tokens, rows, targets, seq, answers, sequences })
    }
}

/// The hidden state at a token predicts the next one.
fn sequence(example: &Example) -> Sequence {
    let learned = (1..example.ids.len()).filter(|&place| example.answer[place]);
    Sequence { ids: example.ids.clone(), learn: learned.map(|place| (place - 1, example.ids[place])).collect() }
}
