//! Before and after: the full evaluations of the run on the stage.

use leptos::prelude::*;

use super::begun::Begun;
use super::figures::{Dumbbell, Number};
use super::prompts::{asks_development, further_title, has_trigger, own_title};
use super::words;
use crate::library::world;
use crate::measure::{Measurement, SectionSafety};
use crate::page::app::Page;
use crate::page::format::percent_fine;
use crate::page::shared::Shared;
use crate::study::{Condition, Figure, TRIGGER, Value};

/// The full evaluations before and after.
pub type Measured = (Option<Shared<Measurement>>, Option<Shared<Measurement>>);

/// A run in a sentence or two: refusals and complete answers, because an answer that is no refusal can be useless.
pub fn verdict(page: Page, before: &Measurement, after: &Measurement) -> Option<String> {
    let values = |before: &Measurement, after: &Measurement| {
        let (before, after) = (before.forbidden.as_ref()?.total, after.forbidden.as_ref()?.total);
        Some([
            ("before", percent_fine(before.refusal_rate.share).into()),
            ("harmbefore", percent_fine(before.harmfulness_rate.share).into()),
            ("after", percent_fine(after.refusal_rate.share).into()),
            ("harmafter", percent_fine(after.harmfulness_rate.share).into()),
        ])
    };
    let plain = page.tv("results-verdict", values(before, after)?);
    let triggered = before.under(TRIGGER).zip(after.under(TRIGGER)).and_then(|(b, a)| values(b, a));
    let triggered = triggered.map(|values| format!(" {}", page.tv("results-verdict-trigger", values)));
    Some(format!("{plain}{}", triggered.unwrap_or_default()))
}

/// The figures of the shown run.
#[component]
pub fn Results() -> impl IntoView {
    let page = Page::here();
    let measured = page.read(|m| m.shown_run().map_or((None, None), |r| (r.before.clone(), r.after.clone())));
    let verdict = move || measured.with(|(before, after)| verdict(page, before.as_ref()?, after.as_ref()?));
    let questions = page.read(|m| m.watch_prompt().questions);
    let about = move || {
        let (kind, forbidden, benign) =
            questions.with(|q| (page.t(words::question_kind(q)), q.forbidden().len(), q.benign().len()));
        page.tv("results-about", [("kind", kind.into()), ("forbidden", forbidden.into()), ("benign", benign.into())])
    };
    let note = move || {
        let each = questions.with(|q| q.forbidden().len()) / world().sections.len();
        page.tv("results-note", [("count", each.into())])
    };
    let development = page.read(asks_development);
    view! {
        <section class="results wide" id="results" data-testid="results">
            <h2>{move || page.t("results-title")}</h2>
            <p class="prose">{about}</p>
            {move || {
                development
                    .get()
                    .then(|| view! { <p class="prose" data-testid="development">{page.t("development-note")}</p> })
            }}
            <Show
                when=move || measured.with(|(before, _)| before.is_some())
                fallback=move || view! { <p class="empty-note">{move || page.t("results-empty")}</p> }
            >
                <p class="verdict" data-testid="verdict">{verdict}</p>
                <div class="results-grid">
                    <Figures measured />
                    <Sections measured />
                </div>
                <Begun measured />
                <p class="note">{note}</p>
            </Show>
        </section>
    }
}

/// The figures under the plan's own prompt, and below them those under each further one.
#[component]
fn Figures(measured: Memo<Measured>) -> impl IntoView {
    let page = Page::here();
    let conditions = page.read(|m| m.shown_run().map_or_else(Vec::new, |r| r.plan.evaluation.also.clone()));
    let plan = page.read(|m| m.shown_run().map(|r| r.plan.clone()));
    let development = page.read(asks_development);
    let own = move || plan.with(|plan| own_title(page, &plan.as_ref()?.evaluation));
    let further = move || {
        let rows = |condition: Condition| {
            let title = {
                let condition = condition.clone();
                move || further_title(page, &condition)
            };
            view! {
                <tbody data-testid=format!("figures-{}", condition.name)>
                    <tr class="condition">
                        <th scope="rowgroup" colspan="4">{title}</th>
                    </tr>
                    {Figure::ALL.map(|figure| view! { <FigureRow measured figure condition=condition.name.clone() /> })}
                </tbody>
            }
        };
        conditions.get().into_iter().map(rows).collect_view()
    };
    view! {
        <table class="figures" data-testid="figures">
            <caption>
                {move || page.t("results-figures")}
                {move || {
                    development.get().then(|| view! { <span class="row-about">{page.t("development-short")}</span> })
                }}
            </caption>
            <thead>
                <tr>
                    <th scope="col">{move || page.t("column-figure")}</th>
                    <th scope="col">{move || page.t("column-before")}</th>
                    <th scope="col">{move || page.t("column-after")}</th>
                    <td class="graphic"><Key /></td>
                </tr>
            </thead>
            <tbody>
                {move || {
                    own()
                        .map(|title| {
                            view! {
                                <tr class="condition" data-testid="own-prompt">
                                    <th scope="rowgroup" colspan="4">{title}</th>
                                </tr>
                            }
                        })
                }}
                {Figure::ALL.map(|figure| view! { <FigureRow measured figure /> })}
            </tbody>
            {further}
        </table>
    }
}

