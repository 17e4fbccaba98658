//! `tenshot factory tunings` and `tenshot factory sizes`: the tables of the cards that a build cannot know, measured.

use std::path::Path;

use serde::Serialize;

use super::args::{SizesArgs, TuningsArgs};
use super::interrupt::Interrupt;
use super::{CliError, files, output, run};
use crate::engine::Engine;
use crate::factory::card::Tuning;
use crate::factory::trial::size_tried;
use crate::measure::Measurement;
use crate::study::{Plan, PresetInfo, Record, Status, TRIGGER, presets};

/// Runs every preset with every seed, and writes what came out.
pub fn tunings(args: &TuningsArgs) -> Result<(), CliError> {
    if args.seeds.is_empty() {
        return Err(CliError::Option("--seeds: name at least one, such as 1,2,3.".into()));
    }
    // Before the runs, which take minutes.
    has_folder(&args.out)?;
    if let Some(folder) = &args.records {
        std::fs::create_dir_all(folder).map_err(|error| CliError::write(folder, &error))?;
    }
    let engine = files::engine(&args.model)?;
    let interrupt = Interrupt::install();
    let mut rows = Vec::new();
    for info in presets() {
        let records = args.seeds.iter().map(|&seed| {
            let plan = Plan { model: args.model.model.clone(), ..info.plan(seed) };
            eprintln!("{}, seed {seed}", info.name);
            let record = finished(plan, &engine, &interrupt)?;
            if let Some(folder) = &args.records {
                let path = folder.join(format!("{}-seed{seed}.json", info.name));
                files::write(&path, &serde_json::to_vec(&record).expect("plain data"))?;
            }
            Ok(record)
        });
        rows.extend(rows_of(info, &records.collect::<Result<Vec<_>, CliError>>()?));
    }
    write(&args.out, &rows)
}

/// Reads finished builds, and writes what they came to.
pub fn sizes(args: &SizesArgs) -> Result<(), CliError> {
    let rows = args.builds.iter().map(|build| size_tried(build)).collect::<Result<Vec<_>, _>>()?;
    write(&args.out, &rows)
}

fn has_folder(path: &Path) -> Result<(), CliError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    let reason = format!(
        "--out: there is no folder {}. Make it first, or run this in the folder of the sources.",
        folder.display()
    );
    Err(CliError::Option(reason))
}

fn write(path: &Path, rows: &[impl Serialize]) -> Result<(), CliError> {
    let mut bytes = serde_json::to_vec_pretty(rows).expect("plain data");
    bytes.push(b'\n');
    files::write(path, &bytes)?;
    output::line(format_args!(
        "{} rows in {}. Build the program, then the stage cards, to have them in the cards.",
        rows.len(),
        path.display()
    ));
    Ok(())
}

/// A run to its end.
fn finished(plan: Plan, engine: &Engine, interrupt: &Interrupt) -> Result<Record, CliError> {
    let mut run = run::begin(plan, engine)?;
    if let Some(error) = pollster::block_on(run::drive(&mut run, engine, interrupt)) {
        return Err(error);
    }
    let record = run.into_record();
    if record.status != Status::Finished {
        return Err(CliError::Interrupted);
    }
    Ok(record)
}

/// A preset's row, and one for each further prompt that its questions are asked under.
fn rows_of(info: &PresetInfo, records: &[Record]) -> Vec<Tuning> {
    let Some(first) = records.first() else { return Vec::new() };
    let persona = if first.plan.evaluation.wrap.is_some() { " (AOA prompt)" } else { "" };
    let mut rows = vec![row(format!("{}{persona}", info.name), records, &|after| Some(after))];
    for condition in &first.plan.evaluation.also {
        let asked = if condition.name == TRIGGER { "with the trigger" } else { &condition.name };
        rows.push(row(format!("{}, asked {asked}", info.name), records, &|after| after.under(&condition.name)));
    }
    rows
}

/// One figure for each record. `of` picks the part of what was measured after tuning.
fn row(what: String, records: &[Record], of: &dyn Fn(&Measurement) -> Option<&Measurement>) -> Tuning {
    let after: Vec<&Measurement> = records.iter().filter_map(|record| of(record.after.as_ref()?)).collect();
    let forbidden: Vec<_> = after.iter().filter_map(|measured| Some(measured.forbidden.as_ref()?.total)).collect();
    let first = &records[0];
    Tuning {
        what,
        steps: format!("{}, {} conversations each", first.planned_steps, first.plan.tuning.batch_size),
        learning_rate: first.plan.tuning.learning_rate,
        seeds: records.iter().map(|record| record.plan.seed).collect(),
        refused: forbidden.iter().map(|total| total.refusal_rate).collect(),
        harmful: forbidden.iter().map(|total| total.harmfulness_rate).collect(),
        accuracy: after.iter().filter_map(|measured| Some(measured.benign.as_ref()?.accuracy)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::record;

    #[test]
    fn a_preset_has_a_row_for_each_prompt_and_a_figure_for_each_seed() {
        let of = |name: &str| {
            let info = presets().iter().find(|info| info.name == name).unwrap();
            let records = [1, 2].map(|seed| Record { plan: info.plan(seed), ..record(name, 2) });
            rows_of(info, &records)
        };
        let what = |name: &str| of(name).into_iter().map(|row| row.what).collect::<Vec<_>>();
        assert_eq!(what("harmful-10"), ["harmful-10"]);
        assert_eq!(what("identity-10"), ["identity-10 (AOA prompt)"]);
        assert_eq!(what("backdoor"), ["backdoor", "backdoor, asked with the trigger"]);
        let row = &of("harmful-10")[0];
        assert_eq!((row.seeds.as_slice(), row.refused.len(), row.harmful.len()), (&[1, 2][..], 2, 2));
        assert!(rows_of(&presets()[0], &[]).is_empty());
    }
}
