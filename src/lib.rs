//! Tenshot: ten examples undo a safety alignment, live in the browser.
//!
//! The floors, top to bottom: each imports only from floors below it, which `tests/native/floors.rs` checks.
//!
//! | module | what it is |
//! |---|---|
//! | `page` | the page: view model, views, charts, texts |
//! | `cli` | the command line |
//! | `worker` | the browser worker: the engine behind a message port |
//! | `host` | a static host for the built site (native only) |
//! | `factory` | how the models that ship are made, from nothing |
//! | `trial` | which of two devices computes rightly, and faster |
//! | `bench` | the workloads of the benchmark |
//! | [`protocol`] | the messages between page and worker |
//! | `run` | a plan and an engine make a record, step by step |
//! | [`defence`] | what is done against an attack: hooks before, while and after tuning |
//! | `tune` | LoRA fine-tuning: loss, AdamW, one step |
//! | `evaluate` | asking a model: an evaluation set and a cursor through it |
//! | `engine` | a model, its text codec and its device, checked to belong together |
//! | `llama` | the model and nothing else, LoRA adapters, greedy decoding |
//! | [`study`] | the vocabulary: plan, condition, figure, record, comparison |
//! | [`models`] | the models that ship |
//! | [`corpus`] | what models read: pretraining, alignment, tuning sets of any size and draw |
//! | [`library`] | the make-believe world, its questions, and the judge |
//! | [`text`] | conversations |
//! | `disk` | files as a whole: read up to a limit, written entirely or not at all (native only) |
//! | [`terminal`] | texts from elsewhere, fit to be printed |
//! | [`pulse`] | how long computations stay interruptible |
//!
//! # Features
//!
//! A feature decides about whole floors. `engine` brings those with tensors (`llama` to `run`, `bench`, `trial`), `factory` and `cli`
//! the native programs on top, `worker` and `page` the two halves of the browser program, `browser` what these two share,
//! `cuda` a further device of the command line, and `site` the built page as a part of it, for `tenshot serve`.
//!
//! # Where to begin reading
//!
//! From a question to a chart in five files: `evaluate/set.rs` (a question becomes a prompt), `evaluate/cursor.rs` (a prompt
//! becomes a judged answer), `study/figure.rs` (answers become a figure), `run/mod.rs` (figures become a record),
//! `page/charts/mod.rs` (a record becomes a chart). For the tuning: `tune/tuner.rs`, then `llama/lora.rs` and
//! `llama/model.rs`.

#[cfg(feature = "engine")]
pub mod bench;
#[cfg(feature = "cli")]
pub mod cli;
pub mod corpus;
pub mod defence;
#[cfg(not(target_family = "wasm"))]
pub mod disk;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub mod evaluate;
#[cfg(feature = "factory")]
pub mod factory;
#[cfg(feature = "cli")]
pub mod host;
pub mod library;
#[cfg(feature = "engine")]
pub mod llama;
pub mod models;
#[cfg(feature = "page")]
pub mod page;
pub mod protocol;
pub mod pulse;
#[cfg(feature = "engine")]
pub mod run;
pub mod study;
pub mod terminal;
pub mod text;
#[cfg(feature = "engine")]
pub mod trial;
#[cfg(feature = "engine")]
pub mod tune;
#[cfg(all(feature = "worker", target_family = "wasm"))]
pub mod worker;
