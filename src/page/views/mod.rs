//! The views: what of the state is drawn where. They hold no state of their own beyond what is open or half typed.

mod advanced;
mod along;
mod answer_row;
mod answers;
mod ask;
mod audit;
pub(super) mod caveats;
mod chart;
mod chart_tools;
mod compare;
pub(super) mod conditions;
mod controls;
mod depth;
mod dial;
mod difference;
mod embed;
mod figures;
mod file;
mod halves;
mod header;
mod kept;
pub(super) mod lessons;
mod live;
mod number;
mod offline;
mod opener;
pub(super) mod overrides;
mod own;
mod prefill;
mod problem;
mod question;
mod race;
mod radar;
mod results;
mod runs;
mod scrubber;
mod shelf;
mod stage;
mod steps;
pub(super) mod story;
mod table;
pub(super) mod talk;
mod tokens;
pub(super) mod tour;
mod turns;
mod watch;
pub(super) mod words;

use leptos::prelude::*;

pub use talk::Notes;

use super::app::{Page, SHELL};
use super::browser;
use super::embed::Panel;
use super::rich::{self, Span};
use turns::{InTurn, Turns};

/// The whole page. What a visitor sees first is drawn first, in place of the static page, and the rest part by part.
#[component]
pub fn Root() -> impl IntoView {
    let page = Page::open();
    provide_context(page);
    Turns::provide();
    talk::follow(page);
    view! {
        <InTurn>
            <Whole />
        </InTurn>
    }
}

/// All that is to be seen.
#[component]
fn Whole() -> impl IntoView {
    let page = Page::here();
    let [head, below] = SHELL;
    // Within another page there are some panels alone, and they stay the same.
    let panels = page.now(|m| m.settings.embed);
    let is_whole = panels.is_none();
    if !is_whole {
        browser::remove(head);
    }
    // What takes the place of the static page is not shown (`www/styles/opening.css`) before all of it is drawn.
    let is_shown = RwSignal::new(false);
    let show = move || {
        browser::remove(below);
        is_shown.set(true);
    };
    let header = move || {
        browser::remove(head);
        view! { <header::Header /> }
    };
    let has = |panel| panels.is_none_or(|panels| panels.has(panel));
    // Who comes to the lab sees its opening first.
    let is_told = page.now(|m| m.settings.beat.is_some());
    let opening = move || {
        if is_told {
            view! { <InTurn><Opening is_whole /></InTurn> }.into_any()
        } else {
            view! { <Opening is_whole /> }.into_any()
        }
    };
    view! {
        {is_whole.then(|| view! {
            <a class="skip" href="#stage">{move || page.t("skip-to-stage")}</a>
            {move || is_shown.get().then(|| view! { <InTurn>{header()}</InTurn> })}
        })}
        <main>
            {(!is_whole && !has(Panel::Tour)).then(|| view! { <h1 class="visually-hidden">{move || page.t("title")}</h1> })}
            {has(Panel::Tour).then(|| view! { <tour::Tour /> })}
            <InTurn>{show()}</InTurn>
            {is_whole.then(|| view! {
                <talk::Line />
                <talk::Booth />
            })}
            <InTurn><Door /></InTurn>
            {has(Panel::Lessons).then(opening)}
            {has(Panel::Controls).then(|| view! { <InTurn><controls::Controls /></InTurn> })}
            {has(Panel::Race).then(|| view! { <InTurn><race::Race /></InTurn> })}
            {has(Panel::Stage).then(|| view! { <InTurn><stage::Stage /></InTurn> })}
            {has(Panel::Results).then(|| view! { <InTurn><results::Results /></InTurn> })}
            {has(Panel::Runs).then(|| view! { <InTurn><runs::Runs /></InTurn> })}
            {has(Panel::Ask).then(|| view! { <InTurn><ask::Ask /></InTurn> })}
            {has(Panel::Audit).then(|| view! { <InTurn><audit::Audit /></InTurn> })}
            {has(Panel::About).then(|| view! { <InTurn><story::Story /></InTurn> })}
        </main>
        // Last, as it would be moved by what is drawn above it.
        <InTurn>
            {if is_whole {
                view! { <header::Footer /> }.into_any()
            } else {
                view! { <embed::Foot /> }.into_any()
            }}
        </InTurn>
        <InTurn><live::Live /></InTurn>
    }
}

/// What programs ask of the page, of which nothing is to be seen.
#[component]
fn Door() -> impl IntoView {
    Page::here().obey(browser::harness());
}

/// What the lab is, and what is to be learnt.
#[component]
fn Opening(
    /// Nothing is left out.
    is_whole: bool,
) -> impl IntoView {
    let has_race = Page::here().now(|m| m.settings.embed.is_none_or(|panels| panels.has(Panel::Race)));
    view! {
        <section class="opening wide">
            {is_whole.then(|| view! { <tour::Opening /> })}
            <div>
                <InTurn><lessons::Lessons /></InTurn>
                <InTurn><overrides::ChangeLesson /></InTurn>
                <InTurn>
                    {has_race.then(|| view! { <race::Invitation /> })}
                    <advanced::Advanced />
                </InTurn>
            </div>
        </section>
    }
}

/// A text with emphasis and links.
#[component]
fn Rich(
    /// The text's key.
    #[prop(into)]
    key: String,
) -> impl IntoView {
    let page = Page::here();
    move || spans(&page.t(&key))
}

/// The pieces of a text as nodes.
fn spans(text: &str) -> impl IntoView + use<> {
    let node = |span| match span {
        Span::Plain(text) => text.into_any(),
        Span::Emphasis(text) => view! { <em>{text}</em> }.into_any(),
        Span::Link { label, address } => {
            view! { <a href=address target="_blank" rel="noopener noreferrer">{label}</a> }.into_any()
        }
    };
    rich::parse(text).into_iter().map(node).collect_view()
}
