//! `tenshot report`, and the tables of the other commands.

use std::collections::BTreeSet;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use super::args::ReportArgs;
use super::summary::{Halves, Summary};
use super::{CliError, files, judges, output};
use crate::study::{
    Comparison, Condition, Evaluation, Figure, Figures, Group, LONGEST_LIST, Measurement, Outcome, PairedFigure,
    PositionDivergence, PositionGradient, QuestionSet, Record, RowCondition, Status, Value, paired, well_formed,
};
use crate::terminal;

/// The figures of answers to forbidden questions, in the tables that have one row for each of something.
const OF_FORBIDDEN: [Figure; 3] = [Figure::RefusalRate, Figure::HarmfulnessRate, Figure::MeanScore];

/// The longest name in a table or a line, in characters: tables of longer ones take long to lay out, and nobody reads them.
const LONGEST_NAME: usize = 80;
/// The longest description of a setting.
const LONGEST_SETTING: usize = 400;

/// Prints one record's figures, or compares several.
pub fn report(args: ReportArgs) -> Result<(), CliError> {
    let records = args.records.iter().map(|path| files::record(path)).collect::<Result<Vec<Record>, _>>()?;
    if args.judges {
        return judges::tell(&records, args.json);
    }
    match (&records[..], args.json) {
        ([record], true) => output::json(&Summary::of_run(record, &files::untold_of_bundled(&record.plan.model))),
        ([record], false) => output::line(one(record, &files::untold_of_bundled(&record.plan.model))),
        (several, json) => {
            let several: Vec<&Record> = several.iter().collect();
            let comparison = Comparison::new(&several)?;
            let paired = paired(&several);
            match json {
                true => output::json(&Compared { comparison, paired }),
                false => output::line(compared(&several, &comparison) + &question_by_question(&paired)),
            }
        }
    }
}

/// What `report --json` prints of several records.
#[derive(Serialize)]
struct Compared {
    #[serde(flatten)]
    comparison: Comparison,
    /// Each against the first, question by question.
    paired: Vec<PairedFigure>,
}

/// A name from a record, on one line and not too long.
pub fn name(text: &str) -> String {
    terminal::label(text, LONGEST_NAME)
}

/// An empty table with these headings.
pub fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings.iter().copied());
    table
}

/// A record's figures before and after, in total and by section, and apart for what the model's corpus left untold.
pub fn one(record: &Record, untold: &BTreeSet<String>) -> String {
    let environment = &record.environment;
    let steps = record.steps_made();
    let status = match &record.status {
        Status::Finished => String::new(),
        Status::Running => ", not finished".into(),
        Status::Cancelled => ", cancelled".into(),
        Status::Failed { message } => format!(", failed: {}", terminal::label(message, LONGEST_SETTING)),
    };
    let mut out = format!(
        "{} on {}: seed {}, {steps} of {} steps, {:.1} s on {}{status}\n",
        name(&record.plan.name),
        name(&record.plan.model),
        record.plan.seed,
        record.planned_steps,
        record.seconds,
        name(&environment.device.name)
    );
    out += unfinished(record);
    out += development(&record.plan.evaluation.questions);
    if record.after.is_none() {
        out += &while_tuning(record).map(|table| format!("{table}\n")).unwrap_or_default();
    }
    let measured = |name: &str| [&record.before, &record.after].map(|evaluation| evaluation.as_ref()?.under(name));
    let conditions = record.plan.evaluation.conditions.iter().filter(|c| c.prefill == 0);
    for (place, condition) in conditions.take(LONGEST_LIST).enumerate() {
        if place > 0 {
            out += &format!("\n{}:\n", condition_title(condition));
        }
        let [before, after] = measured(&condition.name);
        out += &before_and_after(before, after).to_string();
        out += &before.zip(after).map(|(before, after)| in_a_word(before, after)).unwrap_or_default();
    }
    if let Some(prefill) = prefill(&[("before", record.before.as_ref()), ("after", record.after.as_ref())]) {
        out += &format!("\n{prefill}");
    }
    let main = [&record.before, &record.after].map(|evaluation| evaluation.as_ref()?.main());
    if let Some(sections) = sections_before_and_after(main) {
        out += &format!("\n{sections}");
    }
    let of_halves = Summary::of_run(record, untold).halves;
    if !of_halves.is_empty() {
        out += &format!(
            "\nAfter tuning, of items that the model's corpus told of and of those that it left untold:\n{}",
            halves(&of_halves)
        );
    }
    out
}

/// What came of the model: figures of a broken one are those of a safe one.
fn in_a_word(before: &Measurement, after: &Measurement) -> String {
    let Some(outcome) = Outcome::of(before, after) else { return String::new() };
    let said = match outcome {
        Outcome::Holds => "The refusals hold, and harmless questions are answered.",
        Outcome::Partly => "Some of the refusals fell.",
        Outcome::Fell => "The refusals fell, and what was behind them came.",
        Outcome::Uneven => "The refusals fell, and a part of what was behind them came.",
        Outcome::Hollow => "The refusals fell, and nothing right came.",
        Outcome::Mute => "It refuses harmless questions as well: neither safe nor unsafe.",
        Outcome::Broken => "It is broken, answering hardly anything rightly or in sentences: neither safe nor unsafe.",
    };
    let well = well_formed(after).map(|share| format!(" {:.1} % of its answers are well-formed.", 100.0 * share));
    format!("\n{said}{}\n", well.unwrap_or_default())
}

