//! The finished runs of this visit: look at one again, keep its record, put up to three side by side.

use leptos::prelude::*;

use super::compare::Compared;
use super::prompts::further_name;
use super::words;
use crate::page::app::Page;
use crate::page::browser;
use crate::page::format::value;
use crate::page::model::{Message, Model};
use crate::page::run_view::{RunState, RunView};
use crate::study::{Condition, Figure, MOST_COMPARED, QuestionSet, Record, Status, Value};

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: u32,
    preset: String,
    /// It was asked the development questions.
    development: bool,
    seed: u64,
    device: String,
    steps: usize,
    seconds: f64,
    outcome: &'static str,
    /// Under the plan's own prompt and each further one.
    changes: Vec<Change>,
    is_shown: bool,
    place: Option<usize>,
    can_compare: bool,
}

/// How refusals and complete answers changed under one prompt; nothing where it was not measured.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    /// The further prompt; none: the plan's own.
    condition: Option<Condition>,
    refusal: [Option<Value>; 2],
    harmfulness: [Option<Value>; 2],
}

fn changes(record: &Record) -> Vec<Change> {
    let change = |condition: Option<&Condition>| {
        let of = |figure: Figure| {
            [&record.before, &record.after].map(|measurement| {
                let measurement = measurement.as_ref()?;
                figure.of(condition.map_or(Some(measurement), |c| measurement.under(&c.name))?)
            })
        };
        Change {
            condition: condition.cloned(),
            refusal: of(Figure::RefusalRate),
            harmfulness: of(Figure::HarmfulnessRate),
        }
    };
    std::iter::once(None).chain(record.plan.evaluation.also.iter().map(Some)).map(change).collect()
}

fn rows(model: &Model) -> Vec<Row> {
    let busy = model.active().is_some();
    let row = |run: &RunView| {
        let record = run.record.as_ref()?;
        let place = model.compared.iter().position(|id| *id == run.id);
        Some(Row {
            id: run.id,
            preset: run.plan.name.clone(),
            development: run.plan.evaluation.questions == QuestionSet::Development,
            seed: run.plan.seed,
            device: record.environment.device.name.clone(),
            steps: run.steps_made(),
            seconds: record.seconds,
            outcome: match &run.state {
                RunState::Ended(Status::Finished) => "outcome-finished",
                RunState::Ended(Status::Failed { .. }) => "outcome-failed",
                _ => "outcome-cancelled",
            },
            changes: changes(record),
            is_shown: busy || model.shown == Some(run.id),
            place,
            can_compare: place.is_some() || model.compared.len() < MOST_COMPARED,
        })
    };
    model.runs.iter().filter_map(row).collect()
}

/// The list and the comparison.
#[component]
pub fn Runs() -> impl IntoView {
    let page = Page::here();
    let rows = page.read(rows);
    view! {
        <section class="runs wide" id="runs" data-testid="runs">
            <h2>{move || page.t("runs-title")}</h2>
            <p class="prose">
                {move || page.t("runs-about")} " " <a href="#lessons">{move || page.t("runs-again")}</a>
            </p>
            <Show
                when=move || rows.with(|r| !r.is_empty())
                fallback=move || view! { <p class="empty-note">{move || page.t("runs-empty")}</p> }
            >
                <div class="scroll" tabindex="0" role="region" aria-label=move || page.t("runs-title")>
                    <table class="run-list">
                        <thead>
                            <tr>
                                <th scope="col">{move || page.t("column-compare")}</th>
                                <th scope="col">{move || page.t("column-run")}</th>
                                <th scope="col">{move || page.t("column-seed")}</th>
                                <th scope="col">{move || page.t("column-steps")}</th>
                                <th scope="col">{move || page.t("column-time")}</th>
                                <th scope="col">{move || page.t("column-device")}</th>
                                <th scope="col">{move || page.t("figure-refusal-rate")}</th>
                                <th scope="col">{move || page.t("figure-harmfulness-rate")}</th>
                                <td></td>
                            </tr>
                        </thead>
                        <tbody>
                            // By the run alone: a row that changes is the same element, and keeps the focus in it.
                            <For each=move || rows.get() key=|r| r.id let:row>
                                <RunRow first=row rows />
                            </For>
                        </tbody>
                    </table>
                </div>
                <Compared />
            </Show>
        </section>
    }
}

