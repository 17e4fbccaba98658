//! The command line `tenshot`: the same engine, plans and records as the page's, without a browser.

mod adapter;
mod args;
mod ask;
mod auto;
mod bench;
mod check;
mod condition;
mod device;
mod error;
mod eval;
mod factory;
mod files;
mod growth;
mod interrupt;
mod judge;
mod judges;
mod keeper;
mod limits;
mod logits;
mod moderate;
mod output;
mod recorded;
mod report;
mod run;
mod schema;
mod serve;
mod study;
mod summary;
mod target;
mod trials;
mod visitors;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
pub use error::CliError;

use crate::terminal;

/// The longest error that is printed: it may name what a file holds.
const LONGEST_ERROR: usize = 2_000;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(usage) => return explained(&usage),
    };
    match command(args.command) {
        // Whoever closes the pipe has read enough.
        Ok(()) | Err(CliError::Closed) => ExitCode::SUCCESS,
        Err(CliError::Interrupted) => interrupt::exit_code(),
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

fn command(command: Command) -> Result<(), CliError> {
    match command {
        Command::Run(args) => run::run(args),
        Command::Ask(args) => ask::ask(args),
        Command::Eval(args) => eval::eval(args),
        Command::Judge(args) => judge::judge(args),
        Command::Logits(args) => logits::logits(args),
        Command::Moderate(args) => moderate::moderate(&args),
        Command::Report(args) => report::report(args),
        Command::Presets(args) => run::list(args),
        Command::Recorded(args) => recorded::recorded(&args),
        Command::Study { command } => study::study(command),
        Command::Schema(args) => schema::schema(args),
        Command::Bench(args) => bench::bench(args),
        Command::Serve(args) => serve::serve(&args),
        Command::Check(args) => check::check(args),
        Command::Factory { command } => factory::factory(command),
    }
}

/// Prints the help, the version, or what is wrong with the arguments.
fn explained(usage: &clap::Error) -> ExitCode {
    if usage.use_stderr() {
        terminal::say(usage.to_string().trim_end());
        return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(u8::MAX));
    }
    match usage.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            tell(&CliError::Output { reason: crate::disk::reason(&error) });
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn tell(error: &CliError) {
    match error {
        CliError::Several(errors) => errors.iter().for_each(tell),
        CliError::Closed => {}
        error => {
            let text = error.to_string();
            terminal::say(format_args!("tenshot: {}", terminal::shortened(&text, LONGEST_ERROR)));
        }
    }
}
