//! An element with a chart in it, its legend, and how to keep it.

use std::collections::BTreeSet;

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;

use super::chart_tools::{Keep, Legend};
use crate::page::app::Page;
use crate::page::charts::{Chart, Numbers, keepable};

#[wasm_bindgen(module = "/www/charts/bridge.mjs")]
extern "C" {
    /// A chart of `www/charts/entry.mjs`.
    type Drawn;

    #[wasm_bindgen(catch, js_name = mount)]
    async fn draw(
        address: String,
        element: &web_sys::HtmlElement,
        group: Option<&'static str>,
        pick: Option<js_sys::Function>,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn update(this: &Drawn, json: &str);

    #[wasm_bindgen(method)]
    fn svg(this: &Drawn) -> String;

    #[wasm_bindgen(method)]
    fn dispose(this: &Drawn);
}

/// Draws a chart and keeps it up to date. To a screen reader it is an image with this description; the same numbers stand
/// in a table beside every chart, and are slid along with the keyboard where the chart can be clicked.
#[component]
pub fn Drawing(
    /// What it shows.
    #[prop(into)]
    chart: Signal<Chart>,
    /// What it shows, in a sentence.
    #[prop(into)]
    description: Signal<String>,
    /// Its numbers, for other programs.
    numbers: Callback<(), Numbers>,
    /// Hears where on the axis the visitor has clicked.
    #[prop(optional)]
    pick: Option<Callback<f64>>,
    /// Charts of one group have one cursor.
    #[prop(optional)]
    group: Option<&'static str>,
    /// Names the element for style sheets and tests.
    name: &'static str,
) -> impl IntoView {
    let page = Page::here();
    let element = NodeRef::<Div>::new();
    let drawn = StoredValue::new_local(None::<Drawn>);
    // Counts the drawings that have arrived: the chart is filled as soon as there is one.
    let arrived = RwSignal::new(0_u32);
    let missing = RwSignal::new(false);
    let hidden = RwSignal::new(BTreeSet::new());
    let picked = StoredValue::new_local(pick.map(|pick| Closure::<dyn FnMut(f64)>::new(move |at| pick.run(at))));
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let pick =
            picked.with_value(|picked| picked.as_ref().map(|p| p.as_ref().unchecked_ref::<js_sys::Function>().clone()));
        spawn_local(async move {
            // Without its script the chart stays empty, and the table says the same.
            let Ok(value) = draw(page.charts_address(), &element, group, pick).await else {
                let _ = missing.try_set(true);
                return;
            };
            let value: Drawn = value.unchecked_into();
            if drawn.try_set_value(Some(value)).is_none() {
                arrived.update(|n| *n += 1);
            }
        });
    });
    Effect::new(move |_| {
        if arrived.get() > 0 {
            let json = hidden.with(|hidden| chart.get().without(hidden).json());
            drawn.with_value(|d| {
                if let Some(d) = d {
                    d.update(&json);
                }
            });
        }
    });
    on_cleanup(move || {
        drawn.try_update_value(|d| {
            if let Some(d) = d.take() {
                d.dispose();
            }
        });
    });
    // As it is drawn now, with its size in pixels.
    let picture = Callback::new(move |()| {
        let svg = drawn.with_value(|drawn| drawn.as_ref().map(Drawn::svg))?;
        let paper = page.style.with_untracked(|style| style.palette.paper);
        let size = element.get_untracked().map(|e| [e.offset_width(), e.offset_height()].map(i32::unsigned_abs))?;
        Some((keepable(&svg, &description.get_untracked(), paper), size))
    });
    view! {
        <div class="drawing-frame" class:picked=pick.is_some()>
            <div
                class=format!("drawing {name}")
                node_ref=element
                role="img"
                aria-label=move || description.get()
                data-testid=name
            ></div>
        </div>
        <div class="chart-tools">
            <Legend chart hidden name />
            <Show when=move || { arrived.get() > 0 }>
                <Keep picture numbers name />
            </Show>
        </div>
        <Show when=move || missing.get()>
            <p class="note" role="alert" data-testid="chart-missing">{move || page.t("chart-missing")}</p>
        </Show>
    }
}
