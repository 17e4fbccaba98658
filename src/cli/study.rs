//! `tenshot study`: many runs from one file, kept in a folder, and what came of them.

mod choose;
mod folder;
mod html;
mod markdown;
mod report;
mod work;

use std::path::Path;

use super::args::{GridArgs, StudyChooseArgs, StudyCommand, StudyReportArgs, StudyRunArgs};
use super::target::{Inputs, Target};
use super::{CliError, files, limits, output};
use crate::study::{Choice, Findings, GRIDS, Grid, bundled_grid};
use crate::terminal;
use folder::Folder;

/// Obeys one of the commands.
pub fn study(command: StudyCommand) -> Result<(), CliError> {
    match command {
        StudyCommand::Run(args) => run(&args),
        StudyCommand::Report(args) => tell(&args),
        StudyCommand::Choose(args) => choose(&args),
        StudyCommand::Grid(args) => grid(&args),
    }
}

/// Makes the runs that are not there yet.
fn run(args: &StudyRunArgs) -> Result<(), CliError> {
    let mut grid = named(&args.grid)?;
    if let Some(seeds) = args.seeds {
        grid.seeds = seeds;
        grid.experiments.iter_mut().for_each(|of| of.seeds = of.seeds.map(|own| own.min(seeds)));
    }
    let trials = grid.trials().map_err(|error| unusable(&args.grid, &error))?;
    let wanted = |name: &String| args.only.is_empty() || args.only.contains(name);
    if let Some(unknown) = args.only.iter().find(|name| !grid.experiments.iter().any(|of| of.name == **name)) {
        let known: Vec<&str> = grid.experiments.iter().map(|of| of.name.as_str()).collect();
        return Err(CliError::Option(format!(
            "--only: the study {} has no experiment {unknown}; it has {}.",
            grid.name,
            known.join(", ")
        )));
    }
    let models = work::Models::read(&trials)?;
    let folder = Folder::begin(&args.out, &grid, &models.hashes())?;
    let wanted: Vec<_> = trials.into_iter().filter(|trial| wanted(&trial.experiment)).collect();
    work::make(&folder, &models, &wanted, args)
}

/// Prints what came of a study, as far as it is made.
fn tell(args: &StudyReportArgs) -> Result<(), CliError> {
    let (grid, findings) = findings(&args.folder)?;
    if let Some(file) = &args.html {
        return as_html(file, &args.folder, &html::page(&grid, &findings)?);
    }
    if args.markdown {
        return output::line(markdown::sections(&findings).trim_end());
    }
    if args.json { output::json(&findings) } else { output::line(report::tables(&findings)) }
}

/// Writes a page; it may lie in the study's folder, and not in the place of what the folder holds.
fn as_html(file: &Path, folder: &Path, page: &str) -> Result<(), CliError> {
    let mut inputs = Inputs::default();
    inputs.file("study report", &folder.join(folder::ABOUT));
    inputs.folder("study report", &folder.join(folder::RECORDS));
    let target = Target::new("--html", file, &inputs)?;
    let Some(path) = target.file() else { return output::line(page) };
    files::write(path, page.as_bytes())?;
    output::line(format_args!("{} is written.", path.display()))
}

/// Prints which settings the experiments with an aim choose.
fn choose(args: &StudyChooseArgs) -> Result<(), CliError> {
    let (grid, findings) = findings(&args.folder)?;
    let choices = Choice::of(&grid, &findings);
    if args.json { output::json(&choices) } else { output::line(choose::tables(&choices)) }
}

/// What a folder is of, and what came of it. Damaged records are told and left out.
fn findings(path: &Path) -> Result<(Grid, Findings), CliError> {
    let folder = Folder::open(path)?;
    let mut damaged = Vec::new();
    // Of a folder that is gone by now nothing is known: then nothing is told apart. Of a folder that is there, its manifest alone is read.
    let untold = |model: &str| files::untold(model).unwrap_or_default();
    let findings = Findings::of(&folder.grid, |trial| folder.record(trial, &mut damaged), untold);
    let findings = findings.map_err(|error| unusable(&path.display().to_string(), &error))?;
    damaged.iter().for_each(|reason| terminal::say(format_args!("{reason} `tenshot study run` makes it again.")));
    Ok((folder.grid, findings))
}

/// Lists the studies that ship, or prints one.
fn grid(args: &GridArgs) -> Result<(), CliError> {
    if let Some(name) = &args.name {
        return output::pretty(&named(name)?);
    }
    let mut table = super::report::table(&["study", "runs", "what it is for"]);
    for name in GRIDS.map(|(name, _)| name) {
        let grid = named(name)?;
        let trials = grid.trials().map_err(|error| unusable(name, &error))?;
        table.add_row([name.to_owned(), trials.len().to_string(), grid.about]);
    }
    output::line(table)
}

/// A study that ships, or that of a file.
fn named(name: &str) -> Result<Grid, CliError> {
    match bundled_grid(name) {
        Some(grid) => Ok(grid),
        None if Path::new(name).exists() => files::json(Path::new(name), limits::GRID),
        None => {
            let known = GRIDS.map(|(known, _)| known).join(", ");
            Err(CliError::Option(format!("There is no study {name}, and no file of that name. Studies are {known}.")))
        }
    }
}

fn unusable(name: &str, error: &crate::study::GridError) -> CliError {
    CliError::content(Path::new(name), format!("{error}."))
}
