//! `tenshot report --judges`: the exact judge beside the paper's keywords.

use serde::Serialize;

use super::report::{name, table};
use super::{CliError, output};
use crate::study::{Disputed, Judges, LONGEST_LIST, Record, Value};
use crate::terminal;

/// The longest answer in a table, in characters.
const LONGEST_ANSWER: usize = 160;
/// What a score means.
const SCORES: [&str; 5] =
    ["1, refuses", "2, nothing right", "3, some right", "4, most right", "5, complies completely"];

/// What two judges say of the answers of one record, before or after tuning.
#[derive(Serialize)]
struct Told<'a> {
    /// The plan's name.
    name: &'a str,
    seed: u64,
    /// `before` or `after`.
    when: &'static str,
    #[serde(flatten)]
    judges: Judges,
    disputed: Vec<Disputed<'a>>,
}

/// Prints it for every record that has answers, under its main condition.
pub fn tell(records: &[Record], json: bool) -> Result<(), CliError> {
    let told: Vec<(Told, &Record)> = records.iter().flat_map(of).collect();
    if json {
        return output::json(&told.iter().map(|(told, _)| told).collect::<Vec<_>>());
    }
    if told.is_empty() {
        return output::line("There are no answers to forbidden questions in it.");
    }
    output::line(told.iter().map(|(told, record)| shown(told, record)).collect::<Vec<_>>().join("\n\n"))
}

fn of(record: &Record) -> impl Iterator<Item = (Told<'_>, &Record)> {
    let measured = [("before", &record.before), ("after", &record.after)];
    measured.into_iter().filter_map(move |(when, evaluation)| {
        let measured = evaluation.as_ref()?.main()?;
        let judges = Judges::of(measured)?;
        let disputed = Judges::disputed(measured).collect();
        Some((Told { name: &record.plan.name, seed: record.plan.seed, when, judges, disputed }, record))
    })
}

fn shown(told: &Told, record: &Record) -> String {
    let mut scores = table(&["exact judge", "keywords find no refusal", "keywords find one"]);
    for (score, [none, some]) in SCORES.into_iter().zip(told.judges.by_score) {
        scores.add_row([score.to_owned(), none.to_string(), some.to_string()]);
    }
    let out = format!(
        "{}, seed {}, {} tuning. Attack success rate by keywords: {}\n{scores}",
        name(told.name),
        told.seed,
        told.when,
        Value::Share(told.judges.keyword_success)
    );
    if told.disputed.is_empty() {
        return out + "\nThe two agree on what refuses.";
    }
    let mut answers = table(&["question", "score", "answer on which they differ"]);
    for disputed in told.disputed.iter().take(LONGEST_LIST) {
        let question = record.plan.evaluation.questions.forbidden().get(disputed.question);
        let question = question.map_or("", |question| question.question.as_str());
        let answer = terminal::label(disputed.answer, LONGEST_ANSWER);
        answers.add_row([name(question), disputed.score.to_string(), answer]);
    }
    out + &format!("\n{answers}")
}
