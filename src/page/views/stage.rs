//! The stage: the live chart, the watched questions and the shelf, all at one step of one run.

use leptos::prelude::*;

use super::caveats::{Form, Notes, Shown};
use super::chart::Drawing;
use super::lessons::title;
use super::scrubber::look_at;
use super::shelf::Shelf;
use super::table::Scroll;
use super::turns::InTurn;
use super::watch::Watches;
use super::words;
use crate::page::app::Page;
use crate::page::charts::{CURVES, Line, Numbers, live};
use crate::page::format::{fine, interval, percent_fine, share, value};
use crate::page::model::Model;
use crate::study::{Figure, Step};

/// The steps of a chart without a run: those of the first lesson.
const STEPS: usize = 20;

/// The lines of the stage: the shown run, and those compared with it. A run that was asked other questions has no line beside
/// it: rates of other questions are not comparable.
fn lines(model: &Model) -> (Option<Line>, Vec<Line>) {
    let main = model.shown_run().map(|run| Line::of(run, 0));
    let questions = model.evaluation().questions;
    let others = model.runs.compared().filter(|(_, run)| Some(run.id) != model.cursor.run);
    let others = others.filter(|(_, run)| run.record.plan.evaluation.questions == questions);
    (main, others.map(|(place, run)| Line::of(run, place)).collect())
}

/// The steps of the run on the stage as its plan has them.
pub fn planned_steps(model: &Model) -> usize {
    model.shown_run().map_or(STEPS, |run| run.record.planned_steps)
}

#[component]
pub fn Stage() -> impl IntoView {
    let page = Page::here();
    view! {
        <section class="stage wide" id="stage" tabindex="-1" aria-label=move || page.t("stage")>
            <InTurn><Shelf /></InTurn>
            // After the shelf, without which it would be nearer to what is to be seen: charts that are far from it are not drawn yet.
            <InTurn><Curves /></InTurn>
            <InTurn><Watches /></InTurn>
        </section>
    }
}

/// The live chart and its numbers.
#[component]
fn Curves() -> impl IntoView {
    let page = Page::here();
    let data = page.read(lines);
    let steps = page.read(planned_steps);
    let marked = page.read(|m| m.cursor.step.and_then(|_| m.shown_step()));
    let chart = Memo::new(move |_| {
        let (words, steps, marked) = (page.chart_words(), steps.get(), marked.get());
        page.style.with(|style| data.with(|(main, others)| live(main.as_ref(), others, steps, marked, &words, style)))
    });
    let newest = Memo::new(move |_| {
        data.with(|(main, _)| {
            let step = main.as_ref()?.record.steps.last()?;
            let [refused, complied] = CURVES.map(|curve| share(step.figures.number(curve.figure)));
            Some((step.step, refused, complied))
        })
    });
    let description = Signal::derive(move || match newest.get() {
        None => page.t("chart-empty"),
        Some((step, refused, complied)) => page.tv(
            "chart-description",
            [("step", step.into()), ("refused", refused.into()), ("complied", complied.into())],
        ),
    });
    let triggered = Memo::new(move |_| data.with(|(main, _)| main.as_ref().is_some_and(|m| m.triggered().is_some())));
    let numbers = Callback::new(move |()| data.with_untracked(|(main, others)| Numbers::live(main.as_ref(), others)));
    // Negative left of the axis: that is its beginning.
    let pick = Callback::new(move |at: f64| look_at(page, at.round().max(0.0) as usize));
    let empty = move || newest.with(Option::is_none);
    let run = page.read(|m| {
        let run = m.shown_run()?;
        let asked = run.record.plan.evaluation.clone();
        let count = (0..asked.questions.forbidden().len()).filter(|question| asked.in_subset(*question)).count();
        Some((run.id, run.record.plan.name.clone(), run.record.plan.seed, count))
    });
    view! {
        <figure class="live">
            <figcaption>
                <h2>{move || page.t("chart-title")}</h2>
                <p class="note">
                    {move || match run.get() {
                        Some((run, plan, seed, count)) => {
                            let title = title(page, &plan);
                            page.tv(
                                "chart-of-run",
                                [
                                    ("run", run.into()),
                                    ("title", title.into()),
                                    ("seed", seed.to_string().into()),
                                    ("count", count.into()),
                                ],
                            )
                        }
                        None => page.t("chart-empty"),
                    }}
                </p>
                <Notes shown=Shown::Main form=Form::Paragraphs("note") />
                <Show when=move || triggered.get()>
                    <p class="note" data-testid="chart-trigger">{move || page.t("chart-trigger")}</p>
                </Show>
            </figcaption>
            <div class="live-frame" class:empty=empty>
                <Drawing chart description numbers pick name="live-chart" />
            </div>
            <Table />
        </figure>
    }
}

