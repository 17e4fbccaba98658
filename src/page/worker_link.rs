//! The page's end of the message port to the worker.

use js_sys::JsString;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::model::Message;
use crate::protocol::Command;

/// A worker and the functions that listen to it. Dropping it ends the worker.
pub struct WorkerLink {
    worker: Worker,
    _listeners: [Closure<dyn FnMut(web_sys::Event)>; 3],
}

impl WorkerLink {
    /// Starts the worker's script. What the worker says, and what befalls it, comes back through `tell`.
    ///
    /// # Errors
    /// In English, if the browser refuses to start a worker at all. A script that cannot be loaded is told later.
    pub fn spawn(script: &str, tell: impl Fn(Message) + Clone + 'static) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("tenshot-engine");
        let worker = Worker::new_with_options(script, &options).map_err(|e| describe(&e))?;

        let on_message =
            listener(tell.clone(), |event: MessageEvent| match serde_wasm_bindgen::from_value(event.data()) {
                Ok(event) => Message::Worker(event),
                Err(error) => Message::Crashed(format!("The engine sent a message that the page cannot read: {error}")),
            });
        let on_error = listener(tell.clone(), |event: ErrorEvent| {
            // A script that is missing has no message.
            let message = Some(event.message()).filter(|m| !m.is_empty());
            Message::Crashed(message.unwrap_or_else(|| "The engine's script could not be loaded.".to_owned()))
        });
        let on_message_error = listener(tell, |_: MessageEvent| {
            Message::Crashed("The engine sent a message that the browser cannot read.".to_owned())
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_message_error.as_ref().unchecked_ref()));
        Ok(Self { worker, _listeners: [on_message, on_error, on_message_error] })
    }

    /// Tells the worker.
    ///
    /// # Errors
    /// In English, if the browser cannot send the command.
    pub fn post(&self, command: &Command) -> Result<(), String> {
        let value = command.serialize(&Serializer::json_compatible()).map_err(|e| e.to_string())?;
        self.worker.post_message(&value).map_err(|e| describe(&e))
    }
}

impl Drop for WorkerLink {
    fn drop(&mut self) {
        // First the listeners: what is still on its way must not reach closures that are gone.
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
    }
}

fn listener<E: JsCast>(
    tell: impl Fn(Message) + 'static,
    read: impl Fn(E) -> Message + 'static,
) -> Closure<dyn FnMut(web_sys::Event)> {
    Closure::new(move |event: web_sys::Event| tell(read(event.unchecked_into())))
}

fn describe(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || error.dyn_ref::<JsString>().map_or_else(|| "unknown error".to_owned(), String::from),
        |e| String::from(e.message()),
    )
}
