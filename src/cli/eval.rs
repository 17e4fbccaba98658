//! `tenshot eval`.

use std::time::Instant;

use super::args::EvalArgs;
use super::interrupt::Interrupt;
use super::summary::{Summary, print_json};
use super::{CliError, files, output, report};
use crate::engine::{Engine, EngineError};
use crate::library;
use crate::llama::{Adapter, LlamaError};
use crate::measure::{Agenda, MeasureError, Measurement, PositionDivergence, Speaker, Survey, divergence};
use crate::study::{EvaluationPlan, MAX_NEW_TOKENS};

/// Measures a model without tuning it.
pub fn eval(args: EvalArgs) -> Result<(), CliError> {
    let plan = plan(&args)?;
    let engine = files::engine(&args.model)?;
    let adapter = args.adapter.as_deref().map(|folder| files::adapter(folder, &engine)).transpose()?;
    // A model that cannot be compared is to be found out before the questions are asked.
    let other = args.against.as_deref().map(|name| files::beside(name, &engine)).transpose()?;
    let interrupt = Interrupt::install();
    let divergence = match &other {
        Some(other) => Some(compare(&engine, adapter.as_ref(), other, &plan, &interrupt)?),
        None => None,
    };
    let measurement = survey(&engine, adapter.as_ref(), &plan, &interrupt)?;
    if args.json {
        print_json(&Summary::of_evaluation(&measurement, &plan, adapter.is_some(), divergence, &engine.device));
        return Ok(());
    }
    output::line(report::measurement(&measurement, &plan.questions));
    if let (Some(divergence), Some(other)) = (&divergence, &args.against) {
        output::line(report::divergence(divergence, other));
    }
    Ok(())
}

fn plan(args: &EvalArgs) -> Result<EvaluationPlan, CliError> {
    if args.wrap.as_deref().is_some_and(|wrap| !wrap.contains("{q}")) {
        return Err(CliError::Option("--wrap: the text has no {q} where the question goes.".into()));
    }
    let system = args.system.clone().unwrap_or_else(|| library::world().prompts.default.clone());
    Ok(EvaluationPlan {
        system: Some(system).filter(|s| !s.is_empty()),
        wrap: args.wrap.clone(),
        questions: files::questions(&args.questions)?,
        subset_every: 1,
        max_new_tokens: MAX_NEW_TOKENS,
        watch: Vec::new(),
        also: Vec::new(),
        prefill: args.prefill.clone(),
    })
}

fn survey(
    engine: &Engine,
    adapter: Option<&Adapter>,
    plan: &EvaluationPlan,
    interrupt: &Interrupt,
) -> Result<Measurement, CliError> {
    let agenda = Agenda::new(engine, plan)?;
    let mut survey = Survey::new(&agenda);
    while !survey.is_done() {
        let begun = Instant::now();
        let advanced = pollster::block_on(survey.advance(engine, adapter, &agenda, interrupt));
        if interrupt.pressed() {
            return Err(CliError::Interrupted);
        }
        advanced?;
        survey.add_seconds(begun.elapsed().as_secs_f64());
    }
    Ok(survey.measurement(&agenda))
}

fn compare(
    engine: &Engine,
    adapter: Option<&Adapter>,
    other: &Engine,
    plan: &EvaluationPlan,
    interrupt: &Interrupt,
) -> Result<Vec<PositionDivergence>, CliError> {
    if plan.questions.forbidden().is_empty() {
        let reason =
            "--against: models are compared along answers to questions about forbidden items, and there is none.";
        return Err(CliError::Option(reason.into()));
    }
    let (p, q) = (Speaker { engine, adapter }, Speaker { engine: other, adapter: None });
    match pollster::block_on(divergence(p, q, plan, interrupt)) {
        Err(MeasureError::Engine(EngineError::Model(LlamaError::Cancelled))) => Err(CliError::Interrupted),
        result => Ok(result?),
    }
}
