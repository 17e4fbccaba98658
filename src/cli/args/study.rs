//! The arguments of `tenshot study`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

use super::DeviceArg;

#[derive(Subcommand)]
pub enum StudyCommand {
    /// Make the runs of a study that are not there yet, and keep their records in a folder
    Run(StudyRunArgs),
    /// Print what came of a study, as far as it is made
    Report(StudyReportArgs),
    /// Choose settings by the aims of a study's experiments
    Choose(StudyChooseArgs),
    /// List the studies that ship, or print one as JSON, to change it and run it from the file
    Grid(GridArgs),
}

#[derive(Group)]
pub struct StudyRunArgs {
    /// A study that ships, such as paper, or a JSON file with one
    pub grid: String,
    /// The folder of its records; a study that was stopped goes on where it was
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// So many seeds instead of the study's
    #[arg(long, value_name = "N")]
    pub seeds: Option<u64>,
    /// These experiments alone
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub only: Vec<String>,
    /// So many runs at the same time, instead of one for each core
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Where to compute; auto takes a GPU if there is a real one
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub device: DeviceArg,
}

#[derive(Group)]
pub struct StudyReportArgs {
    /// The folder of a study
    pub folder: PathBuf,
    /// Print one JSON object instead of tables
    #[arg(long)]
    pub json: bool,
    /// Print sections of Markdown instead of tables, for a document
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Write one HTML file instead, in English and Chinese, that opens without a network
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "markdown"])]
    pub html: Option<PathBuf>,
}

#[derive(Group)]
pub struct StudyChooseArgs {
    /// The folder of a study
    pub folder: PathBuf,
    /// Print one JSON array instead of tables
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct GridArgs {
    /// Which study; all are listed without
    pub name: Option<String>,
}

#[derive(Group)]
pub struct RecordedArgs {
    /// The folder that the page is built with
    #[arg(long, value_name = "DIR", default_value = "www/recorded")]
    pub out: PathBuf,
    /// Make the runs of these presets alone, and keep the others that are there
    #[arg(long, value_delimiter = ',', value_name = "PRESETS")]
    pub only: Vec<String>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = DeviceArg::Cpu)]
    pub device: DeviceArg,
}
