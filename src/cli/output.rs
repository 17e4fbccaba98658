//! Printing results: a reader that closes the pipe early (`| head`) ends the output, not the program with an error.

use std::io::{ErrorKind, Write};

/// Prints a line to standard output.
pub fn line(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("tenshot: the result cannot be written: {error}");
    }
}
