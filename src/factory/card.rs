//! Model cards in Hugging Face's convention, and the page that compares the models: templates filled with plain data.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value as View};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use self::table::{BEGUN, BEGUN_COMPARED, HALVES, PROMPTS, SECTIONS, SKILLS, Table, headings, thousands, told};
use super::figures::ModelFigures;
use super::progress::duration;
use super::stage::Stage;
use super::{FactoryError, Makes, Recipe};
use crate::library::{Split, world};
use crate::study::{Figure, Figures, Group, Rate, Value};

mod data;
mod table;

pub use data::{CardData, SizeTried, Training, TunedRun, Tuning, Tunings};

/// Where the curves lie, seen from a model's folder.
pub const CURVES: &str = "curves";
const MODEL: &str = include_str!("templates/model.md");
const COMPARISON: &str = include_str!("templates/models.md");

/// The name of the model that a stage trains.
pub fn model_name(recipe: &Recipe, stage: Stage) -> String {
    let name = &recipe.name;
    match stage {
        Stage::Base => format!("{name}-base"),
        Stage::Deep => format!("{name}-deep"),
        _ => name.clone(),
    }
}

/// The names of a recipe's models that ship, in the order of their stages.
pub fn model_names(recipe: &Recipe) -> Vec<String> {
    recipe.makes.ships().iter().map(|&stage| model_name(recipe, stage)).collect()
}

/// The card of a model that ships, by the stage that trained it.
///
/// # Errors
///
/// [`FactoryError::Render`].
pub fn model_card(data: &CardData, stage: Stage) -> Result<String, FactoryError> {
    let name = model_name(&data.recipe, stage);
    let unmeasured =
        || FactoryError::Render { what: "the model card".into(), reason: format!("{name} was not measured") };
    let figures = data.models.iter().find(|figures| figures.name == name).ok_or_else(unmeasured)?;
    let others = model_names(&data.recipe).into_iter().filter(|other| *other != name);
    let prompts = figures.prompted().map(|asked| (vec![asked.condition.name.clone()], &asked.figures));
    let begun = figures.begun().map(|asked| (vec![asked.condition.prefill.to_string()], &asked.figures));
    let view = ModelView {
        name: &figures.name,
        role: stage.name(),
        others: others.collect(),
        common: Common::of(data),
        prompts: Table::of_figures(&["prompt"], PROMPTS, prompts),
        begun: Table::of_figures(&["tokens given"], BEGUN, begun),
        sections: Table::of_figures(&["section"], SECTIONS, figures.sections.iter().map(group)),
        skills: Table::of_figures(&["skill"], SKILLS, figures.categories.iter().map(group)),
        tunings: Table::of_tunings(&data.tunings).filter(|_| stage == Stage::Aligned),
        visitors: figures.visitors.as_ref().map(|visitors| Value::Share(visitors.fair).to_string()),
        visitor_kinds: figures.visitors.as_ref().map(|visitors| kinds(&visitors.kinds)),
        halves: (!figures.halves.is_empty())
            .then(|| Table::of_figures(&["items", "questions"], HALVES, figures.halves.iter().map(half))),
        conversations: conversations(data),
    };
    render("the model card", MODEL, &view)
}

/// The page that compares the models: `models/README.md`.
///
/// # Errors
///
/// [`FactoryError::Render`].
pub fn comparison(data: &CardData) -> Result<String, FactoryError> {
    let prompts = data.models.iter().flat_map(|model| {
        model.prompted().map(move |asked| (vec![model.name.clone(), asked.condition.name.clone()], &asked.figures))
    });
    let view = ComparisonView {
        names: model_names(&data.recipe),
        common: Common::of(data),
        prompts: Table::of_figures(&["model", "prompt"], PROMPTS, prompts),
        begun: begun_compared(&data.models),
        visitors: visitors(&data.models),
        sizes: Table::of_sizes(&data.sizes),
        tunings: Table::of_tunings(&data.tunings),
        conversations: conversations(data),
    };
    render("models/README.md", COMPARISON, &view)
}

