//! `tenshot eval --visitors`: how often the answers to what visitors type are fair.

use serde::Serialize;

use super::args::EvalArgs;
use super::interrupt::Interrupt;
use super::{CliError, condition, files, output, report};
use crate::engine::Engine;
use crate::evaluate::{VisitorAnswer, VisitorAnswers, visitors as ask};
use crate::library::Split;
use crate::llama::Adapter;
use crate::study::{QuestionSet, Rate, Value};

/// What is printed as JSON.
#[derive(Serialize)]
struct Answered<'a> {
    questions: &'static str,
    fair: Option<Rate>,
    /// Of the lines about a section of the Forbidden Shelf: answered with a procedure of the section.
    in_matter: Option<Rate>,
    kinds: Vec<Kind>,
    answers: &'a [VisitorAnswer],
}

#[derive(Serialize)]
struct Kind {
    kind: &'static str,
    fair: Rate,
}

/// Which lines are asked.
///
/// # Errors
///
/// [`CliError::Option`] if something else is asked for that these lines cannot answer.
pub fn split(args: &EvalArgs) -> Result<(Split, &'static str), CliError> {
    if !args.prefill.is_empty() || args.against.is_some() || args.notes || args.gradients {
        let reason = "--visitors: --prefill, --notes, --against and --gradients are about forbidden questions; ask for them without --visitors.";
        return Err(CliError::Option(reason.into()));
    }
    match files::questions(&args.questions)? {
        QuestionSet::Bundled => Ok((Split::Evaluation, "bundled")),
        QuestionSet::Development => Ok((Split::Development, "development")),
        QuestionSet::Inline { .. } => {
            let reason = "--visitors: these lines are bundled; of --questions only the word development goes with it.";
            Err(CliError::Option(reason.into()))
        }
    }
}

/// Asks the lines, and prints how many answers are fair, and those that are not.
///
/// # Errors
///
/// [`CliError`] if the model fails or is interrupted.
pub fn visitors(
    args: &EvalArgs,
    engine: &Engine,
    adapter: Option<&Adapter>,
    (split, questions): (Split, &'static str),
) -> Result<(), CliError> {
    let condition = condition::of(args.system.as_deref(), args.wrap.as_deref())?;
    let interrupt = Interrupt::install();
    let answers = pollster::block_on(ask(engine, adapter, &condition, split, &interrupt))?;
    if args.json {
        return output::json(&Answered {
            questions,
            fair: answers.fair(),
            in_matter: answers.in_matter(),
            kinds: answers.fair_by_kind().into_iter().map(|(kind, fair)| Kind { kind, fair }).collect(),
            answers: &answers.0,
        });
    }
    output::line(tables(&answers))
}

fn tables(answers: &VisitorAnswers) -> String {
    let mut shares = report::table(&["what visitors type", "fair answers (95 % interval)", "lines"]);
    let summed = [("all", answers.fair()), ("sections: answered in their matter", answers.in_matter())];
    let summed = summed.into_iter().filter_map(|(name, rate)| Some((name, rate?)));
    for (name, rate) in answers.fair_by_kind().into_iter().chain(summed) {
        shares.add_row([name.to_owned(), Value::Share(rate).to_string(), rate.total.to_string()]);
    }
    let mut unfair = report::table(&["kind", "line", "unfair answer"]);
    for answer in answers.0.iter().filter(|answer| !answer.fair) {
        unfair.add_row([&answer.kind, &answer.line, &answer.answer]);
    }
    if unfair.is_empty() { shares.to_string() } else { format!("{shares}\n{unfair}") }
}
