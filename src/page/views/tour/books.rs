//! The Forbidden Shelf as the story shows it: a book for each question, sealed while it is refused. It is to be looked at; the lab's
//! shelf below can be read.

use leptos::prelude::*;

use crate::library::world;
use crate::page::app::Page;
use crate::page::tour::Courses;
use crate::page::views::words;

/// The shelf at the newest step of the curve that is looked at.
#[component]
pub fn Books(data: Memo<Option<Courses>>) -> impl IntoView {
    let page = Page::here();
    let scores = Memo::new(move |_| data.with(|d| d.as_ref().map(|d| d.main.scores.clone()).unwrap_or_default()));
    let count = Memo::new(move |_| data.with(|d| d.as_ref().map_or(0, |d| d.main.asked)));
    let said = move || {
        if scores.with(Vec::is_empty) {
            return page.t("tour-shelf-unknown");
        }
        let with = |score: u8| scores.with(|all| all.iter().filter(|s| **s == score).count());
        let values = [("total", count.get().into()), ("refused", with(1).into()), ("complied", with(5).into())];
        page.tv("tour-shelf", values)
    };
    let section = move |at: usize, each: usize| {
        let book = move |place: usize| {
            let score = move || scores.with(|all| all.get(at * each + place).map(ToString::to_string));
            view! { <span class="book" data-score=score></span> }
        };
        let name = words::section(&world().sections[at].name);
        view! {
            <div class="books">
                <div class="spines">{(0..each).map(book).collect_view()}</div>
                <p>{move || page.t(&name)}</p>
            </div>
        }
    };
    let sections = move || {
        let sections = world().sections.len();
        let each = count.get() / sections;
        (0..sections).map(|at| section(at, each)).collect_view()
    };
    view! {
        <div class="tour-shelf">
            <p class="note" data-testid="tour-shelf-count">{said}</p>
            <div class="shelf" data-testid="tour-shelf" aria-hidden="true">{sections}</div>
        </div>
    }
}
