//! [`Request`]: what a program asks for, read from its JSON. Nothing gets further that is larger or stranger than what the command line
//! takes from a file.

use serde::Deserialize;
use serde_json::Value;

use super::refusal::{Code, Refusal};
use crate::corpus::LARGEST_DRAW;
use crate::page::questions::{LONGEST_QUESTION, one_line};
use crate::page::settings::{QuestionChoice, Settings};
use crate::protocol::{DeviceChoice, ErrorCode};
use crate::study::{DataPart, LARGEST_PLAN, MOST_JSON_VALUES, Plan, UnknownPreset, json_values, presets, read_plan};
use crate::text::MOST_CONVERSATIONS;

/// The most timed steps of a benchmark.
const MOST_BENCH_STEPS: usize = 1_000;
/// The timed steps of a benchmark that says nothing of it, as on the command line.
const BENCH_STEPS: usize = 20;

/// What a program asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// To be told when the engine is ready.
    Ready,
    /// A run.
    Run {
        /// Of what.
        wanted: Wanted,
        /// On which device, if it says so.
        device: Option<DeviceChoice>,
    },
    /// An answer of the original model and of one that was tuned.
    Ask {
        /// The question.
        question: String,
        /// By which run.
        run: Tuned,
    },
    /// The speed of the device.
    Bench {
        /// Timed optimizer steps.
        steps: usize,
        /// Whether answers and the collapse are measured, too.
        answers: bool,
    },
    /// Whether the device computes what it should.
    Check {
        /// On which device, if it says so.
        device: Option<DeviceChoice>,
    },
}

impl Request {
    /// The device that it names.
    pub fn device(&self) -> Option<DeviceChoice> {
        match self {
            Self::Run { device, .. } | Self::Check { device } => *device,
            Self::Ready | Self::Ask { .. } | Self::Bench { .. } => None,
        }
    }

    /// Whether the engine has to do something for it.
    pub fn is_work(&self) -> bool {
        *self != Self::Ready
    }
}

/// Which run is wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// That of this plan.
    Plan(Box<Plan>),
    /// That of the page's settings, with these changes.
    Settings(Change),
}

/// What differs from the page's settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    preset: Option<String>,
    seed: Option<u64>,
    draw: Option<u64>,
    questions: Option<QuestionChoice>,
    prefill: Option<bool>,
}

impl Change {
    /// The settings with the changes.
    pub fn apply(&self, settings: &Settings) -> Settings {
        let mut changed = settings.clone();
        changed.preset = self.preset.clone().unwrap_or(changed.preset);
        changed.seed = self.seed.unwrap_or(changed.seed);
        changed.draw = self.draw.or(changed.draw);
        changed.questions = self.questions.unwrap_or(changed.questions);
        changed.prefill = self.prefill.unwrap_or(changed.prefill);
        changed
    }
}

