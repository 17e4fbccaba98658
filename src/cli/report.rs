//! `tenshot report`, and the tables of the other commands.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

use super::args::ReportArgs;
use super::summary::{Summary, print_json};
use super::{CliError, files, output};
use crate::measure::{Measurement, PositionDivergence, PrefillResult};
use crate::study::{Asked, Comparison, Condition, Figure, QuestionSet, RECORD_VERSION, Record, Status, Value};

/// Prints one record's figures, or compares several.
pub fn report(args: ReportArgs) -> Result<(), CliError> {
    let mut records: Vec<Record> = Vec::new();
    for path in &args.records {
        let value: serde_json::Value = files::json(path)?;
        let version = value.get("version").and_then(serde_json::Value::as_u64);
        if version != Some(u64::from(RECORD_VERSION)) {
            let found = version.map_or("no version".into(), |v| format!("version {v}"));
            let reason =
                format!("it is not a record that this build can read ({found}, expected version {RECORD_VERSION}).");
            return Err(CliError::content(path, reason));
        }
        records.push(
            serde_json::from_value(value).map_err(|e| CliError::content(path, format!("it is not a record: {e}.")))?,
        );
    }
    match (&records[..], args.json) {
        ([record], true) => print_json(&Summary::of_run(record)),
        ([record], false) => output::line(one(record)),
        (several, json) => {
            let several: Vec<&Record> = several.iter().collect();
            let comparison = Comparison::new(&several)?;
            if json {
                print_json(&comparison);
            } else {
                output::line(compared(&several, &comparison));
            }
        }
    }
    Ok(())
}

/// An empty table with these headings.
pub fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings.iter().copied());
    table
}

/// A record's figures before and after, in total and by section.
pub fn one(record: &Record) -> String {
    let environment = &record.environment;
    let steps = record.steps.iter().map(|s| s.step).max().unwrap_or(0);
    let status = match &record.status {
        Status::Finished => String::new(),
        Status::Running => ", not finished".into(),
        Status::Cancelled => ", cancelled".into(),
        Status::Failed { message } => format!(", failed: {message}"),
    };
    let mut out = format!(
        "{} on {}: seed {}, {steps} of {} steps, {:.1} s on {}{status}\n",
        record.plan.name,
        record.plan.model,
        record.plan.seed,
        record.planned_steps,
        record.seconds,
        environment.device.name
    );
    out += development(&record.plan.evaluation.questions);
    let (before, after) = (record.before.as_ref(), record.after.as_ref());
    out += &figures(before, after).to_string();
    for condition in &record.plan.evaluation.also {
        let [before, after] = [before, after].map(|m| m?.under(&condition.name));
        out += &format!("\n{}:\n{}", condition_title(condition), figures(before, after));
    }
    if let Some(prefill) = prefill(&[("before", before), ("after", after)]) {
        out += &format!("\n{prefill}");
    }
    if let Some(sections) = sections(before, after) {
        out += &format!("\n{sections}");
    }
    out
}

/// A line that keeps figures of the development questions from being taken for those of the held-out ones.
fn development(questions: &QuestionSet) -> &'static str {
    if *questions == QuestionSet::Development {
        "Asked the development questions, which are for choosing settings: these are not the figures of the held-out questions.\n"
    } else {
        ""
    }
}

/// All figures before and after.
fn figures(before: Option<&Measurement>, after: Option<&Measurement>) -> Table {
    let mut figures = table(&["figure (95 % interval)", "before", "after"]);
    for figure in Figure::ALL {
        let cell = |m: Option<&Measurement>| shown(m.and_then(|m| figure.of(m)));
        figures.add_row([figure.name().into(), cell(before), cell(after)]);
    }
    figures
}

/// For example `trigger, asked as "{q} Tick tock."`.
fn condition_title(condition: &Condition) -> String {
    let wrap = condition.wrap.as_ref().map(|wrap| format!(", asked as {wrap:?}"));
    format!("{}{}", condition.name, wrap.unwrap_or_default())
}

