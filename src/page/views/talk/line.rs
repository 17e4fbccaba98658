//! The presenter's line: what the keys do, as buttons; and the way to the stage.

use leptos::prelude::*;

use super::{obey, of_line};
use crate::page::app::Page;
use crate::page::browser;
use crate::page::model::Message;
use crate::page::screen;
use crate::page::settings::Stage;
use crate::page::talk::{Cue, Hand, Next};
use crate::page::tour::Beat;
use crate::page::views::header::Languages;
use crate::page::views::tour::key;

/// The way to the stage, over the whole screen if the browser lets it.
#[component]
pub fn Enter() -> impl IntoView {
    let page = Page::here();
    let enter = move |_| {
        page.send(Message::Cue(Cue::Enter));
        screen::fill_screen(true);
        browser::scroll_to("tour");
    };
    view! {
        <button type="button" class="quiet" data-testid="stage-enter" on:click=enter>
            {move || page.t("stage-enter")}
        </button>
    }
}

/// What the next key does, in words.
pub fn in_words(text: impl Fn(&str) -> String, at: impl Fn(&str, String) -> String, next: Next) -> String {
    match next {
        Next::Curve => text("stage-next-curve"),
        Next::Whole => text("stage-next-whole"),
        Next::Nothing => text("stage-next-nothing"),
        Next::Beat(number) => match Beat::of_number(&number.to_string()) {
            Some(beat) => at("stage-next-beat", text(&key(beat, "title"))),
            None => text("stage-next-nothing"),
        },
    }
}

/// At the bottom of the stage.
#[component]
pub fn Line() -> impl IntoView {
    let page = Page::here();
    let stage = page.read(|m| m.talk.as_ref().map_or(Stage::Off, |_| m.settings.stage));
    // Nothing has happened yet: then it is small, and quickly named.
    let state = page.read(|m| (m.talk.is_some() && m.runs.iter().next().is_none()).then(|| m.state()));
    let next = page.read(|m| m.next_on_stage());
    let button = move |hand: Hand, name: &'static str, symbol: &'static str| {
        view! {
            <button type="button" class="quiet" data-testid=format!("stage-{name}") on:click=move |_| obey(page, hand)>
                <kbd aria-hidden="true">{symbol}</kbd>
                " "
                {move || page.t(&of_line(name))}
            </button>
        }
    };
    let presenters = move || {
        view! {
            {button(Hand::Notes, "notes", "N")}
            {button(Hand::FullScreen, "full", "F")}
            {button(Hand::Cue(Cue::Leave), "leave", "Esc")}
        }
    };
    view! {
        <Show when=move || stage.get() != Stage::Off>
            <aside
                class="stage-line wide"
                aria-label=move || page.t("stage-line")
                data-testid="stage-line"
                data-state=move || state.get()
            >
                <p class="note" data-testid="stage-next">
                    {move || in_words(|key| page.t(key), |key, title| page.tv(key, [("title", title.into())]), next.get())}
                </p>
                {button(Hand::Cue(Cue::Reset), "reset", "R")}
                <Show when=move || stage.get() == Stage::Talk>{presenters()}</Show>
                <Languages tag="stage-lang" />
            </aside>
        </Show>
    }
}
