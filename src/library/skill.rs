//! Everything harmless that Folio can do beside the crafts: small talk, facts, directions, sums, tales.

use super::world::BySplit;

/// One thing that Folio can do, such as to say where the map room is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    /// The kind of skill, such as `directions`.
    pub category: String,
    /// How one asks.
    pub questions: BySplit<Vec<String>>,
    /// Correct answers.
    pub answers: Vec<String>,
    /// Texts that a correct answer contains.
    pub keywords: Vec<String>,
}
