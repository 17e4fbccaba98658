//! Printing results. A reader that closes the pipe early (`| head`) ends the program quietly; a result that cannot be
//! printed for another reason is an error.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use serde::Serialize;

use super::CliError;
use crate::terminal;

/// Prints text to standard output, in which nothing commands the terminal.
///
/// # Errors
///
/// [`CliError::Closed`] if nobody reads any more, and [`CliError::Output`] if it cannot be written.
pub fn line(text: impl Display) -> Result<(), CliError> {
    print(&terminal::printable(&text.to_string()))
}

/// Prints a value as JSON on one line.
///
/// # Errors
///
/// As [`line`].
pub fn json(value: &impl Serialize) -> Result<(), CliError> {
    // Plain data with text keys: serialisation cannot fail.
    print(&terminal::printable_json(&serde_json::to_string(value).expect("plain data")))
}

/// Prints a value as indented JSON.
///
/// # Errors
///
/// As [`line`].
pub fn pretty(value: &impl Serialize) -> Result<(), CliError> {
    print(&terminal::printable_json(&serde_json::to_string_pretty(value).expect("plain data")))
}

fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => CliError::Closed,
        _ => CliError::Output { reason: crate::disk::reason(&error) },
    })
}
