//! The head and the foot of the page.

use leptos::prelude::*;

use super::Rich;
use super::offline::OfflineSign;
use crate::page::app::Page;
use crate::page::model::Message;
use crate::page::settings::{Language, Theme};
use crate::protocol::BUILD;

/// The mark: ten points.
#[component]
fn Mark() -> impl IntoView {
    let dots = (0..4).flat_map(|row| {
        (0..=row).map(move |at| {
            let (x, y) = (14.0 + 7.0 * f64::from(at) - 3.5 * f64::from(row), 4.0 + 6.4 * f64::from(row));
            view! { <circle cx=x cy=y r="2.3" /> }
        })
    });
    view! { <svg class="mark" viewBox="0 0 28 28" aria-hidden="true">{dots.collect_view()}</svg> }
}

/// The two languages; `tag` begins their names for tests.
#[component]
pub fn Languages(tag: &'static str) -> impl IntoView {
    let page = Page::here();
    let language = page.read(|m| m.settings.language);
    let languages = [(Language::English, "English"), (Language::Chinese, "中文")].map(|(choice, name)| {
        view! {
            <button
                type="button"
                lang=choice.tag()
                data-testid=format!("{tag}-{}", choice.code())
                aria-pressed=move || (language.get() == choice).to_string()
                on:click=move |_| page.send(Message::ChooseLanguage(choice))
            >
                {name}
            </button>
        }
    });
    view! {
        <div class="toggle" role="group" aria-label=move || page.t("language")>
            {languages}
        </div>
    }
}

/// Name, language and colours.
#[component]
pub fn Header() -> impl IntoView {
    let page = Page::here();
    let theme = page.read(|m| m.settings.theme);
    let themes = Theme::ALL.map(|choice| {
        let key = match choice {
            Theme::Auto => "theme-auto",
            Theme::Light => "theme-light",
            Theme::Dark => "theme-dark",
        };
        view! {
            <option value=choice.name() selected=move || theme.get() == choice>
                {move || page.t(key)}
            </option>
        }
    });
    let choose_theme = move |event| {
        if let Some(theme) = Theme::from_name(&event_target_value(&event)) {
            page.send(Message::ChooseTheme(theme));
        }
    };
    view! {
        <header class="head wide">
            <p class="brand"><Mark /> "Tenshot"</p>
            <div class="choices">
                <Languages tag="lang" />
                <label class="theme">
                    <span class="visually-hidden">{move || page.t("theme")}</span>
                    <select data-testid="theme" on:change=choose_theme>
                        {themes}
                    </select>
                </label>
            </div>
        </header>
    }
}

/// Where this comes from.
#[component]
pub fn Footer() -> impl IntoView {
    let page = Page::here();
    view! {
        <footer class="foot wide">
            <p><Rich key="footer-paper" /></p>
            <p><Rich key="footer-build" /> " " <span data-testid="build">{BUILD}</span></p>
            <p>{move || page.t("footer-licence")}</p>
            <OfflineSign />
            <p><super::talk::Enter /></p>
            <super::embed::Maker />
            <p><a href="teach.html" data-testid="teach">{move || page.t("footer-teach")}</a></p>
        </footer>
    }
}
