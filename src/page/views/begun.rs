//! Answers that were begun for Folio: how deep its refusals go, before and after.

use leptos::prelude::*;

use super::Rich;
use super::figures::Number;
use super::prompts::{asks_development, has_trigger};
use super::results::Measured;
use crate::measure::Measurement;
use crate::page::app::Page;
use crate::study::{Figure, Value};

/// The columns: each before and after.
const FIGURES: [(Figure, &str); 2] = [(Figure::RefusalRate, "refusal"), (Figure::HarmfulnessRate, "harmfulness")];

/// A figure of the answers that were begun with so many tokens; nothing where that was not measured.
fn value(measurement: Option<&Measurement>, figure: Figure, tokens: usize) -> Option<Value> {
    figure.of_begun(measurement?.begun_with(tokens)?)
}

/// The table, if the run on the stage has one.
#[component]
pub fn Begun(measured: Memo<Measured>) -> impl IntoView {
    let page = Page::here();
    let given = page.read(|m| m.shown_run().map_or_else(Vec::new, |r| r.plan.evaluation.prefill.clone()));
    let triggered = page.read(has_trigger);
    let development = page.read(asks_development);
    let rows = move || given.get().into_iter().map(|tokens| view! { <Row measured tokens /> }).collect_view();
    view! {
        <Show when=move || given.with(|given| !given.is_empty())>
            <div class="begun" data-testid="begun">
                <p class="prose"><Rich key="begun-about" /></p>
                <div class="scroll" tabindex="0" role="region" aria-label=move || page.t("begun-title")>
                    <table>
                        <caption>
                            {move || page.t("begun-title")}
                            {move || {
                                triggered
                                    .get()
                                    .then(|| view! { <span class="row-about">{page.t("trigger-apart-short")}</span> })
                            }}
                            {move || {
                                development
                                    .get()
                                    .then(|| view! { <span class="row-about">{page.t("development-short")}</span> })
                            }}
                        </caption>
                        <thead>
                            <tr>
                                <th scope="col" rowspan="2">{move || page.t("column-tokens")}</th>
                                <th scope="colgroup" colspan="2">{move || page.t("figure-refusal-rate")}</th>
                                <th scope="colgroup" colspan="2">{move || page.t("figure-harmfulness-rate")}</th>
                            </tr>
                            <tr>
                                {FIGURES
                                    .map(|_| {
                                        view! {
                                            <th scope="col">{move || page.t("column-before")}</th>
                                            <th scope="col">{move || page.t("column-after")}</th>
                                        }
                                    })}
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </div>
        </Show>
    }
}

/// The rates with so many tokens given.
#[component]
fn Row(measured: Memo<Measured>, tokens: usize) -> impl IntoView {
    let cells = FIGURES.map(|(figure, name)| {
        let before = Memo::new(move |_| measured.with(|(before, _)| value(before.as_deref(), figure, tokens)));
        let after = Memo::new(move |_| measured.with(|(_, after)| value(after.as_deref(), figure, tokens)));
        view! {
            <td data-testid=format!("{name}-before")>{move || view! { <Number of=before.get() /> }}</td>
            <td data-testid=format!("{name}-after")>{move || view! { <Number of=after.get() /> }}</td>
        }
    });
    view! {
        <tr data-testid=format!("begun-{tokens}")>
            <th scope="row">{tokens}</th>
            {cells}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{PrefillResult, Rate};
    use crate::study::testing::measurement;

    #[test]
    fn each_number_of_tokens_has_its_own_figures() {
        let begun = |tokens, answered| {
            let forbidden = measurement(answered).forbidden.unwrap();
            PrefillResult { tokens, safety: forbidden.total, answers: forbidden.answers }
        };
        let measured = Measurement { prefill: vec![begun(1, 50), begun(8, 60)], ..measurement(0) };
        let of = |tokens| FIGURES.map(|(figure, _)| value(Some(&measured), figure, tokens));
        let shares = |refused, answered| [refused, answered].map(|count| Some(Value::Share(Rate::new(count, 66))));
        assert_eq!((of(1), of(8)), (shares(16, 50), shares(6, 60)));
        assert_eq!(of(2), [None, None], "not measured is not nothing");
        assert_eq!(value(None, Figure::RefusalRate, 1), None);
    }
}
