//! An element with a chart in it.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;

use crate::page::app::Page;
use crate::page::charts::Chart;

#[wasm_bindgen(module = "/www/charts/bridge.mjs")]
extern "C" {
    /// A chart of `www/charts/entry.mjs`.
    type Drawn;

    #[wasm_bindgen(catch, js_name = mount)]
    async fn draw(address: String, element: &web_sys::HtmlElement) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn update(this: &Drawn, json: &str);

    #[wasm_bindgen(method)]
    fn dispose(this: &Drawn);
}

/// Draws a chart and keeps it up to date. To a screen reader it is an image with this description; the same numbers stand
/// in a table beside every chart.
#[component]
pub fn Drawing(
    /// What it shows.
    #[prop(into)]
    chart: Signal<Chart>,
    /// What it shows, in a sentence.
    #[prop(into)]
    description: Signal<String>,
    /// Names the element for style sheets and tests.
    name: &'static str,
) -> impl IntoView {
    let page = Page::here();
    let element = NodeRef::<Div>::new();
    let drawn = StoredValue::new_local(None::<Drawn>);
    // Counts the drawings that have arrived: the chart is filled as soon as there is one.
    let arrived = RwSignal::new(0_u32);
    let missing = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        spawn_local(async move {
            // Without its script the chart stays empty, and the table says the same.
            let Ok(value) = draw(page.charts_address(), &element).await else {
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
            let json = chart.with(Chart::json);
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
    view! {
        <div
            class=format!("drawing {name}")
            node_ref=element
            role="img"
            aria-label=move || description.get()
            data-testid=name
        ></div>
        <Show when=move || missing.get()>
            <p class="note" role="alert" data-testid="chart-missing">{move || page.t("chart-missing")}</p>
        </Show>
    }
}
