//! `tenshot recorded`: makes the runs that the page carries and tells its story with.

use std::path::Path;

use super::args::{ModelArgs, RecordedArgs};
use super::interrupt::Interrupt;
use super::target::{Inputs, Target};
use super::{CliError, files, output, run};
use crate::run::Baselines;
use crate::study::{
    LARGEST_PLAN, PresetInfo, RECORDED, RECORDED_FILE, RECORDED_VERSION, Recorded, RecordedError, RecordedRow,
    RecordedRun, UnknownPreset, presets,
};
use crate::terminal;

/// Makes every run of the table, or those that are asked for, and writes what stays of them.
pub fn recorded(args: &RecordedArgs) -> Result<(), CliError> {
    let file = args.out.join(RECORDED_FILE);
    let is_made = |row: &RecordedRow| args.only.is_empty() || args.only.iter().any(|name| name == row.preset);
    args.only.iter().try_for_each(|name| preset(name).map(drop))?;
    let kept = if RECORDED.iter().all(is_made) { Recorded::default() } else { read(&file)? };
    let target = Target::new("--out", &file, &Inputs::default())?;
    let interrupt = Interrupt::install();
    let mut runs = Vec::new();
    for row in &RECORDED {
        if is_made(row) {
            runs.extend(of_row(row, args, &interrupt)?);
        } else {
            runs.extend(kept.of(row.model, row.preset).into_iter().cloned());
        }
    }
    let text = Recorded { version: RECORDED_VERSION, runs }.text();
    let Some(path) = target.file() else { return output::line(text) };
    files::write(path, text.as_bytes())?;
    output::line(format_args!("{} is written: {} bytes.", path.display(), text.len()))
}

/// The runs that are there, of which some are to stay.
fn read(file: &Path) -> Result<Recorded, CliError> {
    let text = String::from_utf8(files::read(file, LARGEST_PLAN as u64)?);
    let text = text.map_err(|error| RecordedError::Json(error.to_string()))?;
    Ok(Recorded::read(&text)?)
}

fn of_row(row: &RecordedRow, args: &RecordedArgs, interrupt: &Interrupt) -> Result<Vec<RecordedRun>, CliError> {
    let engine = files::engine(&ModelArgs { model: row.model.to_owned(), device: args.device })?;
    let untold = files::untold(row.model)?;
    let info = preset(row.preset)?;
    let mut baselines = Baselines::default();
    let mut runs = Vec::new();
    for &seed in row.seeds {
        let mut plan = info.plan_on(seed, seed);
        plan.model = row.model.to_owned();
        let mut run = run::begin(plan, &engine, &baselines)?;
        if let Some(error) = pollster::block_on(run::drive(&mut run, &engine, interrupt, |_, _| {})) {
            return Err(error);
        }
        if interrupt.asked() {
            terminal::say("Stopped. Nothing is written: the runs are made together.");
            return Err(CliError::Interrupted);
        }
        let record = run.into_record();
        baselines.keep(&record);
        let of = RecordedRun::of(&record, seed, &untold)?;
        let (left, asked) = of.left();
        terminal::say(format_args!("{} {} seed {seed}: {left} of {asked} refused", row.model, row.preset));
        runs.push(of);
    }
    Ok(runs)
}

fn preset(name: &str) -> Result<&'static PresetInfo, CliError> {
    let found = presets().iter().find(|info| info.name == name);
    Ok(found.ok_or_else(|| UnknownPreset { name: name.to_owned() })?)
}
