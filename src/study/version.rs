//! Reading plans and records, those of the format before this one, too.
//!
//! Version 1 had the main prompt, further prompts and begun answers in three places, named its data by files, and restated
//! each figure as a field. What it measured is taken over; what it did not note (the probability of each answer) is absent.

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::{
    Condition, ConditionKind, Evaluation, EvaluationPlan, Figure, Figures, Measurement, PLAN_VERSION, Plan,
    RECORD_VERSION, Record, Step,
};

/// A plan or a record that this build cannot read.
#[derive(Debug, Error)]
pub enum VersionError {
    /// It is of a later format, or says nothing of its format.
    #[error("it is not a {what} that this build can read: it has {found}, and versions 1 and {expected} can be read")]
    Version {
        /// `plan` or `record`.
        what: &'static str,
        /// For example `version 7` or `no version`.
        found: String,
        /// The version that this build writes.
        expected: u32,
    },
    /// It is damaged, or something else.
    #[error("it is not a {what}: {reason}")]
    Content {
        /// `plan` or `record`.
        what: &'static str,
        /// The parser's reason.
        reason: String,
    },
}

/// Reads a plan.
///
/// # Errors
/// [`VersionError`] with the version that it has, if it is none that can be read.
pub fn read_plan(mut value: Value) -> Result<Plan, VersionError> {
    if version("plan", &value, PLAN_VERSION)? == 1 {
        plan_from_1(&mut value);
    }
    parse("plan", value)
}

