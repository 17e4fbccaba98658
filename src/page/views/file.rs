//! A field for a file of the visitor's.

use leptos::prelude::*;
use web_sys::HtmlInputElement;

use crate::page::app::Page;
use crate::page::browser;
use crate::page::model::Mode;

/// A button that opens the browser's choice of files. What it writes into such a field itself is in its own language, so that is
/// hidden. While a run goes on nothing is taken.
#[component]
pub fn FileField(
    /// The key of its text.
    label: &'static str,
    testid: &'static str,
    accept: &'static str,
    /// The most bytes; of a larger file one more than that is read, so that it can be told.
    most: usize,
    take: impl Fn(Vec<u8>) + Copy + Send + 'static,
) -> impl IntoView {
    let page = Page::here();
    let busy = page.read(|m| m.mode() == Mode::Running);
    let bring = move |event: web_sys::Event| {
        let field: HtmlInputElement = event_target(&event);
        let Some(file) = field.files().and_then(|files| files.get(0)) else { return };
        wasm_bindgen_futures::spawn_local(async move {
            let bytes = browser::bytes(&file, most).await;
            // The same file can be brought again once it is mended.
            field.set_value("");
            take(bytes);
        });
    };
    view! {
        <label class="file-field">
            {move || page.t(label)}
            <input type="file" accept=accept data-testid=testid disabled=move || busy.get() on:change=bring />
        </label>
    }
}
