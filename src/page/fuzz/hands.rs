//! The acts in the browser.

use gloo::timers::callback::Interval;
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use super::{Act, Fuzz, Kind};
use crate::page::browser;
use crate::page::harness::Hands;

/// The time between two acts, in milliseconds.
const PAUSE: u32 = 40;

/// What a visitor can use. Links that lead elsewhere would end the test.
const USABLE: &str = "button, summary, select, input, textarea, a[href^='#'], [tabindex='0']";

/// Acts until the page is closed. The root says how often it has: `data-tenshot-fuzz`.
pub fn begin(hands: Hands, seed: u64) {
    let mut fuzz = Fuzz::new(hands, seed);
    let mut made = 0_u32;
    Interval::new(PAUSE, move || {
        let elements = usable();
        let kinds: Vec<Kind> = elements.iter().map(kind).collect();
        let Some(act) = fuzz.next(&kinds) else { return };
        perform(&act, &elements);
        made = made.saturating_add(1);
        if let Some(root) = browser::window().document().and_then(|document| document.document_element()) {
            let _ = root.set_attribute("data-tenshot-fuzz", &made.to_string());
        }
    })
    .forget();
}

/// What is in sight and not disabled.
fn usable() -> Vec<HtmlElement> {
    let Some(document) = browser::window().document() else { return Vec::new() };
    let Some(found) = call(&document, "querySelectorAll", &USABLE.into()) else { return Vec::new() };
    let elements = Array::from(&found).into_iter().filter_map(|element| element.dyn_into::<HtmlElement>().ok());
    elements.filter(|e| e.offset_width() > 0 && !e.has_attribute("disabled")).collect()
}

fn kind(element: &HtmlElement) -> Kind {
    if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
        return Kind::Choice(select.length());
    }
    if element.has_type::<HtmlTextAreaElement>() {
        return Kind::Text;
    }
    match element.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::type_).as_deref() {
        None | Some("checkbox" | "radio" | "button" | "submit" | "file") => Kind::Click,
        Some("number" | "range") => Kind::Number,
        Some(_) => Kind::Text,
    }
}

fn perform(act: &Act, elements: &[HtmlElement]) {
    match act {
        Act::Click(place) => {
            let Some(element) = elements.get(*place) else { return };
            // A file is chosen by the visitor's own hand: the browser would open a window of its own.
            if element.dyn_ref::<HtmlInputElement>().is_none_or(|input| input.type_() != "file") {
                element.click();
            }
        }
        Act::Key(place, key) => {
            let Some(element) = elements.get(*place) else { return };
            let _ = element.focus();
            let goes_on = dispatch(element, "KeyboardEvent", "keydown", Some(key));
            dispatch(element, "KeyboardEvent", "keyup", Some(key));
            // What a browser does with a key of the visitor's own: with one from a script it does nothing.
            if goes_on && matches!(*key, "Enter" | " ") && kind(element) == Kind::Click {
                perform(&Act::Click(*place), elements);
            }
        }
        Act::Write(place, text) => {
            let Some(element) = elements.get(*place) else { return };
            match (element.dyn_ref::<HtmlInputElement>(), element.dyn_ref::<HtmlTextAreaElement>()) {
                (Some(input), _) => input.set_value(text),
                (_, Some(area)) => area.set_value(text),
                _ => return,
            }
            changed(element);
        }
        Act::Choose(place, one) => {
            let Some(element) = elements.get(*place) else { return };
            let Some(select) = element.dyn_ref::<HtmlSelectElement>() else { return };
            select.set_selected_index(i32::try_from(*one).unwrap_or_default());
            changed(element);
        }
    }
}

fn changed(element: &HtmlElement) {
    for name in ["input", "change"] {
        dispatch(element, "Event", name, None);
    }
}

/// An event as if it came from the visitor, up to the difference that every browser makes. Returns whether the page leaves to the
/// browser what is done with it.
fn dispatch(element: &HtmlElement, class: &str, name: &str, key: Option<&str>) -> bool {
    let options = Object::new();
    let mut fields = vec![("bubbles", JsValue::TRUE), ("cancelable", JsValue::TRUE)];
    fields.extend(key.map(|key| ("key", key.into())));
    for (field, value) in fields {
        // A property of a fresh object can be set.
        let _ = Reflect::set(&options, &field.into(), &value);
    }
    let class =
        Reflect::get(&browser::window(), &class.into()).ok().and_then(|class| class.dyn_into::<Function>().ok());
    let event = class.and_then(|class| Reflect::construct(&class, &Array::of2(&name.into(), &options)).ok());
    event.and_then(|event| call(element, "dispatchEvent", &event)?.as_bool()).unwrap_or(false)
}

fn call(object: &JsValue, method: &str, argument: &JsValue) -> Option<JsValue> {
    let function: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    function.call1(object, argument).ok()
}
