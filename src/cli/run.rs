//! `tenshot run` and `tenshot presets`.

use std::time::{Instant, SystemTime};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{ModelArgs, PresetsArgs, RunArgs};
use super::interrupt::Interrupt;
use super::keeper::Keeper;
use super::summary::Summary;
use super::target::{self, Inputs, Target};
use super::{CliError, adapter, condition, files, limits, output, report};
use crate::corpus::DRAWS;
use crate::defence::{self, DEFENCES};
use crate::engine::Engine;
use crate::run::{Baselines, Run, RunError};
use crate::study::{
    BUILD, DataPart, DefencePlan, Environment, Figure, Phase, Plan, PresetInfo, Projection, Record, RunEvent, Schedule,
    Status, TunedWeights, UnknownPreset, presets,
};
use crate::terminal;
use crate::text::read_jsonl;

/// Runs a plan, shows its progress, prints its figures, writes its record.
pub fn run(args: Box<RunArgs>) -> Result<(), CliError> {
    let plan = plan(&args)?;
    let target = targets(&args, &plan)?;
    // From here on the process can be asked to end. Before, there was nothing but input to wait for.
    let interrupt = Interrupt::install();
    // With a plan from a file it is the plan that names the model.
    let engine = files::engine(&ModelArgs { model: plan.model.clone(), device: args.device })?;
    let mut run = begin(plan, &engine, &Baselines::default())?;
    let mut keeper = Keeper::begin(target.clone(), run.record())?;
    let hear = |event: &RunEvent, record: &Record| keeper.hear(event, record);
    let failure = pollster::block_on(drive(&mut run, &engine, &interrupt, hear));
    // Whatever failed, the other results are kept: the record first, which took the longest.
    let kept = keeper.finish(run.record());
    let save = args.save_adapter.as_deref().zip(run.adapter());
    let saved = save.map_or(Ok(()), |(folder, adapter)| {
        pollster::block_on(adapter::save(folder, adapter, &run.record().plan.model))
    });
    let shown = show(run.record(), args.json, target == Some(Target::Standard));
    let cancelled = run.record().status == Status::Cancelled;
    if cancelled && let (Some(path), Ok(())) = (&args.out, &kept) {
        terminal::say(format_args!("Stopped. What was measured is in {}, marked as cancelled.", path.display()));
    }
    let mut errors: Vec<CliError> = [failure, kept.err(), saved.err()].into_iter().flatten().collect();
    if cancelled && errors.is_empty() {
        // A terminal that was closed can show nothing any more: that the run was cancelled is the news.
        return Err(CliError::Interrupted);
    }
    errors.extend(shown.err());
    CliError::all(errors)
}

/// Where the record goes, once it is known that all that was asked for can be written.
fn targets(args: &RunArgs, plan: &Plan) -> Result<Option<Target>, CliError> {
    adapter::check_target(args.save_adapter.as_deref(), plan)?;
    let mut inputs = Inputs::default();
    args.plan.iter().for_each(|path| inputs.file("--plan", path));
    args.data.iter().for_each(|path| inputs.file("--data", path));
    args.questions.iter().for_each(|path| inputs.file("--questions", path));
    inputs.model("--model", &plan.model);
    let target = args.out.as_deref().map(|path| Target::new("--out", path, &inputs)).transpose()?;
    if args.json && target == Some(Target::Standard) {
        let reason = "--out: the record and the object of --json cannot both go to standard output. Leave --json away.";
        return Err(CliError::Option(reason.into()));
    }
    if let Some(folder) = &args.save_adapter {
        target::check_adapter("--save-adapter", folder, target.as_ref(), &inputs)?;
    }
    Ok(target)
}

/// Prints what a run came to; beside standard output where its record goes there.
fn show(record: &Record, json: bool, aside: bool) -> Result<(), CliError> {
    let untold = files::untold(&record.plan.model).unwrap_or_default();
    match (json, aside) {
        (true, _) => output::json(&Summary::of_run(record, &untold)),
        (false, false) => output::line(report::one(record, &untold)),
        (false, true) => {
            terminal::say(report::one(record, &untold));
            Ok(())
        }
    }
}

