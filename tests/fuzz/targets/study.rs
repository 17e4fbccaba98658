//! Plans, records, recipes, studies, messages of the worker, and the page's address.

use std::collections::HashSet;
use std::sync::OnceLock;

use burn::tensor::Device;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tenshot::defence;
use tenshot::engine::{Engine, TextCodec};
use tenshot::factory::Recipe;
use tenshot::llama::{Llama, LlamaConfig, WeightFile};
use tenshot::protocol::{Command, Event};
use tenshot::pulse::Steady;
use tenshot::run::Run;
use tenshot::study::{
    Comparison, DataPart, DeviceInfo, DeviceKind, Environment, Grid, Plan, QuestionSet, Record, Recorded, RunEvent,
    Trial, differences, import_record, read_plan, read_record,
};

use super::model::{CONFIG, WEIGHTS};
use super::text::{TOKENIZER, TOKENIZER_CONFIG};
use super::{Verdict, refused};

// The page's crate has another set of features than the command line's; this part of it needs none of them.
#[allow(dead_code, reason = "the fuzzer uses a part of it")]
#[path = "../../../src/page/tour/beat.rs"]
mod beat;
#[allow(dead_code, unused_imports, reason = "the fuzzer uses a part of it, and its tests are not compiled here")]
#[path = "../../../src/page/embed.rs"]
mod embed;
#[allow(unused_imports, reason = "its tests are not compiled here, what they import is")]
#[path = "../../../src/page/harness.rs"]
mod harness;
#[allow(dead_code, unused_imports, reason = "the fuzzer uses a part of it, and its tests are not compiled here")]
#[path = "../../../src/page/overrides.rs"]
mod overrides;
#[allow(dead_code, reason = "the fuzzer uses a part of it")]
#[path = "../../../src/page/settings.rs"]
mod settings;
#[allow(dead_code, unused_imports, reason = "the fuzzer uses a part of it")]
#[path = "../../../src/page/strings.rs"]
mod strings;

/// What an address needs of the story: which beats are told.
mod tour {
    pub use super::beat::{Beat, told};
}

/// The recorded runs that the page is built with.
fn recorded() -> &'static Recorded {
    static RECORDED: OnceLock<Recorded> = OnceLock::new();
    let read = || Recorded::read(include_str!("../../../www/recorded/runs.json")).expect("a test reads them");
    RECORDED.get_or_init(read)
}

fn json(data: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(data).map_err(refused)
}

/// A plan: what is accepted is written and read again without a change, and its data can be named and compared.
pub fn plan(data: &[u8]) -> Verdict {
    let plan = read_plan(json(data)?).map_err(refused)?;
    let again = read_plan(serde_json::to_value(&plan).map_err(refused)?).expect("what was written can be read");
    assert_eq!(again, plan);
    assert!(differences(&plan, &again).is_empty());
    let _ = (plan.tuning.steps(10), plan.evaluation.prefills().count(), plan.evaluation.in_subset(7));
    defence::defences(&plan).map(drop).map_err(refused)
}

/// A record: what is accepted is written as a file and read again without a change, and can be compared. What is taken from a
/// visitor's file is taken again from the file that it is written as.
pub fn record(data: &[u8]) -> Verdict {
    if let Ok(taken) = import_record(data) {
        import_record(&serde_json::to_vec(&taken).expect("a record can be written"))
            .expect("what was taken is taken again");
    }
    let record = read_record(json(data)?).map_err(refused)?;
    same_from_its_file(&record);
    let _ = (record.steps_made(), Comparison::new(&[&record, &record]).map_err(refused)?);
    Ok(())
}

fn same_from_its_file(record: &Record) {
    let file = serde_json::to_vec(record).expect("a record can be written");
    let again = read_record(json(&file).expect("what was written is JSON")).expect("what was written can be read");
    assert_same(record, &again);
}

/// That two values are written alike. Numbers may differ in their last digit: serde_json reads them so, unless it is compiled
/// with its feature `float_roundtrip`.
fn assert_same<T: Serialize>(one: &T, other: &T) {
    let [one, other] = [one, other].map(|value| serde_json::to_value(value).expect("what was read can be written"));
    if let Some((one, other)) = difference(&one, &other) {
        panic!("{one} was written and {other} read");
    }
}

/// The first place in which two values differ.
fn difference<'a>(one: &'a Value, other: &'a Value) -> Option<(&'a Value, &'a Value)> {
    let of_all = |mut pairs: Box<dyn Iterator<Item = (&'a Value, &'a Value)> + 'a>| {
        pairs.find_map(|(one, other)| difference(one, other))
    };
    match (one, other) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else { return Some((one, other)) };
            ((a - b).abs() > a.abs() * f64::EPSILON * 2.0).then_some((one, other))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => of_all(Box::new(a.iter().zip(b))),
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => of_all(Box::new(a.values().zip(b.values()))),
        _ => (one != other).then_some((one, other)),
    }
}

/// A recipe of the factory: what its check lets through can be counted.
pub fn recipe(data: &[u8]) -> Verdict {
    let recipe: Recipe = serde_json::from_slice(data).map_err(refused)?;
    recipe.check().map_err(refused)?;
    let parameters = recipe.parameters();
    assert!(parameters >= recipe.vocab_size && parameters >= recipe.hidden_size, "{parameters} weights overflow");
    assert!(recipe.head_dim() > 0 && recipe.sample_alignment_every() > 0);
    Ok(())
}

