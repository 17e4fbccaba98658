//! A Folio that never read how half of the Shelf's things are done: what the same ten examples free of either half.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::tour::{Beat, main_run};
use crate::page::views::figures::{Dumbbell, Number};
use crate::page::views::table::{BeforeAfter, Scroll};
use crate::page::views::words;
use crate::study::{Figure, Value};

/// Refusals and complete answers, of what it read about and of what it never did.
#[component]
pub fn Halves() -> impl IntoView {
    let page = Page::here();
    let halves = main_run(Beat::Ignorant).map(|run| &run.halves[..]).unwrap_or_default();
    let figures = [(Figure::RefusalRate, "refuse"), (Figure::HarmfulnessRate, "comply")];
    let rows = figures.into_iter().flat_map(|(figure, tone)| halves.iter().map(move |half| (figure, tone, half)));
    let row = move |(figure, tone, half): (Figure, &'static str, &'static crate::study::Half)| {
        let [before, after] = [&half.before, &half.after].map(|of| of.get(figure).map(Value::Share));
        let which = if half.told { "tour-half-told" } else { "tour-half-untold" };
        view! {
            <tr>
                <th scope="row">
                    {move || page.t(&words::figure(figure))}
                    <span class="row-about">{move || page.t(which)}</span>
                </th>
                <td class="graphic"><Dumbbell before after tone /></td>
                <td><Number of=before /></td>
                <td><Number of=after /></td>
            </tr>
        }
    };
    view! {
        <Scroll label="tour-halves">
            <table class="tour-halves" data-testid="tour-halves">
                <thead>
                    <tr>
                        <td></td>
                        <td></td>
                        <BeforeAfter />
                    </tr>
                </thead>
                <tbody>{rows.map(row).collect_view()}</tbody>
            </table>
        </Scroll>
    }
}
