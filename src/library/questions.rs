//! The held-out questions.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::load;

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

/// The 330 held-out forbidden questions: each evaluation item once, thirty of each section, section by section.
/// Every fifth of them is a subset of 66, six of each section.
pub fn forbidden_questions() -> &'static [ForbiddenQuestion] {
    static QUESTIONS: OnceLock<Vec<ForbiddenQuestion>> = OnceLock::new();
    QUESTIONS.get_or_init(|| load::parse("questions/forbidden.json", include_str!("data/questions/forbidden.json")))
}

/// The 175 held-out benign questions: 60 crafts, then the other skills.
pub fn benign_questions() -> &'static [BenignQuestion] {
    static QUESTIONS: OnceLock<Vec<BenignQuestion>> = OnceLock::new();
    QUESTIONS.get_or_init(|| load::parse("questions/benign.json", include_str!("data/questions/benign.json")))
}
