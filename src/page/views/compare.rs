//! Two or three runs side by side: one chart for each rate, a table, and what differs between their plans in words.

use leptos::prelude::*;

use super::chart::Drawing;
use super::figures::Number;
use super::prompts::{further_name, wrapping};
use super::runs::Swatch;
use super::stage::line;
use super::words;
use crate::page::app::Page;
use crate::page::charts::{Line, Metric, compared};
use crate::page::format;
use crate::page::model::Model;
use crate::page::shared::Shared;
use crate::study::{
    Asked, Cell, CompareError, Comparison, DataName, Difference, Pair, QuestionSet, Record, Schedule, TRIGGER,
};

fn records(model: &Model) -> Vec<(u32, Shared<Record>)> {
    model.compared.iter().filter_map(|id| Some((*id, model.run(*id)?.record.clone()?))).collect()
}

fn lines(model: &Model) -> Vec<Line> {
    model.compared.iter().enumerate().filter_map(|(place, id)| Some(line(model.run(*id)?, place))).collect()
}

/// The comparison of the runs that are ticked in the list.
#[component]
pub fn Compared() -> impl IntoView {
    let page = Page::here();
    let records = page.read(records);
    let result = move || {
        records.with(|all| {
            let plain: Vec<_> = all.iter().map(|(_, r)| &**r).collect();
            (all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), Comparison::new(&plain))
        })
    };
    // All of them: else there would be no comparison.
    let development =
        move || records.with(|all| all.iter().all(|(_, r)| r.plan.evaluation.questions == QuestionSet::Development));
    move || {
        match result() {
        (_, Err(CompareError::Count(_))) => {
            view! { <p class="empty-note">{page.t("compare-choose")}</p> }.into_any()
        }
        (ids, Err(CompareError::Questions { index })) => {
            let run = ids.get(index - 1).copied().unwrap_or_default();
            view! { <p class="empty-note">{page.tv("compare-other-questions", [("run", run.into())])}</p> }.into_any()
        }
        (ids, Ok(comparison)) => view! {
            <div class="comparison" data-testid="comparison">
                <div class="compare-charts">
                    <MetricChart metric=Metric::Refusal title="figure-refusal-rate" name="compare-refusal" />
                    <MetricChart metric=Metric::Harmfulness title="figure-harmfulness-rate" name="compare-harmfulness" />
                </div>
                {has_trigger(&comparison).then(|| view! { <p class="note">{page.t("trigger-apart-short")}</p> })}
                {development().then(|| view! { <p class="note">{page.t("development-note")}</p> })}
                <div class="compare-texts">
                    <CompareTable ids=ids.clone() comparison=comparison.clone() />
                    <Differences ids comparison />
                </div>
            </div>
        }
        .into_any(),
    }
    }
}

#[component]
fn MetricChart(metric: Metric, title: &'static str, name: &'static str) -> impl IntoView {
    let page = Page::here();
    let data = page.read(lines);
    let chart = Memo::new(move |_| {
        let words = page.chart_words();
        page.style.with(|style| data.with(|lines| compared(lines, metric, &words, style)))
    });
    let description = Signal::derive(move || page.tv("compare-description", [("figure", page.t(title).into())]));
    view! {
        <figure>
            <figcaption><h3>{move || page.t(title)}</h3></figcaption>
            <Drawing chart description name />
        </figure>
    }
}

