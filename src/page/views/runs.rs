//! The finished runs of this visit: look at one again, keep its record, put up to three side by side.

use leptos::prelude::*;

use super::compare::Compared;
use super::words;
use crate::page::app::Page;
use crate::page::browser;
use crate::page::format::percent_fine;
use crate::page::model::{Message, Model};
use crate::page::run_view::{RunState, RunView};
use crate::study::{Figure, MOST_COMPARED, Status};

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: u32,
    preset: String,
    seed: u64,
    device: String,
    steps: usize,
    seconds: f64,
    outcome: &'static str,
    refusal: Option<(f64, Option<f64>)>,
    is_shown: bool,
    place: Option<usize>,
    can_compare: bool,
}

fn rows(model: &Model) -> Vec<Row> {
    let busy = model.active().is_some();
    let row = |run: &RunView| {
        let record = run.record.as_ref()?;
        let refusal = |m: &Option<crate::measure::Measurement>| {
            m.as_ref().and_then(|m| Figure::RefusalRate.of(m)).map(|v| v.bounds().0)
        };
        let place = model.compared.iter().position(|id| *id == run.id);
        Some(Row {
            id: run.id,
            preset: run.plan.name.clone(),
            seed: run.plan.seed,
            device: record.environment.device.name.clone(),
            steps: run.steps_made(),
            seconds: record.seconds,
            outcome: match &run.state {
                RunState::Ended(Status::Finished) => "outcome-finished",
                RunState::Ended(Status::Failed { .. }) => "outcome-failed",
                _ => "outcome-cancelled",
            },
            refusal: refusal(&record.before).map(|b| (b, refusal(&record.after))),
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
                                <td></td>
                            </tr>
                        </thead>
                        <tbody>
                            <For each=move || rows.get() key=|r| format!("{r:?}") let:row>
                                <RunRow row />
                            </For>
                        </tbody>
                    </table>
                </div>
                <Compared />
            </Show>
        </section>
    }
}

#[component]
fn RunRow(row: Row) -> impl IntoView {
    let page = Page::here();
    let id = row.id;
    let preset = row.preset.clone();
    let refusal = row.refusal.map_or_else(
        || "–".to_owned(),
        |(before, after)| format!("{} → {}", percent_fine(before), after.map_or_else(|| "–".to_owned(), percent_fine)),
    );
    let keep = move |_| {
        let record = page.now(|m| m.run(id).and_then(|r| r.record.clone()));
        let json =
            record.and_then(|r| Some((r.plan.name.clone(), r.plan.seed, serde_json::to_string_pretty(&*r).ok()?)));
        if let Some((name, seed, json)) = json {
            browser::download(&format!("tenshot-{name}-seed{seed}.json"), &json);
        }
    };
    view! {
        <tr data-testid=format!("run-{id}")>
            <td>
                <label class="pick">
                    <input
                        type="checkbox"
                        data-testid="compare"
                        checked=row.place.is_some()
                        disabled=!row.can_compare
                        on:change=move |event| page.send(Message::Compare(id, event_target_checked(&event)))
                    />
                    {row.place.map(|place| view! { <Swatch place /> })}
                    <span class="visually-hidden">{move || page.tv("compare-run", [("run", id.into())])}</span>
                </label>
            </td>
            <th scope="row">
                {move || page.tv("run-name", [("run", id.into())])}
                <span class="row-about">{move || page.t(&words::preset(&preset, "title"))}</span>
            </th>
            <td>{row.seed}</td>
            <td>{row.steps}</td>
            <td>{move || page.tv("counter-seconds", [("seconds", format!("{:.1}", row.seconds).into())])}</td>
            <td class="device-cell">{row.device}</td>
            <td data-testid="refusals">{refusal} <span class="row-about">{move || page.t(row.outcome)}</span></td>
            <td class="row-buttons">
                <button type="button" class="quiet" data-testid="show" disabled=row.is_shown on:click=move |_| page.send(Message::Show(id))>
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