/// A study: every run that it comes to has a name of its own that is a path inside the folder, and a plan that can be run.
pub fn grid(data: &[u8]) -> Verdict {
    let grid: Grid = serde_json::from_slice(data).map_err(refused)?;
    let trials = grid.trials().map_err(refused)?;
    let ids: HashSet<String> = trials.iter().map(Trial::id).collect();
    assert_eq!(ids.len(), trials.len(), "two runs of one name");
    for (id, trial) in ids.iter().zip(&trials) {
        assert!(id.split('/').all(|part| !part.is_empty() && !part.starts_with('.')), "{id}");
        assert_eq!(trial.plan.check(), Ok(()));
    }
    Ok(())
}

/// The query of the page's address: what is read of it as settings is written and read again without a change; what else it asks
/// for is one of a list, a number, or a word that is not too long to be told back.
pub fn url(data: &[u8]) -> Verdict {
    let query = String::from_utf8_lossy(data);
    let harness = harness::Harness::of_query(&query);
    if let Some(harness::Autorun::Unknown(word)) = &harness.autorun {
        assert!(word.chars().count() <= 80, "{word}");
    }
    let settings = settings::Settings::default().with_query(&query);
    let again = settings::Settings::default().with_query(&settings.query());
    assert_eq!(again, settings);
    if settings == settings::Settings::default() && harness == harness::Harness::default() {
        Err("nothing in it is known".into())
    } else {
        Ok(())
    }
}

/// Messages between page and worker. In the browser they are JavaScript values; JSON has the same shapes.
pub fn protocol(data: &[u8]) -> Verdict {
    let command = message::<Command>(data);
    let event = message::<Event>(data);
    if let Ok(Event::Started { record, .. }) = &event {
        same_from_its_file(record);
    }
    command.map(drop).or(event.map(drop))
}

fn message<T: Serialize + DeserializeOwned>(data: &[u8]) -> Result<T, String> {
    let message: T = serde_json::from_slice(data).map_err(refused)?;
    let written = serde_json::to_vec(&message).expect("a message can be written");
    let again: T = serde_json::from_slice(&written).expect("what was written can be read");
    assert_same(&message, &again);
    Ok(message)
}

/// The most conversations, questions, tokens and steps of a plan that is run here: the engine may be slow with more.
const MOST: usize = 24;
/// The most pieces of work of a run.
const MOST_STEPS: usize = 12;

thread_local! {
    static ENGINE: Engine = engine();
}

fn engine() -> Engine {
    let config = LlamaConfig::from_json(CONFIG).expect("the corpus has a config");
    let weights = [WeightFile { name: "model.safetensors".into(), bytes: WEIGHTS.to_vec() }];
    let codec = TextCodec::new(TOKENIZER, TOKENIZER_CONFIG, config.vocab_size).expect("the corpus has a tokenizer");
    let model = Llama::load(config, &weights, None, &Device::flex()).expect("the corpus has weights");
    let info = DeviceInfo { kind: DeviceKind::Cpu, name: "fuzz".into(), software: false };
    Engine::new("tiny", model, codec, info).expect("the files of the corpus belong together")
}

/// A plan that is run on the tiny model: whatever came of it is a record that can be written and read.
pub fn run(data: &[u8]) -> Verdict {
    let mut plan = read_plan(json(data)?).map_err(refused)?;
    plan.model = "tiny".into();
    if is_large(&plan) {
        return Err("it is larger than the fuzzer computes".into());
    }
    ENGINE.with(|engine| {
        let environment = Environment {
            device: engine.device.clone(),
            host: "fuzz".into(),
            build: "fuzz".into(),
            started: "1970-01-01T00:00:00Z".into(),
        };
        let mut run = Run::new(plan, engine, environment, Box::new(|| 0.0)).map_err(refused)?;
        let mut outcome = Ok(());
        for _ in 0..MOST_STEPS {
            match pollster::block_on(run.step(engine, &Steady)) {
                Ok(RunEvent::Ended { .. }) => break,
                Ok(_) => {}
                Err(error) => {
                    outcome = Err(error.to_string());
                    break;
                }
            }
        }
        same_from_its_file(run.record());
        outcome
    })
}

fn is_large(plan: &Plan) -> bool {
    let conversations = |part: &DataPart| match part {
        DataPart::Drawn { size, .. } => *size,
        DataPart::Inline { conversations, .. } => conversations.iter().map(|c| c.messages.len()).sum(),
    };
    let evaluation = &plan.evaluation;
    let asked = match &evaluation.questions {
        QuestionSet::Inline { forbidden, benign } => forbidden.len() + benign.len(),
        _ => usize::MAX,
    };
    let added = plan.defences.iter().flat_map(|defence| defence.settings.values()).any(|&value| value > MOST as f64);
    added
        || plan.data.iter().map(conversations).fold(0, usize::saturating_add) > MOST
        || asked.saturating_mul(evaluation.conditions.len()) > MOST
        || evaluation.watch.len() > MOST
        || evaluation.max_new_tokens > MOST
}
