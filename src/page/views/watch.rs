//! The three watched questions: answered before, and at the step that the visitor looks at.

use leptos::html::Button;
use leptos::prelude::*;

use super::caveats::{Form, Notes, Shown};
use super::question::{HeldOut, QuestionField};
use super::words;
use crate::library::forbidden_questions;
use crate::page::app::Page;
use crate::page::model::{Message, Model};
use crate::page::questions::{WATCHED, excess};
use crate::study::WatchedAnswer;

/// What a watched question's card shows.
#[derive(Clone, Debug, PartialEq)]
struct Card {
    question: String,
    before: Option<WatchedAnswer>,
    /// The step that the visitor looks at.
    step: Option<usize>,
    now: Option<WatchedAnswer>,
}

fn card(model: &Model, place: usize) -> Card {
    let watch = &model.questions.watches[place];
    let at = |index| model.shown_run().and_then(|r| r.watched(index, &watch.question)).cloned();
    let index = model.shown_step();
    Card {
        question: watch.question.clone(),
        before: at(0).or_else(|| watch.original.clone()),
        step: index.and_then(|i| Some(model.shown_run()?.record.steps.get(i)?.step)),
        now: index.filter(|&i| i > 0).and_then(at),
    }
}

/// The three cards.
#[component]
pub fn Watches() -> impl IntoView {
    let page = Page::here();
    let held_out = page.read(|m| {
        let is_held_out = |question: &String| forbidden_questions().iter().any(|q| q.question == *question);
        m.questions.watched().iter().all(is_held_out)
    });
    let cards = (0..WATCHED).map(|place| view! { <Watch place /> }).collect_view();
    view! {
        <div class="watches">
            <h2>{move || page.t("watch-title")}</h2>
            <p class="note">
                {move || held_out.get().then(|| page.t("watch-note"))}
                <Notes shown=Shown::Watched form=Form::Sentences />
            </p>
            {cards}
        </div>
    }
}

#[component]
fn Watch(place: usize) -> impl IntoView {
    let page = Page::here();
    let card = page.read(move |m| card(m, place));
    let editing = RwSignal::new(false);
    let change = NodeRef::<Button>::new();
    // The editor goes away with whatever had the focus in it.
    let close = move || {
        editing.set(false);
        if let Some(button) = change.get_untracked() {
            let _ = button.focus();
        }
    };
    let before = Memo::new(move |_| card.with(|c| c.before.clone()));
    let now = Memo::new(move |_| card.with(|c| c.now.clone()));
    let when_now = move || {
        let step = card.with(|c| c.step);
        step.map_or_else(|| page.t("watch-now"), |s| page.tv("watch-now-at", [("step", s.into())]))
    };
    // A question that is watched from the middle of a run on has no answer at the steps before.
    let not_now = move || {
        let trained = card.with(|c| c.step.is_some_and(|step| step > 0));
        page.t(if trained { "watch-not-then" } else { "watch-no-run" })
    };
    view! {
        <article class="watch" data-testid=format!("watch-{place}")>
            <header>
                <p class="question" lang="en" data-testid="watch-question">{move || card.with(|c| c.question.clone())}</p>
                <button
                    type="button"
                    class="quiet"
                    node_ref=change
                    data-testid="watch-change"
                    aria-expanded=move || editing.get().to_string()
                    on:click=move |_| editing.update(|e| *e = !*e)
                >
                    {move || page.t(if editing.get() { "watch-close" } else { "watch-change" })}
                </button>
            </header>
            <Show when=move || editing.get()>
                <Editor place close />
            </Show>
            <div class="said before">
                <p class="when">{move || page.t("watch-before")}</p>
                {move || {
                    before
                        .get()
                        .map_or_else(
                            || view! { <p class="answer none">{page.t("watch-not-asked")}</p> }.into_any(),
                            |answer| view! { <Answer answer testid="watch-before" /> }.into_any(),
                        )
                }}
            </div>
            <div class="said now">
                <p class="when">{when_now}</p>
                // A new element for a new answer, so that it fades in.
                <For each=move || now.get() key=|a| (a.answer.clone(), a.score) let:answer>
                    <Answer answer testid="watch-now" />
                </For>
                <Show when=move || now.with(Option::is_none)>
                    <p class="answer none">{not_now}</p>
                </Show>
            </div>
        </article>
    }
}

/// What Folio says, and its score.
#[component]
pub fn Answer(answer: WatchedAnswer, #[prop(into)] testid: String) -> impl IntoView {
    view! {
        <p class="answer">
            <span lang="en" data-testid=testid data-score=answer.score.map(|s| s.to_string())>
                {if answer.answer.is_empty() { "…".to_owned() } else { answer.answer }}
            </span>
            " "
            {answer.score.map(|score| view! { <Badge score /> })}
        </p>
    }
}

/// A score with its meaning.
#[component]
pub fn Badge(score: u8) -> impl IntoView {
    let page = Page::here();
    view! {
        <span class=format!("badge score-{score}") data-testid="badge">
            <b>{score}</b>
            " "
            <span>{move || page.t(words::score(score))}</span>
        </span>
    }
}

/// Chooses another question: one of the 330, or the visitor's own.
#[component]
fn Editor(place: usize, close: impl Fn() + Copy + Send + 'static) -> impl IntoView {
    let page = Page::here();
    let watch = move |question: String| {
        page.send(Message::Watch(place, question));
        close();
    };
    let (picked, own) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submit = move |event: web_sys::SubmitEvent, question: RwSignal<String>| {
        event.prevent_default();
        let question = question.get_untracked();
        if !question.trim().is_empty() && excess(&question).is_none() {
            watch(question);
        }
    };
    view! {
        <div class="editor">
            // A choice alone does nothing: with the keyboard one walks through all the options.
            <form on:submit=move |event| submit(event, picked)>
                <label>
                    {move || page.t("watch-pick")}
                    <HeldOut testid="watch-pick" pick=move |question| picked.set(question) />
                </label>
                <button type="submit" data-testid="watch-pick-set">{move || page.t("watch-set")}</button>
            </form>
            <form on:submit=move |event| submit(event, own)>
                <label>
                    {move || page.t("watch-own")}
                    <QuestionField text=own id=format!("watch-own-{place}") testid="watch-own" />
                </label>
                <button type="submit" data-testid="watch-own-set">{move || page.t("watch-set")}</button>
            </form>
        </div>
    }
}
