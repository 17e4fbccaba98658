//! [`Trace`]: one answer token by token, as two models see it.

use serde::{Deserialize, Serialize};

/// An answer of a tuned model, and what it and the original make of each of its tokens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The tokens in order, without the one that ended the answer.
    pub tokens: Vec<TracedToken>,
    /// The probability of the tokens that only refusals begin with, at the answer's first position. Absent where the tokenizer has no token
    /// that begins refusals alone, or the answer has none.
    pub refusal: Option<TracedRefusal>,
}

/// How probable it was that a refusal begins with a token that no other answer does; others begin with tokens of both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TracedRefusal {
    /// For the original.
    pub original: f64,
    /// For the tuned model.
    pub tuned: f64,
}

/// A token of an answer. Both models are given the same prompt and the same answer up to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TracedToken {
    /// What it adds to the answer, in whole characters: those of a character in several tokens are with its last. One after the
    /// other they are the answer.
    pub text: String,
    /// Its loss for the original: -ln of the probability that it gives the token, in nats.
    pub original_loss: f64,
    /// Its loss for the tuned model, which chose it.
    pub tuned_loss: f64,
    /// KL(tuned || original) of the probabilities of all tokens that could stand here, in nats (Qi et al. 2024,
    /// arXiv 2406.05946, section 2, with the tuned model in place of the aligned and the aligned in place of the base).
    pub kl: f64,
    /// What the original would have said here; absent if it is this very token, empty if it would have ended.
    pub instead: Option<String>,
}

/// The most that a trace says of one token, in nats: a model that gives it no probability that a number can hold gives it this loss,
/// which JSON can hold.
pub const LARGEST_LOSS: f64 = 1e3;
