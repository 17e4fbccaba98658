//! `tenshot check`.

use super::args::{CheckArgs, ModelArgs};
use super::interrupt::Interrupt;
use super::{CliError, files, output, run};
use crate::run::Baselines;
use crate::study::{Golden, Verdict};

/// Compares what a device computes with the golden numbers.
pub fn check(args: CheckArgs) -> Result<(), CliError> {
    let golden = Golden::bundled();
    let interrupt = Interrupt::install();
    let engine = files::engine(&ModelArgs { model: golden.plan.model.clone(), device: args.device })?;
    let mut run = run::begin(golden.plan.clone(), &engine, &Baselines::default())?;
    if let Some(error) = pollster::block_on(run::drive(&mut run, &engine, &interrupt, |_, _| {})) {
        return Err(error);
    }
    if interrupt.asked() {
        return Err(CliError::Interrupted);
    }
    let verdict = golden.compare(run.record());
    if args.json {
        output::json(&verdict)?
    } else {
        output::line(told(&verdict))?
    }
    if verdict.ok { Ok(()) } else { Err(CliError::WrongNumbers { place: verdict.place }) }
}

fn told(verdict: &Verdict) -> String {
    let Verdict { device, compared, place, .. } = verdict;
    match verdict.worst {
        Some(worst) => format!(
            "{}: of {compared} numbers the one that is farthest off is {place}, by {worst:.4} of what is allowed.",
            device.name
        ),
        None => format!("{}: {place} is missing, or another one.", device.name),
    }
}
