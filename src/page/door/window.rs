//! `window.tenshot`, and the document's root and result, which tell how it stands.

use std::cell::OnceCell;

use js_sys::{JSON, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::VERSION;
use super::desk::AUTORUN;
use super::promises::{error, json, promise};
use super::refusal::{Code, Refusal};
use super::request::{self, Request};
use super::state::{Phase, State, summary};
use crate::page::app::Page;
use crate::page::browser;
use crate::page::harness::Autorun;
use crate::page::model::Message;
use crate::protocol::BUILD;
use crate::study::{Plan, presets};

/// The element with the result.
const RESULT: &str = "tenshot-result";

/// The frame that keeps the document from being loaded, if the address wants that: `www/theme.js`.
const HOLD: &str = "tenshot-hold";

thread_local! {
    static SILENCE: Closure<dyn FnMut(JsValue)> = Closure::new(|_| {});
}

/// Opens the door of a page, and does what its address asks for.
pub fn open(page: Page, autorun: Option<Autorun>) {
    let door = Object::new();
    set(&door, "version", &VERSION.into());
    set(&door, "build", &BUILD.into());
    let plans = OnceCell::new();
    getter(&door, "presets", move || plans.get_or_init(every_plan).clone());
    function(&door, "run", move |spec, _| asked(page, passed(&spec).and_then(|text| request::run(text.as_deref()))));
    function(&door, "ask", move |question, options| {
        let question = question.as_string();
        asked(page, passed(&options).and_then(|text| request::ask(question.as_deref(), text.as_deref())))
    });
    function(&door, "bench", move |options, _| {
        asked(page, passed(&options).and_then(|text| request::bench(text.as_deref())))
    });
    function(&door, "check", move |options, _| {
        asked(page, passed(&options).and_then(|text| request::check(text.as_deref())))
    });
    function(&door, "plan", |preset, seed| {
        let plan = request::plan(preset.as_string().as_deref(), seed.as_f64());
        settled(plan.and_then(|plan| json(&plan)))
    });
    function(&door, "record", move |run, _| record(page, &run));
    getter(&door, "ready", move || {
        let ready = asked(page, Ok(Request::Ready));
        // Whoever only looks at it need not hear that it failed.
        let _ = SILENCE.with(|silence| ready.catch(silence));
        ready.into()
    });
    getter(&door, "state", move || {
        let state = page.now(|m| summary(m, &State::of(m)));
        JSON::parse(&state).unwrap_or(JsValue::UNDEFINED)
    });
    // A window can be given a property.
    let _ = Reflect::set(&browser::window(), &"tenshot".into(), &Object::freeze(&door));
    tell(page);
    run_by_itself(page, autorun);
}

/// The plan of every preset with the first seed: made when it is first looked at, which takes a moment.
fn every_plan() -> JsValue {
    let plans: Vec<Plan> = presets().iter().map(|info| info.plan(1)).collect();
    json(&plans).unwrap_or(JsValue::UNDEFINED)
}

/// What the address asks for is asked like what a program asks.
fn run_by_itself(page: Page, autorun: Option<Autorun>) {
    let request = match autorun {
        None => return,
        // Who frames the page shall not have the visitor's machine compute.
        Some(_) if browser::is_framed() => Err(Refusal::request("autorun is not obeyed within another page.")),
        // The settings have the preset already.
        Some(Autorun::Settings | Autorun::Preset(_)) => request::run(None),
        Some(Autorun::Check) => Ok(Request::Check { device: None }),
        Some(Autorun::Unknown(word)) => {
            Err(Refusal::request(format!("autorun={word} is neither 1, nor check, nor a preset: nothing is run.")))
        }
    };
    page.send(Message::Door(AUTORUN, Box::new(request)));
}

/// Keeps the root's attributes and the result as the state is.
fn tell(page: Page) {
    let Some(document) = browser::window().document() else { return };
    let (Some(root), Some(body)) = (document.document_element(), document.body()) else { return };
    let Ok(result) = document.create_element("output") else { return };
    result.set_id(RESULT);
    let _ = result.set_attribute("hidden", "");
    let _ = body.append_child(&result);
    let state = page.read(State::of);
    Effect::new(move |_| {
        let state = state.get();
        // The result first: whoever sees that it is done finds all of it.
        result.set_text_content(Some(&page.now(|m| summary(m, &state))));
        let _ = match state.code() {
            Some(code) => root.set_attribute("data-tenshot-code", &code.name()),
            None => root.remove_attribute("data-tenshot-code"),
        };
        let _ = root.set_attribute("data-tenshot", state.phase.name());
        if matches!(state.phase, Phase::Done | Phase::Failed)
            && let Some(frame) = document.get_element_by_id(HOLD)
        {
            frame.remove();
        }
    });
}

/// The promise of what is asked for.
fn asked(page: Page, request: Result<Request, Refusal>) -> Promise {
    promise(|ticket| page.send(Message::Door(ticket, Box::new(request))))
}

fn settled(value: Result<JsValue, Refusal>) -> Promise {
    match value {
        Ok(value) => Promise::resolve(&value),
        Err(refusal) => Promise::reject(&error(&refusal)),
    }
}

/// The record of a run; without a number, of that on the stage or else of the last one.
fn record(page: Page, run: &JsValue) -> Promise {
    let number = run.as_f64().map(request::run_number).transpose();
    let number = match number {
        Ok(Some(number)) => Ok(number),
        Ok(None) if run.is_null() || run.is_undefined() => {
            page.now(|m| m.cursor.run.or(m.door.last)).ok_or_else(|| Refusal::new(Code::NoRun, "There is no run yet."))
        }
        Ok(None) => Err(Refusal::request("record: a run is called by its number.")),
        Err(refusal) => Err(refusal),
    };
    let file = number.and_then(|number| {
        page.file(number).ok_or_else(|| Refusal::new(Code::NoRun, format!("There is no run {number}.")))
    });
    match file {
        Err(refusal) => settled(Err(refusal)),
        Ok(file) => future_to_promise(async move {
            let text = JsFuture::from(file.text()).await?;
            JSON::parse(&text.as_string().unwrap_or_default())
        }),
    }
}

/// What a program passes, as JSON; nothing if it passes nothing.
fn passed(value: &JsValue) -> Result<Option<String>, Refusal> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let text = JSON::stringify(value).map_err(|_| Refusal::request("What is passed has no JSON."))?;
    // A function has none, and `stringify` says so by returning nothing.
    let text = JsValue::from(text).as_string();
    text.map(Some).ok_or_else(|| Refusal::request("What is passed has no JSON."))
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // A property of a fresh object can be set.
    let _ = Reflect::set(object, &name.into(), value);
}

fn function(object: &Object, name: &str, body: impl Fn(JsValue, JsValue) -> Promise + 'static) {
    set(object, name, &Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(body).into_js_value());
}

fn getter(object: &Object, name: &str, body: impl Fn() -> JsValue + 'static) {
    let attributes = Object::new();
    set(&attributes, "get", &Closure::<dyn Fn() -> JsValue>::new(body).into_js_value());
    set(&attributes, "enumerable", &true.into());
    Object::define_property(object, &name.into(), &attributes);
}
