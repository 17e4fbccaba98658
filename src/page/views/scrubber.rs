//! The slider on the shelf: shelf, chart and answers show the step that it stands at.

use leptos::html::Input;
use leptos::prelude::*;

use super::stage::planned_steps;
use crate::page::app::Page;
use crate::page::model::{Message, Model};

/// The newest step of the shown run.
fn last(model: &Model) -> usize {
    model.shown_run().map_or(0, |run| run.record.steps.len().saturating_sub(1))
}

/// Looks at this step of the shown run. Beyond the newest there is nothing yet: then at whatever is newest.
pub fn look_at(page: Page, step: usize) {
    let last = page.now(last);
    page.send(Message::Scrub((step < last).then_some(step)));
}

/// Looks at any step of the shown run.
#[component]
pub fn Scrubber() -> impl IntoView {
    let page = Page::here();
    let last = page.read(last);
    let planned = page.read(planned_steps);
    let at = page.read(|m| m.shown_step().unwrap_or(0));
    let followed = page.read(|m| m.cursor.step.is_none());
    let slider = NodeRef::<Input>::new();
    let to_newest = move |_| {
        page.send(Message::Scrub(None));
        // The button goes away: the focus stays with the steps.
        if let Some(slider) = slider.get_untracked() {
            let _ = slider.focus();
        }
    };
    let move_to = move |event| {
        if let Ok(step) = event_target_value(&event).parse() {
            look_at(page, step);
        }
    };
    view! {
        <div class="scrubber" class:idle=move || last.get() == 0>
            <input
                type="range"
                node_ref=slider
                min="0"
                max=move || planned.get()
                step="1"
                data-testid="scrub"
                aria-label=move || page.t("scrub")
                aria-valuetext=move || page.tv("scrub-at", [("step", at.get().into())])
                disabled=move || last.get() == 0
                prop:value=move || at.get().to_string()
                on:input=move_to
                on:change=move |event| {
                    // Beyond the newest step there is nothing yet: the handle goes back to it.
                    move_to(event.clone());
                    event_target::<web_sys::HtmlInputElement>(&event).set_value(&at.get_untracked().to_string());
                }
            />
            <p class="note">
                {move || page.tv("scrub-at", [("step", at.get().into())])}
                <Show when=move || !followed.get()>
                    " "
                    <button type="button" class="quiet" on:click=to_newest>
                        {move || page.t("scrub-newest")}
                    </button>
                </Show>
            </p>
        </div>
    }
}
