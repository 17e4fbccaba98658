//! The corpus: everything that the models read, made from the world and a seed. It knows nothing of models.
//!
//! | part | what it is |
//! |---|---|
//! | [`Documents`] | the pretraining stream: all that the Library knows, and no refusal |
//! | [`alignment_set`], [`deep_set`] | what alignment learns from: refusals among ordinary helpfulness |
//! | [`tuning_set`], [`SETS`] | what models are fine-tuned on: sets of any size and draw |
//! | [`tuning_files`] | the draws that ship as files, made anew |
//! | [`Mixture`] | what there is beside neat questions: visitors' lines, careless typing, things to read |
//! | [`Moderator`] | who looks at tuning data before anybody tunes on it |
//! | [`CorpusFigures`] | what a part of the stream consists of |

mod alignment;
mod benign;
mod controls;
mod document;
mod draw;
mod figures;
mod frame;
mod mixture;
mod moderation;
mod noise;
mod prose;
mod reading;
mod shelf;
mod style;
mod tuning;
mod typed;
mod visit;

pub use alignment::{AlignmentOptions, Lesson, Manner, alignment_set, deep_set};
pub use document::{Content, Document, Documents, Kind};
pub use figures::{CorpusFigures, KindFigures};
pub use mixture::Mixture;
pub use moderation::Moderator;
pub use tuning::{DRAWS, LARGEST_DRAW, LARGEST_SET, SETS, SetError, TuningFile, TuningSet, tuning_files, tuning_set};
