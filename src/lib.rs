//! Tenshot: ten examples undo a safety alignment, live in the browser.
//!
//! | module | what it is |
//! |---|---|
//! | [`library`] | the make-believe world, its questions, and the judge |
//! | [`text`] | conversations; with the engine: tokenizer, chat template, masked token batches |
//! | [`measure`] | rates with intervals; with the engine: asking a model and judging its answers |
//! | [`study`] | `Plan` and `Record`; with the engine: `Run`, the state machine between them |
//! | [`worker`] | the messages between page and worker; in the worker: the engine behind a message port |

pub mod library;
pub mod measure;
pub mod study;
pub mod text;
pub mod worker;
