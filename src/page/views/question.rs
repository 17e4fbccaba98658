//! The fields for questions: the visitor's own, and the held-out ones.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

use super::words;
use crate::library::{ForbiddenQuestion, forbidden_questions, world};
use crate::page::app::Page;
use crate::page::questions::{LONGEST_QUESTION, excess};

/// A field for a question. What is too long stays as it was typed, and is said to be too long: a question that is cut without a
/// word is another question.
#[component]
pub fn QuestionField(
    /// What is typed.
    text: RwSignal<String>,
    /// Identifies the field.
    id: String,
    /// Names it for tests.
    testid: &'static str,
    /// The key of a text that stands in the empty field.
    #[prop(optional)]
    placeholder: Option<&'static str>,
) -> impl IntoView {
    let page = Page::here();
    let more = Memo::new(move |_| text.with(|t| excess(t)));
    let complaint = format!("{id}-too-long");
    let described_by = complaint.clone();
    view! {
        <input
            id=id
            type="text"
            lang="en"
            autocomplete="off"
            placeholder=move || placeholder.map(|key| page.t(key))
            data-testid=testid
            aria-invalid=move || more.get().is_some().to_string()
            aria-describedby=move || more.get().map(|_| described_by.clone())
            prop:value=move || text.get()
            on:input=move |event| text.set(event_target_value(&event))
        />
        {move || more.get().map(|more| view! {
            <span class="complaint" role="alert" id=complaint.clone()>
                {page.tv("question-too-long", [("most", LONGEST_QUESTION.into()), ("more", more.into())])}
            </span>
        })}
    }
}

/// The held-out questions by section. `pick` has the one that is chosen; nothing if none is.
#[component]
pub fn HeldOut(
    /// Names it for tests.
    testid: &'static str,
    pick: impl Fn(String) + 'static,
) -> impl IntoView {
    let page = Page::here();
    let sections = RwSignal::new(0_usize);
    section_by_section(sections);
    let group = move |index: usize| {
        let key = words::section(&world().sections[index].name);
        let of_section =
            |q: &&'static ForbiddenQuestion| world().item(&q.item).is_some_and(|item| item.section == index);
        let options = forbidden_questions()
            .iter()
            .filter(of_section)
            .map(|q| view! { <option value=q.question.as_str()>{q.question.as_str()}</option> })
            .collect_view();
        view! { <optgroup label=move || page.t(&key)>{options}</optgroup> }
    };
    view! {
        <select data-testid=testid on:change=move |event| pick(event_target_value(&event))>
            <option value="">{move || page.t("watch-pick-none")}</option>
            <For each=move || 0..sections.get() key=|index| *index children=group />
        </select>
    }
}

/// Lets one section after the other into the list, each in a task of its own: all 330 questions at once would keep the page from
/// everything else for a while, and nobody has opened the list yet.
fn section_by_section(sections: RwSignal<usize>) {
    Timeout::new(0, move || {
        let Some(now) = sections.try_get_untracked() else { return }; // the list is gone
        sections.set(now + 1);
        if now + 1 < world().sections.len() {
            section_by_section(sections);
        }
    })
    .forget();
}
