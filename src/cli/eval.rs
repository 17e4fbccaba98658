//! `tenshot eval`.

use std::time::Instant;

use super::args::EvalArgs;
use super::interrupt::Interrupt;
use super::summary::{Halves, Summary};
use super::{CliError, condition, files, output, report, visitors};
use crate::engine::Engine;
use crate::evaluate::{
    Cursor, EvaluationSet, POSITIONS, Speaker, WITH_NOTES, Wanted, divergence, gradient_norms, with_notes,
};
use crate::llama::Adapter;
use crate::study::{Condition, Evaluation, EvaluationPlan, PositionDivergence, PositionGradient, QuestionSet};

/// Measures a model without tuning it.
pub fn eval(args: EvalArgs) -> Result<(), CliError> {
    if args.visitors {
        return what_visitors_type(&args);
    }
    let plan = plan(&args)?;
    let noted = args.notes.then(|| noted(&plan)).transpose()?;
    let untold = files::untold(&args.model.model)?;
    let engine = files::engine(&args.model)?;
    let adapter = adapter(&args, &engine)?;
    // A model that cannot be compared is to be found out before the questions are asked.
    let other = args.against.as_deref().map(|name| files::beside(name, &engine)).transpose()?;
    let interrupt = Interrupt::install();
    let divergence = match &other {
        Some(other) => Some(compare(&engine, adapter.as_ref(), other, &plan, &interrupt)?),
        None => None,
    };
    let gradients = match args.gradients {
        true => Some(gradients(&engine, adapter.as_ref(), &plan, &interrupt)?),
        false => None,
    };
    let plans: Vec<&EvaluationPlan> = std::iter::once(&plan).chain(&noted).collect();
    let evaluation = evaluation(&engine, adapter.as_ref(), &plans, &interrupt)?;
    let halves = Halves::of(&evaluation, &plan.questions, &untold);
    if args.json {
        let along = (divergence, gradients);
        let mut summary = Summary::of_evaluation(&evaluation, &plan, adapter.is_some(), along, &engine.device);
        summary.halves = halves;
        return output::json(&summary);
    }
    output::line(report::evaluation(&evaluation, &plan.questions, &halves))?;
    if let (Some(divergence), Some(other)) = (&divergence, &args.against) {
        output::line(report::divergence(divergence, other))?;
    }
    gradients.map_or(Ok(()), |gradients| output::line(report::gradients(&gradients)))
}

fn what_visitors_type(args: &EvalArgs) -> Result<(), CliError> {
    let split = visitors::split(args)?;
    let engine = files::engine(&args.model)?;
    let adapter = adapter(args, &engine)?;
    visitors::visitors(args, &engine, adapter.as_ref(), split)
}

/// The adapter that is asked for, or an update as large in a random direction.
fn adapter(args: &EvalArgs, engine: &Engine) -> Result<Option<Adapter>, CliError> {
    let Some(folder) = &args.adapter else { return Ok(None) };
    let adapter = files::adapter(folder, engine)?;
    match args.random_direction {
        None => Ok(Some(adapter)),
        Some(seed) => Ok(Some(pollster::block_on(adapter.random_direction(seed))?)),
    }
}

fn plan(args: &EvalArgs) -> Result<EvaluationPlan, CliError> {
    let condition = condition::of(args.system.as_deref(), args.wrap.as_deref())?;
    let mut plan = EvaluationPlan::new(condition, files::questions(&args.questions)?);
    plan.begin_answers(&args.prefill);
    Ok(plan)
}

/// The forbidden questions of a plan with notes, under its main condition.
fn noted(plan: &EvaluationPlan) -> Result<EvaluationPlan, CliError> {
    if plan.questions.forbidden().is_empty() {
        let reason = "--notes: notes are on forbidden items, and no question is about one.";
        return Err(CliError::Option(reason.into()));
    }
    let condition = Condition { name: WITH_NOTES.into(), ..plan.conditions[0].clone() };
    Ok(EvaluationPlan::new(condition, with_notes(&plan.questions)?))
}

/// What came of plans of the same forbidden questions, one after the other: all are found fit to be asked before one is.
fn evaluation(
    engine: &Engine,
    adapter: Option<&Adapter>,
    plans: &[&EvaluationPlan],
    interrupt: &Interrupt,
) -> Result<Evaluation, CliError> {
    let sets = plans.iter().map(|plan| EvaluationSet::new(engine, plan)).collect::<Result<Vec<_>, _>>()?;
    let mut all = Evaluation { measurements: Vec::new(), watched: Vec::new(), seconds: 0.0 };
    for set in &sets {
        let asked = asked(engine, adapter, set, interrupt)?;
        all.measurements.extend(asked.measurements);
        all.seconds += asked.seconds;
    }
    Ok(all)
}

fn asked(
    engine: &Engine,
    adapter: Option<&Adapter>,
    set: &EvaluationSet,
    interrupt: &Interrupt,
) -> Result<Evaluation, CliError> {
    let mut cursor = Cursor::new(Wanted::All);
    while !cursor.is_done(set) {
        let begun = Instant::now();
        pollster::block_on(cursor.advance(set, engine, adapter, interrupt))?;
        cursor.add_seconds(begun.elapsed().as_secs_f64());
    }
    Ok(cursor.evaluation(set))
}

/// Of the bundled questions those that are asked after every step, as it takes a pass for every token.
fn gradients(
    engine: &Engine,
    adapter: Option<&Adapter>,
    plan: &EvaluationPlan,
    interrupt: &Interrupt,
) -> Result<Vec<PositionGradient>, CliError> {
    let all = plan.questions.forbidden().iter().enumerate();
    let forbidden: Vec<_> = all.filter(|(place, _)| plan.in_subset(*place)).map(|(_, asked)| asked.clone()).collect();
    if forbidden.is_empty() {
        let reason = "--gradients: they are those of answers to questions about forbidden items, and there is none.";
        return Err(CliError::Option(reason.into()));
    }
    let questions = QuestionSet::Inline { forbidden, benign: Vec::new() };
    let speaker = Speaker { engine, adapter };
    Ok(pollster::block_on(gradient_norms(speaker, &plan.conditions[0], &questions, POSITIONS, interrupt))?)
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
    Ok(pollster::block_on(divergence(p, q, &plan.conditions[0], &plan.questions, interrupt))?)
}
