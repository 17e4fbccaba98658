//! `tenshot ask`.

use serde::Serialize;

use super::args::AskArgs;
use super::interrupt::Interrupt;
use super::{CliError, condition, device, files, output};
use crate::engine::Engine;
use crate::evaluate::prompt;
use crate::llama::Adapter;
use crate::models::MODELS;

/// What one model answers.
#[derive(Serialize)]
struct Reply {
    question: String,
    answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tuned: Option<String>,
}

/// What several models answer.
#[derive(Serialize)]
struct Replies {
    question: String,
    answers: Vec<ModelReply>,
}

#[derive(Serialize)]
struct ModelReply {
    model: String,
    answer: String,
}

/// Prints a model's answer, with the tuned model's beside it if an adapter is given; or the answers of several models, one
/// on each line.
pub fn ask(args: AskArgs) -> Result<(), CliError> {
    let models = if args.all { MODELS.map(|model| model.name.to_owned()).to_vec() } else { args.model.clone() };
    if args.adapter.is_some() && models.len() > 1 {
        let reason = "--adapter: an adapter belongs to one model, so only one --model can be asked with it.";
        return Err(CliError::Option(reason.into()));
    }
    let interrupt = Interrupt::install();
    let (device, info) = device::open(args.device)?;
    let mut answers = Vec::new();
    for model in models {
        let engine = files::load(&model, &device, info.clone())?;
        let adapter = args.adapter.as_deref().map(|folder| files::adapter(folder, &engine)).transpose()?;
        let answer = answer(&engine, None, &args, &interrupt)?;
        if let Some(adapter) = &adapter {
            let tuned = self::answer(&engine, Some(adapter), &args, &interrupt)?;
            return print_one(Reply { question: args.question, answer, tuned: Some(tuned) }, args.json);
        }
        answers.push(ModelReply { model, answer });
    }
    if answers.len() > 1 {
        return print_all(Replies { question: args.question, answers }, args.json);
    }
    match answers.pop() {
        Some(ModelReply { answer, .. }) => print_one(Reply { question: args.question, answer, tuned: None }, args.json),
        None => Ok(()),
    }
}

fn answer(
    engine: &Engine,
    adapter: Option<&Adapter>,
    args: &AskArgs,
    interrupt: &Interrupt,
) -> Result<String, CliError> {
    let condition = condition::of(args.system.as_deref(), args.wrap.as_deref())?;
    let prompts = [prompt(engine, &condition, None, &args.question)?];
    let replies = pollster::block_on(engine.answer(adapter, &prompts, args.max_new_tokens, interrupt))?;
    Ok(replies.into_iter().map(|reply| reply.text).collect())
}

fn print_one(reply: Reply, json: bool) -> Result<(), CliError> {
    match (&reply.tuned, json) {
        (_, true) => output::json(&reply),
        (None, false) => output::line(&reply.answer),
        (Some(tuned), false) => output::line(format_args!("original: {}\ntuned:    {tuned}", reply.answer)),
    }
}

fn print_all(replies: Replies, json: bool) -> Result<(), CliError> {
    if json {
        return output::json(&replies);
    }
    let width = replies.answers.iter().map(|a| a.model.chars().count()).max().unwrap_or(0) + 1;
    let print = |ModelReply { model, answer }: &ModelReply| {
        output::line(format_args!("{:width$} {answer}", format!("{model}:")))
    };
    replies.answers.iter().try_for_each(print)
}
