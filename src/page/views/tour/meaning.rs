//! The paper's own figures: other models, another judge.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::browser;
use crate::page::views::figures::Dumbbell;
use crate::page::views::story::PAPER;
use crate::page::views::table::Scroll;
use crate::study::{Rate, Value};

/// In how many parts of a per cent the paper's figures are told.
const FINE: usize = 1_000;

/// A figure of the paper as a share. Its intervals are not told, so it is drawn without one.
fn share(percent: &str) -> Option<Value> {
    let share = percent.parse::<f64>().ok()? / 100.0;
    let count = (share * FINE as f64).round() as usize;
    (count <= FINE).then_some(Value::Share(Rate { share, low: share, high: share, count, total: FINE }))
}

/// Before and after, as the paper has it, and the ways on.
#[component]
pub fn Meaning() -> impl IntoView {
    let page = Page::here();
    let rows =
        PAPER.into_iter().filter(|(_, _, before, _)| !before.is_empty()).map(move |(data, model, before, after)| {
            view! {
                <tr>
                    <th scope="row">
                        {move || page.t(data)}
                        <span class="row-about">{model}</span>
                    </th>
                    <td class="graphic"><Dumbbell before=share(before) after=share(after) tone="neutral" /></td>
                    <td class="number">{format!("{before}% → {after}%")}</td>
                </tr>
            }
        });
    let to_article = move |_| {
        browser::scroll_to("article");
        browser::focus("article");
    };
    view! {
        <Scroll label="paper-caption">
            <table class="tour-paper" data-testid="tour-paper">
                <caption>{move || page.t("paper-caption")}</caption>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </Scroll>
        <p class="note">
            <button type="button" class="quiet" data-testid="tour-article" on:click=to_article>
                {move || page.t("tour-article")}
            </button>
        </p>
    }
}
