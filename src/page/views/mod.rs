//! The views: what of the state is drawn where. They hold no state of their own beyond what is open or half typed.

mod advanced;
mod answers;
mod ask;
pub(super) mod caveats;
mod chart;
mod chart_tools;
mod compare;
pub(super) mod conditions;
mod controls;
mod depth;
mod dial;
mod difference;
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
mod story;
mod table;
pub(super) mod talk;
mod tokens;
pub(super) mod tour;
mod watch;
pub(super) mod words;

use leptos::prelude::*;

pub use talk::Notes;

use super::app::Page;
use super::rich::{self, Span};

/// The whole page.
#[component]
pub fn Root() -> impl IntoView {
    let page = Page::open();
    provide_context(page);
    talk::follow(page);
    view! {
        <a class="skip" href="#stage">{move || page.t("skip-to-stage")}</a>
        <header::Header />
        <main>
            <tour::Tour />
            <talk::Line />
            <talk::Booth />
            <section class="opening wide">
                <tour::Opening />
                <div>
                    <lessons::Lessons />
                    <overrides::ChangeLesson />
                    <race::Invitation />
                    <advanced::Advanced />
                </div>
            </section>
            <controls::Controls />
            <race::Race />
            <stage::Stage />
            <results::Results />
            <runs::Runs />
            <ask::Ask />
            <story::Story />
        </main>
        <header::Footer />
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