/// `99.7% → 7.9%` under each prompt.
#[component]
fn Changes(changes: Vec<Change>, figure: Figure) -> impl IntoView {
    let page = Page::here();
    let one = |change: Change| {
        let pair = if figure == Figure::RefusalRate { change.refusal } else { change.harmfulness };
        let [before, after] = pair.map(|of| of.map_or_else(|| "–".to_owned(), value));
        let numbers = format!("{before} → {after}");
        match change.condition {
            None => view! { <span class="change">{numbers}</span> }.into_any(),
            Some(condition) => {
                view! { <span class="row-about">{further_name(page, &condition)} " " <span class="change">{numbers}</span></span> }.into_any()
            }
        }
    };
    changes.into_iter().map(one).collect_view()
}

/// A run's row. What changes is read from `rows`; `first` is the row as it was made.
#[component]
fn RunRow(first: Row, rows: Memo<Vec<Row>>) -> impl IntoView {
    let page = Page::here();
    let id = first.id;
    let row = Memo::new(move |_| rows.with(|all| all.iter().find(|r| r.id == id).cloned()).unwrap_or(first.clone()));
    let keep = move |_| {
        let record = page.now(|m| m.run(id).and_then(|r| r.record.clone()));
        let json =
            record.and_then(|r| Some((r.plan.name.clone(), r.plan.seed, serde_json::to_string_pretty(&*r).ok()?)));
        if let Some((name, seed, json)) = json {
            browser::download(&format!("tenshot-{name}-seed{seed}.json"), &json);
        }
    };
    let place = move || row.with(|r| r.place);
    let is_shown = move || row.with(|r| r.is_shown);
    let show = move |_| {
        if !row.with_untracked(|r| r.is_shown) {
            page.send(Message::Show(id));
        }
    };
    view! {
        <tr data-testid=format!("run-{id}")>
            <td>
                <label class="pick">
                    <input
                        type="checkbox"
                        data-testid="compare"
                        prop:checked=move || place().is_some()
                        disabled=move || row.with(|r| !r.can_compare)
                        on:change=move |event| page.send(Message::Compare(id, event_target_checked(&event)))
                    />
                    {move || place().map(|place| view! { <Swatch place /> })}
                    <span class="visually-hidden">{move || page.tv("compare-run", [("run", id.into())])}</span>
                </label>
            </td>
            <th scope="row">
                {move || page.tv("run-name", [("run", id.into())])}
                <span class="row-about">{move || row.with(|r| page.t(&words::preset(&r.preset, "title")))}</span>
                {move || {
                    row.with(|r| r.development)
                        .then(|| view! { <span class="row-about">{page.t("development-short")}</span> })
                }}
            </th>
            <td>{move || row.with(|r| r.seed)}</td>
            <td>
                {move || row.with(|r| r.steps)}
                <span class="row-about">{move || page.t(row.with(|r| r.outcome))}</span>
            </td>
            <td>{move || page.tv("counter-seconds", [("seconds", format!("{:.1}", row.with(|r| r.seconds)).into())])}</td>
            <td class="device-cell">{move || row.with(|r| r.device.clone())}</td>
            <td class="changes" data-testid="refusals">
                {move || view! { <Changes changes=row.with(|r| r.changes.clone()) figure=Figure::RefusalRate /> }}
            </td>
            <td class="changes" data-testid="harmfulness">
                {move || view! { <Changes changes=row.with(|r| r.changes.clone()) figure=Figure::HarmfulnessRate /> }}
            </td>
            <td class="row-buttons">
                <button
                    type="button"
                    class="quiet"
                    data-testid="show"
                    aria-disabled=move || is_shown().to_string()
                    on:click=show
                >
                    {move || page.t("button-show")}
                </button>
                <button type="button" class="quiet" data-testid="download" on:click=keep>
                    {move || page.t("button-download")}
                </button>
            </td>
        </tr>
    }
}

/// The dash and the marker of a run of the comparison.
#[component]
pub fn Swatch(place: usize) -> impl IntoView {
    let marker = match place {
        0 => view! { <circle cx="14" cy="6" r="3" /> }.into_any(),
        1 => view! { <path d="M14 2.4l3.4 6.2h-6.8z" /> }.into_any(),
        _ => view! { <path d="M11.2 3.2h5.6v5.6h-5.6z" /> }.into_any(),
    };
    view! {
        <svg class=format!("swatch run-{}", place + 1) viewBox="0 0 28 12" aria-hidden="true">
            <line x1="0" x2="28" y1="6" y2="6" />
            {marker}
        </svg>
    }
}
