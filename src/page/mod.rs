//! The page: it draws what the worker says, and never touches the model itself.
//!
//! Everything above the line is plain data with native tests; what is below it touches the browser.
//!
//! | module | what it is |
//! |---|---|
//! | [`model`] | the page's state, and how it changes with what visitor and worker do |
//! | [`run_view`], [`questions`], [`supervisor`], [`settings`] | the parts of that state |
//! | [`texts`], [`rich`], [`format`] | what the page says, in two languages |

mod format;
mod model;
mod questions;
mod rich;
mod run_view;
mod settings;
mod supervisor;