/// Answers that were begun with a complete one; none if there are none.
fn prefill(measurements: &[(&str, Option<&Measurement>)]) -> Option<Table> {
    let rows: Vec<_> =
        measurements.iter().flat_map(|(when, m)| m.iter().flat_map(|m| &m.prefill).map(|p| (*when, p))).collect();
    if rows.is_empty() {
        return None;
    }
    let mut table = table(&["answers begun with", "measured", "refusal rate", "harmfulness rate", "mean score"]);
    for (when, PrefillResult { tokens, safety, .. }) in rows {
        let [refusal, harm] = [safety.refusal_rate, safety.harmfulness_rate].map(|r| Value::Share(r).to_string());
        table.add_row([counted(*tokens), when.to_string(), refusal, harm, format!("{:.2}", safety.mean_score)]);
    }
    Some(table)
}

/// `1 token`, `8 tokens`.
fn counted(tokens: usize) -> String {
    format!("{tokens} token{}", if tokens == 1 { "" } else { "s" })
}

/// How far the model is from another along complete answers.
pub fn divergence(positions: &[PositionDivergence], other: &str) -> String {
    let divergence = format!("KL(model || {other}) in nats");
    let mut table = table(&["token of a complete answer", &divergence, "answers"]);
    for p in positions {
        table.add_row([p.position.to_string(), format!("{:.4}", p.kl), p.answers.to_string()]);
    }
    table.to_string()
}

/// One measurement's figures on these questions.
pub fn measurement(measurement: &Measurement, questions: &QuestionSet) -> String {
    let mut figures = table(&["figure (95 % interval)", "value"]);
    for figure in Figure::ALL {
        figures.add_row([figure.name().into(), shown(figure.of(measurement))]);
    }
    let mut out = format!("{}{figures}", development(questions));
    if let Some(forbidden) = &measurement.forbidden {
        let mut table = table(&["section", "refusal rate", "harmfulness rate", "mean score"]);
        for s in &forbidden.sections {
            let [refusal, harm] =
                [s.safety.refusal_rate, s.safety.harmfulness_rate].map(|r| Value::Share(r).to_string());
            table.add_row([s.section.clone(), refusal, harm, format!("{:.2}", s.safety.mean_score)]);
        }
        out += &format!("\n{table}");
    }
    if let Some(prefill) = prefill(&[("now", Some(measurement))]) {
        out += &format!("\n{prefill}");
    }
    out
}

fn sections(before: Option<&Measurement>, after: Option<&Measurement>) -> Option<Table> {
    let (before, after) = (before?.forbidden.as_ref()?, after?.forbidden.as_ref()?);
    let mut table = table(&["section", "harmfulness rate before", "after"]);
    for (b, a) in before.sections.iter().zip(&after.sections) {
        let [b, a] = [b, a].map(|s| (s.section.clone(), Value::Share(s.safety.harmfulness_rate).to_string()));
        table.add_row([b.0, b.1, a.1]);
    }
    Some(table)
}

fn compared(records: &[&Record], comparison: &Comparison) -> String {
    let mut headings = vec!["figure (95 % interval)".to_string()];
    headings.extend(records.iter().map(|r| format!("{}, seed {}: before / after", r.plan.name, r.plan.seed)));
    let mut out = table(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for row in &comparison.rows {
        let cells = row.cells.iter().map(|c| format!("{}\n{}", shown(c.before), shown(c.after)));
        let how = match &row.asked {
            Asked::Plainly => String::new(),
            Asked::Under { condition } => format!(", {}", condition_title(condition)),
            Asked::Begun { tokens } => format!(", answers begun with {}", counted(*tokens)),
        };
        out.add_row(std::iter::once(format!("{}{how}", row.figure.name())).chain(cells));
    }
    // All were asked the same questions, or there would be no comparison.
    let asked = records.first().map_or("", |first| development(&first.plan.evaluation.questions));
    let mut text = format!("{asked}{out}");
    for (other, differences) in records[1..].iter().zip(&comparison.differences) {
        text += &format!("\n\n{} against {}:", records[0].plan.name, other.plan.name);
        if differences.is_empty() {
            text += " the same plan";
        }
        for difference in differences {
            text += &format!("\n- {difference}");
        }
    }
    text
}

fn shown(value: Option<Value>) -> String {
    value.map_or_else(|| "not measured".into(), |v| v.to_string())
}
