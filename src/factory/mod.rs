//! The factory: how the bundled models are made, from nothing (native only).
//!
//! | part | what it is |
//! |---|---|
//! | [`corpus`] | what the models read: the pretraining stream, the alignment sets, the tuning sets |
//! | `Recipe` | plain data that, with the program and the world, fully determines a build |
//! | `train` | tokenizer, packed batches, optimizers, checkpoints |
//! | `stage`, `record`, `build` | what is made from what: stages are made once, taken up again after a stop, refused if made differently |
//! | `workshop` | how each stage is really made |
//! | `files`, `metrics`, `progress` | files that are whole or not there, what is noted while training, what the user sees of it |
//! | `figures`, `curves`, `plot`, `card` | what the models can do, as numbers, pictures and pages |
//! | `ship` | a model folder in Hugging Face's layout |

#[cfg(feature = "factory")]
pub mod build;
#[cfg(feature = "factory")]
pub mod card;
pub mod corpus;
#[cfg(feature = "factory")]
pub mod curves;
#[cfg(feature = "factory")]
mod error;
#[cfg(feature = "factory")]
mod event;
#[cfg(feature = "factory")]
pub mod figures;
#[cfg(feature = "factory")]
pub mod files;
#[cfg(feature = "factory")]
pub mod metrics;
#[cfg(feature = "factory")]
pub mod plot;
#[cfg(feature = "factory")]
pub mod progress;
#[cfg(feature = "factory")]
mod recipe;
#[cfg(feature = "factory")]
pub mod record;
#[cfg(feature = "factory")]
pub mod ship;
#[cfg(feature = "factory")]
pub mod stage;
#[cfg(feature = "factory")]
pub mod train;
#[cfg(feature = "factory")]
pub mod workshop;

#[cfg(feature = "factory")]
pub use error::FactoryError;
#[cfg(feature = "factory")]
pub use event::{Listener, StepEvent, TrainEvent};
#[cfg(feature = "factory")]
pub use recipe::{Alignment, Recipe};
#[cfg(feature = "factory")]
pub use stage::Stage;
