//! The factory: how the bundled models are made, from nothing but the [corpus](crate::corpus) (native only).
//!
//! | part | what it is |
//! |---|---|
//! | `Recipe`, `Makes` | plain data that, with the program and the world, fully determines a build |
//! | `train` | tokenizer, packed batches, optimizers, checkpoints |
//! | `stage`, `record`, `build` | what is made from what: stages are made once, taken up again after a stop, refused if made differently |
//! | `workshop` | how each stage is really made |
//! | `files`, `metrics`, `progress` | files that are whole or not there, what is noted while training, what the user sees of it |
//! | `figures`, `curves`, `plot`, `card`, `trial` | what the models can do, as numbers, pictures and pages |
//! | `ship` | a model folder in Hugging Face's layout |

pub mod build;
pub mod card;
pub mod curves;
mod error;
mod event;
pub mod figures;
pub mod files;
mod makes;
pub mod metrics;
pub mod plot;
pub mod progress;
mod recipe;
pub mod record;
pub mod ship;
pub mod stage;
pub mod train;
pub mod trial;
pub mod workshop;

pub use error::FactoryError;
pub use event::{Listener, StepEvent, TrainEvent};
pub use makes::Makes;
pub use plot::{Drawing, Panel, Series, svg};
pub use recipe::{Alignment, Recipe};
pub use stage::Stage;