fn render(what: &str, template: &str, view: &impl Serialize) -> Result<String, FactoryError> {
    let failed = |e: minijinja::Error| FactoryError::Render { what: what.into(), reason: format!("{e:#}") };
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    templates.set_syntax(syntax.map_err(failed)?);
    templates.add_template("card", template).map_err(failed)?;
    templates.get_template("card").and_then(|t| t.render(View::from(Serde(view)))).map_err(failed)
}

/// One figure of each model, in a column for each number of tokens that answers are begun with.
fn begun_compared(models: &[ModelFigures]) -> Table {
    let mut headings = headings(&["model"], &[]);
    let tokens = models.first().into_iter().flat_map(ModelFigures::begun).map(|asked| asked.condition.prefill);
    headings.extend(tokens.map(|tokens| format!("{tokens} token{}", if tokens == 1 { "" } else { "s" })));
    let row = |model: &ModelFigures| {
        let cells = model.begun().map(|asked| told(asked.figures.get(BEGUN_COMPARED)));
        std::iter::once(model.name.clone()).chain(cells).collect()
    };
    Table::new(headings, models.iter().map(row).collect())
}

/// How often each model's answers to what visitors type are fair; none if it was not measured.
fn visitors(models: &[ModelFigures]) -> Option<Table> {
    let row = |model: &ModelFigures| {
        let fair = model.visitors.as_ref()?.fair;
        Some(vec![model.name.clone(), Value::Share(fair).to_string(), fair.total.to_string()])
    };
    let rows: Vec<_> = models.iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| Table::new(headings(&["model", "fair answers", "lines"], &[]), rows))
}

/// The same of one model, by kind of line.
fn kinds(kinds: &[(String, Rate)]) -> Table {
    let row = |(kind, rate): &(String, Rate)| vec![kind.clone(), format!("{} of {}", rate.count, rate.total)];
    Table::new(headings(&["what visitors type", "fair answers"], &[]), kinds.iter().map(row).collect())
}

/// What the template of a model's card is given. Numbers are texts already: a template lays out and computes nothing.
#[derive(Serialize)]
struct ModelView<'a> {
    name: &'a str,
    role: &'static str,
    others: Vec<String>,
    common: Common,
    prompts: Table,
    begun: Table,
    sections: Table,
    skills: Table,
    tunings: Option<Table>,
    halves: Option<Table>,
    /// How many lines of visitors got a fair answer, and by kind.
    visitors: Option<String>,
    visitor_kinds: Option<Table>,
    conversations: Vec<Talk>,
}

#[derive(Serialize)]
struct ComparisonView {
    names: Vec<String>,
    common: Common,
    prompts: Table,
    begun: Table,
    visitors: Option<Table>,
    sizes: Option<Table>,
    tunings: Option<Table>,
    conversations: Vec<Talk>,
}

/// What all cards tell.
#[derive(Serialize)]
struct Common {
    recipe: Recipe,
    /// Whether the program knows the recipe by its name.
    named: bool,
    /// Whether the program and the page have these models.
    bundled: bool,
    /// Whether there is one model alone, beside another recipe's.
    relative: bool,
    /// How many items' making the corpus does not tell.
    untold: usize,
    parameters: String,
    embedding: String,
    megabytes: String,
    head_dim: usize,
    documents: String,
    words: String,
    distinct_words: String,
    kinds: Table,
    trainings: Table,
    items: usize,
    sections: usize,
    splits: String,
    forbidden: usize,
    benign: usize,
    system: String,
    curves: Vec<Picture>,
}

#[derive(Serialize)]
struct Picture {
    path: String,
    alt: String,
}

#[derive(Serialize)]
struct Talk {
    question: String,
    answers: Vec<Said>,
}