/// A run of this plan, with this machine's clock, and with what is known of the untuned model.
///
/// # Errors
///
/// [`CliError`] if the plan cannot be run.
pub fn begin(plan: Plan, engine: &Engine, baselines: &Baselines) -> Result<Run, CliError> {
    let start = Instant::now();
    let clock = Box::new(move || start.elapsed().as_secs_f64());
    let run = Run::new(plan, engine, environment(engine), clock)?;
    let known = baselines.find(&run.record().plan, &engine.device.name, BUILD);
    Ok(run.with_baseline(known))
}

/// Steps a run to its end, or until the process is asked to end. Returns what made it fail.
pub async fn drive(
    run: &mut Run,
    engine: &Engine,
    interrupt: &Interrupt,
    mut hear: impl FnMut(&RunEvent, &Record),
) -> Option<CliError> {
    let bar = Progress::new(&engine.device.name);
    let failure = loop {
        if interrupt.asked() {
            run.cancel();
        }
        match run.step(engine, interrupt).await {
            Ok(RunEvent::Ended { .. }) => break None,
            Ok(event) => {
                bar.show(&event, run.record());
                hear(&event, run.record());
            }
            Err(RunError::Interrupted) => {}
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
        bar.set_message(format!("on {}", terminal::label(device, 60)));
        Self(bar)
    }

    fn show(&self, event: &RunEvent, record: &Record) {
        let at = |name: &'static str, done: usize, total: usize| {
            self.0.set_prefix(name);
            self.0.set_length(total as u64);
            self.0.set_position(done as u64);
        };
        match event {
            RunEvent::Progress { phase, done, total } => at(phase_name(*phase), *done, *total),
            RunEvent::Step { step } => {
                at(phase_name(Phase::Tuning), step.step, record.planned_steps);
                // What there is none of is not told: the loss of step 0, the figures where no such question is asked.
                let percent = |name, figure| Some(format!("{name} {:.0} %", 100.0 * step.figures.number(figure)?));
                let told = [
                    step.loss.map(|loss| format!("loss {loss:.3}")),
                    percent("refuses", Figure::RefusalRate),
                    percent("complies", Figure::HarmfulnessRate),
                ];
                self.0.set_message(told.into_iter().flatten().collect::<Vec<_>>().join(", "));
            }
            RunEvent::Evaluated { .. } | RunEvent::Watching { .. } | RunEvent::Ended { .. } => {}
        }
    }
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Start => "first questions",
        Phase::Tuning => "tuning",
        Phase::Before => "asking before",
        Phase::After => "asking after",
    }
}

/// Where this command runs.
pub fn environment(engine: &Engine) -> Environment {
    Environment {
        device: engine.device.clone(),
        host: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        build: BUILD.into(),
        started: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
    }
}

/// The plan that the arguments ask for: a preset, a file, or one's own data with the settings of `harmful-10`.
fn plan(args: &RunArgs) -> Result<Plan, CliError> {
    let mut plan = match (&args.plan, &args.preset) {
        (Some(path), _) => files::plan(path)?,
        (None, name) => {
            let name = name.as_deref().unwrap_or(presets()[0].name);
            named(name)?.plan_on(args.seed, args.draw.unwrap_or(args.seed % DRAWS))
        }
    };
    if let Some(model) = &args.model {
        plan.model.clone_from(model);
    }
    if let Some(path) = &args.data {
        let file = path.display().to_string();
        let conversations = read_jsonl(&files::read(path, limits::CONVERSATIONS)?)
            .map_err(|error| CliError::Jsonl { file: file.clone(), error })?;
        plan.name = path.file_stem().map_or_else(|| "custom".into(), |stem| stem.to_string_lossy().into_owned());
        plan.data = vec![DataPart::Inline { label: file, conversations }];
    }
    if !args.questions.is_empty() {
        plan.evaluation.ask(files::questions(&args.questions)?);
    }
    for part in &mut plan.data {
        if let (DataPart::Drawn { size, .. }, Some(wanted)) = (part, args.size) {
            *size = wanted;
        }
    }
    settings(&mut plan, args)?;
    Ok(plan)
}

