//! The presenter's window: notes of the beat, the time, and what comes next. It has no engine and computes nothing.

use gloo::timers::callback::Interval;
use leptos::ev;
use leptos::prelude::*;

use super::line::in_words;
use super::{notes as notes_of, of_notes};
use crate::page::browser;
use crate::page::screen::Channel;
use crate::page::talk::{self, Hand, Next, Word};
use crate::page::texts::{text, text_with};
use crate::page::tour::{Beat, told};
use crate::page::views::tour::{key, values};

/// Minutes and seconds, `4:07`.
fn clock(milliseconds: f64) -> String {
    let seconds = (milliseconds / 1e3).max(0.0) as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// The whole window.
#[component]
pub fn Notes() -> impl IntoView {
    let settings = browser::settings();
    let language = settings.language;
    browser::mark("lang", Some(language.tag()));
    browser::mark("data-theme", Some(settings.theme.name()));
    let t = move |key: &str| text(language, key);
    let at = RwSignal::new(None::<(Beat, Next)>);
    let (begun, now) = (RwSignal::new(browser::now()), RwSignal::new(browser::now()));
    let channel = StoredValue::new_local(Channel::open(move |said| match Word::read(&said) {
        Some(Word::At(beat, next)) => at.set(Beat::of_number(&beat.to_string()).map(|beat| (beat, next))),
        Some(Word::Over) => at.set(None),
        _ => {}
    }));
    let say = move |word: Word| channel.with_value(|channel| channel.say(&word.text()));
    say(Word::Hello);
    Interval::new(500, move || now.set(browser::now())).forget();
    let press = move |key: &str| say(Word::Pressed(key.to_owned()));
    let keys = window_event_listener(ev::keydown, move |event| {
        let is_chord = event.ctrl_key() || event.alt_key() || event.meta_key();
        if is_chord || event.repeat() || matches!(&event.key()[..], " " | "Enter" | "Escape") {
            return;
        }
        if let Some(Hand::Cue(_)) = talk::of_key(&event.key()) {
            event.prevent_default();
            press(&event.key());
        }
    });
    on_cleanup(move || keys.remove());
    let title = move || {
        at.get().map_or_else(|| t("notes-alone"), |(beat, _)| text_with(language, &key(beat, "title"), values(beat)))
    };
    let place = move || {
        let (beat, _) = at.get()?;
        let place = told().iter().position(|of| *of == beat)? + 1;
        Some(text_with(language, "notes-place", [("at", place.into()), ("of", told().len().into())]))
    };
    let notes = move || {
        let (beat, _) = at.get()?;
        Some(text_with(language, &notes_of(beat), values(beat)))
    };
    let next = move || {
        at.get().map(|(_, next)| in_words(t, |key, title| text_with(language, key, [("title", title.into())]), next))
    };
    let button = move |name: &'static str, key: &'static str| {
        view! {
            <button type="button" data-testid=format!("notes-{name}") on:click=move |_| press(key)>
                {t(&of_notes(name))}
            </button>
        }
    };
    view! {
        <main class="notes wide" data-testid="notes">
            <p class="notes-head">
                <span class="clock" data-testid="notes-time">{move || clock(now.get() - begun.get())}</span>
                <button type="button" class="quiet" on:click=move |_| begun.set(browser::now())>{t("notes-zero")}</button>
                <span class="note">{place}</span>
            </p>
            <h1 data-testid="notes-beat">{title}</h1>
            <p class="spoken" data-testid="notes-text">{notes}</p>
            <p class="note" data-testid="notes-next">{next}</p>
            <p class="notes-keys">
                {button("back", "ArrowLeft")}
                {button("onward", "ArrowRight")}
                {button("run", "l")}
                {button("reset", "r")}
            </p>
        </main>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_minutes_and_seconds() {
        assert_eq!([0.0, 59_900.0, 61_000.0, -5.0].map(clock), ["0:00", "0:59", "1:01", "0:00"]);
    }
}
