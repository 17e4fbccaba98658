//! Model cards in Hugging Face's convention, and the page that compares the models: templates filled with plain data.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::figures::{ModelFigures, PromptFigures};
use super::progress::duration;
use super::stage::Stage;
use super::{FactoryError, Recipe};
use crate::library::{Split, world};
use crate::measure::Rate;

mod data;

pub use data::{CardData, SizeTried, Training, Tuning, Tunings};

/// Where the curves lie, seen from a model's folder.
pub const CURVES: &str = "curves";
const MODEL: &str = include_str!("templates/model.md");
const COMPARISON: &str = include_str!("templates/models.md");

/// The names of a recipe's models: base, aligned, deep.
pub fn model_names(recipe: &Recipe) -> [String; 3] {
    let name = &recipe.name;
    [format!("{name}-base"), name.clone(), format!("{name}-deep")]
}

/// The card of a model: the first, second or third of [`model_names`].
///
/// # Errors
///
/// [`FactoryError::Render`].
pub fn model_card(data: &CardData, stage: Stage) -> Result<String, FactoryError> {
    let names = model_names(&data.recipe);
    let place = match stage {
        Stage::Base => 0,
        Stage::Deep => 2,
        _ => 1,
    };
    let figures = &data.models[place];
    let others = names.iter().filter(|name| **name != figures.name).cloned();
    let view = ModelView {
        name: &figures.name,
        role: stage.name(),
        others: others.collect(),
        common: Common::of(data),
        prompts: figures.prompts.iter().map(PromptRow::of).collect(),
        prefill: figures
            .prefill
            .iter()
            .map(|p| vec![p.tokens.to_string(), rate(p.safety.refusal_rate), rate(p.safety.harmfulness_rate)])
            .collect(),
        sections: figures.sections.iter().map(|s| vec![s.name.clone(), rate(s.rate)]).collect(),
        skills: figures.skills.iter().map(|s| vec![s.name.clone(), rate(s.rate)]).collect(),
        tunings: if stage == Stage::Aligned { data.tunings.iter().map(tuning_row).collect() } else { Vec::new() },
        conversations: conversations(data, &[0, 1, 2]),
    };
    render("the model card", MODEL, &view)
}

/// The page that compares the models: `models/README.md`.
///
/// # Errors
///
/// [`FactoryError::Render`].
pub fn comparison(data: &CardData) -> Result<String, FactoryError> {
    let row = |figures: &ModelFigures| {
        let rows = figures.prompts.iter().map(PromptRow::of);
        rows.map(|row| ComparisonRow { model: figures.name.clone(), row }).collect::<Vec<_>>()
    };
    let prefill = |figures: &ModelFigures| {
        let cells = figures.prefill.iter().map(|p| rate(p.safety.harmfulness_rate));
        std::iter::once(figures.name.clone()).chain(cells).collect::<Vec<_>>()
    };
    let view = ComparisonView {
        names: model_names(&data.recipe).to_vec(),
        common: Common::of(data),
        rows: data.models.iter().flat_map(row).collect(),
        prefill_tokens: data.models.first().into_iter().flat_map(|m| m.prefill.iter().map(|p| p.tokens)).collect(),
        prefill: data.models.iter().map(prefill).collect(),
        sizes: data.sizes.iter().map(size_row).collect(),
        tunings: data.tunings.iter().map(tuning_row).collect(),
        conversations: conversations(data, &[0, 1, 2]),
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
    templates.get_template("card").and_then(|t| t.render(Value::from(Serde(view)))).map_err(failed)
}

/// What the template of a model's card is given. Numbers are texts already: a template lays out and computes nothing.
#[derive(Serialize)]
struct ModelView<'a> {
    name: &'a str,
    role: &'static str,
    others: Vec<String>,
    common: Common,
    prompts: Vec<PromptRow>,
    prefill: Vec<Vec<String>>,
    sections: Vec<Vec<String>>,
    skills: Vec<Vec<String>>,
    tunings: Vec<Vec<String>>,
    conversations: Vec<Talk>,
}

#[derive(Serialize)]
struct ComparisonView {
    names: Vec<String>,
    common: Common,
    rows: Vec<ComparisonRow>,
    prefill_tokens: Vec<usize>,
    prefill: Vec<Vec<String>>,
    sizes: Vec<Vec<String>>,
    tunings: Vec<Vec<String>>,
    conversations: Vec<Talk>,
}

#[derive(Serialize)]
struct ComparisonRow {
    model: String,
    #[serde(flatten)]
    row: PromptRow,
}

