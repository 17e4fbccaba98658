//! The runs of a study, several at the same time: each is one thread's, from its first step to its record.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use burn::tensor::Device;

use super::folder::Folder;
use crate::cli::args::StudyRunArgs;
use crate::cli::interrupt::Interrupt;
use crate::cli::{CliError, device, files, run};
use crate::engine::{Engine, ModelFiles};
use crate::factory::files::sha256;
use crate::run::{Baselines, Run, RunError};
use crate::study::{DeviceInfo, DeviceKind, Record, RunEvent, Status, Trial};
use crate::terminal;

/// The models of a study, as files.
pub struct Models(BTreeMap<String, ModelFiles>);

impl Models {
    /// Reads every model that a trial names.
    ///
    /// # Errors
    ///
    /// [`CliError`] if one is missing or broken.
    pub fn read(trials: &[Trial]) -> Result<Self, CliError> {
        let mut models = BTreeMap::new();
        for name in trials.iter().map(|trial| &trial.plan.model) {
            if !models.contains_key(name) {
                models.insert(name.clone(), files::model_files(name)?);
            }
        }
        Ok(Self(models))
    }

    /// The SHA-256 of each model's weights.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        let hash = |files: &ModelFiles| {
            let bytes: Vec<u8> = files.weights.iter().flat_map(|file| &file.bytes).copied().collect();
            sha256(&bytes)
        };
        self.0.iter().map(|(name, files)| (name.clone(), hash(files))).collect()
    }
}

/// What all threads share.
struct Shared<'a> {
    folder: &'a Folder,
    models: &'a Models,
    device: Device,
    info: DeviceInfo,
    trials: Vec<&'a Trial>,
    next: AtomicUsize,
    made: AtomicUsize,
    begun: Instant,
    baselines: Mutex<Baselines>,
}

/// Makes the runs that are not in the folder.
///
/// # Errors
///
/// [`CliError`] for what keeps runs from being made or kept; a run that diverges is a finding and not an error.
pub fn make(folder: &Folder, models: &Models, trials: &[Trial], args: &StudyRunArgs) -> Result<(), CliError> {
    let interrupt = Interrupt::install();
    let (device, info) = device::open(args.device)?;
    let mut reasons = Vec::new();
    let (missing, kept) = sorted(folder, trials, &mut reasons);
    reasons.iter().for_each(|reason| terminal::say(format_args!("{reason} The run is made again.")));
    terminal::say(format_args!(
        "{}: {} runs, of which {} are there already",
        folder.grid.name,
        trials.len(),
        trials.len() - missing.len()
    ));
    let jobs = jobs(args.jobs, &info).min(missing.len().max(1));
    let shared = Shared {
        folder,
        models,
        device,
        info,
        trials: missing,
        next: AtomicUsize::new(0),
        made: AtomicUsize::new(0),
        begun: Instant::now(),
        baselines: Mutex::new(kept),
    };
    let failures: Vec<CliError> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(|| shared.work(&interrupt))).collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).err())
            .collect()
    });
    if interrupt.asked() {
        terminal::say("Stopped. The same command goes on with the runs that are missing.");
        return Err(CliError::Interrupted);
    }
    CliError::all(failures)
}

/// The trials whose records are not there, and what those that are there tell of untuned models.
fn sorted<'a>(folder: &Folder, trials: &'a [Trial], reasons: &mut Vec<String>) -> (Vec<&'a Trial>, Baselines) {
    let mut baselines = Baselines::default();
    let missing = trials.iter().filter(|trial| match folder.record(trial, reasons) {
        Some(record) => {
            baselines.keep(&record);
            false
        }
        None => true,
    });
    (missing.collect(), baselines)
}

/// One run for each core, as a run is many small pieces of work; on a GPU one, as there is one.
fn jobs(asked: Option<usize>, device: &DeviceInfo) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or_else(|| if device.kind == DeviceKind::Cpu { cores() } else { 1 }).max(1)
}

impl Shared<'_> {
    /// Takes one trial after the other until there is none, or the process is asked to end.
    fn work(&self, interrupt: &Interrupt) -> Result<(), CliError> {
        let mut engine: Option<Engine> = None;
        loop {
            let Some(trial) = self.trials.get(self.next.fetch_add(1, Ordering::SeqCst)) else { return Ok(()) };
            let name = &trial.plan.model;
            if engine.as_ref().is_none_or(|engine| engine.name != *name) {
                engine = Some(self.engine(name)?);
            }
            let Some(record) = self.run(trial, engine.as_ref().expect("it was loaded just now"), interrupt)? else {
                return Ok(());
            };
            self.folder.keep(trial, &record)?;
            self.lock().keep(&record);
            self.told(trial, &record);
        }
    }

    fn engine(&self, name: &str) -> Result<Engine, CliError> {
        let files = &self.models.0[name];
        Ok(Engine::load(name, files, &self.device, self.info.clone())?)
    }

    /// A run to its end; none if the process is asked to end before.
    fn run(&self, trial: &Trial, engine: &Engine, interrupt: &Interrupt) -> Result<Option<Record>, CliError> {
        let mut run: Run = run::begin(trial.plan.clone(), engine, &self.lock())?;
        loop {
            if interrupt.asked() {
                return Ok(None);
            }
            match pollster::block_on(run.step(engine, interrupt)) {
                Ok(RunEvent::Ended { .. }) => break,
                Ok(_) | Err(RunError::Interrupted) => {}
                // Tuning that diverges is what came of this plan.
                Err(RunError::Tune(_)) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(run.into_record()))
    }

    /// Nothing that a thread does while it holds the lock can panic.
    fn lock(&self) -> std::sync::MutexGuard<'_, Baselines> {
        self.baselines.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn told(&self, trial: &Trial, record: &Record) {
        let made = 1 + self.made.fetch_add(1, Ordering::SeqCst);
        let (all, passed) = (self.trials.len(), self.begun.elapsed());
        let left = passed.mul_f64((all - made) as f64 / made as f64);
        let left = humantime::format_duration(Duration::from_secs(left.as_secs()));
        let how = match &record.status {
            Status::Failed { message } => format!(": {message}"),
            _ => String::new(),
        };
        terminal::say(format_args!("{made} of {all}, {left} left: {}{how}", trial.id()));
    }
}
