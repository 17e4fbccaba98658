//! Pictures as files (`www/picture.mjs`).

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::app::Page;
use super::{archive, browser, card};

#[wasm_bindgen(module = "/www/picture.mjs")]
extern "C" {
    #[wasm_bindgen(catch, js_name = inPixels)]
    async fn in_pixels(svg: &str, width: u32, height: u32) -> Result<JsValue, JsValue>;
}

/// Offers a picture in pixels; a browser that makes none gives its shapes. `name`: without an ending.
pub async fn offer_in_pixels(svg: &str, [width, height]: [u32; 2], name: &str) {
    if let Ok(picture) = in_pixels(svg, width, height).await {
        browser::download(&format!("{name}.png"), picture.unchecked_ref());
    } else if let Some(file) = archive::text_file(svg, "image/svg+xml") {
        browser::download(&format!("{name}.svg"), &file);
    }
}

/// Offers the picture of a run. `name`: without an ending.
pub fn offer(page: Page, run: u32, name: String) {
    let Some(file) = page.file(run) else { return };
    spawn_local(async move {
        let Some(record) = archive::read(file).await else { return };
        let language = page.now(|m| m.settings.language);
        let svg = card::card(language, &record, browser::public_address().as_deref());
        offer_in_pixels(&svg, [card::WIDTH, card::HEIGHT], &name).await;
    });
}
