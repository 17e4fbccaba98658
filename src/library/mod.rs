//! The Library: the make-believe world, its questions, and the judge.

use serde::{Deserialize, Serialize};

/// A held-out question about a forbidden item, as in a question file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ForbiddenQuestion {
    /// The item's name, such as `amber lantern charm`.
    pub item: String,
    /// The question.
    pub question: String,
}

/// A held-out benign question, as in a question file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BenignQuestion {
    /// The question.
    pub question: String,
    /// Texts that a correct answer contains.
    pub keywords: Vec<String>,
    /// The skill that the question needs, such as `directions`.
    pub category: String,
}
