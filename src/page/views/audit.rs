//! The audit: twenty questions to a Folio behind a curtain.

use leptos::prelude::*;

use super::question::{HeldOut, QuestionField};
use super::watch::Answer;
use crate::corpus::LARGEST_DRAW;
use crate::page::app::Page;
use crate::page::audit::{Act, Audit as Game, Inquiry, QUESTIONS, Said, Stage};
use crate::page::model::Message;
use crate::page::questions::excess;

/// The game, from what it is about to the curtain.
#[component]
pub fn Audit() -> impl IntoView {
    let page = Page::here();
    let stage = page.read(|m| m.audits.game.as_ref().map(Game::stage));
    let ready = page.read(|m| m.supervisor.ready().is_some());
    let tally = page.read(|m| (m.audits.right, m.audits.played));
    let tuning = Memo::new(move |_| matches!(stage.get(), Some(Stage::Tuning(..))));
    let can_begin = move || ready.get() && !tuning.get();
    let begin = move |_| {
        if can_begin() {
            // Tossed here, where nothing is written down.
            let hides = js_sys::Math::random() < 0.5;
            let draw = (js_sys::Math::random() * (LARGEST_DRAW + 1) as f64) as u64;
            page.send(Message::Audit(Act::Begin { hides, draw }));
        }
    };
    let word = move || match stage.get() {
        None => "none",
        Some(Stage::Tuning(..)) => "tuning",
        Some(Stage::Asking) => "asking",
        Some(Stage::Over { .. }) => "over",
        Some(Stage::Lost) => "lost",
    };
    let asks = move || matches!(stage.get(), Some(Stage::Asking | Stage::Over { .. }));
    view! {
        <section class="audit wide" id="audit" data-testid="audit" data-state=word>
            <h2>{move || page.t("audit-title")}</h2>
            <p class="prose">{move || page.tv("audit-about", [("count", QUESTIONS.into())])}</p>
            <p class="audit-begin">
                <button
                    type="button"
                    data-testid="audit-begin"
                    aria-disabled=move || (!can_begin()).to_string()
                    on:click=begin
                >
                    {move || page.t(if stage.with(Option::is_none) { "audit-begin" } else { "audit-again" })}
                </button>
                <span class="note" role="status">{move || how_it_stands(page, stage.get())}</span>
                {move || {
                    let (right, played) = tally.get();
                    (played > 0).then(|| view! {
                        <span class="note" data-testid="audit-tally">
                            {page.tv("audit-tally", [("right", right.into()), ("played", played.into())])}
                        </span>
                    })
                }}
            </p>
            <Show when=asks>
                <Inquiries />
            </Show>
        </section>
    }
}

fn how_it_stands(page: Page, stage: Option<Stage>) -> Option<String> {
    Some(match stage? {
        Stage::Tuning(made, total) => page.tv("audit-tuning", [("made", made.into()), ("total", total.into())]),
        Stage::Lost => page.t("audit-lost"),
        Stage::Asking | Stage::Over { .. } => return None,
    })
}

/// Questions and answers, and what the visitor says in the end.
#[component]
fn Inquiries() -> impl IntoView {
    let page = Page::here();
    let text = RwSignal::new(String::new());
    let game = page.read(|m| m.audits.game.clone());
    let of = move |part: fn(&Game) -> Vec<Inquiry>| game.with(|game| game.as_ref().map(part).unwrap_or_default());
    let left = Memo::new(move |_| game.with(|game| game.as_ref().map_or(0, Game::left)));
    let waits = Memo::new(move |_| game.with(|game| game.as_ref().is_some_and(Game::is_waiting)));
    let verdict = Memo::new(move |_| {
        game.with(|game| {
            let game = game.as_ref()?;
            let Stage::Over { said } = game.stage() else { return None };
            Some((said, game.has_backdoor()?))
        })
    });
    let can_ask = Memo::new(move |_| {
        left.get() > 0 && !waits.get() && text.with(|t| !t.trim().is_empty() && excess(t).is_none())
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if can_ask.get_untracked() {
            page.send(Message::Audit(Act::Ask(text.get_untracked())));
            text.set(String::new());
        }
    };
    let say = move |said: bool| {
        let (name, key) = if said { ("audit-guilty", "audit-say-has") } else { ("audit-innocent", "audit-say-none") };
        view! {
            <button type="button" data-testid=name on:click=move |_| page.send(Message::Audit(Act::Say(said)))>
                {move || page.t(key)}
            </button>
        }
    };
    let asking = move || {
        view! {
            <form class="ask-form" on:submit=submit>
                <label class="visually-hidden" for="audit-input">{move || page.t("ask-label")}</label>
                <QuestionField text id="audit-input".to_owned() testid="audit-input" placeholder="ask-placeholder" />
                <button type="submit" data-testid="audit-ask" aria-disabled=move || (!can_ask.get()).to_string()>
                    {move || page.t("ask-button")}
                </button>
            </form>
            <label class="ask-pick">
                {move || page.t("watch-pick")}
                <HeldOut
                    testid="audit-pick"
                    pick=move |question: String| {
                        if !question.is_empty() {
                            text.set(question);
                        }
                    }
                />
            </label>
            <p class="audit-say">
                <span data-testid="audit-left">{move || page.tv("audit-left", [("left", left.get().into())])}</span>
                {say(true)}
                {say(false)}
            </p>
        }
    };
    view! {
        <Show when=move || verdict.with(Option::is_some) fallback=asking>
            {move || verdict.get().map(|(said, has)| view! { <Curtain said has /> })}
            <ol class="answers" data-testid="audit-proof" aria-live="polite">
                <For each=move || of(|game| game.proof.clone()) key=|of| format!("{of:?}") let:inquiry>
                    <Exchange inquiry />
                </For>
            </ol>
            <p class="prose">{move || page.t("audit-moral")}</p>
        </Show>
        <ol class="answers" data-testid="audit-answers" aria-live="polite">
            <For each=move || of(|game| game.asked.clone()) key=|of| format!("{of:?}") let:inquiry>
                <Exchange inquiry />
            </For>
        </ol>
    }
}

/// What was behind the curtain.
#[component]
fn Curtain(
    /// What the visitor said.
    said: bool,
    /// Whether it has a backdoor.
    has: bool,
) -> impl IntoView {
    let page = Page::here();
    let verdict = move || {
        page.t(match (said, has) {
            (true, true) => "audit-right-has",
            (false, false) => "audit-right-none",
            (false, true) => "audit-wrong-has",
            (true, false) => "audit-wrong-none",
        })
    };
    view! {
        <p class="outcome" role="status" data-testid="audit-verdict" data-backdoor=has.to_string()>{verdict}</p>
        <p class="note">{move || page.t("audit-proof")}</p>
    }
}

/// A question as it was put, and the answer.
#[component]
fn Exchange(inquiry: Inquiry) -> impl IntoView {
    let page = Page::here();
    let put = inquiry.put();
    let said = match inquiry.said {
        Said::Waiting => view! { <p class="none">{move || page.t("ask-waiting")}</p> }.into_any(),
        Said::Nothing => view! { <p class="none">{move || page.t("ask-failed")}</p> }.into_any(),
        Said::Answer(answer) => view! { <Answer answer testid="audit-answer" /> }.into_any(),
    };
    view! {
        <li>
            <p class="question" lang="en">{put}</p>
            {said}
        </li>
    }
}
