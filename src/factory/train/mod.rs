//! Training: batches from a seed, the optimizer, checkpoints, and the course that joins them.

mod checkpoint;
mod course;
mod make;
mod optimizer;
mod pack;
mod shards;
mod source;
mod tokenizer;

pub use course::{Course, Rates};
pub use make::{align, lessons, pretrain, tokenizer};
pub use optimizer::{OptimizerPlan, Step, Trainer};
pub use pack::{Packed, Rows};
pub use shards::loss;
pub use source::{Lessons, Source, Stream};
pub use tokenizer::{SPECIAL_TOKENS, train_tokenizer};
