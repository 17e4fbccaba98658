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
mod watch;
pub(super) mod words;

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

pub use talk::Notes;

use super::app::Page;
use super::embed::Panel;
use super::rich::{self, Span};

/// How many turns it takes to draw the page.
const TURNS: u32 = 10;

/// The whole page. What a visitor sees first is drawn first, and the rest part by part, each in a task of its own: in one task it would
/// keep the browser from everything else for hundreds of milliseconds.
#[component]
pub fn Root() -> impl IntoView {
    let page = Page::open();
    provide_context(page);
    talk::follow(page);
    // Within another page there are some panels alone, and they stay the same.
    let panels = page.now(|m| m.settings.embed);
    let is_whole = panels.is_none();
    let has = |panel| panels.is_none_or(|panels| panels.has(panel));
    let turn = RwSignal::new(0);
    take_turns(turn);
    // Who comes to the lab sees its opening first.
    let opening = u32::from(page.now(|m| m.settings.beat.is_some()));
    view! {
        {is_whole.then(|| view! {
            <a class="skip" href="#stage">{move || page.t("skip-to-stage")}</a>
            <header::Header />
        })}
        <main>
            {(!is_whole && !has(Panel::Tour)).then(|| view! { <h1 class="visually-hidden">{move || page.t("title")}</h1> })}
            {has(Panel::Tour).then(|| view! { <tour::Tour /> })}
            {is_whole.then(|| view! {
                <talk::Line />
                <talk::Booth />
            })}
            {has(Panel::Lessons).then(|| view! { <InTurn of=opening turn><Opening is_whole /></InTurn> })}
            {has(Panel::Controls).then(|| view! { <InTurn of=2 turn><controls::Controls /></InTurn> })}
            {has(Panel::Race).then(|| view! { <InTurn of=3 turn><race::Race /></InTurn> })}
            {has(Panel::Stage).then(|| view! { <InTurn of=4 turn><stage::Stage /></InTurn> })}
            {has(Panel::Results).then(|| view! { <InTurn of=5 turn><results::Results /></InTurn> })}
            {has(Panel::Runs).then(|| view! { <InTurn of=6 turn><runs::Runs /></InTurn> })}
            {has(Panel::Ask).then(|| view! { <InTurn of=7 turn><ask::Ask /></InTurn> })}
            {has(Panel::Audit).then(|| view! { <InTurn of=8 turn><audit::Audit /></InTurn> })}
            {has(Panel::About).then(|| view! { <InTurn of=9 turn><story::Story /></InTurn> })}
        </main>
        // Last, as it would be moved by what is drawn above it.
        <InTurn of=TURNS turn>
            {if is_whole {
                view! { <header::Footer /> }.into_any()
            } else {
                view! { <embed::Foot /> }.into_any()
            }}
        </InTurn>
        <live::Live />
    }
}

/// From the first turn to the last, each in a task of its own.
fn take_turns(turn: RwSignal<u32>) {
    Timeout::new(0, move || {
        let now = turn.get_untracked() + 1;
        turn.set(now);
        if now < TURNS {
            take_turns(turn);
        }
    })
    .forget();
}

/// What is drawn when it is its turn.
#[component]
fn InTurn(
    /// Which turn that is.
    of: u32,
    /// Whose turn it is.
    turn: RwSignal<u32>,
    children: ChildrenFn,
) -> impl IntoView {
    view! { <Show when=move || { turn.get() >= of }>{children()}</Show> }
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
                <lessons::Lessons />
                <overrides::ChangeLesson />
                {has_race.then(|| view! { <race::Invitation /> })}
                <advanced::Advanced />
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
