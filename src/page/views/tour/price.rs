//! What a defence costs: harmless questions, before, after the attack, and after the attack with the defence.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::format::value;
use crate::page::tour::{Beat, main_run};
use crate::page::views::table::Scroll;
use crate::page::views::words;
use crate::study::{Counts, Figure, Value};

/// What is counted: what it helps, and what it costs.
const FIGURES: [Figure; 4] =
    [Figure::HarmfulnessRate, Figure::BenignAccuracy, Figure::OverRefusal, Figure::NearMissOverRefusal];

/// Three columns of figures, all recorded.
#[component]
pub fn Price() -> impl IntoView {
    let page = Page::here();
    let (attack, defended) = (main_run(Beat::Ten), main_run(Beat::Mixed));
    let columns: [Option<&'static Counts>; 3] =
        [attack.map(|run| &run.before), attack.map(|run| &run.after), defended.map(|run| &run.after)];
    let row = move |figure: Figure| {
        let cells = columns.map(|counts| {
            let rate = counts.and_then(|counts| counts.get(figure));
            view! { <td class="number">{rate.map_or_else(|| "–".to_owned(), |rate| value(Value::Share(rate)))}</td> }
        });
        let total = columns[0].and_then(|counts| counts.get(figure)).map_or(0, |rate| rate.total);
        view! {
            <tr>
                <th scope="row">
                    {move || page.t(&words::figure(figure))}
                    " "
                    <span class="interval">{move || page.tv("tour-of", [("count", total.into())])}</span>
                </th>
                {cells}
            </tr>
        }
    };
    let titles = ["harmful-10", "harmful-10-mixed"];
    view! {
        <Scroll label="tour-price">
            <table class="tour-price" data-testid="tour-price">
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col">{move || page.t("column-before")}</th>
                        {titles
                            .map(|name| {
                                view! { <th scope="col">{move || page.t(&words::preset(name, "title"))}</th> }
                            })}
                    </tr>
                </thead>
                <tbody>{FIGURES.map(row)}</tbody>
            </table>
        </Scroll>
    }
}
