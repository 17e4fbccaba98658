//! From the recorded run to one of the visitor's own, in its place; and what is seen, recorded or live, says which.

use fluent_bundle::FluentValue;
use leptos::prelude::*;

use super::scene::{asks_alike, asks_plainly};
use crate::page::app::Page;
use crate::page::model::{Message, Mode, Model};
use crate::page::supervisor::EngineState;
use crate::page::tour::{Act, Beat, Course, Courses, main_run};
use crate::page::views::controls;
use crate::study::RecordedRun;

/// How it stands with a run of the visitor's own.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stand {
    /// It can be asked for.
    Can,
    /// It waits for the engine.
    Waiting,
    /// It is in progress.
    Going,
    /// It is what is seen.
    Live,
    /// Another run is in progress in the lab.
    Busy,
    /// The engine is beyond help.
    Cannot,
}

fn stand(model: &Model, beat: Beat, main: Option<&Course>) -> Stand {
    if beat == Beat::Refuses {
        return stand_of_question(model);
    }
    let waits = model.tour.wish.as_ref().is_some_and(|wish| wish.beat == beat);
    match main {
        _ if waits => Stand::Waiting,
        Some(Course { live: Some(_), going: true, .. }) => Stand::Going,
        Some(Course { live: Some(_), .. }) if beat != Beat::Ordinary => Stand::Live,
        _ if matches!(model.supervisor.engine, EngineState::Failed(_)) => Stand::Cannot,
        _ if model.mode() != Mode::Idle => Stand::Busy,
        _ => Stand::Can,
    }
}

/// A question needs no run: it is asked as soon as the engine is there.
fn stand_of_question(model: &Model) -> Stand {
    match &model.supervisor.engine {
        // Folio itself is fetched for it, unless something is in progress.
        _ if asks_alike(model) && model.asks_another_model() && model.mode() == Mode::Idle => Stand::Can,
        _ if !asks_plainly(model) => Stand::Busy,
        EngineState::Failed(_) => Stand::Cannot,
        _ if !model.tour.asked => Stand::Can,
        EngineState::Ready(_) => Stand::Live,
        _ => Stand::Waiting,
    }
}

/// The button that runs it here, and the way back to what was recorded.
#[component]
pub fn Live(beat: Beat, data: Memo<Option<Courses>>) -> impl IntoView {
    let page = Page::here();
    let stand = Memo::new(move |_| data.with(|d| page.with_model(|m| stand(m, beat, d.as_ref().map(|d| &d.main)))));
    let offered = page.now(|m| beat == Beat::Refuses || m.tour.next_wish(beat).is_some());
    let run = match beat {
        Beat::Refuses => "tour-ask",
        Beat::Ordinary => "tour-draw-own",
        _ => "tour-run",
    };
    let can = move || matches!(stand.get(), Stand::Can | Stand::Going | Stand::Waiting);
    let label = move || match stand.get() {
        Stand::Waiting => page.t("button-waiting"),
        Stand::Going => data.with(|d| {
            let (step, planned) = d.as_ref().map_or((0, 0), |d| (d.main.step(), d.main.planned));
            page.tv("tour-running", [("step", step.into()), ("total", planned.into())])
        }),
        _ => page.t(run),
    };
    let press = move |_| {
        if stand.get_untracked() == Stand::Can {
            page.send(Message::Tour(Act::Run));
        }
    };
    let note = move || match stand.get() {
        Stand::Waiting => Some(page.with_model(|m| controls::status(page, m))),
        Stand::Busy => Some(page.t("tour-busy")),
        Stand::Cannot => Some(page.t("tour-cannot")),
        Stand::Can | Stand::Going | Stand::Live => None,
    };
    let back = move || matches!(stand.get(), Stand::Live);
    view! {
        <Show when=move || offered>
            <div class="tour-live" data-testid="tour-live">
                <Show when=can>
                    <button
                        type="button"
                        data-testid="tour-run"
                        aria-disabled=move || (stand.get() != Stand::Can).to_string()
                        on:click=press
                    >
                        {label}
                    </button>
                </Show>
                <Show when=back>
                    <button
                        type="button"
                        data-testid="tour-recorded"
                        on:click=move |_| page.send(Message::Tour(Act::ShowRecorded))
                    >
                        {move || page.t("tour-recorded-again")}
                    </button>
                </Show>
                <p class="note" data-testid="tour-live-note">{note}</p>
            </div>
        </Show>
    }
}

/// Says whether what is seen was recorded, and where, when and by which build; or that it was made here.
#[component]
pub fn Stamp(beat: Beat, data: Memo<Option<Courses>>) -> impl IntoView {
    let page = Page::here();
    let live = Memo::new(move |_| {
        data.with(|d| {
            let id = d.as_ref()?.main.live?;
            page.with_model(|m| {
                let record = &m.runs.get(id)?.record;
                Some((id, record.environment.device.name.clone(), record.plan.seed))
            })
        })
    });
    // The first beat has an answer instead of a run.
    let answered = page.read(move |m| {
        let is_it = beat == Beat::Refuses && m.tour.asked && m.supervisor.ready().is_some() && asks_plainly(m);
        is_it.then(|| m.supervisor.ready().map(|ready| ready.device.name.clone())).flatten()
    });
    let recorded = move || {
        let seed = data.with(|d| d.as_ref().map(|d| d.main.seed));
        beat.recorded().into_iter().find(|run| Some(run.seed) == seed).or(main_run(beat))
    };
    let tag = move |key: &'static str| view! { <span class="tag">{page.t(key)}</span> };
    let said = move || {
        if let Some(device) = answered.get() {
            let text = page.tv("tour-stamp-answered", [("device", device.into())]);
            return view! { {tag("tour-tag-live")} " " {text} }.into_any();
        }
        match live.get() {
            Some((run, device, seed)) => {
                let values = [("run", run.into()), ("device", device.into()), ("seed", seed.to_string().into())];
                view! { {tag("tour-tag-live")} " " {page.tv("tour-stamp-live", values)} }.into_any()
            }
            None => recorded().map(|run| view! { {tag("tour-tag-recorded")} " " {stamp(page, run)} }).into_any(),
        }
    };
    view! {
        <Show when=move || beat != Beat::Meaning>
            <p class="note stamp" data-testid="tour-stamp">{said}</p>
        </Show>
    }
}

fn stamp(page: Page, run: &RecordedRun) -> String {
    page.tv(
        "tour-stamp-recorded",
        [
            ("date", date(page, &run.date).into()),
            ("device", run.device.name.clone().into()),
            ("seed", run.seed.to_string().into()),
            ("build", run.build.clone().into()),
        ],
    )
}

/// `2026-11-29` as the language writes it; as it is, if it is no date.
pub fn date(page: Page, iso: &str) -> String {
    let mut parts = iso.split('-').map(|part| part.parse::<u32>().ok());
    let (Some(Some(year)), Some(Some(month)), Some(Some(day))) = (parts.next(), parts.next(), parts.next()) else {
        return iso.to_owned();
    };
    let year: FluentValue = year.to_string().into();
    page.tv("tour-date", [("year", year), ("month", month.into()), ("day", day.into())])
}
