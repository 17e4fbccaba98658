//! The records in the browser's keeping (`www/kept.mjs`): it tells of them, keeps another, gives one back, forgets one.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::app::Page;
use super::kept::{About, Fault};
use super::model::Message;
use crate::study::{ImportError, LARGEST_RECORD, import_record};

#[wasm_bindgen(module = "/www/kept.mjs")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn list() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    async fn get(id: u32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    async fn put(about: &str, record: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = drop)]
    async fn forget_record(id: u32) -> Result<JsValue, JsValue>;
}

/// What a browser says of a failure.
fn reason(error: &JsValue) -> Fault {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    Fault::Browser(message.filter(|text| !text.is_empty()).unwrap_or_else(|| format!("{error:?}")))
}

fn fails(page: Page, fault: Fault) {
    page.kept.update(|kept| kept.fails(fault));
}

/// Asks for the list. A browser that keeps nothing has none: that is told when something is to be kept.
pub fn refresh(page: Page) {
    spawn_local(async move { read_list(page).await });
}

async fn read_list(page: Page) {
    let listed = list().await.ok().and_then(|listed| listed.as_string());
    page.kept.update(|kept| kept.read(&listed.unwrap_or_default()));
}

/// Keeps the record of a run of this visit.
pub fn keep(page: Page, run: u32) {
    let about = page.now(|m| m.runs.get(run).map(|run| About::of(&run.record)));
    let (Some(about), Some(file)) = (about, page.file(run)) else { return };
    let started = about.started.clone();
    if !page.kept.try_update(|kept| kept.asks(run, &started)).unwrap_or(false) {
        return;
    }
    spawn_local(async move {
        let about = serde_json::to_string(&about).unwrap_or_default();
        let text = match JsFuture::from(file.text()).await {
            Ok(text) => text.as_string().unwrap_or_default(),
            Err(error) => return fails(page, reason(&error)),
        };
        if text.len() > LARGEST_RECORD {
            return fails(page, ImportError::TooLarge.into());
        }
        match put(&about, &text).await {
            Ok(id) => page.kept.update(|kept| kept.keeps(run, &started, id.as_f64().unwrap_or_default() as u32)),
            Err(error) => fails(page, reason(&error)),
        }
        read_list(page).await;
    });
}

/// Shows a record that is kept, or the run of this visit that it already is.
pub fn show(page: Page, id: u32) {
    let is_there = |(run, started): &&(u32, String)| {
        page.now(|m| m.runs.get(*run).is_some_and(|run| run.record.environment.started == *started))
    };
    let known = page.kept.with_untracked(|kept| kept.runs_of(id).find(is_there).map(|(run, _)| *run));
    if let Some(run) = known {
        page.send(Message::Show(run));
        // Another window may have forgotten it: then it is to be kept again.
        return refresh(page);
    }
    spawn_local(async move {
        match get(id).await.map(|record| record.as_string().unwrap_or_default()) {
            Ok(record) if record.is_empty() => {
                fails(page, Fault::Gone);
                read_list(page).await;
            }
            Ok(record) => bring(page, record.as_bytes(), Some(id)),
            Err(error) => fails(page, reason(&error)),
        }
    });
}

/// Shows the record in a file, which is checked first. `kept`: where it is kept, if it is.
pub fn bring(page: Page, file: &[u8], kept: Option<u32>) {
    match import_record(file) {
        Ok(record) => {
            let started = record.environment.started.clone();
            page.send(Message::Bring(Box::new(record)));
            let run = page.now(|m| m.runs.iter().next_back().map(|run| run.id));
            page.kept.update(|all| {
                all.fault = None;
                run.zip(kept).into_iter().for_each(|(run, id)| all.keeps(run, &started, id));
            });
        }
        Err(error) => fails(page, error.into()),
    }
}

/// Forgets a record.
pub fn forget(page: Page, id: u32) {
    spawn_local(async move {
        if let Err(error) = forget_record(id).await {
            fails(page, reason(&error));
        }
        read_list(page).await;
    });
}