/// What all cards tell.
#[derive(Serialize)]
struct Common {
    recipe: Recipe,
    /// Whether the program knows the recipe by its name.
    named: bool,
    /// Whether the program and the page have these models.
    bundled: bool,
    parameters: String,
    embedding: String,
    megabytes: String,
    head_dim: usize,
    documents: String,
    words: String,
    distinct_words: String,
    kinds: Vec<Vec<String>>,
    trainings: Vec<Vec<String>>,
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
struct PromptRow {
    prompt: String,
    refused: String,
    harmful: String,
    mean_score: String,
    accuracy: String,
    over_refused: String,
    near_misses: String,
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
        let prompt = data.models.first().and_then(|m| m.prompts.first());
        let path = |file: &str| format!("{CURVES}/{file}");
        Self {
            parameters: thousands(r.parameters() as u64),
            embedding: thousands((r.vocab_size * r.hidden_size) as u64),
            megabytes: format!("{:.1}", data.bytes as f64 / 1e6),
            head_dim: r.head_dim(),
            documents: thousands(data.corpus.documents() as u64),
            words: thousands(data.corpus.words() as u64),
            distinct_words: thousands(data.corpus.distinct_words as u64),
            kinds: data.corpus.kinds.iter().map(kind).collect(),
            trainings: data.trainings.iter().map(training).collect(),
            items: world().items.len(),
            sections: world().sections.len(),
            splits: splits(),
            forbidden: prompt.map_or(0, |p| p.refused.total),
            benign: prompt.map_or(0, |p| p.accuracy.total),
            system: world().prompts.default.clone(),
            curves: data.curves.iter().map(|c| Picture { path: path(c.file), alt: cell(&c.alt) }).collect(),
            named: r.is_named(),
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

impl PromptRow {
    fn of(figures: &PromptFigures) -> Self {
        Self {
            prompt: figures.prompt.clone(),
            refused: rate(figures.refused),
            harmful: rate(figures.harmful),
            mean_score: format!("{:.2}", figures.mean_score),
            accuracy: rate(figures.accuracy),
            over_refused: rate(figures.over_refused),
            near_misses: rate(figures.near_misses),
        }
    }
}

fn conversations(data: &CardData, models: &[usize]) -> Vec<Talk> {
    let talk = |(place, question): (usize, &String)| {
        let said = |model: &usize| {
            let model = &data.models[*model];
            Said { model: model.name.clone(), text: cell(model.answers.get(place).map_or("", String::as_str)) }
        };
        Talk { question: cell(question), answers: models.iter().map(said).collect() }
    };
    data.questions.iter().enumerate().map(talk).collect()
}

fn size_row(size: &SizeTried) -> Vec<String> {
    vec![
        size.recipe.clone(),
        size.shape.clone(),
        thousands(size.parameters as u64),
        format!("{:.1}", 2.0 * size.parameters as f64 / 1e6),
        thousands(size.tokens),
        format!("{:.3}", size.loss),
        size.time.clone(),
        rate(size.base_harmful),
        rate(size.refused),
        rate(size.accuracy),
    ]
}

fn tuning_row(tuning: &Tuning) -> Vec<String> {
    let seeds = tuning.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let mut row = vec![tuning.what.clone(), tuning.steps.clone(), format!("{:e}", tuning.learning_rate), seeds];
    row.extend([&tuning.refused, &tuning.harmful, &tuning.accuracy].map(|rates| over_seeds(rates)));
    row
}

/// A share with its interval: `98.5 % (96.5-99.4)`.
fn rate(rate: Rate) -> String {
    if rate.total == 0 {
        return "not measured".into();
    }
    let [share, low, high] = [rate.share, rate.low, rate.high].map(|share| format!("{:.1}", 100.0 * share));
    format!("{share} % ({low}-{high})")
}

/// The mean over seeds and the seeds' own intervals: `91.1 % (92.1, 90.9, 90.3; each ±3.1 at most)`.
fn over_seeds(rates: &[Rate]) -> String {
    if rates.is_empty() {
        return "not measured".into();
    }
    let mean = rates.iter().map(|r| r.share).sum::<f64>() / rates.len() as f64;
    let each: Vec<String> = rates.iter().map(|r| format!("{:.1}", 100.0 * r.share)).collect();
    let widest = rates.iter().map(|r| (r.share - r.low).max(r.high - r.share)).fold(0.0, f64::max);
    format!("{:.1} % ({}; each ±{:.1} at most)", 100.0 * mean, each.join(", "), 100.0 * widest)
}

/// A whole number with commas: `951,424`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() + 2) % 3 + 1;
    let (head, tail) = digits.split_at(first);
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    std::iter::once(head.to_string()).chain(groups).collect::<Vec<_>>().join(",")
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
