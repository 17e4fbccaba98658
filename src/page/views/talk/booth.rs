//! A booth: whoever comes by is invited, and whoever is silent for long is asked whether they are still there.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::model::Message;
use crate::page::talk::{Cue, Presence};

/// The invitation while nobody is there, and the question.
#[component]
pub fn Booth() -> impl IntoView {
    let page = Page::here();
    let presence = Memo::new(move |_| {
        let now = page.clock.get();
        page.with_model(|m| m.talk.as_ref().map_or(Presence::Here, |talk| talk.presence(now)))
    });
    let is_alone = Memo::new(move |_| presence.get() == Presence::Alone);
    let left = move || if let Presence::Asked(left) = presence.get() { Some(left) } else { None };
    let is_asked = Memo::new(move |_| left().is_some());
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if is_asked.get() == dialog.open() {
            return;
        }
        if dialog.open() {
            dialog.close();
        } else {
            // It is in the document and not open: the only two faults there are.
            let _ = dialog.show_modal();
        }
    });
    let here = move || page.send(Message::Cue(Cue::Touch));
    view! {
        <Show when=move || is_alone.get()>
            <p class="booth-invites" data-testid="booth-invites">{move || page.t("booth-invites")}</p>
        </Show>
        // Whoever presses Escape is there.
        <dialog class="booth-asks" node_ref=dialog aria-labelledby="booth-asks" data-testid="booth-asks" on:cancel=move |_: web_sys::Event| here()>
            <p id="booth-asks">{move || page.t("booth-asks")}</p>
            <p class="note" aria-hidden="true">
                {move || left().map(|left| page.tv("booth-countdown", [("seconds", left.into())]))}
            </p>
            <button type="button" class="primary" data-testid="booth-here" on:click=move |_| here()>
                {move || page.t("booth-here")}
            </button>
        </dialog>
    }
}
