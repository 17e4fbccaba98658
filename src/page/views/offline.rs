//! Whether the page opens without a network, in the foot of the page.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::model::Message;
use crate::page::offline::{Offline, Reason};

/// How it stands; nothing, as long as nobody knows. It is no live region: what it says can wait until somebody looks.
#[component]
pub fn OfflineSign() -> impl IntoView {
    let page = Page::here();
    let state = page.read(|m| m.offline);
    let text = move || {
        let key = match state.get() {
            Offline::Unknown => return String::new(),
            Offline::Unable => "offline-unable",
            Offline::Keeping => "offline-keeping",
            Offline::Kept => "offline-kept",
            Offline::Update => "offline-update",
            Offline::Refused(Reason::Storage) => "offline-no-room",
            Offline::Refused(Reason::Network) => "offline-incomplete",
            Offline::Refused(Reason::Content) => "offline-foreign",
        };
        page.t(key)
    };
    view! {
        <p class="offline" data-testid="offline" data-state=move || state.get().name()>
            <span>{text}</span>
            <Show when=move || state.get() == Offline::Update>
                <button type="button" data-testid="offline-update" on:click=move |_| page.send(Message::TakeUpdate)>
                    {move || page.t("button-reload")}
                </button>
            </Show>
        </p>
    }
}
