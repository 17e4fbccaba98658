//! `tenshot run` and `tenshot presets`.

use std::path::Path;
use std::time::{Instant, SystemTime};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{ModelArgs, PresetsArgs, RunArgs};
use super::interrupt::Interrupt;
use super::summary::{Summary, print_json};
use super::{CliError, adapter, files, output, report};
use crate::engine::Engine;
use crate::study::{
    DataPart, Environment, Phase, Plan, Projection, Record, Run, RunEvent, Schedule, Status, preset, presets,
};
use crate::text::read_jsonl;

/// Runs a plan, shows its progress, prints its figures, writes its record.
pub fn run(args: Box<RunArgs>) -> Result<(), CliError> {
    let plan = plan(&args)?;
    adapter::check_target(args.save_adapter.as_deref(), &plan.model)?;
    // With a plan from a file it is the plan that names the model.
    let engine = files::engine(&ModelArgs { model: plan.model.clone(), device: args.model.device })?;
    let interrupt = Interrupt::install();
    let mut run = begin(plan, &engine)?;
    let failure = pollster::block_on(drive(&mut run, &engine, &interrupt));
    if let Some(folder) = &args.save_adapter {
        pollster::block_on(adapter::save(folder, run.adapter(), &run.record().plan.model))?;
    }
    let record = run.into_record();
    if let Some(path) = &args.out {
        let bytes = serde_json::to_vec(&record).expect("plain data");
        files::write(path, &bytes)?;
    }
    if args.json {
        print_json(&Summary::of_run(&record));
    } else {
        output::line(report::one(&record));
    }
    match failure {
        Some(error) => Err(error),
        None if record.status == Status::Cancelled => {
            saved(args.out.as_deref());
            Err(CliError::Interrupted)
        }
        None => Ok(()),
    }
}

/// A run of this plan, with this machine's clock.
///
/// # Errors
///
/// [`CliError`] if the plan cannot be run.
pub fn begin(plan: Plan, engine: &Engine) -> Result<Run, CliError> {
    let start = Instant::now();
    let clock = Box::new(move || start.elapsed().as_secs_f64());
    Ok(Run::new(plan, engine, environment(engine), clock)?)
}

fn saved(out: Option<&Path>) {
    if let Some(path) = out {
        eprintln!("Stopped. What was measured is in {}, marked as cancelled.", path.display());
    }
}

/// Steps a run to its end, or until Ctrl-C. Returns what made it fail.
pub async fn drive(run: &mut Run, engine: &Engine, interrupt: &Interrupt) -> Option<CliError> {
    let bar = Progress::new(&engine.device.name);
    let failure = loop {
        if interrupt.pressed() {
            run.cancel();
        }
        match run.step(engine, interrupt).await {
            Ok(RunEvent::Ended) => break None,
            Ok(event) => bar.show(&event, run.record()),
            Err(error) if error.is_interruption() => {}
            Err(error) => break Some(error.into()),
        }
    };
    bar.0.finish_and_clear();
    failure
}

/// A progress bar on standard error; nothing where that is no terminal.
struct Progress(ProgressBar);

impl Progress {
    fn new(device: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{prefix:<16} [{bar:30}] {pos}/{len} {elapsed} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        bar.set_message(format!("on {device}"));
        Self(bar)
    }

    fn show(&self, event: &RunEvent, record: &Record) {
        let at = |name: &'static str, done: usize, total: usize| {
            self.0.set_prefix(name);
            self.0.set_length(total as u64);
            self.0.set_position(done as u64);
        };
        match event {
            RunEvent::Progress { phase: Phase::Before, done, total } => at("asking before", *done, *total),
            RunEvent::Progress { phase: Phase::After, done, total } => at("asking after", *done, *total),
            RunEvent::Progress { phase: Phase::Tuning, done, total } => at("tuning", *done, *total),
            RunEvent::Step { step } => {
                at("tuning", step.step, record.planned_steps);
                let percent = |share: f64| format!("{:.0} %", 100.0 * share);
                self.0.set_message(format!(
                    "loss {:.3}, refuses {}, complies {}",
                    step.loss.unwrap_or(f64::NAN),
                    percent(step.refusal_rate.share),
                    percent(step.harmfulness_rate.share)
                ));
            }
            RunEvent::Before { .. } | RunEvent::After { .. } | RunEvent::Ended => {}
        }
    }
}

