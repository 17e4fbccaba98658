//! The story: a beat at a time, above the lab, with a way out of it at any moment.

mod books;
mod curve;
mod guess;
mod halves;
pub(in crate::page::views) mod live;
mod meaning;
mod price;
mod scene;

use fluent_bundle::FluentValue;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::Rich;
use super::turns::InTurn;
use crate::page::app::Page;
use crate::page::browser;
use crate::page::embed::Panel;
use crate::page::model::Message;
use crate::page::talk::Cue;
use crate::page::tour::{Act, Beat, main_run, told};
use crate::study::{Counts, Figure, Rate, RecordedRun, Scores};
use scene::Scene;

/// A text of a beat: `title`, `text` or `after`.
pub(in crate::page) fn key(beat: Beat, part: &str) -> String {
    format!("tour-{}-{part}", beat.name())
}

/// The numbers that the texts of a beat may name, all from recorded runs.
pub(in crate::page) fn values(beat: Beat) -> [(&'static str, FluentValue<'static>); 16] {
    let runs = beat.recorded();
    let first = main_run(beat);
    let before = first.and_then(|run| run.steps.first());
    let left = |of: Beat| main_run(of).map_or(0, |run| run.left().0);
    let right = |counts: Option<&Counts>| counts.and_then(|of| of.get(Figure::BenignAccuracy));
    let [rightly, rightly_before] = [right(first.map(|run| &run.after)), right(first.map(|run| &run.before))];
    let kept = first.and_then(|run| run.after.get(Figure::RefusalRate));
    let [told, untold] = first.map(RecordedRun::told).unwrap_or_default();
    let count = |rate: Option<Rate>| FluentValue::from(rate.map_or(0, |rate| rate.count));
    let total = |rate: Option<Rate>| FluentValue::from(rate.map_or(0, |rate| rate.total));
    [
        ("total", before.map_or(0, Scores::len).into()),
        ("refused", before.map_or(0, |scores| scores.with(1)).into()),
        ("steps", first.map_or(0, RecordedRun::steps_made).into()),
        ("draws", runs.len().into()),
        ("least", runs.iter().map(|run| run.left().0).min().unwrap_or(0).into()),
        ("most", runs.iter().map(|run| run.left().0).max().unwrap_or(0).into()),
        ("beside", left(Beat::Ten).into()),
        ("right", count(rightly)),
        ("rightbefore", count(rightly_before)),
        ("benign", total(rightly)),
        ("told", count(told)),
        ("toldof", total(told)),
        ("untold", count(untold)),
        ("untoldof", total(untold)),
        ("kept", count(kept)),
        ("keptof", total(kept)),
    ]
}

/// The story, as long as the visitor has not left it.
#[component]
pub fn Tour() -> impl IntoView {
    let page = Page::here();
    let beat = page.read(|m| m.settings.beat);
    // Whoever goes on is led to the beat's heading, for the keyboard and for those who hear the page; whoever arrives is not.
    let moved = RwSignal::new(false);
    let walk = move |event: KeyboardEvent| {
        // On a stage every key is the stage's, wherever the focus is.
        if page.now(|m| m.talk.is_some()) {
            return;
        }
        let act = match event.key().as_str() {
            "ArrowRight" => Act::Next,
            "ArrowLeft" => Act::Back,
            _ => return,
        };
        if takes_arrows(&event) || event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        moved.set(true);
        page.send(Message::Tour(act));
    };
    view! {
        <Show when=move || beat.with(Option::is_some)>
            <section class="tour wide" id="tour" aria-label=move || page.t("tour") data-testid="tour" on:keydown=walk>
                <div class="tour-head">
                    <h1>{move || page.t("title")}</h1>
                    <p class="note">{move || page.t("tour-about")}</p>
                    <LeaveButton />
                </div>
                {move || beat.get().map(|beat| view! { <Scene beat moved /> })}
                // After the shelf, which would move it.
                <InTurn><Steps moved /></InTurn>
            </section>
        </Show>
    }
}

/// Fields, and what scrolls by itself, use the arrow keys for themselves.
fn takes_arrows(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| ["INPUT", "SELECT", "TEXTAREA"].contains(&target.tag_name().as_str()))
}

