//! The page within another one: its foot there, and the panel that makes the markup.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::chart_tools::copy_text;
use super::number::NumberField;
use crate::page::app::Page;
use crate::page::browser;
use crate::page::embed::{HEIGHTS, Panel, Panels, framed, snippet};
use crate::page::settings::Settings;

/// The height in pixels that a frame has at first: a run and its curves fit into it.
const HEIGHT: u64 = 900;

/// What this is, and the way to the whole page as it stands.
#[component]
pub fn Foot() -> impl IntoView {
    let page = Page::here();
    let query = page.read(|m| Settings { embed: None, ..m.settings.clone() }.query());
    view! {
        <footer class="foot embed-foot wide">
            <p>
                <a href=move || query.get() target="_blank" rel="noopener" data-testid="embed-whole">
                    {move || page.t("embed-whole")}
                </a>
            </p>
            <p>{move || page.t("footer-licence")}</p>
        </footer>
    }
}

/// Chooses panels, and gives the markup for them.
#[component]
pub fn Maker() -> impl IntoView {
    let page = Page::here();
    let panels = RwSignal::new(Panels::default());
    let height = RwSignal::new(HEIGHT);
    let copied = RwSignal::new(None::<bool>);
    let settings = page.read(|m| m.settings.clone());
    let frame = Memo::new(move |_| settings.with(|settings| framed(settings, panels.get())));
    let markup = Memo::new(move |_| {
        let title = page.t("page-title");
        frame.with(|frame| snippet(&browser::own_address(), frame, &title, height.get()))
    });
    let choice = move |panel: Panel| {
        let choose = move |event| {
            let there = event_target_checked(&event);
            panels.update(|panels| *panels = panels.with(panel, there));
            copied.set(None);
        };
        view! {
            <label>
                <input
                    type="checkbox"
                    data-testid=format!("embed-{}", panel.name())
                    prop:checked=move || panels.get().has(panel)
                    // The last one stays, and looks so.
                    on:change=move |event| {
                        choose(event.clone());
                        let there = panels.get_untracked().has(panel);
                        event_target::<web_sys::HtmlInputElement>(&event).set_checked(there);
                    }
                />
                " "
                {move || page.t(panel.key())}
            </label>
        }
    };
    let choose_height = move |chosen: Option<u64>| {
        if let Some(chosen) = chosen {
            height.set(chosen);
        }
    };
    let copy = move |_| {
        let text = markup.get_untracked();
        spawn_local(async move {
            let done = copy_text(&text).await;
            let _ = copied.try_set(Some(done));
        });
    };
    let shown = Memo::new(move |_| Some(height.get()));
    view! {
        <details class="embed-maker" data-testid="embed-maker">
            <summary>{move || page.t("embed-title")}</summary>
            <p class="note">{move || page.t("embed-text")}</p>
            <fieldset>
                <legend>{move || page.t("embed-panels")}</legend>
                {Panel::ALL.map(choice).collect_view()}
            </fieldset>
            <label>
                {move || page.t("embed-height")} " "
                <NumberField
                    name="embed-height"
                    value=shown
                    least=*HEIGHTS.start()
                    largest=*HEIGHTS.end()
                    choose=choose_height
                />
            </label>
            <span class="visually-hidden" id="embed-height-about">{move || page.t("embed-height-about")}</span>
            <textarea readonly rows="4" aria-label=move || page.t("embed-markup") data-testid="embed-markup" prop:value=move || markup.get()></textarea>
            <p>
                <button type="button" data-testid="embed-copy" on:click=copy>{move || page.t("embed-copy")}</button>
                " "
                <a href=move || frame.with(Settings::query) target="_blank" rel="noopener" data-testid="embed-look">
                    {move || page.t("embed-look")}
                </a>
                " "
                <span class="note" role="status">
                    {move || copied.get().map(|done| page.t(if done { "chart-copied" } else { "embed-not-copied" }))}
                </span>
            </p>
            {browser::public_address().is_none().then(|| view! { <p class="note">{move || page.t("embed-local")}</p> })}
        </details>
    }
}