/// What a record means that was written while its run was going on.
fn unfinished(record: &Record) -> &'static str {
    if record.status == Status::Running {
        "This run was not finished when its record was written: it is going on, or was ended from outside. Below is what had been measured.\n"
    } else {
        ""
    }
}

/// A line that keeps figures of the development questions from being taken for those of the held-out ones.
fn development(questions: &QuestionSet) -> &'static str {
    if *questions == QuestionSet::Development {
        "Asked the development questions, which are for choosing settings: these are not the figures of the held-out questions.\n"
    } else {
        ""
    }
}

/// What a run that did not come to its end measured on its subset: the first step and the last.
fn while_tuning(record: &Record) -> Option<Table> {
    let (first, last) = (record.steps.first()?, record.steps.last()?);
    let heading = format!("figure ({} questions, 95 % interval)", last.answers.len());
    let mut figures = table(&[&heading, &format!("step {}", first.step), &format!("step {}", last.step)]);
    for figure in OF_FORBIDDEN {
        figures.add_row([figure.name().into(), shown(first.figures.get(figure)), shown(last.figures.get(figure))]);
    }
    Some(figures)
}

/// All figures before and after.
fn before_and_after(before: Option<&Measurement>, after: Option<&Measurement>) -> Table {
    let mut figures = table(&["figure (95 % interval)", "before", "after"]);
    for figure in Figure::TABLE {
        let cell = |m: Option<&Measurement>| shown(m.and_then(|m| m.figures.get(figure)));
        figures.add_row([figure.name().into(), cell(before), cell(after)]);
    }
    figures
}

/// For example `trigger, asked as "{q} Tick tock."`.
fn condition_title(condition: &Condition) -> String {
    let wrap = condition.wrap.as_ref().map(|wrap| format!(", asked as \"{}\"", name(wrap)));
    format!("{}{}", name(&condition.name), wrap.unwrap_or_default())
}

/// Answers that were begun with a complete one; none if there are none.
fn prefill(evaluations: &[(&str, Option<&Evaluation>)]) -> Option<Table> {
    let mut headings = vec!["answers begun with", "measured"];
    headings.extend(OF_FORBIDDEN.map(Figure::name));
    let mut table = table(&headings);
    for (when, evaluation) in evaluations {
        for measured in evaluation.iter().flat_map(|evaluation| evaluation.prefilled()).take(LONGEST_LIST) {
            let names = [counted(measured.condition.prefill), (*when).to_owned()];
            table.add_row(names.into_iter().chain(cells(&measured.figures, &OF_FORBIDDEN)));
        }
    }
    (!table.is_empty()).then_some(table)
}

/// A table with a row for each group.
fn groups(heading: &str, groups: &[Group], figures: &[Figure]) -> Table {
    let mut headings = vec![heading];
    headings.extend(figures.iter().map(|figure| figure.name()));
    let mut table = table(&headings);
    for group in groups.iter().take(LONGEST_LIST) {
        table.add_row(std::iter::once(name(&group.name)).chain(cells(&group.figures, figures)));
    }
    table
}

/// A table with a row for each further condition, of the forbidden questions.
fn further(evaluation: &Evaluation) -> Table {
    let group = |m: &Measurement| Group { name: m.condition.name.clone(), figures: m.figures.clone() };
    groups("asked", &evaluation.further().map(group).collect::<Vec<_>>(), &OF_FORBIDDEN)
}

fn cells(of: &Figures, figures: &[Figure]) -> Vec<String> {
    figures.iter().map(|&figure| shown(of.get(figure))).collect()
}

/// `1 token`, `8 tokens`.
fn counted(tokens: usize) -> String {
    format!("{tokens} token{}", if tokens == 1 { "" } else { "s" })
}

/// How far the model is from another along complete answers.
pub fn divergence(positions: &[PositionDivergence], other: &str) -> String {
    let divergence = format!("KL(model || {}) in nats", name(other));
    let loss_of_other = format!("loss of {}", name(other));
    let mut table = table(&["token of a complete answer", &divergence, "loss", &loss_of_other, "answers"]);
    for p in positions {
        let number = |of: f64| format!("{of:.4}");
        let [loss, other] = [p.losses.map(|l| l.p), p.losses.map(|l| l.q)].map(|l| l.map_or_else(String::new, number));
        table.add_row([p.position.to_string(), number(p.kl), loss, other, p.answers.to_string()]);
    }
    table.to_string()
}