/// Whose adapter is asked beside the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tuned {
    /// That of the run on the stage, if it can be asked.
    Shown,
    /// Nobody's.
    Nobody,
    /// That of this run.
    Of(u32),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunOptions {
    plan: Option<Value>,
    preset: Option<String>,
    seed: Option<u64>,
    draw: Option<u64>,
    questions: Option<String>,
    prefill: Option<bool>,
    device: Option<DeviceChoice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BenchOptions {
    steps: Option<usize>,
    answers: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckOptions {
    device: Option<DeviceChoice>,
}

/// `run(...)`: a plan (which has a `version`), or options; without any, what the page's settings say.
///
/// # Errors
/// [`Refusal`].
pub fn run(text: Option<&str>) -> Result<Request, Refusal> {
    let Some(value) = value(text)? else {
        return Ok(Request::Run { wanted: Wanted::Settings(Change::default()), device: None });
    };
    if value.get("version").is_some() {
        return Ok(Request::Run { wanted: Wanted::Plan(Box::new(checked(value)?)), device: None });
    }
    let options: RunOptions = options("run", value)?;
    let device = options.device;
    if let Some(plan) = options.plan {
        let others = options.preset.is_some() || options.seed.is_some() || options.draw.is_some();
        if others || options.questions.is_some() || options.prefill.is_some() {
            return Err(Refusal::request("run: beside a plan there can be a device and nothing else."));
        }
        return Ok(Request::Run { wanted: Wanted::Plan(Box::new(checked(plan)?)), device });
    }
    if let Some(name) = &options.preset {
        known_preset(name)?;
    }
    let questions = options.questions.map(|name| {
        QuestionChoice::from_name(&name)
            .ok_or_else(|| Refusal::request("run: questions are \"held-out\" or \"development\"."))
    });
    if options.draw.is_some_and(|draw| draw > LARGEST_DRAW) {
        return Err(Refusal::request(format!("run: draws are whole numbers from 0 to {LARGEST_DRAW}.")));
    }
    let change = Change {
        preset: options.preset,
        seed: options.seed,
        draw: options.draw,
        questions: questions.transpose()?,
        prefill: options.prefill,
    };
    Ok(Request::Run { wanted: Wanted::Settings(change), device })
}

/// `ask(question, {run})`: `run` absent means the one on the stage, `null` the original model alone.
///
/// # Errors
/// [`Refusal`].
pub fn ask(question: Option<&str>, text: Option<&str>) -> Result<Request, Refusal> {
    let question = one_line(question.ok_or_else(|| Refusal::request("ask: the question is a text."))?);
    let length = question.chars().count();
    if !(1..=LONGEST_QUESTION).contains(&length) {
        let message = format!("ask: a question has 1 to {LONGEST_QUESTION} characters, and this one {length}.");
        return Err(Refusal::request(message));
    }
    let run = match value(text)? {
        None => Tuned::Shown,
        Some(Value::Object(options)) => match (options.len(), options.get("run")) {
            (0, _) => Tuned::Shown,
            (1, Some(Value::Null)) => Tuned::Nobody,
            (1, Some(number)) => {
                let number = number.as_u64().and_then(|number| u32::try_from(number).ok());
                Tuned::Of(number.ok_or_else(|| Refusal::request("ask: run is the number of a run, or null."))?)
            }
            _ => return Err(Refusal::request("ask: the only option is run.")),
        },
        Some(_) => return Err(Refusal::request("ask: options are an object.")),
    };
    Ok(Request::Ask { question, run })
}

/// `bench({steps, answers})`.
///
/// # Errors
/// [`Refusal`].
pub fn bench(text: Option<&str>) -> Result<Request, Refusal> {
    let options: Option<BenchOptions> = value(text)?.map(|value| options("bench", value)).transpose()?;
    let (steps, answers) = options.map_or((None, None), |options| (options.steps, options.answers));
    let steps = steps.unwrap_or(BENCH_STEPS);
    if !(1..=MOST_BENCH_STEPS).contains(&steps) {
        return Err(Refusal::request(format!("bench: steps are from 1 to {MOST_BENCH_STEPS}.")));
    }
    Ok(Request::Bench { steps, answers: answers.unwrap_or(true) })
}

/// `check({device})`.
///
/// # Errors
/// [`Refusal`].
pub fn check(text: Option<&str>) -> Result<Request, Refusal> {
    let options: Option<CheckOptions> = value(text)?.map(|value| options("check", value)).transpose()?;
    Ok(Request::Check { device: options.and_then(|options| options.device) })
}

/// `plan(preset, seed)`.
///
/// # Errors
/// [`Refusal`].
pub fn plan(name: Option<&str>, seed: Option<f64>) -> Result<Plan, Refusal> {
    let name = name.ok_or_else(|| Refusal::request("plan: the name of a preset is a text."))?;
    known_preset(name)?;
    let seed = seed.unwrap_or(1.0);
    if !(0.0..=LARGEST_EXACT).contains(&seed) || seed.fract() != 0.0 {
        return Err(Refusal::request("plan: the seed is a whole number from 0 on."));
    }
    let info = presets().iter().find(|info| info.name == name);
    info.map(|info| info.plan(seed as u64)).ok_or_else(|| Refusal::request("plan: there is no such preset."))
}

/// The number of a run, as `record(run)` has it.
///
/// # Errors
/// [`Refusal`].
pub fn run_number(number: f64) -> Result<u32, Refusal> {
    let is_number = (0.0..=f64::from(u32::MAX)).contains(&number) && number.fract() == 0.0;
    if is_number { Ok(number as u32) } else { Err(Refusal::request("record: a run is called by its number.")) }
}

/// The largest whole number that JavaScript counts to.
const LARGEST_EXACT: f64 = 9_007_199_254_740_991.0;

fn known_preset(name: &str) -> Result<(), Refusal> {
    if presets().iter().any(|info| info.name == name) {
        return Ok(());
    }
    // Whatever a program passes as a name, the message stays short.
    let name = name.chars().take(80).collect();
    Err(Refusal::request(format!("{}.", UnknownPreset { name })))
}

/// A plan that can be run, as far as it can be told without the engine.
fn checked(value: Value) -> Result<Plan, Refusal> {
    let refused = |reason: String| Refusal::new(Code::Engine(ErrorCode::Plan), reason);
    let plan = read_plan(value).map_err(|error| refused(format!("The plan cannot be run: {error}.")))?;
    plan.check().map_err(|error| refused(format!("The plan cannot be run: {error}.")))?;
    let mut count = 0;
    for part in &plan.data {
        let DataPart::Inline { conversations, .. } = part else { continue };
        count += conversations.len();
        if count > MOST_CONVERSATIONS {
            let most = format!("it holds more than {MOST_CONVERSATIONS} conversations");
            return Err(refused(format!("The plan cannot be run: {most}.")));
        }
        for (place, conversation) in conversations.iter().enumerate() {
            let number = place + 1;
            conversation
                .check()
                .map_err(|reason| refused(format!("The plan cannot be run: conversation {number}: {reason}.")))?;
        }
    }
    Ok(plan)
}

fn options<T: serde::de::DeserializeOwned>(what: &str, value: Value) -> Result<T, Refusal> {
    if !value.is_object() {
        return Err(Refusal::request(format!("{what}: options are an object.")));
    }
    serde_json::from_value(value).map_err(|error| Refusal::request(format!("{what}: {error}.")))
}

/// What a program passes, as JSON. Nothing is nothing, and so is `null`.
fn value(text: Option<&str>) -> Result<Option<Value>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    if text.len() > LARGEST_PLAN {
        return Err(Refusal::request(format!("It has more than {LARGEST_PLAN} bytes as JSON.")));
    }
    if json_values(text.as_bytes()) > MOST_JSON_VALUES {
        return Err(Refusal::request(format!("It holds more than {MOST_JSON_VALUES} values.")));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| Refusal::request(format!("{error}.")))?;
    Ok(Some(value).filter(|value| !value.is_null()))
}

#[cfg(test)]
mod tests;
