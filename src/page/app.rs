//! The page's state in the browser: the model in a signal, the worker, the clock; and what every view needs of them.

use fluent_bundle::FluentValue;
use gloo::timers::callback::{Interval, Timeout};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::MediaQueryList;

use super::archive::{self, Archive};
use super::browser::{self, Addresses};
use super::door;
use super::harness::{Autorun, Harness};
use super::kept::Kept;
use super::model::{Effect, Message, Model};
use super::palette::{DARK, LIGHT};
use super::settings::{Language, Stage, Theme};
use super::strings::Strings;
use super::supervisor::Problem;
use super::tour::recorded;
use super::views::{Notes, Root, words};
use super::worker_link::WorkerLink;
use super::{charts, fuzz, offline_link, own, sheet, texts};
use crate::library::world;
use crate::protocol::{ErrorCode, Event};
use crate::study::{Record, presets};

/// How often the clock on the page advances, in milliseconds.
const TICK: u32 = 500;

/// Below this width of the window charts have short labels; `www/styles` changes its columns at the same width.
const NARROW: &str = "(max-width: 44rem)";

/// The static page of `www/index.html`: its head, and what is below it.
pub const SHELL: [&str; 2] = ["shell-head", "shell"];

/// Draws the page in place of the static one and starts the engine. What takes a moment the first time has a task of its own before that,
/// as drawing would otherwise keep the browser from everything else for longer; the static page is there to be read meanwhile.
pub fn mount() {
    const PARTS: [fn(); 4] =
        [|| _ = recorded(), || _ = texts::text(browser::settings().language, "title"), || _ = world(), draw];
    one_by_one(&PARTS);
}

/// Each in a task of its own.
fn one_by_one(parts: &'static [fn()]) {
    let [first, rest @ ..] = parts else { return };
    let part = move || {
        first();
        one_by_one(rest);
    };
    Timeout::new(0, part).forget();
}

fn draw() {
    let element = browser::window().document().and_then(|d| d.get_element_by_id("app"));
    let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    // The presenter's window computes nothing and has no engine.
    if browser::harness().notes {
        SHELL.into_iter().for_each(browser::remove);
        leptos::mount::mount_to(element, Notes).forget();
    } else {
        // What is drawn first takes the place of the static page.
        leptos::mount::mount_to(element, Root).forget();
    }
}

/// What every view needs. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Page {
    model: RwSignal<Model>,
    language: Memo<Language>,
    /// Milliseconds since the page was opened, advancing twice a second.
    pub clock: RwSignal<f64>,
    /// What the charts are drawn with.
    pub style: Memo<charts::Style>,
    /// Records in the browser's keeping. They are beyond the visit, and so beyond the model.
    pub kept: RwSignal<Kept>,
    link: StoredValue<Option<WorkerLink>, LocalStorage>,
    archive: StoredValue<Archive, LocalStorage>,
    addresses: StoredValue<Addresses>,
    /// How texts are changed, for a test.
    strings: Option<Strings>,
}

impl Page {
    /// Makes the state, starts the worker and the clock. To be called once, by the root view.
    pub fn open() -> Self {
        let addresses = Addresses::read();
        let (mut settings, harness) = (browser::settings(), browser::harness());
        if let Some(Autorun::Preset(name)) = harness.autorun {
            settings.preset = name.to_owned();
        }
        let mut model = Model::new(settings, addresses.models.clone());
        model.measured = browser::measured();
        let model = RwSignal::new(model);
        let language = Memo::new(move |_| model.with(|m| m.settings.language));
        let clock = RwSignal::new(browser::now());
        let page = Self {
            model,
            language,
            clock,
            style: style(model, harness.projector),
            kept: RwSignal::new(Kept::default()),
            link: StoredValue::new_local(None),
            archive: StoredValue::new_local(Archive::default()),
            addresses: StoredValue::new(addresses),
            strings: harness.strings,
        };
        let tick = move || {
            clock.set(browser::now());
            page.send(Message::Tick { awake: browser::is_in_sight() });
        };
        Interval::new(TICK, tick).forget();
        page.follow_settings();
        page.spawn();
        // What another page shows of it is not what its visitors want kept.
        if page.now(|m| m.settings.embed.is_none()) {
            let (script, engine) = page.addresses.with_value(|a| (a.offline.clone(), a.worker.clone()));
            offline_link::keep_when_idle(page, script, engine);
        }
        page.look_as(&harness);
        page
    }

