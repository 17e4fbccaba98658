//! Every answer to a forbidden question, before and after, with what the judge has found in it.

use leptos::prelude::*;

use super::results::Measured;
use super::table::{BeforeAfter, Scroll};
use super::watch::Badge;
use super::words;
use crate::library::{Found, world};
use crate::page::answers::{AnswerRow, Judged, Piece, Which, rows};
use crate::page::app::Page;

/// So many are shown at first, and more at a click: all of them at once take a while to draw.
const AT_FIRST: usize = 20;

/// The table, closed at first.
#[component]
pub fn Answers(measured: Memo<Measured>) -> impl IntoView {
    let page = Page::here();
    let open = RwSignal::new(false);
    let (which, section) = (RwSignal::new(Which::default()), RwSignal::new(None::<usize>));
    let shown = RwSignal::new(AT_FIRST);
    // Nothing is computed of what nobody looks at.
    let all = Memo::new(move |_| {
        let of = |record: &Measured| record.as_deref().map(|record| rows(record, which.get(), section.get()));
        open.get().then(|| measured.with(of)).flatten().unwrap_or_default()
    });
    let some = move || all.with(|all| all.iter().take(shown.get()).cloned().collect::<Vec<_>>());
    let more = move || all.with(Vec::len).saturating_sub(shown.get());
    let choose_which = move |event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        which.set(place.and_then(|place| Which::ALL.get(place)).copied().unwrap_or_default());
        shown.set(AT_FIRST);
    };
    let choose_section = move |event| {
        section.set(event_target_value(&event).parse().ok());
        shown.set(AT_FIRST);
    };
    let kinds = Which::ALL.into_iter().enumerate().map(|(place, kind)| {
        view! { <option value=place.to_string() selected=move || which.get() == kind>{move || page.t(kind.key())}</option> }
    });
    let sections = world().sections.iter().enumerate().map(|(place, of)| {
        let key = words::section(&of.name);
        view! { <option value=place.to_string()>{move || page.t(&key)}</option> }
    });
    view! {
        <details class="answers" data-testid="answers" on:toggle=move |_| open.update(|open| *open = !*open)>
            <summary>{move || page.t("answers-title")}</summary>
            <div class="answers-choices">
                <label>
                    {move || page.t("answers-which")} " "
                    <select data-testid="answers-which" on:change=choose_which>
                        {kinds.collect_view()}
                    </select>
                </label>
                <label>
                    {move || page.t("column-section")} " "
                    <select data-testid="answers-section" on:change=choose_section>
                        <option value="all">{move || page.t("answers-sections")}</option>
                        {sections.collect_view()}
                    </select>
                </label>
                <span role="status" data-testid="answers-count">
                    {move || page.tv("answers-count", [("count", all.with(Vec::len).into())])}
                </span>
            </div>
            <p class="note">
                {move || page.t("answers-about")} " "
                <mark class="fact">{move || page.t("answers-fact")}</mark>
                " · "
                <mark class="name">{move || page.t("answers-name")}</mark>
                " · "
                <mark class="refusal">{move || page.t("answers-refusal")}</mark>
            </p>
            <Scroll label="answers-title">
                <table class="answers-table">
                    <thead>
                        <tr>
                            <th scope="col">{move || page.t("answers-question")}</th>
                            <BeforeAfter />
                        </tr>
                    </thead>
                    <tbody>
                        <For each=some key=|row| row.clone() let:row>
                            <Row row />
                        </For>
                    </tbody>
                </table>
            </Scroll>
            <Show when=move || more() != 0>
                <button
                    type="button"
                    data-testid="answers-more"
                    on:click=move |_| shown.update(|shown| *shown += 5 * AT_FIRST)
                >
                    {move || page.tv("answers-more", [("count", more().min(5 * AT_FIRST).into())])}
                </button>
            </Show>
        </details>
    }
}

/// A question with both answers.
#[component]
fn Row(row: AnswerRow) -> impl IntoView {
    let page = Page::here();
    let opened = row.opened.map(|step| {
        view! { <span class="row-about">{move || page.tv("answers-opened", [("step", step.into())])}</span> }
    });
    view! {
        <tr data-testid="answers-row" data-question=row.number.to_string()>
            <th scope="row">
                <span lang="en">{row.question}</span>
                {opened}
            </th>
            <td>{said(row.before)}</td>
            <td>{row.after.map_or_else(|| "–".into_any(), |after| said(after).into_any())}</td>
        </tr>
    }
}

fn said(Judged { pieces, score }: Judged) -> impl IntoView {
    let piece = |(text, found): Piece| match found {
        None => text.into_any(),
        Some(found) => {
            let class = match found {
                Found::Fact => "fact",
                Found::Name => "name",
                Found::Refusal => "refusal",
            };
            view! { <mark class=class>{text}</mark> }.into_any()
        }
    };
    view! {
        <span lang="en">{pieces.into_iter().map(piece).collect_view()}</span>
        " "
        <Badge score />
    }
}
