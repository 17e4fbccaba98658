//! The page's end of the message port to the worker.

use js_sys::{Array, JsString};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, ErrorEvent, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use super::model::Message;
use super::supervisor::Problem;
use crate::protocol::{Command, ErrorCode};

/// A worker and the functions that listen to it. Dropping it ends the worker.
pub struct WorkerLink {
    worker: Worker,
    /// The address of the text that the worker was made from.
    text: String,
    _listeners: [Closure<dyn FnMut(web_sys::Event)>; 3],
}

impl WorkerLink {
    /// Starts the worker's script. What the worker says, and what befalls it, comes back through `tell`.
    ///
    /// A worker from the network has the policy of its own response's headers, which a static host does not send; one that is
    /// made from a text of the page has the page's. So the worker is made from a text, which imports the script: what the page's
    /// `<meta>` forbids is forbidden in the worker, too.
    ///
    /// # Errors
    /// In English, if the browser refuses to start a worker at all. A script that cannot be loaded is told later.
    pub fn spawn(script: &str, tell: impl Fn(Message) + Clone + 'static) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("tenshot-engine");
        let text = text_address(script).map_err(|e| describe(&e))?;
        let worker = Worker::new_with_options(&text, &options).map_err(|e| describe(&e))?;

        let on_message =
            listener(tell.clone(), |event: MessageEvent| match serde_wasm_bindgen::from_value(event.data()) {
                Ok(event) => Message::Worker(event),
                Err(error) => crashed(format!("The engine sent a message that the page cannot read: {error}")),
            });
        let on_error = listener(tell.clone(), |event: web_sys::Event| {
            // That a script could not be loaded is a plain event, without a message.
            let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
            if !message.is_empty() {
                return crashed(message);
            }
            let message = "The engine's script could not be fetched. Check the connection and try again.".to_owned();
            Message::Crashed(Problem { code: ErrorCode::Network, message })
        });
        let on_message_error = listener(tell, |_: MessageEvent| {
            crashed("The engine sent a message that the browser cannot read.".to_owned())
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_message_error.as_ref().unchecked_ref()));
        Ok(Self { worker, text, _listeners: [on_message, on_error, on_message_error] })
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
        // An address that is not known any more is no harm.
        let _ = Url::revoke_object_url(&self.text);
    }
}

/// The address of a text that imports a module.
fn text_address(module: &str) -> Result<String, JsValue> {
    // JSON's strings are JavaScript's.
    let text = format!("const engine = {};\n{}", serde_json::Value::from(module), include_str!("../../www/fenced.mjs"));
    let options = BlobPropertyBag::new();
    options.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)?;
    Url::create_object_url_with_blob(&blob)
}

fn crashed(message: String) -> Message {
    Message::Crashed(Problem { code: ErrorCode::Panic, message })
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