fn named(name: &str) -> Result<&'static PresetInfo, CliError> {
    let found = presets().iter().find(|preset| preset.name == name);
    Ok(found.ok_or_else(|| UnknownPreset { name: name.to_owned() })?)
}

fn settings(plan: &mut Plan, args: &RunArgs) -> Result<(), CliError> {
    let tuning = &mut plan.tuning;
    tuning.epochs = args.epochs.unwrap_or(tuning.epochs);
    tuning.batch_size = args.batch_size.unwrap_or(tuning.batch_size);
    tuning.learning_rate = args.learning_rate.unwrap_or(tuning.learning_rate);
    tuning.schedule = args.warm_up.map_or(tuning.schedule, |steps| Schedule::WarmUp { steps });
    tuning.max_grad_norm = args.max_grad_norm.or(tuning.max_grad_norm);
    if args.all_weights {
        tuning.weights = TunedWeights::All;
    }
    plan.lora.rank = args.rank.unwrap_or(plan.lora.rank);
    plan.lora.alpha = args.alpha.unwrap_or(plan.lora.alpha);
    plan.evaluation.subset_every = args.subset_every.unwrap_or(plan.evaluation.subset_every);
    if let Some(main) = plan.evaluation.main().cloned() {
        plan.evaluation.ask_under(condition::changed(main, args.system.as_deref(), args.wrap.as_deref())?);
    }
    if !args.prefill.is_empty() {
        plan.evaluation.begin_answers(&args.prefill);
    }
    for defence in &args.defence {
        plan.defences.push(parse_defence(defence)?);
    }
    if !args.targets.is_empty() {
        let target = |name: &String| Projection::from_name(name).ok_or_else(|| CliError::Option(unknown_target(name)));
        plan.lora.targets = args.targets.iter().map(target).collect::<Result<_, _>>()?;
    }
    Ok(())
}

/// `mix-refusals` or `mix-refusals:size=20`. Whether there is such a defence is told with the plan.
fn parse_defence(text: &str) -> Result<DefencePlan, CliError> {
    let (name, settings) = text.split_once(':').unwrap_or((text, ""));
    let setting = |setting: &str| {
        let parsed = setting.split_once('=').and_then(|(name, value)| Some((name.to_owned(), value.parse().ok()?)));
        let bad =
            || CliError::Option(format!("--defence: {setting:?} is no setting; write name=number, as in size=20."));
        parsed.ok_or_else(bad)
    };
    let settings = settings.split(',').filter(|setting| !setting.is_empty()).map(setting);
    Ok(DefencePlan { name: name.to_owned(), settings: settings.collect::<Result<_, _>>()? })
}

fn unknown_target(name: &str) -> String {
    let known = Projection::ALL.map(Projection::name).join(", ");
    format!("--targets: there is no projection {name:?}. The projections are {known}.")
}

fn presets_table() -> String {
    let mut table = report::table(&["preset", "steps", "what it tunes on"]);
    for info in presets() {
        let plan = info.plan(1);
        let steps = defence::conversations(&plan).ok().and_then(|all| plan.tuning.steps(all.len()));
        table.add_row([info.name.to_string(), steps.unwrap_or_default().to_string(), info.about.to_string()]);
    }
    table.to_string()
}

fn defences_table() -> String {
    let mut table = report::table(&["defence", "settings", "what it does"]);
    for defence in DEFENCES {
        let settings = defence.settings().iter().map(|s| format!("{}={} ({})", s.name, s.default, s.about));
        table.add_row([defence.name().to_owned(), settings.collect::<Vec<_>>().join("\n"), defence.about().to_owned()]);
    }
    table.to_string()
}

/// Prints the presets and the defences, as tables, or the presets as plans.
pub fn list(args: PresetsArgs) -> Result<(), CliError> {
    if args.json {
        output::json(&presets().iter().map(|info| info.plan(1)).collect::<Vec<_>>())
    } else {
        output::line(format_args!("{}\n{}", presets_table(), defences_table()))
    }
}