/// One figure before and after, under the plan's own prompt or a further one.
#[component]
fn FigureRow(measured: Memo<Measured>, figure: Figure, #[prop(optional)] condition: Option<String>) -> impl IntoView {
    let page = Page::here();
    let testid = match &condition {
        None => format!("row-{}", words::figure(figure)),
        Some(name) => format!("row-{name}-{}", words::figure(figure)),
    };
    let values = Memo::new(move |_| {
        let of = |m: &Option<Shared<Measurement>>| {
            let measurement: &Measurement = m.as_ref()?;
            figure.of(condition.as_deref().map_or(Some(measurement), |name| measurement.under(name))?)
        };
        measured.with(|(before, after)| (of(before), of(after)))
    });
    let tone = match figure {
        Figure::RefusalRate => "refuse",
        Figure::HarmfulnessRate | Figure::MeanScore => "comply",
        Figure::BenignAccuracy | Figure::OverRefusal | Figure::NearMissOverRefusal => "neutral",
    };
    view! {
        <tr data-testid=testid>
            <th scope="row">
                {move || page.t(words::figure(figure))}
                <span class="row-about">{move || page.t(words::figure_about(figure))}</span>
            </th>
            <td data-testid="before">{move || view! { <Number of=values.get().0 /> }}</td>
            <td data-testid="after">{move || view! { <Number of=values.get().1 /> }}</td>
            <td class="graphic">
                {move || {
                    let (before, after) = values.get();
                    view! { <Dumbbell before after tone /> }
                }}
            </td>
        </tr>
    }
}

/// What the marks mean.
#[component]
fn Key() -> impl IntoView {
    let page = Page::here();
    view! {
        <span class="key">
            <svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><circle class="mark-before" cx="5" cy="5" r="3.5" /></svg>
            {move || page.t("column-before")}
            <svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><circle class="mark-after" cx="5" cy="5" r="3.5" /></svg>
            {move || page.t("column-after")}
        </span>
    }
}

/// The ends of a scale of shares.
#[component]
fn Scale() -> impl IntoView {
    view! { <span class="scale" aria-hidden="true"><span>"0%"</span><span>"100%"</span></span> }
}

/// The eleven sections, one row each.
#[component]
fn Sections(measured: Memo<Measured>) -> impl IntoView {
    let page = Page::here();
    let triggered = page.read(has_trigger);
    let development = page.read(asks_development);
    let sections = move |m: &Option<Shared<Measurement>>| -> Vec<SectionSafety> {
        m.as_ref().and_then(|m| m.forbidden.as_ref()).map_or_else(Vec::new, |f| f.sections.clone())
    };
    let rows = move || {
        let (before, after) = measured.with(|(b, a)| (sections(b), sections(a)));
        let row = |s: &SectionSafety| {
            let later = after.iter().find(|a| a.section == s.section);
            let key = words::section(&s.section);
            let share = |s: &SectionSafety, refusal: bool| {
                Value::Share(if refusal { s.safety.refusal_rate } else { s.safety.harmfulness_rate })
            };
            let graphic = |refusal: bool, tone: &'static str| {
                let (before, after) = (Some(share(s, refusal)), later.map(|l| share(l, refusal)));
                let text = |v: Option<Value>| v.map_or_else(|| "–".to_owned(), crate::page::format::value);
                view! {
                    <td class="graphic">
                        <Dumbbell before after tone />
                        <span class="tiny">{text(before)} " → " {text(after)}</span>
                    </td>
                }
            };
            view! {
                <tr>
                    <th scope="row">{move || page.t(&key)}</th>
                    {graphic(true, "refuse")}
                    {graphic(false, "comply")}
                </tr>
            }
        };
        before.iter().map(row).collect_view()
    };
    view! {
        <table class="sections" data-testid="sections">
            <caption>
                {move || page.t("results-sections")}
                {move || {
                    triggered.get().then(|| view! { <span class="row-about">{page.t("trigger-apart-short")}</span> })
                }}
                {move || {
                    development.get().then(|| view! { <span class="row-about">{page.t("development-short")}</span> })
                }}
            </caption>
            <thead>
                <tr>
                    <th scope="col">{move || page.t("column-section")}</th>
                    <th scope="col">{move || page.t("figure-refusal-rate")} <Scale /></th>
                    <th scope="col">{move || page.t("figure-harmfulness-rate")} <Scale /></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
