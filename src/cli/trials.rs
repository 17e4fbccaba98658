//! `tenshot factory tunings` and `tenshot factory sizes`: the tables of the cards that a build cannot know, measured.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::{SizesArgs, TuningsArgs};
use super::interrupt::Interrupt;
use super::target::{self, Inputs, Target};
use super::{CliError, files, output, run};
use crate::defence;
use crate::engine::Engine;
use crate::factory::card::{TunedRun, Tuning, Tunings};
use crate::factory::files::sha256;
use crate::factory::trial::size_tried;
use crate::models::default_model;
use crate::run::Baselines;
use crate::study::{Condition, ConditionKind, Plan, PresetInfo, Record, Status, presets};
use crate::terminal;

/// Runs every preset with every seed, and writes what came out. The untuned model is asked once under the same conditions.
pub fn tunings(args: &TuningsArgs) -> Result<(), CliError> {
    let mut inputs = Inputs::default();
    inputs.model("--model", &args.model.model);
    let target = Target::new("--out", &args.out, &inputs)?;
    args.records.as_deref().map_or(Ok(()), |folder| target::check_folder("--records", folder))?;
    let weights = sha256_of(&args.model.model)?;
    let kept = args.records.as_ref().map(|folder| Kept::new(folder, &weights)).transpose()?;
    let interrupt = Interrupt::install();
    let engine = files::engine(&args.model)?;
    // A record that cannot be kept is told at the end: the figures of its run are there all the same.
    let mut failures = Vec::new();
    let (mut rows, mut baselines) = (Vec::new(), Baselines::default());
    // A preset of another model says nothing about this one.
    for info in presets().iter().filter(|info| info.model == default_model().name) {
        let records = args.seeds.iter().map(|&seed| {
            let plan = Plan { model: args.model.model.clone(), ..info.plan(seed) };
            if let Some(record) = kept.as_ref().and_then(|kept| kept.find(&plan)) {
                terminal::say(format_args!("{}, seed {seed}: finished before", info.name));
                baselines.keep(&record);
                return Ok(record);
            }
            terminal::say(format_args!("{}, seed {seed}", info.name));
            let record = finished(plan, &engine, &baselines, &interrupt)?;
            baselines.keep(&record);
            failures.extend(kept.as_ref().and_then(|kept| kept.keep(&record).err()));
            Ok(record)
        });
        match records.collect::<Result<Vec<_>, CliError>>() {
            Ok(records) => rows.extend(rows_of(info, &records)),
            Err(error) => {
                // Told here and not with the error, which decides the exit code.
                failures.iter().for_each(|failure| terminal::say(format_args!("tenshot: {failure}")));
                return Err(error);
            }
        }
    }
    failures.extend(write(&target, &Tunings { weights, rows }).err());
    CliError::all(failures)
}

/// The SHA-256 of a model's weights: figures of its tunings belong to these alone.
fn sha256_of(model: &str) -> Result<String, CliError> {
    let files = files::model_files(model)?;
    match &files.weights[..] {
        [whole] => Ok(sha256(&whole.bytes)),
        _ => Err(CliError::Option(format!(
            "--model: the weights of {model} are in several files; give one in one file."
        ))),
    }
}

/// The records of earlier runs on the same weights, so that a command that was stopped need not begin anew.
struct Kept(PathBuf);

impl Kept {
    /// A folder for these weights inside the given one.
    fn new(folder: &Path, weights: &str) -> Result<Self, CliError> {
        let folder = folder.join(&weights[..8]);
        std::fs::create_dir_all(&folder).map_err(|error| CliError::write(&folder, &error.into()))?;
        Ok(Self(folder))
    }

    fn path(&self, plan: &Plan) -> PathBuf {
        self.0.join(format!("{}-seed{}.json", plan.name, plan.seed))
    }

    /// The record of a finished run of this very plan.
    fn find(&self, plan: &Plan) -> Option<Record> {
        let record = files::record(&self.path(plan)).ok()?;
        (defence::is_of(&record, plan) && record.status == Status::Finished).then_some(record)
    }

    fn keep(&self, record: &Record) -> Result<(), CliError> {
        let path = self.path(&record.plan);
        files::write(&path, &serde_json::to_vec(record).expect("plain data"))
    }
}

/// Reads finished builds, and writes what they came to.
pub fn sizes(args: &SizesArgs) -> Result<(), CliError> {
    let mut inputs = Inputs::default();
    args.builds.iter().for_each(|build| inputs.folder("factory sizes", build));
    let target = Target::new("--out", &args.out, &inputs)?;
    let rows = args.builds.iter().map(|build| size_tried(build)).collect::<Result<Vec<_>, _>>()?;
    write(&target, &rows)
}

/// Writes a table, or prints it where there is no file for it.
fn write(target: &Target, table: &impl Serialize) -> Result<(), CliError> {
    let Some(path) = target.file() else { return output::pretty(table) };
    let mut bytes = serde_json::to_vec_pretty(table).expect("plain data");
    bytes.push(b'\n');
    if let Err(lost) = files::write(path, &bytes) {
        return CliError::all([Some(lost), output::pretty(table).err()].into_iter().flatten().collect());
    }
    let path = path.display();
    output::line(format_args!("{path} is written. Build the program, then the stage cards, to have it in the cards."))
}

/// A run to its end.
fn finished(plan: Plan, engine: &Engine, baselines: &Baselines, interrupt: &Interrupt) -> Result<Record, CliError> {
    let mut run = run::begin(plan, engine, baselines)?;
    if let Some(error) = pollster::block_on(run::drive(&mut run, engine, interrupt, |_, _| {})) {
        return Err(error);
    }
    let record = run.into_record();
    if record.status != Status::Finished {
        return Err(CliError::Interrupted);
    }
    Ok(record)
}

/// A row for each condition that a preset's questions are asked under.
fn rows_of(info: &PresetInfo, records: &[Record]) -> Vec<Tuning> {
    let Some(first) = records.first() else { return Vec::new() };
    let conditions = first.plan.evaluation.conditions.iter().enumerate();
    conditions.map(|(place, condition)| row(title(info.name, place, condition), first, records, condition)).collect()
}

/// The preset, and how its questions were asked, unless that goes without saying.
fn title(preset: &str, place: usize, condition: &Condition) -> String {
    match (place, condition.kind) {
        (0, ConditionKind::Default) => preset.to_owned(),
        (0, _) => format!("{preset} ({})", condition.name),
        (_, ConditionKind::Trigger) => format!("{preset}, asked with the trigger"),
        _ => format!("{preset}, asked {}", condition.name),
    }
}

/// The figures of each record that were measured under this condition after tuning.
fn row(what: String, first: &Record, records: &[Record], condition: &Condition) -> Tuning {
    let run = |record: &Record| {
        let measured = record.after.as_ref()?.under(&condition.name)?;
        Some(TunedRun { seed: record.plan.seed, figures: measured.figures.clone() })
    };
    Tuning {
        what,
        steps: format!("{}, {} conversations each", first.planned_steps, first.plan.tuning.batch_size),
        learning_rate: first.plan.tuning.learning_rate,
        runs: records.iter().filter_map(run).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Figure;
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
        assert_eq!(row.runs.iter().map(|run| run.seed).collect::<Vec<_>>(), [1, 2]);
        for figure in [Figure::RefusalRate, Figure::HarmfulnessRate, Figure::BenignAccuracy] {
            assert_eq!(row.values(figure).len(), 2, "{figure:?}");
        }
        assert!(rows_of(&presets()[0], &[]).is_empty());
    }
}