    /// How the page looks beside the visitor's settings.
    fn look_as(self, harness: &Harness) {
        if self.now(|m| m.settings.embed.is_some()) {
            browser::mark("data-embed", Some(""));
        }
        if harness.projector {
            browser::mark("data-projector", Some(""));
        }
    }

    /// Lets programs in, and does what the address asks for.
    pub fn obey(self, harness: Harness) {
        door::open(self, harness.autorun);
        harness.fuzz.into_iter().for_each(|(hands, seed)| fuzz::begin(hands, seed));
    }

    /// The page that the view is in.
    pub fn here() -> Self {
        expect_context::<Self>()
    }

    /// A part of the model. Views are drawn anew only when that part changes.
    pub fn read<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&Model) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.model.with(&part))
    }

    /// The model, followed: what calls this is computed anew when anything changes.
    pub fn with_model<T>(self, read: impl FnOnce(&Model) -> T) -> T {
        self.model.with(read)
    }

    /// A part of the model as it is now, for handlers.
    pub fn now<T>(self, part: impl FnOnce(&Model) -> T) -> T {
        self.model.with_untracked(part)
    }

    /// Something happens; what follows from it is done.
    pub fn send(self, message: Message) {
        // What only says that time passes, several times a second, changes nothing that is drawn, unless the watchdog's mood does.
        let is_routine = matches!(message, Message::Tick { .. } | Message::Worker(Event::Beat { .. }));
        let effects = self.model.try_maybe_update(|m| {
            let mood = m.watchdog.mood();
            let effects = m.update(message, browser::now());
            (!is_routine || !effects.is_empty() || m.watchdog.mood() != mood, effects)
        });
        for effect in effects.into_iter().flatten() {
            self.perform(effect);
        }
    }

    fn perform(self, effect: Effect) {
        match effect {
            Effect::Spawn => self.spawn(),
            Effect::Terminate => self.link.set_value(None),
            Effect::Remember => self.model.with_untracked(|m| browser::remember(&m.settings)),
            Effect::RememberMeasured(measured) => browser::remember_measured(&measured),
            Effect::Post(command) => {
                let sent = self.link.with_value(|link| link.as_ref().map(|l| l.post(&command)));
                if let Some(Err(error)) = sent {
                    self.crashed(error);
                }
            }
            Effect::SetAside(run, record) => self.archive.update_value(|archive| archive.keep(run, record)),
            Effect::Recall(run) => self.recall(run),
            Effect::DropRecords => self.archive.update_value(Archive::clear),
            Effect::TakeUpdate => offline_link::take_over(),
            Effect::Reply(replied) => door::settle(*replied),
        }
    }

    fn spawn(self) {
        self.link.set_value(None);
        let script = self.addresses.with_value(|a| a.worker.clone());
        match WorkerLink::spawn(&script, move |message| self.send(message)) {
            Ok(link) => self.link.set_value(Some(link)),
            Err(error) => self.crashed(error),
        }
    }

    fn crashed(self, message: String) {
        self.send(Message::Crashed(Problem { code: ErrorCode::Panic, message }));
    }

    /// Reads the record of a run that was set aside. If that fails its outline stays on the stage, and its file where it is.
    fn recall(self, run: u32) {
        let Some(file) = self.archive.with_value(|archive| archive.file(run)) else { return };
        wasm_bindgen_futures::spawn_local(async move {
            if let Some(record) = archive::read(file).await {
                self.send(Message::Recalled(run, Box::new(record)));
            }
        });
    }

    /// Offers the record of a run as a file.
    pub fn download(self, run: u32, name: &str) {
        if let Some(file) = self.file(run) {
            browser::download(name, &file);
        }
    }

    /// Offers a run as a page of its own, with those that it stands beside.
    pub fn take_along(self, run: u32, name: String) {
        let Some(file) = self.file(run) else { return };
        wasm_bindgen_futures::spawn_local(async move {
            let Some(record) = archive::read(file).await else { return };
            let page = self.now(|m| {
                let others = m.runs.compared().filter(|(_, other)| other.id != run && m.runs.place(run).is_some());
                let all: Vec<&Record> =
                    std::iter::once(&record).chain(others.map(|(_, other)| &*other.record)).collect();
                sheet::sheet(m.settings.language, &all, browser::public_address().as_deref())
            });
            if let Some(file) = archive::text_file(&page, "text/html") {
                browser::download(&name, &file);
            }
        });
    }

    /// The record of a run as a file; none if there is no such run.
    pub fn file(self, run: u32) -> Option<web_sys::Blob> {
        let kept = self.archive.with_value(|archive| archive.file(run));
        kept.or_else(|| self.now(|m| archive::file(&m.runs.get(run)?.record)))
    }

    /// The document's language and colours are the visitor's.
    fn follow_settings(self) {
        leptos::prelude::Effect::new(move |_| {
            let language = self.language.get();
            if let Some(document) = browser::window().document() {
                document.set_title(&self.changed(texts::text(language, "page-title")));
                if let Some(root) = document.document_element() {
                    let _ = root.set_attribute("lang", language.tag());
                }
            }
        });
        let theme = self.read(|m| m.settings.theme);
        leptos::prelude::Effect::new(move |_| browser::mark("data-theme", Some(theme.get().name())));
        let stage = self.read(|m| m.talk.as_ref().map_or(Stage::Off, |_| m.settings.stage));
        leptos::prelude::Effect::new(move |_| browser::mark("data-stage", stage.get().name()));
    }

    /// The address of the charts' script.
    pub fn charts_address(self) -> String {
        self.addresses.with_value(|a| a.charts.clone())
    }

    /// The text of this key in the visitor's language.
    pub fn t(self, key: &str) -> String {
        self.changed(texts::text(self.language.get(), key))
    }

    /// The text of this key with these values.
    pub fn tv<const N: usize>(self, key: &str, values: [(&'static str, FluentValue<'_>); N]) -> String {
        self.changed(texts::text_with(self.language.get(), key, values))
    }

    fn changed(self, text: String) -> String {
        match self.strings {
            Some(strings) => strings.apply(text),
            None => text,
        }
    }

    /// The words in the charts.
    pub fn chart_words(self) -> charts::Words {
        charts::Words {
            curves: [self.t("chart-refuses"), self.t("chart-complies")],
            loss: self.t("chart-loss"),
            step: self.t("chart-step"),
            step_at: self.tv("chart-step-at", [("step", "{n}".into())]),
            run: self.tv("run-name", [("run", "{n}".into())]),
            share: self.t("race-axis"),
            share_at: self.tv("race-share", [("share", "{n}".into())]),
            titles: presets()
                .iter()
                .map(|info| (info.name.to_owned(), self.t(&words::preset(info.name, "title"))))
                .chain([(own::NAME.to_owned(), self.t("own-title"))])
                .collect(),
        }
    }
}

