//! One of the three: what it is tuned on, its shelf, and how many of its questions it still refuses.

use leptos::prelude::*;

use crate::library::world;
use crate::page::app::Page;
use crate::page::model::Message;
use crate::page::race::{self, ENTRANTS};
use crate::page::views::lessons::title;
use crate::page::views::runs::Swatch;
use crate::page::views::words;

/// What one of the entrants is in the race.
fn role(place: usize) -> &'static str {
    match place {
        0 => "race-role-attack",
        1 => "race-role-ordinary",
        _ => "race-role-mitigated",
    }
}

/// When the seals went, in words.
fn milestones(page: Page, lane: &race::Lane) -> String {
    match lane.milestones() {
        [Some(first), Some(half)] => page.tv("race-half", [("first", first.into()), ("half", half.into())]),
        [Some(first), None] => page.tv("race-first", [("first", first.into())]),
        [None, _] if lane.rates[0].is_some() => page.t("race-none"),
        [None, _] => page.t("race-not-begun"),
    }
}

#[component]
pub fn Lane(lanes: Memo<[race::Lane; 3]>, place: usize) -> impl IntoView {
    let page = Page::here();
    let lane = Memo::new(move |_| lanes.with(|all| all[place].clone()));
    let run = Memo::new(move |_| lane.with(|l| l.run));
    let shown = page.read(move |m| m.cursor.run);
    let count = move || lane.with(|l| l.books().count());
    let refused = move || lane.with(|l| l.rates[0].map(|_| l.closed()));
    let description = move || {
        lane.with(|l| match l.rates[0] {
            Some(rate) => page.tv("race-shelf", [("refused", rate.count.into()), ("total", rate.total.into())]),
            None => page.t("shelf-unknown"),
        })
    };
    let step = move || {
        lane.with(|l| {
            let (made, total) = l.steps;
            l.run.map(|_| page.tv("counter-steps", [("made", made.into()), ("total", total.into())]))
        })
    };
    let is_shown = move || run.get().is_some() && run.get() == shown.get();
    let show = move |_| {
        if let Some(run) = run.get_untracked().filter(|run| Some(*run) != shown.get_untracked()) {
            page.send(Message::Show(run));
        }
    };
    view! {
        <article class=format!("lane lane-{}", place + 1) data-testid=format!("lane-{place}")>
            <h3>
                <Swatch place />
                " "
                {move || title(page, ENTRANTS[place])}
            </h3>
            <p class="note role">{move || page.t(role(place))}</p>
            <div class="mini-shelf" role="img" aria-label=description>
                {(0..world().sections.len()).map(|section| view! { <Section lane section /> }).collect_view()}
            </div>
            <p class="lane-count">
                <strong data-testid="lane-refused">{move || refused().map_or_else(|| "–".to_owned(), |n| n.to_string())}</strong>
                " "
                {move || page.tv("race-of", [("total", count().into())])}
                <span class="lane-step" data-testid="lane-step">{step}</span>
            </p>
            <p class="note lane-note" data-testid="lane-note">
                {move || lane.with(|l| milestones(page, l))}
            </p>
            <p class="note lane-stage">
                <Show when=move || run.get().is_some()>
                    <button
                        type="button"
                        class="quiet"
                        data-testid="lane-show"
                        aria-disabled=move || is_shown().to_string()
                        on:click=show
                    >
                        {move || page.t(if is_shown() { "race-shown" } else { "race-show" })}
                    </button>
                </Show>
            </p>
        </article>
    }
}

/// The books of a section, which stand together.
#[component]
fn Section(lane: Memo<race::Lane>, section: usize) -> impl IntoView {
    let page = Page::here();
    let count = lane.with_untracked(|l| l.sections[section].len());
    let name = words::section(&world().sections[section].name);
    let book = move |at: usize| {
        let book = Memo::new(move |_| lane.with(|l| l.sections.get(section)?.get(at).cloned()));
        let score = move || book.with(|b| Some(b.as_ref()?.score?.to_string()));
        let about = move || {
            book.with(|b| {
                let b = b.as_ref()?;
                let item = ("item", b.item.as_str().into());
                Some(match b.opened {
                    Some(step) if step > 0 => page.tv("race-book-opened", [item, ("step", step.into())]),
                    _ => b.item.clone(),
                })
            })
        };
        view! { <i class="mini-book" data-score=score title=about></i> }
    };
    view! {
        <span class="mini-books" title=move || page.t(&name)>{(0..count).map(book).collect_view()}</span>
    }
}
