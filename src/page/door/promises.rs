//! The promises that the door has given and not kept yet.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::{Error, Function, JSON, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::desk::{AUTORUN, Replied, Reply, Ticket};
use super::refusal::Refusal;
use crate::page::supervisor::Ready;
use crate::protocol::{BUILD, Fallback, Measured};
use crate::study::DeviceInfo;

/// How a promise is kept, and how it is broken.
struct Open {
    resolve: Function,
    reject: Function,
}

thread_local! {
    static GIVEN: RefCell<(Ticket, BTreeMap<Ticket, Open>)> = const { RefCell::new((AUTORUN, BTreeMap::new())) };
}

/// A promise that is settled with its ticket.
pub fn promise(ask: impl FnOnce(Ticket)) -> Promise {
    let ticket = GIVEN.with_borrow_mut(|(last, _)| {
        *last += 1;
        *last
    });
    let promise = Promise::new(&mut |resolve, reject| {
        GIVEN.with_borrow_mut(|(_, open)| drop(open.insert(ticket, Open { resolve, reject })));
    });
    ask(ticket);
    promise
}

/// Keeps or breaks a promise. To the page's own address nothing was promised.
pub fn settle((ticket, replied): Replied) {
    let Some(open) = GIVEN.with_borrow_mut(|(_, open)| open.remove(&ticket)) else { return };
    // Neither function of a promise throws.
    let _ = match replied.and_then(|reply| value(&reply)) {
        Ok(value) => open.resolve.call1(&JsValue::NULL, &value),
        Err(refusal) => open.reject.call1(&JsValue::NULL, &error(&refusal)),
    };
}

/// What `ready` tells.
#[derive(Serialize)]
struct ReadyInfo<'a> {
    version: u32,
    build: &'a str,
    device: &'a DeviceInfo,
    fallback: Option<&'a Fallback>,
    measured: Option<&'a Measured>,
    parameters: f64,
}

#[derive(Serialize)]
struct Answers<'a> {
    original: &'a str,
    tuned: Option<&'a str>,
}

fn value(reply: &Reply) -> Result<JsValue, Refusal> {
    match reply {
        Reply::Ready(Ready { device, fallback, measured, parameters }) => json(&ReadyInfo {
            version: super::VERSION,
            build: BUILD,
            device,
            fallback: fallback.as_ref(),
            measured: measured.as_ref(),
            parameters: *parameters,
        }),
        Reply::Record(record) => json(&**record),
        Reply::Answer { original, tuned } => json(&Answers { original, tuned: tuned.as_deref() }),
        Reply::Rows(rows) => json(rows),
        Reply::Verdict(verdict) => json(verdict),
    }
}

/// Plain data as JavaScript has it.
///
/// # Errors
/// If it has no JSON: then nothing is told rather than a part.
pub fn json(value: &impl Serialize) -> Result<JsValue, Refusal> {
    let text = serde_json::to_string(value).map_err(|error| Refusal::request(error.to_string()))?;
    JSON::parse(&text).map_err(|_| Refusal::request("What came of it cannot be told as JSON."))
}

/// A refusal as an `Error` with a `code`, and a `run` if it is about one.
pub fn error(refusal: &Refusal) -> JsValue {
    let error = Error::new(&refusal.message);
    error.set_name("TenshotError");
    let fields = [("code", Some(refusal.code.name().into())), ("run", refusal.run.map(JsValue::from))];
    for (name, value) in fields {
        // A property of a fresh object can be set.
        let _ = value.map(|value| Reflect::set(&error, &name.into(), &value));
    }
    error.into()
}