/// The charts follow the colours and the size of the window. On a projector it is always day.
fn style(model: RwSignal<Model>, projector: bool) -> Memo<charts::Style> {
    let dark = media("(prefers-color-scheme: dark)");
    let narrow = media(NARROW);
    let text = RwSignal::new(browser::text_size());
    let on_resize = Closure::<dyn FnMut()>::new(move || text.set(browser::text_size()));
    let _ = browser::window().add_event_listener_with_callback("resize", on_resize.as_ref().unchecked_ref());
    on_resize.forget();
    Memo::new(move |_| {
        let is_dark = match model.with(|m| m.settings.theme) {
            _ if projector => false,
            Theme::Auto => dark.get(),
            Theme::Light => false,
            Theme::Dark => true,
        };
        charts::Style { palette: if is_dark { DARK } else { LIGHT }, text: text.get(), narrow: narrow.get() }
    })
}

/// Whether a media query holds, for as long as the page is open.
fn media(query: &str) -> RwSignal<bool> {
    let list = browser::media(query);
    let holds = RwSignal::new(list.as_ref().is_some_and(MediaQueryList::matches));
    if let Some(list) = list {
        let again = list.clone();
        let on_change = Closure::<dyn FnMut()>::new(move || holds.set(again.matches()));
        list.set_onchange(Some(on_change.as_ref().unchecked_ref()));
        // The list must live as long as its listener: some browsers collect a list that nobody holds.
        std::mem::forget(list);
        on_change.forget();
    }
    holds
}
