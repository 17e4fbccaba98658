//! The page's way to the service worker.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::app::Page;
use super::model::Message;
use super::supervisor::EngineState;

#[wasm_bindgen(module = "/www/offline.mjs")]
extern "C" {
    fn keep(script: &str, engine: &str, tell: &Closure<dyn FnMut(JsValue)>);

    #[wasm_bindgen(js_name = takeOver)]
    pub fn take_over();
}

/// How long after the engine is here, in milliseconds: what the visitor then does first goes before.
const AFTER_THE_ENGINE: u32 = 1_000;

/// How long after the page was opened at the latest, whatever became of the engine.
const AT_THE_LATEST: u32 = 30_000;

/// Has the site kept for use without a network, once the page has all that it needs: then most of it is in the browser's own
/// cache, and is not fetched twice.
pub fn keep_when_idle(page: Page, script: String, engine: String) {
    let addresses = StoredValue::new(Some((script, engine)));
    let begin = move || {
        // Once: whoever comes second finds no addresses.
        let Some((script, engine)) = addresses.try_update_value(Option::take).flatten() else { return };
        let tell = Closure::new(move |heard: JsValue| {
            // A message that cannot be read is another build's.
            if let Ok(heard) = serde_wasm_bindgen::from_value(heard) {
                page.send(Message::Offline(heard));
            }
        });
        keep(&script, &engine, &tell);
        tell.forget();
    };
    let settled = page.read(|m| matches!(m.supervisor.engine, EngineState::Ready(_) | EngineState::Failed(_)));
    Effect::new(move |_| {
        if settled.get() {
            Timeout::new(AFTER_THE_ENGINE, begin).forget();
        }
    });
    Timeout::new(AT_THE_LATEST, begin).forget();
}
