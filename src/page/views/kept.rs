//! Records beyond the visit: those that the visitor keeps in this browser, and those in files.

use leptos::prelude::*;

use super::file::FileField;
use super::lessons::title;
use super::tour::live::date;
use crate::page::app::Page;
use crate::page::browser;
use crate::page::format::percent_fine;
use crate::page::kept::{Fault, KeptRecord};
use crate::page::kept_link;
use crate::page::model::Mode;
use crate::study::LARGEST_RECORD;

/// Keeps the record of a run of this visit.
#[component]
pub fn KeepButton(
    run: u32,
    /// When it began.
    started: String,
) -> impl IntoView {
    let page = Page::here();
    let is_kept = Memo::new(move |_| page.kept.with(|kept| kept.has(run, &started)));
    // It stays where it is and keeps the focus: it only does nothing any more.
    let keep = move |_| {
        if !is_kept.get_untracked() {
            kept_link::keep(page, run);
        }
    };
    view! {
        <button
            type="button"
            class="quiet"
            data-testid="keep"
            aria-disabled=move || is_kept.get().to_string()
            on:click=keep
        >
            {move || page.t(if is_kept.get() { "button-kept" } else { "button-keep" })}
        </button>
    }
}

/// The list of them, and a field for a file.
#[component]
pub fn Kept() -> impl IntoView {
    let page = Page::here();
    kept_link::refresh(page);
    let busy = page.read(|m| m.mode() == Mode::Running);
    let is_empty = Memo::new(move |_| page.kept.with(|kept| kept.records.is_empty()));
    view! {
        <div class="kept" data-testid="kept">
            <FileField
                label="kept-open"
                testid="kept-open"
                accept=".json,application/json"
                most=LARGEST_RECORD
                take=move |bytes| kept_link::bring(page, &bytes, None)
            />
            <p class="wrong" role="alert" data-testid="kept-fault">
                {move || page.kept.with(|kept| kept.fault.as_ref().map(|fault| in_words(page, fault)))}
            </p>
            <Show when=move || !is_empty.get()>
                <h3>{move || page.t("kept-title")}</h3>
                <p class="note">{move || page.t("kept-about")}</p>
                <ul class="kept-list">
                    <For each=move || page.kept.with(|kept| kept.records.clone()) key=|kept| kept.id let:kept>
                        <Row kept busy />
                    </For>
                </ul>
            </Show>
        </div>
    }
}

/// One of them.
#[component]
fn Row(kept: KeptRecord, busy: Memo<bool>) -> impl IntoView {
    let page = Page::here();
    let KeptRecord { id, about } = kept;
    let (name, seed, device) = (about.name, about.seed, about.device);
    let called = move || page.tv("kept-run", [("name", title(page, &name).into()), ("seed", seed.to_string().into())]);
    let day = about.started.split('T').next().unwrap_or_default().to_owned();
    let rate = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), percent_fine);
    let (before, after) = (rate(about.before), rate(about.after));
    let refused = move || page.tv("kept-refused", [("before", before.clone().into()), ("after", after.clone().into())]);
    let forget = move |_| {
        kept_link::forget(page, id);
        browser::focus_on("[data-testid=kept-open]");
    };
    view! {
        <li data-testid="kept-record">
            <span>
                <strong>{called}</strong>
                <span class="row-about">{move || date(page, &day)} " · " {refused} " · " {device}</span>
            </span>
            <span class="row-buttons">
                <button
                    type="button"
                    class="quiet"
                    data-testid="kept-show"
                    disabled=move || busy.get()
                    on:click=move |_| kept_link::show(page, id)
                >
                    {move || page.t("button-show")}
                </button>
                <button type="button" class="quiet" data-testid="kept-forget" on:click=forget>
                    {move || page.t("kept-forget")}
                </button>
            </span>
        </li>
    }
}

fn in_words(page: Page, fault: &Fault) -> String {
    match fault {
        Fault::Browser(reason) => page.tv("kept-fault-browser", [("reason", reason.as_str().into())]),
        Fault::Gone => page.t("kept-fault-gone"),
        Fault::TooLarge { most } => page.tv("kept-fault-large", [("most", (*most).into())]),
        Fault::NoRecord(reason) => page.tv("kept-fault-record", [("reason", reason.as_str().into())]),
    }
}
