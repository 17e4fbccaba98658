//! What is tested natively, in one program: each program of its own would have to have burn linked to it again, which takes longer
//! than most tests. Apart are only those that are alone in their process: `tests/memory.rs` counts what all of it allocates,
//! `tests/gpu` what all of it launches, and `tests/fuzz.rs` is ended and begun again.
#![cfg(not(target_family = "wasm"))]

// Texts and tables, which need no burn.
mod corpus;
mod floors;
mod judge;
mod library;
mod skills;
mod versions;
mod visits;
mod world;

// The engine.
#[cfg(feature = "cli")]
mod adapters;
#[cfg(feature = "cli")]
mod check;
#[cfg(feature = "cli")]
mod checkpoint;
#[cfg(feature = "cli")]
mod codec;
#[cfg(feature = "cli")]
#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "cli")]
mod cpu;
#[cfg(feature = "cli")]
mod depth;
#[cfg(feature = "cli")]
mod finite;
#[cfg(feature = "cli")]
mod hooks;
#[cfg(feature = "cli")]
mod llama;
#[cfg(feature = "cli")]
mod lora;
#[cfg(feature = "cli")]
mod recorded;
#[cfg(feature = "cli")]
mod run;
#[cfg(feature = "cli")]
mod snapshots;
#[cfg(feature = "cli")]
mod templates;
#[cfg(feature = "cli")]
mod tokenizers;
#[cfg(feature = "cli")]
mod tokens;
#[cfg(feature = "cli")]
mod training;
#[cfg(feature = "cli")]
mod trial;
#[cfg(feature = "cli")]
mod whole;

// The program, as a user starts it.
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
mod factory;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod outputs;
#[cfg(all(feature = "cli", unix))]
mod results;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod serve;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod signals;
#[cfg(all(feature = "cli", unix))]
mod study;
