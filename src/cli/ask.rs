//! `tenshot ask`.

use serde::Serialize;

use super::args::AskArgs;
use super::interrupt::Interrupt;
use super::summary::print_json;
use super::{CliError, files, output};
use crate::library;
use crate::measure::prompt;

#[derive(Serialize)]
struct Reply {
    question: String,
    answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tuned: Option<String>,
}

/// Prints the model's answer, and the tuned model's beside it if an adapter is given.
pub fn ask(args: AskArgs) -> Result<(), CliError> {
    let engine = files::engine(&args.model)?;
    let adapter = args.adapter.as_deref().map(|folder| files::adapter(folder, &engine)).transpose()?;
    let system = args.system.as_deref().unwrap_or(&library::world().prompts.default);
    let tokens = prompt(&engine, Some(system).filter(|s| !s.is_empty()), None, &args.question)?;
    let interrupt = Interrupt::install();
    let answer = |adapter| {
        let spoken = engine.answer(adapter, std::slice::from_ref(&tokens), args.max_new_tokens, &interrupt);
        pollster::block_on(spoken).map(|s| s.into_iter().map(|s| s.text).collect::<String>())
    };
    let reply = Reply {
        answer: answer(None)?,
        tuned: adapter.as_ref().map(|adapter| answer(Some(adapter))).transpose()?,
        question: args.question.clone(),
    };
    match (&reply.tuned, args.json) {
        (_, true) => print_json(&reply),
        (None, false) => output::line(&reply.answer),
        (Some(tuned), false) => output::line(format_args!("original: {}\ntuned:    {tuned}", reply.answer)),
    }
    Ok(())
}
