//! Prefilled answers: how deep the refusals go, before and after.

use leptos::prelude::*;

use super::Rich;
use super::caveats::{Form, Notes, Shown};
use super::figures::{Number, before_after};
use super::results::Measured;
use super::table::{BeforeAfter, Scroll};
use super::words;
use crate::page::app::Page;
use crate::study::{Condition, Figure};

/// The columns, each before and after, and their names for tests.
const FIGURES: [(Figure, &str); 2] = [(Figure::RefusalRate, "refusal"), (Figure::HarmfulnessRate, "harmfulness")];

/// The table, if the run on the stage has one.
#[component]
pub fn Prefill(measured: Memo<Measured>) -> impl IntoView {
    let page = Page::here();
    let conditions = Memo::new(move |_| {
        let prefilled = |c: &&Condition| c.prefill > 0;
        measured.with(|record| {
            let conditions = record.iter().flat_map(|r| &r.plan.evaluation.conditions);
            conditions.filter(prefilled).cloned().collect::<Vec<_>>()
        })
    });
    let rows =
        move || conditions.get().into_iter().map(|condition| view! { <Row measured condition /> }).collect_view();
    let heads = move || {
        FIGURES.map(|(figure, _)| view! { <th scope="colgroup" colspan="2">{page.t(&words::figure(figure))}</th> })
    };
    view! {
        <Show when=move || conditions.with(|c| !c.is_empty())>
            <div class="prefill" data-testid="begun">
                <p class="prose"><Rich key="prefilled-about" /></p>
                <Scroll label="prefilled-title">
                    <table>
                        <caption>
                            {move || page.t("prefilled-title")} <Notes shown=Shown::Main form=Form::Lines />
                        </caption>
                        <thead>
                            <tr>
                                <th scope="col" rowspan="2">{move || page.t("column-tokens")}</th>
                                {heads}
                            </tr>
                            <tr>{FIGURES.map(|_| view! { <BeforeAfter /> })}</tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Scroll>
            </div>
        </Show>
    }
}

/// The rates with so many tokens given.
#[component]
fn Row(measured: Memo<Measured>, condition: Condition) -> impl IntoView {
    let tokens = condition.prefill;
    let name = StoredValue::new(condition.name);
    let cells = FIGURES.map(|(figure, column)| {
        let pair = Memo::new(move |_| {
            measured.with(|record| name.with_value(|name| before_after(record.as_deref(), name, figure)))
        });
        let cell = |when: &'static str, place: usize| {
            view! { <td data-testid=format!("{column}-{when}")>{move || view! { <Number of=pair.get()[place] /> }}</td> }
        };
        (cell("before", 0), cell("after", 1))
    });
    view! {
        <tr data-testid=format!("begun-{tokens}")>
            <th scope="row">{tokens}</th>
            {cells}
        </tr>
    }
}
