//! What few visitors change: which draw of the data, which questions, whether answers are also prefilled.

use leptos::prelude::*;

use super::number::NumberField;
use super::words;
use crate::corpus::LARGEST_DRAW;
use crate::page::app::Page;
use crate::page::model::{Message, Mode};
use crate::page::settings::{QuestionChoice, Settings};
use crate::study::{DataPart, PREFILL};

/// Whether there is something to see in the advanced settings: a link that changes them shows that it does.
fn is_changed(settings: &Settings) -> bool {
    let base = Settings::default();
    settings.draw != base.draw || settings.questions != base.questions || settings.prefill != base.prefill
}

#[component]
pub fn Advanced() -> impl IntoView {
    let page = Page::here();
    view! {
        <details class="advanced" data-testid="advanced" open=page.now(|m| is_changed(&m.settings))>
            <summary>{move || page.t("advanced")}</summary>
            <Draw />
            <Questions />
            <Prefill />
        </details>
    }
}

/// Which draw of the data: an empty field leaves it to the seed, and shows which that is.
#[component]
fn Draw() -> impl IntoView {
    let page = Page::here();
    let chosen = page.read(|m| m.settings.draw);
    let drawn = page.read(|m| m.next_plan().data.iter().find_map(DataPart::draw));
    let placeholder = Signal::derive(move || drawn.get().map(|draw| draw.to_string()).unwrap_or_default());
    let choose = move |draw| page.send(Message::ChooseDraw(draw));
    view! {
        <label>
            {move || page.t("draw")}
            <NumberField name="draw" value=chosen largest=LARGEST_DRAW optional=true placeholder choose />
        </label>
        <p class="note" id="draw-about">{move || page.tv("draw-about", [("last", LARGEST_DRAW.to_string().into())])}</p>
    }
}

#[component]
fn Questions() -> impl IntoView {
    let page = Page::here();
    let chosen = page.read(|m| m.settings.questions);
    let busy = page.read(|m| m.mode() == Mode::Running);
    let choose = move |event| {
        if let Some(questions) = QuestionChoice::from_name(&event_target_value(&event)) {
            page.send(Message::ChooseQuestions(questions));
        }
    };
    let options = QuestionChoice::ALL.map(|choice| {
        view! {
            <option value=choice.name() selected=move || chosen.get() == choice>
                {move || page.t(words::question_choice(choice))}
            </option>
        }
    });
    let about = move || {
        let set = chosen.get().set();
        let counts = [("forbidden", set.forbidden().len().into()), ("benign", set.benign().len().into())];
        page.tv(words::question_choice_about(chosen.get()), counts)
    };
    view! {
        <label>
            {move || page.t("questions")}
            <select
                aria-describedby="questions-about"
                data-testid="questions"
                disabled=move || busy.get()
                on:change=choose
            >
                {options}
            </select>
        </label>
        <p class="note" id="questions-about">{about}</p>
    }
}

#[component]
fn Prefill() -> impl IntoView {
    let page = Page::here();
    let is_on = page.read(|m| m.settings.prefill);
    let forbidden = page.read(|m| m.settings.questions.set().forbidden().len());
    let busy = page.read(|m| m.mode() == Mode::Running);
    let tokens = PREFILL.map(|tokens| tokens.to_string()).join(", ");
    let about = move || {
        let counts = [("times", PREFILL.len().into()), ("count", (PREFILL.len() * forbidden.get()).into())];
        page.tv("prefill-about", counts)
    };
    view! {
        <label>
            <input
                aria-describedby="prefill-about"
                type="checkbox"
                data-testid="prefill"
                prop:checked=move || is_on.get()
                disabled=move || busy.get()
                on:change=move |event| page.send(Message::ChoosePrefill(event_target_checked(&event)))
            />
            <span>{move || page.tv("prefill", [("tokens", tokens.as_str().into())])}</span>
        </label>
        <p class="note" id="prefill-about">{about}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_changes_them_opens_them() {
        let read = |query: &str| Settings::default().with_query(query);
        assert!(!is_changed(&read("?lang=zh&preset=safety-10&seed=3")));
        assert!(is_changed(&read("?questions=development")) && is_changed(&read("?prefill=on")));
        assert!(is_changed(&read("?draw=1")));
    }
}
