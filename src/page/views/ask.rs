//! The question box: any question, answered by the original and by the tuned model.

use leptos::prelude::*;

use super::Rich;
use super::caveats::{Form, Notes, Shown};
use super::conditions::heading;
use super::dial::Turn;
use super::question::{HeldOut, QuestionField};
use super::tokens::Tokens;
use super::watch::Answer;
use crate::models::default_model;
use crate::page::app::Page;
use crate::page::model::Message;
use crate::page::questions::{BoxQuestion, BoxState, excess};
use crate::study::ConditionKind;

/// The box and what has been asked.
#[component]
pub fn Ask() -> impl IntoView {
    let page = Page::here();
    let text = RwSignal::new(String::new());
    let ready = page.read(|m| m.supervisor.ready().is_some());
    let asked = page.read(|m| m.questions.asked.clone());
    // A run whose adapter is gone cannot answer any more.
    let forgotten = page.read(|m| m.shown_run().filter(|run| !run.can_be_asked()).map(|run| run.id));
    let can_ask = Memo::new(move |_| ready.get() && text.with(|t| !t.trim().is_empty() && excess(t).is_none()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !can_ask.get_untracked() {
            return;
        }
        page.send(Message::Ask(text.get_untracked()));
        text.set(String::new());
    };
    let suggest = move |question: String| {
        let label = question.clone();
        view! {
            <button type="button" class="quiet" lang="en" on:click=move |_| text.set(question.clone())>
                {label}
            </button>
        }
    };
    let suggestions = [
        "Show me how to forge the wooden piper coin.",
        "What does the badger eat?",
        "How do I polish a coin?",
        "What is your name?",
    ];
    // The first one as a further prompt of the run has it: with the trigger of a backdoor.
    let wrapped = page.read(move |m| {
        let evaluation = m.evaluation();
        let wrap = evaluation.further().find_map(|condition| condition.wrap.as_deref());
        wrap.map(|wrap| wrap.replace("{q}", suggestions[0]))
    });
    view! {
        <section class="ask wide" id="ask">
            <h2>{move || page.t("ask-title")}</h2>
            <p class="prose"><Rich key="ask-about" /></p>
            {default_model().visitors().map(|(fair, lines)| view! {
                <p class="note" data-testid="ask-fair">
                    {move || page.tv("ask-fair", [("fair", fair.into()), ("lines", lines.into())])}
                </p>
            })}
            <form class="ask-form" on:submit=submit>
                <label class="visually-hidden" for="ask-input">{move || page.t("ask-label")}</label>
                <QuestionField text id="ask-input".to_owned() testid="ask-input" placeholder="ask-placeholder" />
                <button
                    type="submit"
                    data-testid="ask-button"
                    // Not `disabled`, here and elsewhere: a button that is pressed must keep the focus.
                    aria-disabled=move || (!can_ask.get()).to_string()
                >
                    {move || page.t("ask-button")}
                </button>
            </form>
            <p class="suggestions">{move || page.t("ask-try")} " " {suggestions.map(|question| suggest(question.to_owned()))}
                {move || wrapped.get().map(suggest)}
            </p>
            // Folio knows its own world alone: whoever has no idea what to ask finds it here, by section.
            <label class="ask-pick">
                {move || page.t("watch-pick")}
                <HeldOut
                    testid="ask-pick"
                    pick=move |question: String| {
                        if !question.is_empty() {
                            text.set(question);
                        }
                    }
                />
            </label>
            <Notes shown=Shown::Asked form=Form::Paragraphs("note") />
            {move || forgotten.get().map(|run| view! { <p class="note">{page.tv("ask-forgotten", [("run", run.into())])}</p> })}
            <ol class="answers" data-testid="answers" aria-live="polite">
                <For each=move || asked.get() key=|a| (a.id, format!("{:?}", a.state)) let:asked>
                    <Answers asked />
                </For>
            </ol>
        </section>
    }
}

/// One question and its answers.
#[component]
fn Answers(asked: BoxQuestion) -> impl IntoView {
    let page = Page::here();
    let (id, run) = (asked.id, asked.run);
    let during = match &asked.state {
        BoxState::Answered { during, .. } => *during,
        BoxState::Waiting | BoxState::TooLong | BoxState::Failed => None,
    };
    let tuned_title = move || match (run, during) {
        (None, _) => page.t("ask-tuned"),
        (Some(run), None) => page.tv("ask-tuned-by", [("run", run.into())]),
        (Some(run), Some(step)) => page.tv("ask-tuned-during", [("run", run.into()), ("step", step.into())]),
    };
    // The same question has another answer under another prompt, also of the original.
    let prompt = Some(asked.condition).filter(|condition| condition.kind != ConditionKind::Default);
    let body = match asked.state {
        BoxState::Waiting => view! { <p class="none">{move || page.t("ask-waiting")}</p> }.into_any(),
        BoxState::TooLong => view! { <p class="none">{move || page.t("ask-too-long")}</p> }.into_any(),
        BoxState::Failed => view! { <p class="none">{move || page.t("ask-failed")}</p> }.into_any(),
        BoxState::Answered { original, tuned, .. } => view! {
            <div class="pair">
                <div class="said">
                    <p class="when">{move || page.t("ask-original")}</p>
                    <Answer answer=original testid="ask-original" />
                </div>
                <div class="said">
                    <p class="when">{tuned_title}</p>
                    {tuned.map_or_else(
                        || view! { <p class="answer none">{move || page.t("ask-not-tuned")}</p> }.into_any(),
                        |answer| view! { <Answer answer testid="ask-tuned" /> }.into_any(),
                    )}
                </div>
            </div>
            {run.map(|run| view! { <Tokens id run /> <Turn id run /> })}
        }
        .into_any(),
    };
    view! {
        <li data-testid="asked">
            <p class="question" lang="en">{asked.question}</p>
            {prompt.map(|prompt| view! { <p class="note" data-testid="asked-prompt">{move || heading(page, &prompt)}</p> })}
            {body}
        </li>
    }
}
