//! The command line `tenshot`: the same engine, plans and records as the page's, without a browser.

mod adapter;
mod args;
mod ask;
mod bench;
mod condition;
mod device;
mod error;
mod eval;
mod factory;
mod files;
mod interrupt;
mod judge;
mod logits;
mod output;
mod report;
mod run;
mod schema;
mod summary;
mod trials;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
pub use error::CliError;

/// Exit code of a run that was interrupted, as a shell reports SIGINT.
const INTERRUPTED: u8 = 130;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Run(args) => run::run(args),
        Command::Ask(args) => ask::ask(args),
        Command::Eval(args) => eval::eval(args),
        Command::Judge(args) => judge::judge(args),
        Command::Logits(args) => logits::logits(args),
        Command::Report(args) => report::report(args),
        Command::Presets(args) => run::list(args),
        Command::Schema(args) => schema::schema(args),
        Command::Bench(args) => bench::bench(args),
        Command::Factory { command } => factory::factory(command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            eprintln!("tenshot: {error}");
            ExitCode::FAILURE
        }
    }
}