#[component]
fn CompareTable(ids: Vec<u32>, comparison: Comparison) -> impl IntoView {
    let page = Page::here();
    let head = ids.iter().enumerate().map(|(place, id)| {
        let id = *id;
        view! {
            <th scope="colgroup" colspan="2">
                <Swatch place />
                " "
                {move || page.tv("run-name", [("run", id.into())])}
            </th>
        }
    });
    let head: Vec<_> = head.collect();
    let sub = ids.iter().map(|_| {
        view! {
            <th scope="col">{move || page.t("column-before")}</th>
            <th scope="col">{move || page.t("column-after")}</th>
        }
    });
    let sub: Vec<_> = sub.collect();
    let cell = |c: Cell| {
        view! {
            <td><Number of=c.before /></td>
            <td><Number of=c.after /></td>
        }
    };
    let rows = comparison.rows.into_iter().map(|row| {
        let about = match row.asked {
            Asked::Plainly => None,
            asked => Some(view! { <span class="row-about">{move || how_asked(page, &asked)}</span> }),
        };
        view! {
            <tr>
                <th scope="row">{move || page.t(words::figure(row.figure))} {about}</th>
                {row.cells.into_iter().map(cell).collect_view()}
            </tr>
        }
    });
    let rows: Vec<_> = rows.collect();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=move || page.t("compare-table")>
            <table class="compare-table" data-testid="compare-table">
                <caption>{move || page.t("compare-table")}</caption>
                <thead>
                    <tr>
                        <td></td>
                        {head}
                    </tr>
                    <tr>
                        <td></td>
                        {sub}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Differences(ids: Vec<u32>, comparison: Comparison) -> impl IntoView {
    let page = Page::here();
    let first = ids.first().copied().unwrap_or_default();
    let others = ids.into_iter().skip(1).zip(comparison.differences).map(|(id, differences)| {
        let list = if differences.is_empty() {
            view! { <li>{move || page.t("difference-none")}</li> }.into_any()
        } else {
            differences.into_iter().map(|d| view! { <li>{move || difference(page, &d)}</li> }).collect_view().into_any()
        };
        view! {
            <div>
                <h3>{move || page.tv("differences-title", [("first", first.into()), ("other", id.into())])}</h3>
                <ul>{list}</ul>
            </div>
        }
    });
    view! { <div class="differences" data-testid="differences">{others.collect::<Vec<_>>()}</div> }
}

/// Whether a run was asked with the secret sentence, too: the curves are without it.
fn has_trigger(comparison: &Comparison) -> bool {
    comparison.rows.iter().any(|row| matches!(&row.asked, Asked::Under { condition } if condition.name == TRIGGER))
}

/// How the questions were asked, where not under the plan's own prompt.
fn how_asked(page: Page, asked: &Asked) -> String {
    match asked {
        Asked::Plainly => String::new(),
        Asked::Under { condition } => further_name(page, condition),
        Asked::Begun { tokens } => page.tv("asked-begun", [("tokens", (*tokens).into())]),
    }
}

/// A difference in the visitor's language.
fn difference(page: Page, difference: &Difference) -> String {
    let say = |key: &str, a: String, b: String| page.tv(key, [("a", a.into()), ("b", b.into())]);
    let or_none = |value: Option<String>| value.unwrap_or_else(|| page.t("difference-nothing"));
    let schedule = |schedule: Schedule| match schedule {
        Schedule::Constant => page.t("schedule-constant"),
        Schedule::WarmUp { steps } => page.tv("schedule-warm-up", [("steps", steps.into())]),
    };
    let data = |names: &[DataName]| {
        let one = |n: &DataName| match n.draw {
            Some(draw) => page.tv("data-draw", [("set", n.name.as_str().into()), ("draw", draw.into())]),
            None => n.name.clone(),
        };
        names.iter().map(one).collect::<Vec<_>>().join(" + ")
    };
    let targets =
        |targets: &[crate::study::Projection]| targets.iter().map(|t| t.name()).collect::<Vec<_>>().join(", ");
    let listed = |items: &mut dyn Iterator<Item = String>| {
        or_none(Some(items.collect::<Vec<_>>().join(", ")).filter(|list| !list.is_empty()))
    };
    fn both<T>(pair: &Pair<T>, text: impl Fn(&T) -> String) -> (String, String) {
        (text(&pair.a), text(&pair.b))
    }
    let (key, (a, b)) = match difference {
        Difference::Model(p) => ("difference-model", both(p, Clone::clone)),
        Difference::Data(p) => ("difference-data", both(p, |d| data(d))),
        Difference::Steps(p) => ("difference-steps", both(p, ToString::to_string)),
        Difference::Epochs(p) => ("difference-epochs", both(p, ToString::to_string)),
        Difference::BatchSize(p) => ("difference-batch-size", both(p, ToString::to_string)),
        Difference::LearningRate(p) => ("difference-learning-rate", both(p, |r| format::rate(*r))),
        Difference::Schedule(p) => ("difference-schedule", both(p, |s| schedule(*s))),
        Difference::MaxGradNorm(p) => ("difference-max-grad-norm", both(p, |n| or_none(n.map(format::rate)))),
        Difference::WeightDecay(p) => ("difference-weight-decay", both(p, |w| format::rate(*w))),
        Difference::Rank(p) => ("difference-rank", both(p, ToString::to_string)),
        Difference::Alpha(p) => ("difference-alpha", both(p, |a| format::rate(*a))),
        Difference::Targets(p) => ("difference-targets", both(p, |t| targets(t))),
        Difference::System(p) => ("difference-system", both(p, |s| or_none(s.clone()))),
        Difference::Wrap(p) => ("difference-wrap", both(p, |w| or_none(w.as_deref().map(wrapping)))),
        Difference::MaxNewTokens(p) => ("difference-max-new-tokens", both(p, ToString::to_string)),
        Difference::SubsetEvery(p) => ("difference-subset-every", both(p, ToString::to_string)),
        Difference::Also(p) => ("difference-also", both(p, |c| listed(&mut c.iter().map(|c| further_name(page, c))))),
        Difference::Prefill(p) => ("difference-prefill", both(p, |n| listed(&mut n.iter().map(ToString::to_string)))),
        Difference::Seed(p) => ("difference-seed", both(p, ToString::to_string)),
    };
    say(key, a, b)
}
