//! The little that the page needs of the browser beside its elements.

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, MediaQueryList, ResizeObserver, Url, Window};

use super::harness::Harness;
use super::settings::{Language, Settings, Theme};
use crate::protocol::{BUILD, Measured};

/// The page's window.
pub fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// Milliseconds since the page was opened, by the page's own clock.
pub fn now() -> f64 {
    thread_local!(static SPEED: f64 = f64::from(harness().speed));
    SPEED.with(|speed| speed * window().performance().map_or(0.0, |p| p.now()))
}

/// Where the page's files are, from `<meta name="tenshot">`; see `www/index.html`.
pub struct Addresses {
    /// The folder of the models' folders, ending in `/`, absolute: a worker's addresses are relative to its own script.
    pub models: String,
    /// The worker's script.
    pub worker: String,
    /// The charts' script.
    pub charts: String,
    /// The service worker's script.
    pub offline: String,
}

impl Addresses {
    /// Reads them. A page without that element is served from plain files: everything lies beside it.
    pub fn read() -> Self {
        let document = window().document();
        let meta = document.as_ref().and_then(|d| d.query_selector("meta[name=tenshot]").ok().flatten());
        let attribute = |name| meta.as_ref().and_then(|m| m.get_attribute(name)).unwrap_or_else(|| "./".to_owned());
        let (base, assets) = (attribute("content"), attribute("data-assets"));
        let absolute = |address: String| {
            let page = window().location().href().unwrap_or_default();
            Url::new_with_base(&address, &page).map_or(address, |url| url.href())
        };
        Self {
            models: absolute(format!("{base}models/")),
            worker: absolute(format!("{assets}engine.mjs")),
            charts: absolute(format!("{assets}charts.mjs")),
            offline: absolute(attribute("data-offline")),
        }
    }
}

const LANGUAGE_KEY: &str = "tenshot-language";
/// Also read by `www/theme.js`, before the first paint.
const THEME_KEY: &str = "tenshot-theme";

const MEASURED_KEY: &str = "tenshot-measured";

/// What was measured of the devices, and with which build.
#[derive(Serialize, Deserialize)]
struct OfBuild {
    build: String,
    measured: Measured,
}

/// What an earlier visit measured of the devices with this build.
pub fn measured() -> Option<Measured> {
    let stored = window().local_storage().ok().flatten()?.get_item(MEASURED_KEY).ok().flatten()?;
    let OfBuild { build, measured } = serde_json::from_str(&stored).ok()?;
    (build == BUILD).then_some(measured)
}

/// Keeps what was measured of the devices for later visits, where the browser allows it.
pub fn remember_measured(measured: &Measured) {
    let of_build = OfBuild { build: BUILD.to_owned(), measured: measured.clone() };
    if let (Some(storage), Ok(text)) = (window().local_storage().ok().flatten(), serde_json::to_string(&of_build)) {
        let _ = storage.set_item(MEASURED_KEY, &text);
    }
}

/// What the visitor has chosen: first as on an earlier visit, else as the browser says.
pub fn visitors_defaults() -> Settings {
    let stored = |key| window().local_storage().ok().flatten().and_then(|s| s.get_item(key).ok().flatten());
    let language = stored(LANGUAGE_KEY).or_else(|| window().navigator().language());
    let language = language.and_then(|tag| Language::from_tag(&tag)).unwrap_or_default();
    let theme = stored(THEME_KEY).and_then(|name| Theme::from_name(&name)).unwrap_or_default();
    Settings { language, theme, ..Settings::default() }
}

/// The page's settings: the visitor's defaults, changed by the address.
pub fn settings() -> Settings {
    let query = window().location().search().unwrap_or_default();
    visitors_defaults().with_query(&query)
}

/// Takes an element out of the document, if it is there.
pub fn remove(id: &str) {
    if let Some(element) = window().document().and_then(|document| document.get_element_by_id(id)) {
        element.remove();
    }
}

