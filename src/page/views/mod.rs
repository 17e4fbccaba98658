//! The views: what of the state is drawn where. They hold no state of their own beyond what is open or half typed.

mod advanced;
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
pub(super) mod story;
mod table;
pub(super) mod talk;
mod tokens;
pub(super) mod tour;
mod watch;
pub(super) mod words;

use leptos::prelude::*;

pub use talk::Notes;

use super::app::Page;
use super::embed::Panel;
use super::rich::{self, Span};

/// The whole page.
#[component]
pub fn Root() -> impl IntoView {
    let page = Page::open();
    provide_context(page);
    talk::follow(page);
    // Within another page there are some panels alone, and they stay the same.
    let panels = page.now(|m| m.settings.embed);
    let is_whole = panels.is_none();
    let has = |panel| panels.is_none_or(|panels| panels.has(panel));
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
            {has(Panel::Lessons).then(|| view! {
                <section class="opening wide">
                    {is_whole.then(|| view! { <tour::Opening /> })}
                    <div>
                        <lessons::Lessons />
                        <overrides::ChangeLesson />
                        {has(Panel::Race).then(|| view! { <race::Invitation /> })}
                        <advanced::Advanced />
                    </div>
                </section>
            })}
            {has(Panel::Controls).then(|| view! { <controls::Controls /> })}
            {has(Panel::Race).then(|| view! { <race::Race /> })}
            {has(Panel::Stage).then(|| view! { <stage::Stage /> })}
            {has(Panel::Results).then(|| view! { <results::Results /> })}
            {has(Panel::Runs).then(|| view! { <runs::Runs /> })}
            {has(Panel::Ask).then(|| view! { <ask::Ask /> })}
            {has(Panel::Audit).then(|| view! { <audit::Audit /> })}
            {has(Panel::About).then(|| view! { <story::Story /> })}
        </main>
        {if is_whole {
            view! { <header::Footer /> }.into_any()
        } else {
            view! { <embed::Foot /> }.into_any()
        }}
        <live::Live />
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
