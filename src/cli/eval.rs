//! `tenshot eval`.

use std::time::Instant;

use super::args::EvalArgs;
use super::interrupt::Interrupt;
use super::summary::{Summary, print_json};
use super::{CliError, files, output, report};
use crate::library;
use crate::measure::{Examination, Questions};
use crate::study::{EvaluationPlan, QuestionSet};

/// Measures a model without tuning it.
pub fn eval(args: EvalArgs) -> Result<(), CliError> {
    let questions = if args.questions.is_empty() { QuestionSet::Bundled } else { files::questions(&args.questions)? };
    let engine = files::engine(&args.model)?;
    let adapter = args.adapter.as_deref().map(|folder| files::adapter(folder, &engine)).transpose()?;
    let system = args.system.unwrap_or_else(|| library::world().prompts.default.clone());
    if args.wrap.as_deref().is_some_and(|wrap| !wrap.contains("{q}")) {
        return Err(CliError::Option("--wrap: the text has no {q} where the question goes.".into()));
    }
    let plan = EvaluationPlan {
        system: Some(system).filter(|s| !s.is_empty()),
        wrap: args.wrap,
        questions,
        subset_every: 1,
        max_new_tokens: 70,
        watch: Vec::new(),
    };
    let questions = Questions::new(&engine, &plan)?;
    let interrupt = Interrupt::install();
    let mut examination = Examination::full(&questions);
    while !examination.is_done() {
        let begun = Instant::now();
        let advanced = examination.advance(&engine, adapter.as_ref(), &questions, &interrupt);
        let advanced = pollster::block_on(advanced);
        if interrupt.pressed() {
            return Err(CliError::Interrupted);
        }
        advanced?;
        examination.add_seconds(begun.elapsed().as_secs_f64());
    }
    let measurement = examination.measurement(&questions);
    if args.json {
        print_json(&Summary::of_evaluation(&measurement, adapter.is_some(), &engine.device));
    } else {
        output::line(report::measurement(&measurement));
    }
    Ok(())
}
