//! The race: three runs in lock step, as three shelves of books, one chart and one table.

mod lane;
mod numbers;

use leptos::prelude::*;

use super::caveats::{Caveats, Form, Notes, Shown};
use super::chart::Drawing;
use crate::page::app::Page;
use crate::page::browser;
use crate::page::charts::{Line, Numbers, race};
use crate::page::format::percent;
use crate::page::model::{Message, Mode, Model};
use crate::page::race::Lane;
use crate::study::Figure;

/// The lines of the race.
fn lines(model: &Model) -> Vec<Line> {
    let runs = model.race.as_ref().map(|race| race.runs()).into_iter().flatten().enumerate();
    runs.filter_map(|(place, run)| Some(Line::of(model.runs.get(run)?, place))).collect()
}

/// The share of the training that is shown, in percent: what the visitor looks at, else as far as it has come.
fn shown_share(model: &Model) -> f64 {
    let at = model.race.as_ref().and_then(|race| race.at);
    at.unwrap_or_else(|| 100.0 * model.race_share().unwrap_or(0.0))
}

/// Where the three stand, in a sentence; none before all three have been asked.
pub fn in_words(page: Page, lanes: &[Lane; 3], share: f64) -> Option<String> {
    let [attack, ordinary, mitigated] = lanes.each_ref().map(|lane| lane.rates[0]);
    let (attack, ordinary, mitigated) = (attack?, ordinary?, mitigated?);
    Some(page.tv(
        "race-in-words",
        [
            ("share", percent(share / 100.0).into()),
            ("count", attack.total.into()),
            ("attack", attack.count.into()),
            ("ordinary", ordinary.count.into()),
            ("mitigated", mitigated.count.into()),
        ],
    ))
}

/// Starts a race, from among the lessons.
#[component]
pub fn Invitation() -> impl IntoView {
    let page = Page::here();
    view! {
        <div class="race-invitation">
            <p class="note">{move || page.t("race-invitation")}</p>
            <Start testid="race-invite" />
        </div>
    }
}

#[component]
fn Start(testid: &'static str) -> impl IntoView {
    let page = Page::here();
    let idle = page.read(|m| m.mode() == Mode::Idle && !m.supervisor.has_failed());
    let again = page.read(|m| m.race.is_some());
    let press = move |_| {
        if idle.get_untracked() {
            page.send(Message::StartRace);
            browser::scroll_to("race");
        }
    };
    view! {
        <button
            type="button"
            class="race-start"
            data-testid=testid
            aria-disabled=move || (!idle.get()).to_string()
            on:click=press
        >
            {move || page.t(if again.get() { "race-again" } else { "race-start" })}
        </button>
    }
}

/// The race, where it is open.
#[component]
pub fn Race() -> impl IntoView {
    let page = Page::here();
    let open = page.read(|m| m.settings.race);
    view! {
        <Show when=move || open.get()>
            <Open />
        </Show>
    }
}

#[component]
fn Open() -> impl IntoView {
    let page = Page::here();
    let lanes = page.read(Model::lanes);
    let racing = page.read(|m| m.racing().next().is_some());
    let count = Memo::new(move |_| lanes.with(|l| l[0].books().count()));
    let caveats = page.read(|m| Caveats::of(&m.race_plans()[0].evaluation));
    view! {
        <section class="race wide" id="race" data-testid="race" aria-label=move || page.t("race-title")>
            <header>
                <h2>{move || page.t("race-title")}</h2>
                <p class="note race-about">
                    {move || page.tv("race-about", [("count", count.get().into())])}
                </p>
                <div class="race-buttons">
                    <Start testid="race-start" />
                    <button
                        type="button"
                        class="quiet"
                        data-testid="race-close"
                        aria-disabled=move || racing.get().to_string()
                        on:click=move |_| page.send(Message::OpenRace(false))
                    >
                        {move || page.t("race-close")}
                    </button>
                </div>
                <Notes shown=Shown::Several form=Form::Paragraphs("note") of=caveats />
            </header>
            <Lanes lanes />
            <Share />
            <Chart lanes />
            <numbers::Answers lanes />
            <numbers::Numbers lanes />
            <numbers::Books lanes />
        </section>
    }
}

/// The three shelves.
#[component]
fn Lanes(lanes: Memo<[Lane; 3]>) -> impl IntoView {
    view! { <div class="lanes">{[0, 1, 2].map(|place| view! { <lane::Lane lanes place /> })}</div> }
}

/// Looks at the race as it was at this share of the training, in percent. Beyond what is done it is looked at as it is.
fn look_at(page: Page, share: f64) {
    let come = page.now(|m| 100.0 * m.race_share().unwrap_or(0.0));
    page.send(Message::ScrubRace((share < come.floor()).then_some(share.max(0.0))));
}

/// Looks at the race as it was at any share of the training.
#[component]
fn Share() -> impl IntoView {
    let page = Page::here();
    let share = page.read(shown_share);
    let come = page.read(|m| 100.0 * m.race_share().unwrap_or(0.0));
    let text = move || page.tv("race-share", [("share", percent(share.get() / 100.0).into())]);
    let move_to = move |event: &web_sys::Event| {
        if let Ok(at) = event_target_value(event).parse::<f64>() {
            look_at(page, at);
        }
    };
    view! {
        <div class="scrubber" class:idle=move || come.get() == 0.0>
            <input
                type="range"
                min="0"
                max="100"
                step="1"
                data-testid="race-scrub"
                aria-label=move || page.t("race-scrub")
                aria-valuetext=text
                disabled=move || come.get() == 0.0
                prop:value=move || share.get().round().to_string()
                on:input=move |event| move_to(&event)
                on:change=move |event| {
                    // Beyond what is done there is nothing yet: the handle goes back to it.
                    move_to(&event);
                    let at = share.get_untracked().round().to_string();
                    event_target::<web_sys::HtmlInputElement>(&event).set_value(&at);
                }
            />
            <p class="note" data-testid="race-share">{text}</p>
        </div>
    }
}

#[component]
fn Chart(lanes: Memo<[Lane; 3]>) -> impl IntoView {
    let page = Page::here();
    let data = page.read(lines);
    let marked = page.read(|m| m.race.as_ref().and_then(|race| race.at));
    let share = page.read(shown_share);
    let chart = Memo::new(move |_| {
        let (words, marked) = (page.chart_words(), marked.get());
        page.style.with(|style| lanes.with(|lanes| data.with(|lines| race(lines, lanes, marked, &words, style))))
    });
    let description = Signal::derive(move || {
        let said = lanes.with(|lanes| in_words(page, lanes, share.get()));
        said.map_or_else(
            || page.t("race-chart-empty"),
            |said| page.tv("race-chart-description", [("said", said.into())]),
        )
    });
    let numbers = Callback::new(move |()| data.with_untracked(|lines| Numbers::race(lines)));
    let pick = Callback::new(move |at: f64| look_at(page, at.round()));
    view! {
        <figure class="race-figure">
            <figcaption>
                <h3>{move || page.t(&super::words::figure(Figure::RefusalRate))}</h3>
                <p class="note">{move || page.t("race-chart-note")}</p>
            </figcaption>
            <div class="race-frame">
                <Drawing chart description numbers pick name="race-chart" />
            </div>
        </figure>
    }
}