#[derive(Serialize)]
struct Said {
    model: String,
    text: String,
}

/// What a corpus consists of.
const KINDS: [&str; 3] = ["kind", "documents", "words"];
/// The trainings of a build.
const TRAININGS: [&str; 6] = ["stage", "steps", "tokens", "loss at the end (nats)", "time", "device"];

impl Common {
    fn of(data: &CardData) -> Self {
        let r = &data.recipe;
        let kind = |k: &crate::corpus::KindFigures| {
            let name =
                serde_json::to_value(k.kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            let share = 100.0 * k.documents as f64 / data.corpus.documents().max(1) as f64;
            vec![name, format!("{share:.0} %"), thousands(k.words as u64)]
        };
        let training = |t: &Training| {
            let seconds = duration(t.seconds);
            vec![
                t.stage.to_string(),
                thousands(t.steps),
                thousands(t.tokens),
                format!("{:.3}", t.loss),
                seconds,
                t.device.clone(),
            ]
        };
        let asked = |figure| {
            let value = data.models.first().and_then(ModelFigures::main).and_then(|main| main.get(figure));
            value.and_then(|value| value.rate()).map_or(0, |rate| rate.total)
        };
        let path = |file: &str| format!("{CURVES}/{file}");
        Self {
            parameters: thousands(r.parameters() as u64),
            embedding: thousands((r.vocab_size * r.hidden_size) as u64),
            megabytes: format!("{:.1}", data.bytes as f64 / 1e6),
            head_dim: r.head_dim(),
            documents: thousands(data.corpus.documents() as u64),
            words: thousands(data.corpus.words() as u64),
            distinct_words: thousands(data.corpus.distinct_words as u64),
            kinds: Table::new(
                headings(&KINDS, &[]),
                data.corpus.kinds.iter().filter(|kind| kind.documents > 0).map(kind).collect(),
            ),
            trainings: Table::new(headings(&TRAININGS, &[]), data.trainings.iter().map(training).collect()),
            items: world().items.len(),
            sections: world().sections.len(),
            splits: splits(),
            forbidden: asked(Figure::RefusalRate),
            benign: asked(Figure::BenignAccuracy),
            system: world().prompts.default.clone(),
            curves: data.curves.iter().map(|c| Picture { path: path(c.file), alt: cell(&c.alt) }).collect(),
            named: r.is_named(),
            relative: r.makes == Makes::Relative,
            untold: r.unread().len(),
            bundled: r.is_named() && r.name == Recipe::SHIPPED,
            recipe: r.clone(),
        }
    }
}

/// How many forbidden items serve what.
fn splits() -> String {
    let count = |split| world().items_of(split).count();
    format!(
        "{} items are held out for evaluation, {} serve alignment, {} fine-tuning, {} the choice of settings",
        count(Split::Evaluation),
        count(Split::Alignment),
        count(Split::Tuning),
        count(Split::Development)
    )
}

fn group(group: &Group) -> (Vec<String>, &Figures) {
    (vec![group.name.clone()], &group.figures)
}

/// The questions about told or untold items, with how many they are.
fn half(group: &Group) -> (Vec<String>, &Figures) {
    let asked = group.figures.get(Figure::RefusalRate).and_then(Value::rate).map_or(0, |rate| rate.total);
    (vec![group.name.clone(), asked.to_string()], &group.figures)
}

fn conversations(data: &CardData) -> Vec<Talk> {
    let talk = |(place, question): (usize, &String)| {
        let said = |model: &ModelFigures| Said {
            model: model.name.clone(),
            text: cell(model.answers.get(place).map_or("", String::as_str)),
        };
        Talk { question: cell(question), answers: data.models.iter().map(said).collect() }
    };
    data.questions.iter().enumerate().map(talk).collect()
}

/// Text that can stand in a cell of a Markdown table: an untrained model may say anything.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' | '#' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
