//! The lesson, changed: another model, set size, schedule, adapter, refusals mixed in.

use leptos::prelude::*;

use super::number::NumberField;
use crate::models::MODELS;
use crate::page::app::Page;
use crate::page::model::{Message, Mode};
use crate::page::overrides::{LARGEST_BATCH, MOST_EPOCHS, MOST_EXAMPLES, Overrides, RANKS, RATES, refusals};
use crate::study::{DataPart, Plan, presets};

/// A number of a plan that the visitor may change.
struct Number {
    /// Its name in addresses, and that of its text and field.
    name: &'static str,
    field: &'static str,
    least: u64,
    most: u64,
    of: fn(&Plan) -> Option<u64>,
    chosen: fn(&Overrides) -> Option<u64>,
}

static NUMBERS: [Number; 4] = [
    Number {
        name: "size",
        field: "override-size",
        least: 1,
        most: MOST_EXAMPLES,
        of: |plan| match plan.data.first() {
            Some(DataPart::Drawn { size, .. }) => Some(*size as u64),
            _ => None,
        },
        chosen: |overrides| overrides.size,
    },
    Number {
        name: "refusals",
        field: "override-refusals",
        least: 0,
        most: MOST_EXAMPLES,
        of: |plan| Some(refusals(plan) as u64),
        chosen: |overrides| overrides.refusals,
    },
    Number {
        name: "epochs",
        field: "override-epochs",
        least: 1,
        most: MOST_EPOCHS,
        of: |plan| Some(plan.tuning.epochs as u64),
        chosen: |overrides| overrides.epochs,
    },
    Number {
        name: "batch",
        field: "override-batch",
        least: 1,
        most: LARGEST_BATCH,
        of: |plan| Some(plan.tuning.batch_size as u64),
        chosen: |overrides| overrides.batch,
    },
];

#[component]
pub fn ChangeLesson() -> impl IntoView {
    let page = Page::here();
    let is_changed = page.read(|m| !m.settings.overrides.is_empty());
    let busy = page.read(|m| m.mode() == Mode::Running);
    let numbers = NUMBERS.iter().map(|number| view! { <WholeNumber number /> }).collect_view();
    let models = MODELS.map(|model| (model.name.to_owned(), model.name.to_owned())).to_vec();
    let rates = RATES.map(|rate| (rate.to_string(), rate.to_string())).to_vec();
    let ranks = RANKS.map(|rank| (rank.to_string(), rank.to_string())).to_vec();
    view! {
        <details class="advanced change-lesson" data-testid="change-lesson" open=page.now(|m| !m.settings.overrides.is_empty())>
            <summary>{move || page.t("change-lesson")}</summary>
            <p class="note">{move || page.t("change-lesson-about")}</p>
            <OneOf name="model" options=models of=|plan| plan.model.clone() />
            {numbers}
            <OneOf name="rate" options=rates of=|plan| plan.tuning.learning_rate.to_string() />
            <OneOf name="rank" options=ranks of=|plan| plan.lora.rank.to_string() />
            <button
                type="button"
                class="quiet"
                data-testid="change-nothing"
                disabled=move || busy.get() || !is_changed.get()
                on:click=move |_| page.send(Message::Override(Box::default()))
            >
                {move || page.t("change-nothing")}
            </button>
        </details>
    }
}

/// Changes one of them; an empty value leaves it to the lesson.
fn change(page: Page, name: &'static str, value: &str) {
    let mut overrides = page.now(|m| m.settings.overrides.clone());
    let pairs = overrides.pairs();
    if value.is_empty() {
        overrides = Overrides::default();
        for (other, value) in pairs.iter().filter(|(other, _)| *other != name) {
            let _ = overrides.set(other, value);
        }
    } else if overrides.set(name, value).is_none() {
        return;
    }
    page.send(Message::Override(Box::new(overrides)));
}

#[component]
fn WholeNumber(number: &'static Number) -> impl IntoView {
    let page = Page::here();
    let &Number { name, field, least, most, of, chosen } = number;
    let value = page.read(move |m| chosen(&m.settings.overrides));
    let lesson = page.read(move |m| of(&m.lesson()));
    let placeholder = Signal::derive(move || lesson.get().map(|n| n.to_string()).unwrap_or_default());
    let choose = move |value: Option<u64>| change(page, name, &value.map(|n| n.to_string()).unwrap_or_default());
    view! {
        <Show when=move || lesson.get().is_some()>
            <label>
                {move || page.t(field)}
                <NumberField name=field value least largest=most optional=true placeholder choose />
            </label>
        </Show>
    }
}

#[component]
fn OneOf(name: &'static str, options: Vec<(String, String)>, of: fn(&Plan) -> String) -> impl IntoView {
    let page = Page::here();
    let busy = page.read(|m| m.mode() == Mode::Running);
    let chosen = page.read(move |m| {
        m.settings.overrides.pairs().into_iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    });
    let lesson = page.read(move |m| of(&m.lesson()));
    let rows = options.into_iter().map(|(value, label)| {
        let this = value.clone();
        let is_chosen = move || chosen.with(|chosen| chosen.as_deref() == Some(this.as_str()));
        view! { <option value=value selected=is_chosen>{label}</option> }
    });
    view! {
        <label>
            {move || page.t(&format!("override-{name}"))}
            <select
                data-testid=format!("override-{name}")
                disabled=move || busy.get()
                on:change=move |event| change(page, name, &event_target_value(&event))
            >
                <option value="" selected=move || chosen.with(Option::is_none)>
                    {move || page.tv("override-as-lesson", [("value", lesson.get().into())])}
                </option>
                {rows.collect_view()}
            </select>
        </label>
    }
}

/// The keys of the texts of this: they are put together.
#[cfg(test)]
pub fn keys() -> Vec<String> {
    Overrides::NAMES.iter().flat_map(|name| [format!("override-{name}"), format!("overridden-{name}")]).collect()
}

/// What a run's plan has in place of its lesson's, by the names of addresses; nothing if it is the lesson, or differs in other ways.
pub fn of_plan(plan: &Plan) -> Vec<(&'static str, String)> {
    let Some(info) = presets().iter().find(|info| info.name == plan.name) else { return Vec::new() };
    let draw = plan.data.iter().find_map(DataPart::draw);
    let lesson = draw.map_or_else(|| info.plan(plan.seed), |draw| info.plan_on(plan.seed, draw));
    Overrides::between(&lesson, plan).unwrap_or_default().pairs()
}

/// The same in words.
pub fn in_words(page: Page, changed: &[(&'static str, String)]) -> String {
    let told = |(name, value): &(&str, String)| {
        // A count has its plural.
        let value = value.parse::<u64>().map_or_else(|_| value.as_str().into(), |count| (count as usize).into());
        page.tv(&format!("overridden-{name}"), [("value", value)])
    };
    changed.iter().map(told).collect::<Vec<_>>().join(" · ")
}