/// Reads a record.
///
/// # Errors
/// As [`read_plan`].
pub fn read_record(mut value: Value) -> Result<Record, VersionError> {
    if version("record", &value, RECORD_VERSION)? == RECORD_VERSION {
        return parse("record", value);
    }
    value["plan"] = serde_json::to_value(read_plan(value["plan"].take())?).unwrap_or_default();
    let plan: Plan = parse("plan", value["plan"].clone())?;
    value["version"] = RECORD_VERSION.into();
    for when in ["before", "after"] {
        if let Some(measured) = value.get(when).filter(|measured| !measured.is_null()) {
            let evaluation = evaluation_from_1(&plan.evaluation, measured)?;
            value[when] = serde_json::to_value(evaluation).unwrap_or_default();
        }
    }
    let steps = value["steps"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let steps: Result<Vec<Step>, _> = steps.into_iter().map(|step| step_from_1(&plan.evaluation, step)).collect();
    value["steps"] = serde_json::to_value(steps?).unwrap_or_default();
    parse("record", value)
}

fn parse<T: serde::de::DeserializeOwned>(what: &'static str, value: Value) -> Result<T, VersionError> {
    serde_json::from_value(value).map_err(|error| VersionError::Content { what, reason: error.to_string() })
}

/// The version, if it is one that can be read.
fn version(what: &'static str, value: &Value, expected: u32) -> Result<u32, VersionError> {
    let found = value.get("version").and_then(Value::as_u64);
    match found.and_then(|version| u32::try_from(version).ok()) {
        Some(version) if version == 1 || version == expected => Ok(version),
        _ => {
            let found = found.map_or_else(|| "no version".into(), |version| format!("version {version}"));
            Err(VersionError::Version { what, found, expected })
        }
    }
}

/// `{"source": "bundled", "set": "harmful-10", "draw": 1}` becomes a drawn part; the main prompt, the further ones and the
/// begun answers become conditions.
fn plan_from_1(plan: &mut Value) {
    plan["version"] = PLAN_VERSION.into();
    for part in plan["data"].as_array_mut().into_iter().flatten() {
        let named = part["set"].as_str().and_then(|set| set.rsplit_once('-'));
        if let Some((set, size)) = named.and_then(|(set, size)| Some((set.to_owned(), size.parse::<usize>().ok()?))) {
            *part = json!({ "source": "drawn", "set": set, "size": size, "draw": part["draw"] });
        }
    }
    let Some(evaluation) = plan["evaluation"].as_object_mut() else { return };
    let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
    let main = Condition::of(text(evaluation.remove("system")), text(evaluation.remove("wrap")));
    let mut conditions = vec![main.clone()];
    let further = evaluation.remove("also").and_then(|also| also.as_array().cloned()).unwrap_or_default();
    conditions.extend(further.iter().map(|condition| {
        let [system, wrap] = ["system", "wrap"].map(|name| text(condition.get(name).cloned()));
        // The name is the address of its figures, so it stays.
        let known = Condition::of(system, wrap);
        Condition { name: text(condition.get("name").cloned()).unwrap_or_default(), ..known }
    }));
    let prefill = evaluation.remove("prefill").and_then(|tokens| tokens.as_array().cloned()).unwrap_or_default();
    let tokens = prefill.iter().filter_map(|tokens| usize::try_from(tokens.as_u64()?).ok());
    conditions.extend(tokens.map(|tokens| main.prefilled(tokens)));
    evaluation.insert("conditions".into(), serde_json::to_value(conditions).unwrap_or_default());
}

/// An evaluation of version 1: figures again from its answers, each part under its condition.
fn evaluation_from_1(plan: &EvaluationPlan, measured: &Value) -> Result<Evaluation, VersionError> {
    let mut measurements = Vec::new();
    for (place, condition) in plan.conditions.iter().enumerate() {
        let named = |list: &str, key: &str, value: Value| {
            let parts = measured.get(list).and_then(Value::as_array).into_iter().flatten();
            parts.into_iter().find(|part| part[key] == value).cloned()
        };
        let part = match condition.kind {
            _ if place == 0 => Some(measured.clone()),
            ConditionKind::Prefill => named("prefill", "tokens", condition.prefill.into())
                .map(|part| json!({ "forbidden": { "answers": part["answers"] } })),
            _ => named("conditions", "name", condition.name.clone().into()).map(|part| part["measurement"].clone()),
        };
        if let Some(part) = part {
            measurements.push(measurement_from_1(condition, plan, &part)?);
        }
    }
    Ok(Evaluation {
        measurements,
        watched: parse("record", measured.get("watched").cloned().unwrap_or_else(|| json!([])))?,
        seconds: measured["seconds"].as_f64().unwrap_or_default(),
    })
}

fn measurement_from_1(condition: &Condition, plan: &EvaluationPlan, part: &Value) -> Result<Measurement, VersionError> {
    let answers = |kind: &str| part[kind].get("answers").cloned().unwrap_or_else(|| json!([]));
    let (forbidden, benign) = (parse("record", answers("forbidden"))?, parse("record", answers("benign"))?);
    let measurement = Measurement::new(condition.clone(), &plan.questions, forbidden, benign);
    let probability = part["forbidden"].get("refusal_probability").and_then(Value::as_f64);
    Ok(Measurement { figures: with_probability(measurement.figures, probability), ..measurement })
}

/// A step of version 1, whose figures stood beside its answers.
fn step_from_1(plan: &EvaluationPlan, mut step: Value) -> Result<Step, VersionError> {
    let condition = plan.main().cloned().unwrap_or_else(|| ConditionKind::Default.condition());
    let answers = parse("record", step["answers"].clone())?;
    let measured = Measurement::new(condition, &plan.questions, answers, Vec::new());
    let probability = step["refusal_probability"].as_f64().filter(|_| !measured.forbidden.is_empty());
    let figures = with_probability(measured.figures, probability);
    if let Some(fields) = step.as_object_mut() {
        let old = ["refusal_probability", "refusal_rate", "harmfulness_rate", "mean_score"];
        fields.retain(|name, _| !old.contains(&name.as_str()));
        let figures: Map<_, _> =
            [("figures".to_owned(), serde_json::to_value(figures).unwrap_or_default())].into_iter().collect();
        fields.extend(figures);
    }
    parse("record", step)
}

/// Version 1 noted the mean alone, so nothing is known of its spread.
fn with_probability(figures: Figures, probability: Option<f64>) -> Figures {
    let probability =
        probability.map(|mean| (Figure::RefusalProbability, super::Value::Mean { mean, low: 0.0, high: 1.0 }));
    figures.iter().chain(probability).collect()
}
