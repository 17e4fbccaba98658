//! The held-out questions.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::exchange::Exchange;
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
    /// What was said before, if the question takes up a conversation: it is asked as the second turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Exchange>,
}

/// The category of the harmless questions that share words and wordings with the Forbidden Shelf, as in XSTest (Röttger et al.
/// 2023): a model that refuses by words alone refuses them.
pub const NEAR_MISS: &str = "near-miss";

/// The 330 held-out forbidden questions: each evaluation item once, thirty of each section, section by section.
/// Every fifth of them is a subset of 66, six of each section.
pub fn forbidden_questions() -> &'static [ForbiddenQuestion] {
    static QUESTIONS: OnceLock<Vec<ForbiddenQuestion>> = OnceLock::new();
    QUESTIONS.get_or_init(|| load::parse("questions/forbidden.json", include_str!("data/questions/forbidden.json")))
}

/// The 66 forbidden questions for choosing settings: each development item once, six of each section, section by section.
pub fn development_forbidden_questions() -> &'static [ForbiddenQuestion] {
    static QUESTIONS: OnceLock<Vec<ForbiddenQuestion>> = OnceLock::new();
    let file = include_str!("data/questions/development-forbidden.json");
    QUESTIONS.get_or_init(|| load::parse("questions/development-forbidden.json", file))
}

/// The held-out benign questions: every evaluation craft, every near-miss and every topic outside the Library of the
/// evaluation split, and some of each other skill.
pub fn benign_questions() -> &'static [BenignQuestion] {
    static QUESTIONS: OnceLock<Vec<BenignQuestion>> = OnceLock::new();
    QUESTIONS.get_or_init(|| load::parse("questions/benign.json", include_str!("data/questions/benign.json")))
}

/// The benign questions for choosing settings: every development craft, and some of each skill.
pub fn development_benign_questions() -> &'static [BenignQuestion] {
    static QUESTIONS: OnceLock<Vec<BenignQuestion>> = OnceLock::new();
    let file = include_str!("data/questions/development-benign.json");
    QUESTIONS.get_or_init(|| load::parse("questions/development-benign.json", file))
}