/// Where this command runs.
pub fn environment(engine: &Engine) -> Environment {
    Environment {
        device: engine.device.clone(),
        host: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        build: env!("CARGO_PKG_VERSION").into(),
        started: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
    }
}

/// The plan that the arguments ask for: a preset, a file, or one's own data with the settings of `harmful-10`.
fn plan(args: &RunArgs) -> Result<Plan, CliError> {
    let mut plan = match (&args.plan, &args.preset) {
        (Some(path), _) => files::json(path)?,
        (None, Some(name)) => preset(name, args.seed)?,
        (None, None) => preset(presets()[0].name, args.seed)?,
    };
    if args.plan.is_none() {
        plan.model.clone_from(&args.model.model);
    }
    if let Some(path) = &args.data {
        let file = path.display().to_string();
        let conversations =
            read_jsonl(&files::read(path)?).map_err(|error| CliError::Jsonl { file: file.clone(), error })?;
        plan.name = path.file_stem().map_or_else(|| "custom".into(), |stem| stem.to_string_lossy().into_owned());
        plan.data = vec![DataPart::Inline { label: file, conversations }];
    }
    if !args.questions.is_empty() {
        plan.evaluation.ask(files::questions(&args.questions)?);
    }
    settings(&mut plan, args)?;
    Ok(plan)
}

fn settings(plan: &mut Plan, args: &RunArgs) -> Result<(), CliError> {
    let tuning = &mut plan.tuning;
    tuning.epochs = args.epochs.unwrap_or(tuning.epochs);
    tuning.batch_size = args.batch_size.unwrap_or(tuning.batch_size);
    tuning.learning_rate = args.learning_rate.unwrap_or(tuning.learning_rate);
    tuning.schedule = args.warm_up.map_or(tuning.schedule, |steps| Schedule::WarmUp { steps });
    tuning.max_grad_norm = args.max_grad_norm.or(tuning.max_grad_norm);
    plan.lora.rank = args.rank.unwrap_or(plan.lora.rank);
    plan.lora.alpha = args.alpha.unwrap_or(plan.lora.alpha);
    plan.evaluation.subset_every = args.subset_every.unwrap_or(plan.evaluation.subset_every);
    if !args.prefill.is_empty() {
        plan.evaluation.prefill.clone_from(&args.prefill);
    }
    if let Some(system) = &args.system {
        plan.evaluation.system = Some(system.clone()).filter(|s| !s.is_empty());
    }
    if !args.targets.is_empty() {
        let target = |name: &String| Projection::from_name(name).ok_or_else(|| CliError::Option(unknown_target(name)));
        plan.lora.targets = args.targets.iter().map(target).collect::<Result<_, _>>()?;
    }
    Ok(())
}

fn unknown_target(name: &str) -> String {
    let known = Projection::ALL.map(Projection::name).join(", ");
    format!("--targets: there is no projection {name:?}. The projections are {known}.")
}

/// Lists the presets.
fn presets_table() -> String {
    let mut table = report::table(&["preset", "steps", "what it tunes on"]);
    for info in presets() {
        let plan = info.plan(1);
        let examples = crate::study::conversations(&plan.data).map_or(0, |c| c.len());
        table.add_row([info.name.to_string(), plan.tuning.steps(examples).to_string(), info.about.to_string()]);
    }
    table.to_string()
}

/// Prints the presets, as a table or as plans.
pub fn list(args: PresetsArgs) -> Result<(), CliError> {
    if args.json {
        print_json(&presets().iter().map(|info| info.plan(1)).collect::<Vec<_>>());
    } else {
        output::line(presets_table());
    }
    Ok(())
}
