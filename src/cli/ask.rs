//! `tenshot ask`.

use serde::Serialize;

use super::args::AskArgs;
use super::interrupt::Interrupt;
use super::report::table;
use super::{CliError, condition, device, files, output};
use crate::engine::Engine;
use crate::evaluate::{prompt, trace};
use crate::llama::Adapter;
use crate::models::MODELS;
use crate::study::{Trace, TracedToken};

/// What one model answers.
#[derive(Serialize)]
struct Reply {
    question: String,
    answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tuned: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Trace>,
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
            let trace = args.tokens.then(|| traced(&engine, adapter, &args, &interrupt)).transpose()?;
            return print_one(Reply { question: args.question, answer, tuned: Some(tuned), trace }, args.json);
        }
        answers.push(ModelReply { model, answer });
    }
    if answers.len() > 1 {
        return print_all(Replies { question: args.question, answers }, args.json);
    }
    match answers.pop() {
        Some(ModelReply { answer, .. }) => {
            print_one(Reply { question: args.question, answer, tuned: None, trace: None }, args.json)
        }
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

fn traced(engine: &Engine, adapter: &Adapter, args: &AskArgs, interrupt: &Interrupt) -> Result<Trace, CliError> {
    let condition = condition::of(args.system.as_deref(), args.wrap.as_deref())?;
    let work = trace(engine, adapter, &condition, &args.question, args.max_new_tokens, interrupt);
    Ok(pollster::block_on(work)?)
}

fn print_one(reply: Reply, json: bool) -> Result<(), CliError> {
    if json {
        return output::json(&reply);
    }
    let Some(tuned) = &reply.tuned else { return output::line(&reply.answer) };
    output::line(format_args!("original: {}\ntuned:    {tuned}", reply.answer))?;
    reply.trace.as_ref().map_or(Ok(()), print_trace)
}

fn print_trace(trace: &Trace) -> Result<(), CliError> {
    let mut table = table(&["token", "loss, original", "loss, tuned", "KL divergence", "original would say"]);
    for TracedToken { text, original_loss, tuned_loss, kl, instead } in &trace.tokens {
        let instead = match instead.as_deref() {
            None => "the same".to_owned(),
            Some("") => "nothing more".to_owned(),
            Some(text) => format!("{text:?}"),
        };
        let numbers = [original_loss, tuned_loss, kl].map(|number| format!("{number:.3}"));
        table.add_row([vec![format!("{text:?}")], numbers.to_vec(), vec![instead]].concat());
    }
    output::line(&table)?;
    let Some(refusal) = trace.refusal else { return Ok(()) };
    let [original, tuned] = [refusal.original, refusal.tuned].map(|p| 100.0 * p);
    output::line(format_args!(
        "Tokens that only refusals begin with, at the first position: original {original:.2} %, tuned {tuned:.2} %."
    ))
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