fn leave(page: Page) {
    page.send(Message::Tour(Act::Leave));
    browser::scroll_to("lab");
    browser::focus("lab");
}

/// Within another page the story may be all there is.
fn has_lab(page: Page) -> bool {
    page.now(|m| m.settings.embed.is_none_or(|panels| panels.has(Panel::Lessons)))
}

#[component]
fn LeaveButton() -> impl IntoView {
    let page = Page::here();
    has_lab(page).then(|| {
        view! {
            <button type="button" class="quiet" data-testid="tour-skip" on:click=move |_| leave(page)>
                {move || page.t("tour-skip")}
            </button>
        }
    })
}

/// The way through the beats.
#[component]
fn Steps(moved: RwSignal<bool>) -> impl IntoView {
    let page = Page::here();
    let beat = page.read(|m| m.settings.beat);
    let place = move || beat.get().and_then(|beat| told().iter().position(|b| *b == beat)).unwrap_or(0);
    let go = move |act: Act| {
        moved.set(true);
        page.send(Message::Tour(act));
    };
    let last = move || place() + 1 == told().len();
    let on_stage = page.read(|m| m.talk.is_some());
    let onward = move || match (last(), on_stage.get()) {
        (false, _) => "tour-next",
        (true, true) => "stage-reset",
        (true, false) if has_lab(page) => "tour-to-lab",
        (true, false) => "tour-again",
    };
    let go_on = move |_| match (last(), on_stage.get_untracked()) {
        (false, _) => go(Act::Next),
        (true, true) => page.send(Message::Cue(Cue::Reset)),
        (true, false) if has_lab(page) => leave(page),
        (true, false) => told().first().into_iter().for_each(|first| go(Act::Go(*first))),
    };
    let dots = told().iter().enumerate().map(|(at, &of)| {
        let label = move || {
            let title = page.t(&key(of, "title"));
            page.tv("tour-dot", [("at", (at + 1).into()), ("title", title.into())])
        };
        view! {
            <li>
                <button
                    type="button"
                    class="dot"
                    class:passed=move || beat.get().is_some_and(|now| of < now)
                    data-testid=format!("tour-dot-{}", of.number())
                    aria-label=label
                    title=label
                    aria-current=move || (beat.get() == Some(of)).then_some("step")
                    on:click=move |_| go(Act::Go(of))
                ></button>
            </li>
        }
    });
    view! {
        <nav class="tour-nav" aria-label=move || page.t("tour-nav")>
            <button
                type="button"
                data-testid="tour-back"
                aria-disabled=move || (place() == 0).to_string()
                on:click=move |_| go(Act::Back)
            >
                {move || page.t("tour-back")}
            </button>
            <ol>{dots.collect_view()}</ol>
            <button
                type="button"
                class="onward"
                data-testid="tour-next"
                on:click=go_on
            >
                {move || page.t(onward())}
            </button>
        </nav>
    }
}

/// The way back into the story, in the lab's opening.
#[component]
pub fn Invitation() -> impl IntoView {
    let page = Page::here();
    let told_now = page.read(|m| m.settings.beat.is_some());
    let open = move |_| {
        if let Some(first) = told().first() {
            page.send(Message::Tour(Act::Go(*first)));
            browser::scroll_to("tour");
        }
    };
    view! {
        <Show when=move || !told_now.get()>
            <p class="invitation">
                <button type="button" data-testid="tour-open" on:click=open>
                    {move || page.tv("tour-open", [("count", told().len().into())])}
                </button>
            </p>
        </Show>
    }
}

/// The head of the lab: what it is, and the way back into the story.
#[component]
pub fn Opening() -> impl IntoView {
    let page = Page::here();
    let is_told = page.read(|m| m.settings.beat.is_some());
    view! {
        <div class="opening-text" id="lab" tabindex="-1">
            {move || if is_told.get() {
                view! { <h2 class="lab-title">{page.t("lab-title")}</h2> }.into_any()
            } else {
                view! { <h1>{page.t("title")}</h1> }.into_any()
            }}
            <p class="lead"><Rich key="lead" /></p>
            <p class="lead-note"><Rich key="lead-note" /></p>
            <Invitation />
        </div>
    }
}
