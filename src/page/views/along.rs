//! Curves along complete answers, token by token, with their table.

use leptos::prelude::*;

use super::chart::Drawing;
use super::table::Scroll;
use crate::page::app::Page;
use crate::page::charts::{AlongWords, AtToken, Numbers, along};
use crate::page::format::fine;

/// What a figure of such curves says about itself: keys of texts, but for the last two.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// The curves' names: of the original, of the tuned model, of both.
    pub curves: &'static [&'static str],
    /// Its title.
    pub title: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// The same for whoever cannot see it, with the numbers at the first token as `original`, `tuned` and `kl`.
    pub description: &'static str,
    /// The curves' names in a file of numbers.
    pub columns: &'static [&'static str],
    /// Names it for tests; its parts have names that begin so.
    pub testid: &'static str,
    /// Names the chart.
    pub chart: &'static str,
}

/// The figure.
#[component]
pub fn Along(points: Memo<Vec<AtToken>>, texts: Texts) -> impl IntoView {
    let page = Page::here();
    let Texts { curves, title, about, description, columns, testid, chart: name } = texts;
    let chart = Memo::new(move |_| {
        let token_at = page.tv("depth-token-at", [("token", "{n}".into())]);
        let curves = curves.iter().map(|key| page.t(key)).collect();
        let words = AlongWords { curves, token: page.t("depth-token"), token_at };
        page.style.with(|style| points.with(|points| along(points, &words, style)))
    });
    let description = Signal::derive(move || {
        let first = points.with(|all| all.first().map(|at| at.numbers.clone())).unwrap_or_default();
        let number = |which: usize| first.get(which).copied().map(fine).unwrap_or_default().into();
        page.tv(description, [("original", number(0)), ("tuned", number(1)), ("kl", number(2))])
    });
    let numbers = Callback::new(move |()| points.with_untracked(|points| Numbers::along(points, columns)));
    let row = |at: AtToken| {
        let cells = at.numbers.into_iter().map(|number| view! { <td>{fine(number)}</td> }).collect_view();
        view! {
            <tr>
                <th scope="row">{at.position}</th>
                {cells}
                <td>{at.answers}</td>
            </tr>
        }
    };
    view! {
        <figure class="depth" data-testid=testid>
            <figcaption>
                <h3>{move || page.t(title)}</h3>
                <p class="prose">{move || page.t(about)}</p>
            </figcaption>
            <Drawing chart description numbers name />
            <details class="table" data-testid=format!("{testid}-table")>
                <summary>{move || page.t("chart-table")}</summary>
                <Scroll label=title>
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">{move || page.t("depth-token")}</th>
                                {move || curves.iter().map(|key| view! { <th scope="col">{page.t(key)}</th> }).collect_view()}
                                <th scope="col">{move || page.t("depth-answers")}</th>
                            </tr>
                        </thead>
                        <tbody>{move || points.get().into_iter().map(row).collect_view()}</tbody>
                    </table>
                </Scroll>
            </details>
        </figure>
    }
}
