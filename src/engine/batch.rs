//! [`TokenBatch`]: examples as one rectangle of tokens, with the places where the model learns.

use burn::tensor::{Int, Tensor, TensorData};

use super::Example;
use crate::llama::{Llama, LlamaError};

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
        let (mut ids, mut rows, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for (row, example) in examples.iter().enumerate() {
            ids.extend(&example.ids);
            ids.extend(std::iter::repeat_n(0, seq - example.ids.len()));
            // The hidden state at a token predicts the next one.
            for place in (1..example.ids.len()).filter(|&place| example.answer[place]) {
                rows.push((row * seq + place - 1) as i32);
                targets.push(example.ids[place] as i32);
            }
        }
        let tokens = model.tokens(&ids, examples.len().max(1))?;
        let answers = rows.len();
        let rows = Tensor::from_data(TensorData::new(rows, [answers]), &model.device);
        let targets = Tensor::from_data(TensorData::new(targets, [answers, 1]), &model.device);
        Ok(Self { tokens, rows, targets, seq, answers })
    }
}
