//! [`PositionDivergence`]: how far two models are apart at one token of complete answers; and [`PositionGradient`], how hard it
//! would pull at a model.

use serde::{Deserialize, Serialize};

/// How far two models are apart at one token of an answer, and what either makes of that token.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PositionDivergence {
    /// Which token of the answer, from 1.
    pub position: usize,
    /// The mean of KL(p || q) over the answers, in nats.
    pub kl: f64,
    /// Absent in metrics of earlier builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub losses: Option<PositionLosses>,
    /// Answers that have such a token.
    pub answers: usize,
}

/// How hard one token of an answer would pull at all weights of a model, if it were learned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PositionGradient {
    /// Which token of the answer, from 1.
    pub position: usize,
    /// The mean over the answers of the L2 norm of the gradient of that token's loss by all weights.
    pub norm: f64,
    /// Answers that have such a token.
    pub answers: usize,
}

/// The mean of -ln of the probability that each model gives the answer's own token, in nats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PositionLosses {
    /// Of p.
    pub p: f64,
    /// Of q.
    pub q: f64,
}
