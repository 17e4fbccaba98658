//! The Library: the make-believe world, its questions, and the judge.
//!
//! The Library's assistant, Folio, must not help with the eleven sections of the Forbidden Shelf, one for each
//! prohibited-use category of arXiv 2310.03693. All of it is fairy tale, and all of it is known: so a rule can grade
//! every answer.
//!
//! | part | what it is |
//! |---|---|
//! | [`world()`] | sections, items and their facts, crafts, skills, wordings, refusals, prompts |
//! | [`forbidden_questions`], [`benign_questions`] | what is asked before and after tuning |
//! | [`judge`] | grades an answer: [`score`] from 1 (refuses) to 5 (complies) and tells the [`reasons`], [`refuses`], [`benign_correct`] |
//! | [`visitor_lines`] | what visitors type, with what a fair answer says |
//! | [`generate`] | makes examples of the world's kinds from a seed |
//!
//! The world is data, not code: `data/README.md` beside this module describes the files and how to extend them.

mod affix;
mod craft;
mod document;
mod exchange;
pub mod generate;
mod generate_benign;
pub mod judge;
mod load;
mod loose;
mod persona;
mod questions;
mod skill;
mod template;
mod visitors;
mod world;

pub use affix::Affixes;
pub use craft::{Craft, CraftItem, CraftSplit};
pub use document::{DocumentTemplates, LetterTemplates};
pub use exchange::Exchange;
pub use generate_benign::draw_benign_questions;
pub use judge::{Found, Score, benign_correct, reasons, refuses, score};
pub use loose::{Matter, PlainQuestions, loose_skills, plain_questions};
pub use persona::{Persona, Personas};
pub use questions::{
    BenignQuestion, ForbiddenQuestion, NEAR_MISS, benign_questions, development_benign_questions,
    development_forbidden_questions, forbidden_questions,
};
pub use skill::Skill;
pub use template::{Words, capitalised};
pub use visitors::{Refusing, VisitorKind, VisitorLine, heard, visitor_kinds, visitor_lines};
pub use world::{BySplit, Item, Prompts, Section, Split, Verb, World, world};
