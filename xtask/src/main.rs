//! `cargo xtask`: everything around the build of Tenshot, one command each. Every command first installs what it needs.

mod advisories;
#[cfg(unix)]
mod background;
mod bench;
mod bundle;
mod documents;
mod engine;
mod files;
mod harness;
mod hooks;
mod lighthouse;
mod npm;
mod offline;
mod process;
mod server;
mod setup;
mod site;
mod size;
mod soak;
mod styles;
mod system;
mod test;
mod tools;
#[cfg(test)]
mod workflows;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{process::Project, setup::Need};

/// Sets up, serves, builds, tests and benchmarks Tenshot.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the page (release) and serve it on this machine; rebuild when a source file changes.
    Serve {
        /// The port to listen on.
        #[arg(long, env = "TENSHOT_PORT", default_value_t = 8080)]
        port: u16,
        /// Open the page in a browser once it is built.
        #[arg(long)]
        open: bool,
    },
    /// Build the static site into dist/ and say how many bytes a visitor downloads.
    Build {
        /// Where the site will live. The default suits any static host and any sub-path.
        #[arg(long, default_value = "./")]
        public_url: String,
    },
    /// Build the site, and a program for this kind of machine that has it in it and serves it: target/bundle/tenshot.
    Bundle,
    /// Run all tests, or only those of the given groups.
    Test {
        /// Run only these groups.
        #[arg(value_enum)]
        groups: Vec<test::Group>,
        /// Go on after a failure and report all of them at the end.
        #[arg(long)]
        keep_going: bool,
    },
    /// Measure training steps and answers on every backend there is, and print a table.
    Bench {
        /// Also measure this machine's GPU without a browser.
        #[arg(long)]
        gpu: bool,
        /// Also install other systems and measure them beside Tenshot: TensorFlow.js and jax-js in the browser, and PyTorch with PEFT, which
        /// takes some GB.
        #[arg(long)]
        peers: bool,
        /// Instead, how a step's cost grows with tokens, rank, layers and width, as a table and as a drawing.
        #[arg(long, value_name = "SVG", conflicts_with_all = ["peers", "out"])]
        growth: Option<PathBuf>,
        /// Also write the rows to this file, as JSON.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Measure the built page with Lighthouse, on a desktop and on a phone, and what keeps its main thread during a run.
    Lighthouse {
        /// How often each setting is measured; the medians are printed.
        #[arg(long, value_name = "N", default_value_t = 3)]
        runs: usize,
        /// Take the site that is in dist/ instead of building it.
        #[arg(long)]
        built: bool,
        /// Also write all measurements to this file, as JSON.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Ask what is known of the crates and npm packages in use (needs the network).
    Advisories,
    /// Use the built site at random for hours: what it says, whether runs come out the same, whether memory grows.
    Soak {
        /// How long, in hours; a minute is 0.0167. Ctrl-C ends it earlier, with what was seen.
        #[arg(long, value_name = "N")]
        hours: f64,
        /// Decides what is done, and in which order.
        #[arg(long, default_value_t = 1)]
        seed: u32,
        /// Which devices the visitors choose.
        #[arg(long, value_enum, default_value_t = soak::Devices::Auto)]
        device: soak::Devices,
        /// Take the site that is in dist/ instead of building it.
        #[arg(long)]
        built: bool,
        /// Write what is seen to this file, as JSON lines, instead of soak.jsonl in the target folder.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Use the built page at random, by its own address `?fuzz=SEED`, in both languages, and with keys alone (`?fuzzKeys=SEED`).
    Fuzz {
        /// How long in each language, in minutes.
        #[arg(long, value_name = "N", default_value_t = 1.0)]
        minutes: f64,
        /// Decides what is done.
        #[arg(long, default_value_t = 1)]
        seed: u32,
    },
    /// Install what is missing and do nothing else.
    Setup {
        /// What to set up for.
        #[arg(value_enum, default_value_t = Need::Test)]
        need: Need,
    },
    /// Bundle the charts into a site that is being built (called by Trunk).
    #[command(hide = true)]
    Charts,
    /// Give the unhashed files of a fresh build names that change with their content (called by Trunk).
    #[command(hide = true)]
    Stamp,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The causes, but no stack trace: where in this program an error arose helps nobody.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let project = Project::open()?;
    match task {
        Task::Serve { port, open } => site::serve(&setup::ensure(project, Need::Site)?, port, open),
        Task::Build { public_url } => site::build(&setup::ensure(project, Need::Site)?, &public_url),
        Task::Bundle => bundle::build(&setup::ensure(project, Need::Site)?),
        Task::Test { groups, keep_going } => test::run(project, &groups, keep_going),
        Task::Bench { gpu, growth: Some(plot), .. } => bench::growth(&setup::ensure(project, Need::Test)?, gpu, &plot),
        Task::Bench { gpu, peers, out, .. } => {
            bench::run(&setup::ensure(project, Need::Test)?, gpu, peers, out.as_deref())
        }
        Task::Lighthouse { runs, built, out } => {
            lighthouse::run(&setup::ensure(project, Need::Test)?, runs, built, out.as_deref())
        }
        Task::Advisories => advisories::check(&setup::ensure(project, Need::Lint)?),
        Task::Soak { hours, seed, device, built, out } => {
            let soak = soak::Soak::new(&project, hours, seed, device, out.as_deref())?;
            soak::run(&setup::ensure(project, Need::Test)?, &soak, built)
        }
        Task::Fuzz { minutes, seed } => harness::run(&setup::ensure(project, Need::Test)?, minutes, seed),
        Task::Setup { need } => setup::ensure(project, need).map(drop),
        Task::Charts => hooks::bundle_charts(&project),
        Task::Stamp => hooks::stamp_staged(&project),
    }
}
