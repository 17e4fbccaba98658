//! The visitor's own examples: a lesson among the others, and its editor.

use leptos::prelude::*;

use super::file::FileField;
use super::words;
use crate::page::app::Page;
use crate::page::archive;
use crate::page::browser;
use crate::page::model::{Message, Mode};
use crate::page::own::{DRAWN, Edit, Example, ImportError, LONGEST_ANSWER, MOST};
use crate::page::questions::LONGEST_QUESTION;
use crate::text::{JsonlError, LARGEST_FILE, MOST_CONVERSATIONS};

/// What the file of them is called.
const FILE: &str = "tenshot-examples.jsonl";

fn edit(page: Page, edit: Edit) {
    page.send(Message::Own(edit));
}

/// The lesson in the list.
#[component]
pub fn OwnLesson() -> impl IntoView {
    let page = Page::here();
    let is_chosen = page.read(|m| m.own.taught);
    let busy = page.read(|m| m.mode() == Mode::Running);
    view! {
        <label class="lesson" class:chosen=move || is_chosen.get()>
            <input
                type="radio"
                name="preset"
                value="own"
                data-testid="preset-own"
                prop:checked=move || is_chosen.get()
                disabled=move || busy.get()
                on:change=move |_| edit(page, Edit::Teach(true))
            />
            <span class="own-mark" aria-hidden="true">"✎"</span>
            <span class="lesson-title">{move || page.t("own-title")}</span>
        </label>
    }
}

/// All of them, to be changed.
#[component]
pub fn Editor() -> impl IntoView {
    let page = Page::here();
    let examples = page.read(|m| m.own.examples.clone());
    let lacking = page.read(|m| m.own.is_lacking());
    let refused = page.read(|m| m.own.refused.clone());
    let mixed = page.read(|m| m.own.mixed);
    let whole = page.read(|m| m.own.whole().count());
    let busy = page.read(|m| m.mode() == Mode::Running);
    let full = move || examples.with(Vec::len) >= MOST;
    let counted = move || {
        let (whole, all) = (whole.get(), examples.with(Vec::len));
        page.tv("own-count", [("whole", whole.into()), ("all", all.into())])
    };
    let add = move |set: Option<&'static str>| {
        edit(page, set.map_or(Edit::Add, Edit::Draw));
        if set.is_none() {
            browser::focus_on(".own-list li:last-child input");
        }
    };
    let draws = DRAWN.map(|set| {
        view! {
            <button
                type="button"
                data-testid=format!("own-draw-{set}")
                disabled=move || busy.get() || full()
                on:click=move |_| add(Some(set))
            >
                {move || page.tv(&words::set(set), [("size", 1.into())])}
            </button>
        }
    });
    let save = move |_| {
        if let Some(file) = page.now(|m| archive::text_file(&m.own.file(), "application/jsonl")) {
            browser::download(FILE, &file);
        }
    };
    view! {
        <div class="own" data-testid="own">
            <p class="note">{move || page.t("own-private")}</p>
            <ol class="own-list">
                <For each=move || examples.get() key=|example| example.id let:example>
                    <Row example />
                </For>
            </ol>
            <p class="note" role="status" data-testid="own-count">{counted}</p>
            <Show when=move || lacking.get()>
                <p class="wrong" data-testid="own-lacking">{move || page.t("own-lacking")}</p>
            </Show>
            <div class="own-adds">
                <button
                    type="button"
                    data-testid="own-add"
                    disabled=move || busy.get() || full()
                    on:click=move |_| add(None)
                >
                    {move || page.t("own-add")}
                </button>
                <span>{move || page.t("own-draw")}</span>
                {draws}
            </div>
            <label class="own-mix">
                <input
                    type="checkbox"
                    data-testid="own-mix"
                    prop:checked=move || mixed.get()
                    disabled=move || busy.get()
                    on:change=move |event| edit(page, Edit::Mix(event_target_checked(&event)))
                />
                <span>{move || page.t("own-mix")}</span>
            </label>
            <div class="own-files">
                <FileField
                    label="own-import"
                    testid="own-import"
                    accept=".jsonl,.json,application/jsonl,application/json,text/plain"
                    most=LARGEST_FILE
                    take=move |bytes| edit(page, Edit::Import(bytes))
                />
                <button type="button" class="quiet" data-testid="own-save" disabled=move || whole.get() == 0 on:click=save>
                    {move || page.t("own-save")}
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="own-clear"
                    disabled=move || busy.get() || examples.with(Vec::is_empty)
                    on:click=move |_| edit(page, Edit::Clear)
                >
                    {move || page.t("own-clear")}
                </button>
            </div>
            <p class="wrong" role="alert" data-testid="own-refused">
                {move || refused.with(|why| why.as_ref().map(|why| in_words(page, why)))}
            </p>
        </div>
    }
}

/// One example.
#[component]
fn Row(example: Example) -> impl IntoView {
    let page = Page::here();
    let Example { id, question, answer, system } = example;
    let busy = page.read(|m| m.mode() == Mode::Running);
    let system = system.map(|prompt| {
        view! {
            <p class="note">
                {move || match &prompt[..] {
                    "" => page.t("own-no-system"),
                    prompt => page.tv("own-system", [("prompt", prompt.into())]),
                }}
            </p>
        }
    });
    let remove = move |_| {
        edit(page, Edit::Remove(id));
        browser::focus_on(".own-adds button");
    };
    view! {
        <li data-testid="own-row">
            <input
                type="text"
                lang="en"
                maxlength=LONGEST_QUESTION.to_string()
                placeholder=move || page.t("own-question")
                aria-label=move || page.t("own-question")
                data-testid="own-question"
                prop:value=question
                disabled=move || busy.get()
                on:input=move |event| edit(page, Edit::Question(id, event_target_value(&event)))
            />
            <textarea
                lang="en"
                rows="2"
                maxlength=LONGEST_ANSWER.to_string()
                placeholder=move || page.t("own-answer")
                aria-label=move || page.t("own-answer")
                data-testid="own-answer"
                prop:value=answer
                disabled=move || busy.get()
                on:input=move |event| edit(page, Edit::Answer(id, event_target_value(&event)))
            ></textarea>
            {system}
            <button
                type="button"
                class="quiet"
                data-testid="own-remove"
                disabled=move || busy.get()
                on:click=remove
            >
                {move || page.t("own-remove")}
            </button>
        </li>
    }
}

fn in_words(page: Page, why: &ImportError) -> String {
    match why {
        ImportError::Turns { number } => page.tv("own-error-turns", [("number", (*number).into())]),
        ImportError::TooMany { count } => {
            page.tv("own-error-many", [("count", (*count).into()), ("most", MOST.into())])
        }
        ImportError::Jsonl(error) => match error {
            JsonlError::TooLarge { .. } => page.tv("own-error-large", [("most", (LARGEST_FILE >> 20).into())]),
            JsonlError::TooMany => {
                page.tv("own-error-many", [("count", MOST_CONVERSATIONS.into()), ("most", MOST.into())])
            }
            JsonlError::Empty => page.t("own-error-empty"),
            JsonlError::NotText { line } => page.tv("own-error-text", [("line", (*line).into())]),
            JsonlError::Line { line, reason } => {
                page.tv("own-error-line", [("line", (*line).into()), ("reason", reason.as_str().into())])
            }
        },
    }
}
