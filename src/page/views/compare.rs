//! Two or three runs side by side: one chart for each rate, a table, and what differs between their plans in words.

use leptos::prelude::*;

use super::caveats::{Caveats, Form, Notes, Shown};
use super::chart::Drawing;
use super::conditions::in_short;
use super::difference::sentence;
use super::figures::Number;
use super::lessons::title;
use super::runs::Swatch;
use super::table::{BeforeAfter, Scroll};
use super::words;
use crate::page::app::Page;
use crate::page::charts::{Line, Numbers, compared};
use crate::page::model::Model;
use crate::study::{Cell, CompareError, Comparison, Figure, RowCondition};

/// What has a chart, and the charts' names for style sheets and tests.
const CHARTS: [(Figure, &str); 2] =
    [(Figure::RefusalRate, "compare-refusal"), (Figure::HarmfulnessRate, "compare-harmfulness")];

fn lines(model: &Model) -> Vec<Line> {
    model.runs.compared().map(|(place, run)| Line::of(run, place)).collect()
}

/// The comparison of the runs that are ticked in the list.
#[component]
pub fn Compared() -> impl IntoView {
    let page = Page::here();
    let lines = page.read(lines);
    let result = move || {
        lines.with(|all| {
            let records: Vec<_> = all.iter().map(|line| &*line.record).collect();
            let named = |line: &Line| Named { id: line.run, plan: line.record.plan.name.clone() };
            (all.iter().map(named).collect::<Vec<_>>(), Comparison::new(&records))
        })
    };
    let caveats = Memo::new(move |_| lines.with(|all| Caveats::of_all(all.iter().map(|l| &l.record.plan.evaluation))));
    move || match result() {
        (_, Err(CompareError::Count(_))) => view! { <p class="empty-note">{page.t("compare-choose")}</p> }.into_any(),
        (runs, Err(CompareError::Questions { index })) => {
            let run = runs.get(index - 1).map(|run| run.id).unwrap_or_default();
            view! { <p class="empty-note">{page.tv("compare-other-questions", [("run", run.into())])}</p> }.into_any()
        }
        (runs, Ok(comparison)) => view! {
            <div class="comparison" data-testid="comparison">
                <div class="compare-charts">
                    {CHARTS.map(|(figure, name)| view! { <FigureChart figure name lines /> })}
                </div>
                <Notes shown=Shown::Several form=Form::Paragraphs("note") of=caveats />
                <div class="compare-texts">
                    <CompareTable runs=runs.clone() comparison=comparison.clone() />
                    <Differences runs comparison />
                </div>
            </div>
        }
        .into_any(),
    }
}

#[component]
fn FigureChart(figure: Figure, name: &'static str, lines: Memo<Vec<Line>>) -> impl IntoView {
    let page = Page::here();
    let chart = Memo::new(move |_| {
        let words = page.chart_words();
        page.style.with(|style| lines.with(|lines| compared(lines, figure, &words, style)))
    });
    let numbers = Callback::new(move |()| lines.with_untracked(|lines| Numbers::compared(lines, figure)));
    let title = move || page.t(&words::figure(figure));
    let description = Signal::derive(move || page.tv("compare-description", [("figure", title().into())]));
    view! {
        <figure>
            <figcaption><h3>{title}</h3></figcaption>
            <Drawing chart description numbers name group="compared" />
        </figure>
    }
}

#[component]
fn CompareTable(runs: Vec<Named>, comparison: Comparison) -> impl IntoView {
    let page = Page::here();
    let head = runs.iter().cloned().enumerate().map(|(place, Named { id, plan })| {
        view! {
            <th scope="colgroup" colspan="2">
                <Swatch place />
                " "
                {move || page.tv("run-name", [("run", id.into())])}
                <span class="row-about">{move || title(page, &plan)}</span>
            </th>
        }
    });
    let head: Vec<_> = head.collect();
    let sub: Vec<_> = runs.iter().map(|_| view! { <BeforeAfter /> }).collect();
    let cell = |c: Cell| {
        view! {
            <td><Number of=c.before /></td>
            <td><Number of=c.after /></td>
        }
    };
    let rows = comparison.rows.into_iter().map(|row| {
        let about = match row.asked {
            RowCondition::Main => None,
            asked => Some(view! { <span class="row-about">{move || how_asked(page, &asked)}</span> }),
        };
        view! {
            <tr>
                <th scope="row">{move || page.t(&words::figure(row.figure))} {about}</th>
                {row.cells.into_iter().map(cell).collect_view()}
            </tr>
        }
    });
    let rows: Vec<_> = rows.collect();
    view! {
        <Scroll label="compare-table">
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
        </Scroll>
    }
}

#[component]
fn Differences(runs: Vec<Named>, comparison: Comparison) -> impl IntoView {
    let page = Page::here();
    let first = runs.first().cloned().unwrap_or_default();
    let others = runs.into_iter().skip(1).zip(comparison.differences).map(|(other, differences)| {
        let first = first.clone();
        let list = if differences.is_empty() {
            view! { <li>{move || page.t("difference-none")}</li> }.into_any()
        } else {
            differences.into_iter().map(|d| view! { <li>{move || sentence(page, &d)}</li> }).collect_view().into_any()
        };
        view! {
            <div>
                <h3>{move || differ(page, &first, &other)}</h3>
                <ul>{list}</ul>
            </div>
        }
    });
    view! { <div class="differences" data-testid="differences">{others.collect::<Vec<_>>()}</div> }
}

/// A run of the comparison, and the name of its plan.
#[derive(Clone, Debug, Default, PartialEq)]
struct Named {
    id: u32,
    plan: String,
}

/// Which two runs differ; by their lessons where these do.
fn differ(page: Page, first: &Named, other: &Named) -> String {
    let numbers = [("first", first.id.into()), ("other", other.id.into())];
    if first.plan == other.plan {
        return page.tv("differences-title", numbers);
    }
    let [first_id, other_id] = numbers;
    let [of_first, of_other] = [first, other].map(|run| title(page, &run.plan));
    page.tv(
        "differences-title-lessons",
        [first_id, other_id, ("firsttitle", of_first.into()), ("othertitle", of_other.into())],
    )
}

/// How the questions were asked, where not under the main condition.
fn how_asked(page: Page, asked: &RowCondition) -> String {
    match asked {
        RowCondition::Main => String::new(),
        RowCondition::Under { condition } => in_short(page, condition),
        RowCondition::Prefilled { tokens } => page.tv("condition-prefill-short", [("tokens", (*tokens).into())]),
    }
}
