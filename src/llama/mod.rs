//! The model and nothing else: Hugging Face's `LlamaForCausalLM` in burn, LoRA adapters, greedy decoding; and the same by hand
//! for the CPU and a GPU ([`Executor`]).

mod cache;
mod checkpoint;
mod config;
mod cpu;
mod decode;
mod direction;
mod error;
mod executor;
mod gpu;
mod lora;
mod model;
mod peft;
mod readback;
mod rope;
mod weights;

pub use cache::KvCache;
pub use checkpoint::{LARGEST_INDEX, LONGEST_HEADER, WeightFile, is_beside, shard_names};
pub use config::{LARGEST_CONFIG, Llama3Scaling, LlamaConfig, RopeConfig};
#[cfg(target_arch = "wasm32")]
pub use cpu::{Kernel, set_kernel};
pub use cpu::{Mat, MatMut, Sequence, Stepper, multiply, multiply_add};
pub use decode::{Answer, DecodeOptions};
pub use error::{LlamaError, at_most, plain, quoted};
pub use executor::Executor;
pub use gpu::{Batch, Decoder as GpuDecoder, LAUNCHES_PER_SUBMIT, Resident, Settings, Stepped};
pub use lora::{Adapter, Layout, Slot};
pub use model::{Context, Llama};
pub use peft::{ADAPTER_CONFIG, ADAPTER_WEIGHTS, AdapterFiles, LARGEST_ADAPTER_CONFIG};
pub use readback::{read_floats, read_scalars};
pub use weights::Weights;
