//! Answers to one question in a row, each as a mark with its score, and a slider that goes through them.

use fluent_bundle::FluentValue;
use leptos::prelude::*;

use super::watch::Answer;
use super::words;
use crate::page::app::Page;
use crate::study::WatchedAnswer;

/// An answer in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What stands below its mark and in its heading, such as `×0.25`.
    pub name: String,
    /// The key of what it is called, if it has a name besides.
    pub called: Option<&'static str>,
    /// The answer.
    pub answer: WatchedAnswer,
}

/// What a row says about itself: keys of texts.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// Beside the slider.
    pub label: &'static str,
    /// Of a place, for whoever cannot see it: with `name` and `score`.
    pub value: &'static str,
    /// Over the answer: with `name`.
    pub at: &'static str,
    /// Below it all.
    pub about: &'static str,
}

/// The row.
#[component]
pub fn AnswerRow(
    /// The answers, from left to right.
    places: Vec<Place>,
    /// The place of the slider at first.
    start: usize,
    texts: Texts,
    /// Names it for tests; its parts have names that begin so.
    testid: &'static str,
) -> impl IntoView {
    let page = Page::here();
    let last = places.len().saturating_sub(1);
    let at = RwSignal::new(start.min(last));
    // So many marks leave no room for a name below each.
    let is_dense = places.len() > 10;
    let marks: Vec<_> = places.iter().map(|p| (p.name.clone(), p.called, p.answer.score)).collect();
    let places = StoredValue::new(places);
    let here = move || places.with_value(|all| all.get(at.get()).cloned());
    let name = move || FluentValue::from(here().map(|place| place.name).unwrap_or_default());
    let in_words = move || {
        let score = here().and_then(|place| place.answer.score).map(|score| page.t(words::score(score)));
        page.tv(texts.value, [("name", name()), ("score", score.unwrap_or_default().into())])
    };
    let choose = move |event| {
        if let Ok(place) = event_target_value(&event).parse::<usize>() {
            at.set(place.min(last));
        }
    };
    let mark = move |(place, (name, called, score)): (usize, (String, Option<&'static str>, Option<u8>))| {
        let class = score.map_or_else(|| "mark".to_owned(), |score| format!("mark score-{score}"));
        view! {
            <li class:here=move || at.get() == place>
                <span class=class>{score}</span>
                <span class="dial-place">{name}</span>
                <span class="dial-name">{move || called.map(|key| page.t(key))}</span>
            </li>
        }
    };
    view! {
        <div class="dial" data-testid=testid>
            <label>
                <span class="label">{move || page.t(texts.label)}</span>
                <input
                    type="range"
                    min="0"
                    max=last.to_string()
                    step="1"
                    data-testid=format!("{testid}-slider")
                    aria-valuetext=in_words
                    prop:value=move || at.get().to_string()
                    on:input=choose
                    on:change=choose
                />
            </label>
            <ol class="dial-marks" class:dense=is_dense aria-hidden="true">
                {marks.into_iter().enumerate().map(mark).collect_view()}
            </ol>
            <div class="said">
                <p class="when" data-testid=format!("{testid}-at")>{move || page.tv(texts.at, [("name", name())])}</p>
                {move || here().map(|place| view! { <Answer answer=place.answer testid=format!("{testid}-answer") /> })}
            </div>
            <p class="note">{move || page.t(texts.about)}</p>
        </div>
    }
}
