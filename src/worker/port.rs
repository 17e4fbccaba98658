//! The worker's side of the message port, and its clock.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

use crate::protocol::{ErrorCode, Event, Refused, WorkerError};

/// The worker's global object.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Sends an event to the page.
pub fn post(event: &Event) {
    // `None` becomes `null`, as in JSON, so that tests and tools see the same shape in both.
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    match serde::Serialize::serialize(event, &serializer) {
        Ok(value) => {
            // A dedicated worker's port is there as long as the worker is.
            let _ = scope().post_message(&value);
        }
        Err(error) => web_sys_error(&format!("an event could not be sent: {error}")),
    }
}

/// Sends an error to the page. If the worker cannot go on after it, the page replaces the worker.
pub fn post_error(code: ErrorCode, message: impl Into<String>) {
    fail(code, message, code.is_fatal());
}

/// Sends an error to the page, which is to replace the worker: of an engine that could not be loaded there is nothing to use.
pub fn give_up(code: ErrorCode, message: impl Into<String>) {
    fail(code, message, true);
}

fn fail(code: ErrorCode, message: impl Into<String>, fatal: bool) {
    post(&Event::Failed { error: WorkerError { code, message: message.into(), fatal } });
}

/// Tells the page that a command was not obeyed; or, if the worker cannot go on, that.
pub fn refuse(command: Refused, code: ErrorCode, message: impl Into<String>) {
    if code.is_fatal() {
        return give_up(code, message);
    }
    post(&Event::Refused { command, error: WorkerError { code, message: message.into(), fatal: false } });
}

/// Seconds since the worker began.
pub fn now() -> f64 {
    scope().performance().map_or_else(js_sys::Date::now, |p| p.now()) / 1e3
}

fn web_sys_error(message: &str) {
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = console, js_name = error)]
        fn console_error(message: &str);
    }
    console_error(message);
}
