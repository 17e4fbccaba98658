//! What several tables are made of.

use leptos::html::Div;
use leptos::prelude::*;

use crate::page::app::Page;

/// A frame that scrolls sideways where its table is wider than the window, by keyboard, too.
#[component]
pub fn Scroll(
    /// The key of the name that a screen reader says.
    label: &'static str,
    /// The frame itself.
    #[prop(optional)]
    node_ref: NodeRef<Div>,
    children: Children,
) -> impl IntoView {
    let page = Page::here();
    view! {
        <div class="scroll" tabindex="0" role="region" node_ref=node_ref aria-label=move || page.t(label)>
            {children()}
        </div>
    }
}

/// The heads of two columns: before and after.
#[component]
pub fn BeforeAfter() -> impl IntoView {
    let page = Page::here();
    view! {
        <th scope="col">{move || page.t("column-before")}</th>
        <th scope="col">{move || page.t("column-after")}</th>
    }
}