/// Sets an attribute of the document's root, or takes it away: style sheets follow it.
pub fn mark(name: &str, value: Option<&str>) {
    let Some(root) = window().document().and_then(|document| document.document_element()) else { return };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// What the address asks for beside settings.
pub fn harness() -> Harness {
    Harness::of_query(&window().location().search().unwrap_or_default())
}

/// Writes the settings into the address, and those of taste also into the browser's storage. Where the browser refuses
/// either (private windows, embedded pages), the page works all the same.
pub fn remember(settings: &Settings) {
    if let Some(storage) = window().local_storage().ok().flatten() {
        let _ = storage.set_item(LANGUAGE_KEY, settings.language.code());
        let _ = storage.set_item(THEME_KEY, settings.theme.name());
    }
    let location = window().location();
    let (path, hash) = (location.pathname().unwrap_or_default(), location.hash().unwrap_or_default());
    let address = format!("{path}{}{hash}", settings.query());
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// Whether the page is within another one.
pub fn is_framed() -> bool {
    let window = window();
    !window.top().ok().flatten().is_some_and(|top| js_sys::Object::is(&top, &window))
}

/// Whether the page is in sight: not in a tab behind others, nor in a window that is put away.
pub fn is_in_sight() -> bool {
    window().document().is_none_or(|document| !document.hidden())
}

/// A media query such as `(prefers-reduced-motion: reduce)`.
pub fn media(query: &str) -> Option<MediaQueryList> {
    window().match_media(query).ok().flatten()
}

/// Whether the visitor wants nothing to move.
pub fn motion_is_unwelcome() -> bool {
    media("(prefers-reduced-motion: reduce)").is_some_and(|list| list.matches())
}

/// The size of the page's text in pixels: it grows with the window.
pub fn text_size() -> f64 {
    let root = window().document().and_then(|d| d.document_element());
    let style = root.and_then(|e| window().get_computed_style(&e).ok().flatten());
    let size = style.and_then(|s| s.get_property_value("font-size").ok());
    size.and_then(|s| s.trim_end_matches("px").parse().ok()).unwrap_or(16.0)
}

/// Offers a file to keep. Returns whether the browser could.
pub fn download(name: &str, file: &Blob) -> bool {
    try_download(name, file).is_some()
}

fn try_download(name: &str, file: &Blob) -> Option<()> {
    let address = Url::create_object_url_with_blob(file).ok()?;
    let document = window().document()?;
    let anchor: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    // The browser reads the file after this function has returned.
    gloo::timers::callback::Timeout::new(60_000, move || {
        let _ = Url::revoke_object_url(&address);
    })
    .forget();
    Some(())
}

/// Brings an element into view, gently unless motion is unwelcome; as soon as what has just changed is drawn, as that may move it.
pub fn scroll_to(id: &'static str) {
    gloo::timers::callback::Timeout::new(0, move || {
        let element = window().document().and_then(|d| d.get_element_by_id(id));
        if let Some(element) = element {
            element.scroll_into_view();
        }
    })
    .forget();
}

/// Gives an element the focus, as soon as what has just changed is drawn.
pub fn focus(id: &str) {
    focus_on(format!("#{id}"));
}

/// The same with the first element that a selector of style sheets finds.
pub fn focus_on(selector: impl Into<String>) {
    let selector = selector.into();
    gloo::timers::callback::Timeout::new(0, move || {
        let element = window().document().and_then(|d| d.query_selector(&selector).ok().flatten());
        if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    })
    .forget();
}

/// Opens a small window of this site beside the page, or shows the one of this name that is open. Browsers may refuse.
pub fn open_beside(address: &str, name: &str) {
    let _ = window().open_with_url_and_target_and_features(address, name, "popup,width=760,height=560");
}

/// Keeps the height of the highest of these elements in a variable of the style sheets, for as long as the page is open.
pub fn measure(variable: &'static str, elements: &[&web_sys::HtmlElement]) {
    let Some(root) = window().document().and_then(|d| d.document_element()) else { return };
    let Ok(root) = root.dyn_into::<web_sys::HtmlElement>() else { return };
    let measured: Vec<_> = elements.iter().map(|e| (*e).clone()).collect();
    let look = move || {
        let height = measured.iter().map(web_sys::HtmlElement::offset_height).max().unwrap_or_default();
        let _ = root.style().set_property(variable, &format!("{height}px"));
    };
    let on_resize = Closure::<dyn FnMut()>::new(look);
    if let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
        elements.iter().for_each(|element| observer.observe(element));
        // An observer lives as long as what it observes.
        on_resize.forget();
    }
}

/// The bytes of a file; of one that has more than `most`, one more than that.
pub async fn bytes(file: &web_sys::Blob, most: usize) -> Vec<u8> {
    let end = file.size().min(most as f64 + 1.0);
    let Ok(part) = file.slice_with_f64_and_f64(0.0, end) else { return Vec::new() };
    let buffer = wasm_bindgen_futures::JsFuture::from(part.array_buffer()).await;
    buffer.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec()).unwrap_or_default()
}

/// Where this page is, without a query.
pub fn own_address() -> String {
    let location = window().location();
    format!("{}{}", location.origin().unwrap_or_default(), location.pathname().unwrap_or_default())
}

/// Where everybody finds this page; none if it is of this machine alone.
pub fn public_address() -> Option<String> {
    let host = window().location().hostname().ok()?;
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]" | "");
    Some(own_address()).filter(|address| !is_here && address.starts_with("http"))
}
