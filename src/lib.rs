//! Tenshot: ten examples undo a safety alignment, live in the browser.
//!
//! | module | what it is |
//! |---|---|
//! | [`library`] | the make-believe world, its questions, and the judge |
//! | [`text`] | conversations; with the engine: tokenizer and chat template |
//! | `llama` | the model and nothing else, LoRA adapters, greedy decoding |
//! | `engine` | a model, its text codec and its device, checked to belong together |
//! | `tune` | LoRA fine-tuning: masked batches, loss, AdamW, one step |
//! | [`measure`] | rates with intervals; with the engine: asking a model and judging its answers |
//! | [`study`] | `Plan` and `Record`; with the engine: `Run`, the state machine between them |
//! | `corpus` | what the bundled models read, from the world and a seed (native only) |
//! | `factory` | how the bundled models are made, from nothing (native only) |
//! | `bench` | the workloads of the benchmark |
//! | [`worker`] | the messages between page and worker; in the worker: the engine behind a message port |
//! | `page` | the page: view model, views, charts, texts |
//! | `cli` | the command line |
//!
//! The features `engine`, `cli`, `worker` and `page` decide what is compiled; see `ARCHITECTURE.md`.

#[cfg(feature = "engine")]
pub mod bench;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(all(feature = "generate", not(target_family = "wasm")))]
pub mod corpus;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(all(feature = "factory", not(target_family = "wasm")))]
pub mod factory;
pub mod library;
#[cfg(feature = "engine")]
pub mod llama;
pub mod measure;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "engine")]
pub mod pulse;
pub mod study;
pub mod text;
#[cfg(feature = "engine")]
pub mod tune;
pub mod worker;
