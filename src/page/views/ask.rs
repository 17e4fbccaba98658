//! The question box: any question, answered by the original and by the tuned model.

use leptos::prelude::*;

use super::Rich;
use super::caveats::{Form, Notes, Shown};
use super::conditions::heading;
use super::dial::Turn;
use super::question::{HeldOut, QuestionField};
use super::steps::Steps;
use super::tokens::Tokens;
use super::watch::Answer;
use crate::models::default_model;
use crate::page::app::Page;
use crate::page::browser;
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
        BoxState::Waiting | BoxState::TooLong | BoxState::Failed | BoxState::Stopped => None,
    };
    let tuned_title = move || match (run, during) {
        (None, _) => page.t("ask-tuned"),
        (Some(run), None) => page.tv("ask-tuned-by", [("run", run.into())]),
        (Some(run), Some(step)) => page.tv("ask-tuned-during", [("run", run.into()), ("step", step.into())]),
    };
    // The same question has another answer under another prompt, also of the original.
    let prompt = Some(asked.condition).filter(|condition| condition.kind != ConditionKind::Default);
    let body = match asked.state {
        BoxState::Waiting => view! { <Saying id tuned_title /> }.into_any(),
        BoxState::Stopped => {
            let [original, tuned] = asked.said.map(|text| Some(text).filter(|text| !text.is_empty()));
            view! {
                <p class="none" data-testid="ask-stopped">{move || page.t("ask-stopped")}</p>
                <Pair original tuned tuned_title />
            }
            .into_any()
        }
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
            {run.map(|run| view! { <Steps id run /> <Tokens id run /> <Turn id run /> })}
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

/// An answer while it is said, and the way to stop it.
#[component]
fn Saying(id: u32, tuned_title: impl Fn() -> String + Copy + Send + Sync + 'static) -> impl IntoView {
    let page = Page::here();
    let said = page.read(move |m| {
        let asked = m.questions.asked.iter().find(|asked| asked.id == id);
        asked.map(|asked| asked.said.clone()).unwrap_or_default()
    });
    let part = move |tuned: usize| said.with(|said| Some(said[tuned].clone()).filter(|text| !text.is_empty()));
    let stop = move |_| {
        page.send(Message::Hush(id));
        // The button goes: whoever pressed it by the keyboard is where the next question is typed.
        browser::focus("ask-input");
    };
    view! {
        <p class="none">
            {move || page.t("ask-waiting")} " "
            <button type="button" class="quiet" data-testid="ask-stop" on:click=stop>{move || page.t("ask-stop")}</button>
        </p>
        // The whole answer is told once it is there; its pieces would be told over and over.
        <div aria-live="off">{move || view! { <Pair original=part(0) tuned=part(1) tuned_title /> }}</div>
    }
}

/// What both models have said of an answer that is not whole.
#[component]
fn Pair(
    original: Option<String>,
    tuned: Option<String>,
    tuned_title: impl Fn() -> String + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let page = Page::here();
    let said = |text: Option<String>, testid: &'static str| {
        text.map(|text| view! { <p class="answer"><span lang="en" data-testid=testid>{text} "…"</span></p> })
    };
    let none = original.is_none() && tuned.is_none();
    let has_tuned = tuned.is_some();
    (!none).then(|| {
        view! {
            <div class="pair">
                <div class="said">
                    <p class="when">{move || page.t("ask-original")}</p>
                    {said(original, "ask-original-so-far")}
                </div>
                <div class="said">
                    {has_tuned.then(|| view! { <p class="when">{tuned_title}</p> })}
                    {said(tuned, "ask-tuned-so-far")}
                </div>
            </div>
        }
    })
}
