//! What stands below a chart: its legend, whose curves can be put away, and ways to keep it.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::page::app::Page;
use crate::page::card_link::offer_in_pixels;
use crate::page::charts::{Chart, Entry, Numbers};
use crate::page::{archive, browser};

#[wasm_bindgen(module = "/www/picture.mjs")]
extern "C" {
    #[wasm_bindgen(catch, js_name = copyInPixels)]
    async fn copy_in_pixels(svg: &str, width: u32, height: u32) -> Result<(), JsValue>;
}

/// A chart as SVG, and its width and height in pixels.
type Picture = (String, [u32; 2]);

/// The names of a chart's curves with their looks, each a switch. A single curve needs none.
#[component]
pub fn Legend(
    /// The chart, whole.
    chart: Signal<Chart>,
    /// What is put away, by name.
    hidden: RwSignal<BTreeSet<String>>,
    /// Names it for tests.
    name: &'static str,
) -> impl IntoView {
    let page = Page::here();
    let entries = Memo::new(move |_| chart.with(Chart::legend));
    let entry = move |entry: Entry| {
        let (shown, pressed) = (entry.name.clone(), entry.name.clone());
        let toggle = move |_| {
            hidden.update(|hidden| {
                if !hidden.remove(&pressed) {
                    hidden.insert(pressed.clone());
                }
            });
        };
        view! {
            <li>
                <button
                    type="button"
                    class="legend-entry"
                    aria-pressed=move || hidden.with(|hidden| !hidden.contains(&shown)).to_string()
                    on:click=toggle
                >
                    {look(&entry)}
                    {entry.name.clone()}
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || entries.with(|entries| entries.len() > 1)>
            <ul class="legend" aria-label=move || page.t("chart-legend") data-testid=format!("{name}-legend")>
                <For each=move || entries.get() key=|entry| entry.clone() let:of>
                    {entry(of)}
                </For>
            </ul>
        </Show>
    }
}

/// A piece of the curve.
fn look(entry: &Entry) -> impl IntoView + use<> {
    let Entry { colour, dash, symbol, .. } = entry.clone();
    let marker = match &symbol[..] {
        "circle" => "M10 6a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
        "diamond" => "M14 1l5 5l-5 5l-5 -5z",
        "triangle" => "M14 1.6l4.4 8h-8.8z",
        "rect" => "M10.4 2.4h7.2v7.2h-7.2z",
        _ => "",
    };
    view! {
        <svg class="look" viewBox="0 0 28 12" aria-hidden="true">
            <path d="M0 6h28" fill="none" stroke=colour.clone() stroke-width="2" stroke-dasharray=dash />
            <path d=marker fill=colour />
        </svg>
    }
}

/// What became of a copy.
#[derive(Clone, Copy, PartialEq)]
enum Copied {
    Done,
    Refused,
}

/// Ways to keep a chart: as a file, or in the clipboard.
#[component]
pub fn Keep(
    /// The chart as it is drawn now.
    picture: Callback<(), Option<Picture>>,
    /// Its numbers.
    numbers: Callback<(), Numbers>,
    /// The name of its files, after the page's.
    name: &'static str,
) -> impl IntoView {
    let page = Page::here();
    let copied = RwSignal::new(None::<Copied>);
    let file = move |text: &str, kind: &str, ending: &str| {
        if let Some(file) = archive::text_file(text, kind) {
            browser::download(&format!("tenshot-{name}.{ending}"), &file);
        }
    };
    let svg = move |_| {
        if let Some((svg, _)) = picture.run(()) {
            file(&svg, "image/svg+xml", "svg");
        }
    };
    let png = move |_| {
        let Some((svg, size)) = picture.run(()) else { return };
        spawn_local(async move { offer_in_pixels(&svg, size, &format!("tenshot-{name}")).await });
    };
    let csv = move |_| file(&numbers.run(()).text(','), "text/csv", "csv");
    let told = move |done: bool| {
        let _ = copied.try_set(Some(if done { Copied::Done } else { Copied::Refused }));
    };
    let copy_picture = move |_| {
        let Some((svg, [width, height])) = picture.run(()) else { return };
        spawn_local(async move { told(copy_in_pixels(&svg, width, height).await.is_ok()) });
    };
    let copy_numbers = move |_| {
        let text = numbers.run(()).text('\t');
        spawn_local(async move { told(copy_text(&text).await) });
    };
    view! {
        <details class="chart-keep" data-testid=format!("{name}-keep") on:toggle=move |_| copied.set(None)>
            <summary>{move || page.t("chart-keep")}</summary>
            <p class="chart-keep-ways">
                <button type="button" class="quiet" data-testid="keep-svg" on:click=svg>"SVG"</button>
                <button type="button" class="quiet" data-testid="keep-png" on:click=png>"PNG"</button>
                <button type="button" class="quiet" data-testid="keep-csv" on:click=csv>"CSV"</button>
                <button type="button" class="quiet" data-testid="copy-picture" on:click=copy_picture>
                    {move || page.t("chart-copy-picture")}
                </button>
                <button type="button" class="quiet" data-testid="copy-numbers" on:click=copy_numbers>
                    {move || page.t("chart-copy-numbers")}
                </button>
                <span class="note" role="status" data-testid="chart-copied">
                    {move || copied.get().map(|copied| page.t(match copied {
                        Copied::Done => "chart-copied",
                        Copied::Refused => "chart-not-copied",
                    }))}
                </span>
            </p>
        </details>
    }
}

/// Puts a text into the clipboard. Returns whether the browser did; pages without HTTPS have no clipboard.
pub async fn copy_text(text: &str) -> bool {
    let clipboard = js_sys::Reflect::get(&browser::window().navigator(), &JsValue::from_str("clipboard"));
    let Some(clipboard) = clipboard.ok().and_then(|found| found.dyn_into::<web_sys::Clipboard>().ok()) else {
        return false;
    };
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