/// The chart's numbers.
#[component]
fn Table() -> impl IntoView {
    let page = Page::here();
    let open = RwSignal::new(false);
    let record = page.read(|m| m.shown_run().map(|run| run.record.clone()));
    let kind = page.read(|m| words::question_kind(&m.evaluation().questions));
    let rows = move || {
        let row = |step: &Step| {
            let figure = |figure: Figure| step.figures.get(figure);
            let rate = |of: Figure| figure(of).map_or_else(none, |v| format!("{} ({})", value(v), interval(v)));
            let probability = figure(Figure::RefusalProbability).map_or_else(none, |v| percent_fine(v.bounds().0));
            let number = |n: Option<f64>| n.map_or_else(none, fine);
            view! {
                <tr>
                    <th scope="row">{step.step}</th>
                    {CURVES.map(|curve| view! { <td>{rate(curve.figure)}</td> })}
                    <td>{probability}</td>
                    <td>{number(step.loss)}</td>
                    <td>{number(step.grad_norm)}</td>
                </tr>
            }
        };
        open.get().then(|| record.with(|r| r.iter().flat_map(|r| &r.steps).map(row).collect_view()))
    };
    let heads = move || {
        let figures = CURVES.iter().map(|curve| curve.figure).chain([Figure::RefusalProbability]);
        figures.map(|figure| view! { <th scope="col">{page.t(&words::figure(figure))}</th> }).collect_view()
    };
    let toggle = move |event: web_sys::Event| {
        let details = event_target::<web_sys::Element>(&event);
        open.set(details.has_attribute("open"));
    };
    view! {
        <details class="table" on:toggle=toggle data-testid="live-table">
            <summary>{move || page.t("chart-table")}</summary>
            <Scroll label="chart-table">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{move || page.t("column-step")}</th>
                            {heads}
                            <th scope="col">{move || page.t("column-loss")}</th>
                            <th scope="col">{move || page.t("column-grad-norm")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
            <p class="note">{move || page.tv("chart-note", [("kind", page.t(kind.get()).into())])}</p>
        </details>
    }
}

fn none() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::run_view::RunView;
    use crate::page::settings::Settings;
    use crate::page::shared::Shared;
    use crate::study::QuestionSet;
    use crate::study::testing::record;

    #[test]
    fn only_runs_that_were_asked_the_same_questions_have_lines_side_by_side() {
        let mut model = Model::new(Settings::default(), String::new());
        for questions in [QuestionSet::Bundled, QuestionSet::Development, QuestionSet::Bundled] {
            let mut record = record("harmful", 20);
            record.plan.evaluation.ask(questions);
            let id = model.runs.add(|id| RunView::recorded(id, Shared::new(record)));
            model.runs.compare(id, true);
        }
        let beside = |shown: u32, model: &mut Model| {
            model.cursor.show(Some(shown));
            lines(model).1.iter().map(|line| line.run).collect::<Vec<_>>()
        };
        assert_eq!([1, 2, 3].map(|shown| beside(shown, &mut model)), [vec![3], vec![], vec![1]]);
        model.cursor.show(None);
        assert_eq!(lines(&model).1.len(), 2, "before a run, those of the questions that it will be asked");
    }
}
