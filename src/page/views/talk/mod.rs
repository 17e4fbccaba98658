//! Stage mode: what keys, clickers and gamepads do, the presenter's line, and the booth's question and invitation.

mod booth;
mod line;
mod notes;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};

pub use booth::Booth;
pub use line::{Enter, Line};
pub use notes::Notes;

use crate::page::app::Page;
use crate::page::browser;
use crate::page::model::Message;
use crate::page::screen::{self, Channel};
use crate::page::talk::{self, Cue, Hand, Next, Word};
use crate::page::tour::Beat;

/// The key of the notes to a beat.
pub(in crate::page) fn notes(beat: Beat) -> String {
    format!("notes-{}", beat.name())
}

/// The key of a button's text in the presenter's line.
pub(in crate::page) fn of_line(button: &str) -> String {
    format!("stage-{button}")
}

/// The key of a button's text in the presenter's window.
pub(in crate::page) fn of_notes(button: &str) -> String {
    format!("notes-button-{button}")
}

/// Not more often than so, in milliseconds, is a moving pointer a sign of life.
const PULSE: f64 = 1_000.0;

/// Listens to keys, gamepads and the presenter's window for as long as the page is open.
pub fn follow(page: Page) {
    let on_stage = move || page.now(|m| m.talk.is_some());
    let keys = window_event_listener(ev::keydown, move |event| {
        let is_chord = event.ctrl_key() || event.alt_key() || event.meta_key();
        if !on_stage() || is_chord || event.repeat() || event.default_prevented() || is_taken(&event) {
            return;
        }
        let is_booth = page.now(|m| m.talk.as_ref().is_some_and(talk::Talk::is_booth));
        // At a booth there are no notes, and the screen stays as it was set up.
        match talk::of_key(&event.key()).filter(|hand| !is_booth || matches!(hand, Hand::Cue(_))) {
            Some(hand) => {
                event.prevent_default();
                obey(page, hand);
            }
            None => page.send(Message::Cue(Cue::Touch)),
        }
    });
    on_cleanup(move || keys.remove());
    let last = StoredValue::new(f64::MIN);
    let touched = move || {
        let now = browser::now();
        if on_stage() && now - last.get_value() > PULSE {
            last.set_value(now);
            page.send(Message::Cue(Cue::Touch));
        }
    };
    let moves = window_event_listener(ev::pointermove, move |_| touched());
    let presses = window_event_listener(ev::pointerdown, move |_| touched());
    on_cleanup(move || {
        moves.remove();
        presses.remove();
    });
    screen::stay_awake(on_stage);
    screen::follow_pads(move |button| {
        if let Some(hand) = talk::of_button(button as usize).filter(|_| on_stage()) {
            obey(page, hand);
        }
    });
    tell_notes(page);
}

/// The presenter's window hears where the story is, and its keys are the stage's.
fn tell_notes(page: Page) {
    let at = page.read(|m| m.talk.as_ref().and(m.settings.beat).map(|beat| (beat.number(), m.next_on_stage())));
    let word = move |at: Option<(usize, Next)>| at.map_or(Word::Over, |(beat, next)| Word::At(beat, next));
    let channel = StoredValue::new_local(None::<Channel>);
    let say = move |word: Word| {
        channel.with_value(|channel| {
            if let Some(channel) = channel {
                channel.say(&word.text());
            }
        });
    };
    channel.set_value(Some(Channel::open(move |text| match Word::read(&text) {
        Some(Word::Hello) if at.get_untracked().is_some() => say(word(at.get_untracked())),
        Some(Word::Pressed(key)) if at.get_untracked().is_some() => {
            if let Some(hand @ Hand::Cue(_)) = talk::of_key(&key) {
                obey(page, hand);
            }
        }
        _ => {}
    })));
    // A page that was never on a stage is not over.
    Effect::new(move |before: Option<bool>| {
        let at = at.get();
        if at.is_some() || before == Some(true) {
            say(word(at));
        }
        at.is_some()
    });
}

/// Whether what has the focus wants the key for itself: fields any but those of a clicker, buttons those that press them.
fn is_taken(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within = |selector: &str| target.as_ref().is_some_and(|t| t.closest(selector).ok().flatten().is_some());
    let turns_pages = matches!(&event.key()[..], "PageUp" | "PageDown");
    let is_slider =
        target.as_ref().and_then(|t| t.dyn_ref::<HtmlInputElement>()).is_some_and(|input| input.type_() == "range");
    if is_slider {
        return !turns_pages;
    }
    within("input, select, textarea, dialog")
        || (within("button, summary, a") && matches!(&event.key()[..], " " | "Enter"))
}

/// Does what a key or a button means.
fn obey(page: Page, hand: Hand) {
    match hand {
        Hand::Cue(Cue::Onward { .. }) => page.send(Message::Cue(Cue::Onward { still: browser::motion_is_unwelcome() })),
        Hand::Cue(Cue::Leave) => {
            page.send(Message::Cue(Cue::Leave));
            if page.now(|m| m.talk.is_none()) {
                screen::fill_screen(false);
            }
        }
        Hand::Cue(cue) => page.send(Message::Cue(cue)),
        Hand::FullScreen => screen::fill_screen(!screen::fills_screen()),
        Hand::Notes => {
            let language = page.now(|m| m.settings.language).code();
            let theme = page.now(|m| m.settings.theme).name();
            browser::open_beside(&format!("?notes=1&lang={language}&theme={theme}"), "tenshot-notes");
        }
    }
}