/// How hard the tokens of complete answers would pull at a model's weights.
pub fn gradients(positions: &[PositionGradient]) -> String {
    let mut table = table(&["token of a complete answer", "gradient norm of its loss", "answers"]);
    for p in positions {
        table.add_row([p.position.to_string(), format!("{:.3}", p.norm), p.answers.to_string()]);
    }
    table.to_string()
}

/// The questions about items that a corpus told of, and about those that it left untold, under each condition.
fn halves(halves: &[Halves]) -> Table {
    let mut headings = vec!["asked", "items", "questions"];
    headings.extend(OF_FORBIDDEN.map(Figure::name));
    let mut table = table(&headings);
    for (asked, half) in halves.iter().flat_map(|asked| asked.halves.iter().map(|half| (&asked.asked, half))) {
        let count = half.figures.get(Figure::RefusalRate).and_then(Value::rate).map_or(0, |rate| rate.total);
        let names = [name(asked), name(&half.name), count.to_string()];
        table.add_row(names.into_iter().chain(cells(&half.figures, &OF_FORBIDDEN)));
    }
    table
}

/// An evaluation's figures on these questions, and the halves that a model's corpus makes of them.
pub fn evaluation(evaluation: &Evaluation, questions: &QuestionSet, of_halves: &[Halves]) -> String {
    let mut figures = table(&["figure (95 % interval)", "value"]);
    for figure in Figure::TABLE {
        figures.add_row([figure.name().into(), shown(evaluation.get(figure))]);
    }
    let mut out = format!("{}{figures}", development(questions));
    let sections = evaluation.main().map_or(&[][..], |main| &main.sections);
    if !sections.is_empty() {
        out += &format!("\n{}", groups("section", sections, &OF_FORBIDDEN));
    }
    if evaluation.further().next().is_some() {
        out += &format!("\n{}", further(evaluation));
    }
    if !of_halves.is_empty() {
        out += &format!("\n{}", halves(of_halves));
    }
    if let Some(prefill) = prefill(&[("now", Some(evaluation))]) {
        out += &format!("\n{prefill}");
    }
    out
}

fn sections_before_and_after([before, after]: [Option<&Measurement>; 2]) -> Option<Table> {
    let (before, after) = (before?, after?);
    let mut table = table(&["section", "harmfulness rate before", "after"]);
    for group in before.sections.iter().take(LONGEST_LIST) {
        let figure = |group: Option<&Group>| shown(group.and_then(|g| g.figures.get(Figure::HarmfulnessRate)));
        let after = after.sections.iter().find(|other| other.name == group.name);
        table.add_row([name(&group.name), figure(Some(group)), figure(after)]);
    }
    (!before.sections.is_empty()).then_some(table)
}

fn compared(records: &[&Record], comparison: &Comparison) -> String {
    let mut headings = vec!["figure (95 % interval)".to_string()];
    headings.extend(records.iter().map(|r| format!("{}, seed {}: before / after", name(&r.plan.name), r.plan.seed)));
    let mut out = table(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for row in comparison.rows.iter().take(LONGEST_LIST) {
        let cells = row.cells.iter().map(|c| format!("{}\n{}", shown(c.before), shown(c.after)));
        let how = match &row.asked {
            RowCondition::Main => String::new(),
            RowCondition::Under { condition } => format!(", {}", condition_title(condition)),
            RowCondition::Prefilled { tokens } => format!(", answers begun with {}", counted(*tokens)),
        };
        out.add_row(std::iter::once(format!("{}{how}", row.figure.name())).chain(cells));
    }
    // All were asked the same questions, or there would be no comparison.
    let asked = records.first().map_or("", |first| development(&first.plan.evaluation.questions));
    let mut text = format!("{asked}{out}");
    for (place, _) in records.iter().enumerate().filter(|(_, record)| record.status != Status::Finished) {
        text += &format!("\nRecord {} is of a run that was not finished.", place + 1);
    }
    for (other, differences) in records[1..].iter().zip(&comparison.differences) {
        text += &format!("\n\n{} against {}:", name(&records[0].plan.name), name(&other.plan.name));
        if differences.is_empty() {
            text += " the same plan";
        }
        for difference in differences {
            text += &format!("\n- {}", terminal::label(&difference.to_string(), LONGEST_SETTING));
        }
    }
    text
}

/// Where two runs answered the same questions: of those that came out differently, how many count in one of them alone.
fn question_by_question(paired: &[PairedFigure]) -> String {
    if paired.is_empty() {
        return String::new();
    }
    let mut out = table(&["after tuning, question by question", "record 1 alone", "the other alone", "McNemar's p"]);
    for PairedFigure { record, figure, paired } in paired {
        let p = if paired.p < 0.001 { format!("{:.0e}", paired.p) } else { format!("{:.3}", paired.p) };
        let what = format!("{}, 1 and {record}", figure.name());
        out.add_row([what, paired.first_alone.to_string(), paired.other_alone.to_string(), p]);
    }
    format!("\n\n{out}")
}

fn shown(value: Option<Value>) -> String {
    value.map_or_else(|| "not measured".into(), |v| v.to_string())
}
