//! The tuned model turned down and up: one question, an answer at each strength of the adapter.

use leptos::prelude::*;

use super::opener::Opener;
use super::watch::Answer;
use super::words;
use crate::page::app::Page;
use crate::page::dial::{STRENGTHS, TUNED};
use crate::page::model::Message;
use crate::page::run_view::RunView;
use crate::study::WatchedAnswer;

/// The way to it, and the dial itself.
#[component]
pub fn Turn(
    /// The question's.
    id: u32,
    /// Whose adapter.
    run: u32,
) -> impl IntoView {
    let page = Page::here();
    let dial = page.read(move |m| {
        let asked = m.questions.asked.iter().find(|asked| asked.id == id);
        asked.map(|asked| asked.dial.clone()).unwrap_or_default()
    });
    let can = page.read(move |m| m.supervisor.ready().is_some() && m.runs.get(run).is_some_and(RunView::can_be_asked));
    let turned = Memo::new(move |_| dial.with(|dial| dial.there().cloned()));
    let keys = ["dial-turn", "dial-turning", "dial-failed"];
    view! {
        <Opener state=dial can keys testid="dial-turn" open=move || page.send(Message::Dial(id)) />
        {move || turned.get().map(|answers| view! { <Slider answers /> })}
    }
}

/// `×0.25`.
fn times(at: usize) -> String {
    format!("×{}", STRENGTHS[at.min(STRENGTHS.len() - 1)])
}

#[component]
fn Slider(answers: Vec<WatchedAnswer>) -> impl IntoView {
    let page = Page::here();
    let at = RwSignal::new(TUNED);
    let scores: Vec<_> = answers.iter().map(|answer| answer.score).collect();
    let answers = StoredValue::new(answers);
    let answer = move || answers.with_value(|all| all.get(at.get()).cloned());
    let in_words = move || {
        let score = answers.with_value(|all| all.get(at.get()).and_then(|answer| answer.score));
        let score = score.map(|score| page.t(words::score(score))).unwrap_or_default();
        page.tv("dial-value", [("strength", times(at.get()).into()), ("score", score.into())])
    };
    let choose = move |event| {
        if let Ok(place) = event_target_value(&event).parse::<usize>() {
            at.set(place.min(STRENGTHS.len() - 1));
        }
    };
    let mark = move |(place, score): (usize, Option<u8>)| {
        let class = score.map_or_else(|| "mark".to_owned(), |score| format!("mark score-{score}"));
        let key = match place {
            0 => "dial-original",
            TUNED => "dial-tuned",
            _ => "",
        };
        view! {
            <li class:here=move || at.get() == place>
                <span class=class>{score}</span>
                <span>{times(place)}</span>
                <span class="dial-name">{move || if key.is_empty() { String::new() } else { page.t(key) }}</span>
            </li>
        }
    };
    view! {
        <div class="dial" data-testid="dial">
            <label>
                <span class="label">{move || page.t("dial-label")}</span>
                <input
                    type="range"
                    min="0"
                    max=(STRENGTHS.len() - 1).to_string()
                    step="1"
                    data-testid="dial-slider"
                    aria-valuetext=in_words
                    prop:value=move || at.get().to_string()
                    on:input=choose
                    on:change=choose
                />
            </label>
            <ol class="dial-marks" aria-hidden="true">{scores.into_iter().enumerate().map(mark).collect_view()}</ol>
            <div class="said">
                <p class="when" data-testid="dial-at">{move || page.tv("dial-at", [("strength", times(at.get()).into())])}</p>
                {move || answer().map(|answer| view! { <Answer answer testid="dial-answer" /> })}
            </div>
            <p class="note">{move || page.t("dial-about")}</p>
        </div>
    }
}
