//! The button that asks the engine more about what it has done, once.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::further::Further;

/// Shown until what it asks for is there, as long as it can be asked for or has been.
#[component]
pub fn Opener<T: Clone + PartialEq + Send + Sync + 'static>(
    /// How it stands.
    state: Memo<Further<T>>,
    /// Whether the engine can be asked.
    can: Memo<bool>,
    /// The keys of what it says: before, meanwhile, and when it came to nothing.
    keys: [&'static str; 3],
    /// Names it for tests.
    #[prop(into)]
    testid: String,
    /// Asks.
    open: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let page = Page::here();
    let [before, meanwhile, nothing] = keys;
    let is_there = Memo::new(move |_| state.with(|state| state.there().is_some()));
    let waiting = Memo::new(move |_| state.with(Further::is_waiting));
    let failed = Memo::new(move |_| state.with(|state| *state == Further::Failed));
    let testid = StoredValue::new(testid);
    view! {
        <Show when=move || !is_there.get() && (can.get() || waiting.get() || failed.get())>
            <p>
                <button
                    type="button"
                    class="quiet"
                    data-testid=testid.get_value()
                    aria-disabled=move || (waiting.get() || !can.get()).to_string()
                    on:click=move |_| open()
                >
                    {move || page.t(if waiting.get() { meanwhile } else { before })}
                </button>
                <Show when=move || failed.get()>
                    <span class="note" role="status">{move || page.t(nothing)}</span>
                </Show>
            </p>
        </Show>
    }
}
