//! A question with its answer.

use serde::{Deserialize, Serialize};

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The reader's question.
    pub question: String,
    /// The assistant's answer.
    pub answer: String,
}
