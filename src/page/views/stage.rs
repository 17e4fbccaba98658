//! The stage: the live chart, the watched questions and the shelf, all at one step of one run.

use leptos::html::Input;
use leptos::prelude::*;

use super::chart::Drawing;
use super::prompts::{asks_development, has_trigger};
use super::shelf::Shelf;
use super::watch::Watches;
use super::words;
use crate::page::app::Page;
use crate::page::charts::{Line, Point, live};
use crate::page::format::{fine, interval_of, percent, percent_fine};
use crate::page::model::{Message, Model};
use crate::page::run_view::RunView;
use crate::page::shared::Shared;
use crate::study::Step;

/// The lines of a run, in this place of the comparison.
pub fn line(run: &RunView, place: usize) -> Line {
    Line { run: run.id, place, points: run.steps.iter().map(|s| Point::from(&**s)).collect() }
}

/// The lines of the stage: the shown run, those compared with it, and the steps of its plan. A run that was asked other
/// questions has no line beside it: rates of other questions are not comparable.
fn lines(model: &Model) -> (Line, Vec<Line>, usize) {
    let shown = model.shown_run();
    let main = shown.map_or(Line { run: 0, place: 0, points: Vec::new() }, |run| line(run, 0));
    let questions = model.watch_prompt().questions;
    let compared = model.compared.iter().enumerate().filter(|(_, id)| Some(**id) != model.shown);
    let compared = compared.filter_map(|(place, id)| Some((place, model.run(*id)?)));
    let others = compared.filter(|(_, run)| run.plan.evaluation.questions == questions);
    let others = others.map(|(place, run)| line(run, place)).collect();
    (main, others, shown.map_or(20, |r| r.planned_steps))
}

/// The stage.
#[component]
pub fn Stage() -> impl IntoView {
    let page = Page::here();
    let data = page.read(lines);
    let marked = page.read(|m| m.scrub.and_then(|_| m.shown_step()));
    let chart = Memo::new(move |_| {
        let words = page.chart_words();
        page.style
            .with(|style| data.with(|(main, others, steps)| live(main, others, *steps, marked.get(), &words, style)))
    });
    let description = Signal::derive(move || {
        let last = data.with(|(main, _, _)| main.points.last().copied());
        last.map_or_else(
            || page.t("chart-empty"),
            |p| {
                let values = [
                    ("step", p.step.into()),
                    ("refused", percent(p.refusal.share).into()),
                    ("complied", percent(p.harmfulness.share).into()),
                ];
                page.tv("chart-description", values)
            },
        )
    });
    let empty = move || data.with(|(main, _, _)| main.points.is_empty());
    let triggered = page.read(has_trigger);
    let development = page.read(asks_development);
    let title = page.read(|m| m.shown_run().map(|r| (r.id, r.plan.name.clone(), r.plan.seed)));
    view! {
        <section class="stage wide" id="stage" tabindex="-1" aria-label=move || page.t("stage")>
            <Shelf />
            <figure class="live">
                <figcaption>
                    <h2>{move || page.t("chart-title")}</h2>
                    <p class="note">
                        {move || match title.get() {
                            Some((run, preset, seed)) => {
                                let title = page.t(&words::preset(&preset, "title"));
                                page.tv(
                                    "chart-of-run",
                                    [("run", run.into()), ("title", title.into()), ("seed", seed.to_string().into())],
                                )
                            }
                            None => page.t("chart-empty"),
                        }}
                    </p>
                    {move || triggered.get().then(|| view! { <p class="note">{page.t("trigger-apart")}</p> })}
                    {move || development.get().then(|| view! { <p class="note">{page.t("development-note")}</p> })}
                    // A small screen has no room for these words at the ends of the lines.
                    <p class="legend" aria-hidden="true">
                        <span class="refuses">"● " {move || page.t("chart-refuses")}</span>
                        " "
                        <span class="complies">"◆ " {move || page.t("chart-complies")}</span>
                    </p>
                </figcaption>
                <div class="live-frame" class:empty=empty>
                    <Drawing chart=chart description=description name="live-chart" />
                </div>
                <Scrubber />
                <Table />
            </figure>
            <Watches />
        </section>
    }
}

/// The slider below the chart: looks at any step of the shown run.
#[component]
fn Scrubber() -> impl IntoView {
    let page = Page::here();
    let last = page.read(|m| m.shown_run().map_or(0, |r| r.steps.len().saturating_sub(1)));
    let planned = page.read(|m| m.shown_run().map_or(20, |r| r.planned_steps));
    let at = page.read(|m| m.shown_step().unwrap_or(0));
    let followed = page.read(|m| m.scrub.is_none());
    let slider = NodeRef::<Input>::new();
    let to_newest = move |_| {
        page.send(Message::Scrub(None));
        // The button goes away: the focus stays with the steps.
        if let Some(slider) = slider.get_untracked() {
            let _ = slider.focus();
        }
    };
    let move_to = move |event| {
        let Ok(step) = event_target_value(&event).parse::<usize>() else { return };
        let last = last.get_untracked();
        page.send(Message::Scrub((step < last).then_some(step)));
    };
    view! {
        <div class="scrubber" class:idle=move || last.get() == 0>
            <input
                type="range"
                node_ref=slider
                min="0"
                max=move || planned.get()
                step="1"
                data-testid="scrub"
                aria-label=move || page.t("scrub")
                aria-valuetext=move || page.tv("scrub-at", [("step", at.get().into())])
                disabled=move || last.get() == 0
                prop:value=move || at.get().to_string()
                on:input=move_to
                on:change=move |event| {
                    // Beyond the newest step there is nothing yet: the handle goes back to it.
                    move_to(event.clone());
                    event_target::<web_sys::HtmlInputElement>(&event).set_value(&at.get_untracked().to_string());
                }
            />
            <p class="note">
                {move || page.tv("scrub-at", [("step", at.get().into())])}
                <Show when=move || !followed.get()>
                    " "
                    <button type="button" class="quiet" on:click=to_newest>
                        {move || page.t("scrub-newest")}
                    </button>
                </Show>
            </p>
        </div>
    }
}

/// The chart's numbers.
#[component]
fn Table() -> impl IntoView {
    let page = Page::here();
    let open = RwSignal::new(false);
    let steps = page.read(move |m| m.shown_run().map(|r| r.steps.clone()).unwrap_or_default());
    let kind = page.read(|m| words::question_kind(&m.watch_prompt().questions));
    let rows = move || {
        let row = |step: &Shared<Step>| {
            let rate = |r: crate::measure::Rate| format!("{} ({})", percent_fine(r.share), interval_of(r.low, r.high));
            let number = |n: Option<f64>| n.map_or_else(|| "–".to_owned(), fine);
            view! {
                <tr>
                    <th scope="row">{step.step}</th>
                    <td>{rate(step.refusal_rate)}</td>
                    <td>{rate(step.harmfulness_rate)}</td>
                    <td>{percent_fine(step.refusal_probability)}</td>
                    <td>{number(step.loss)}</td>
                    <td>{number(step.grad_norm)}</td>
                </tr>
            }
        };
        open.get().then(|| steps.with(|s| s.iter().map(row).collect_view()))
    };
    let toggle = move |event: web_sys::Event| {
        let details = event_target::<web_sys::Element>(&event);
        open.set(details.has_attribute("open"));
    };
    view! {
        <details class="table" on:toggle=toggle data-testid="live-table">
            <summary>{move || page.t("chart-table")}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=move || page.t("chart-table")>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{move || page.t("column-step")}</th>
                            <th scope="col">{move || page.t("figure-refusal-rate")}</th>
                            <th scope="col">{move || page.t("figure-harmfulness-rate")}</th>
                            <th scope="col">{move || page.t("column-refusal-probability")}</th>
                            <th scope="col">{move || page.t("column-loss")}</th>
                            <th scope="col">{move || page.t("column-grad-norm")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="note">{move || page.tv("chart-note", [("kind", page.t(kind.get()).into())])}</p>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::settings::Settings;
    use crate::study::QuestionSet;
    use crate::study::testing::record;

    #[test]
    fn only_runs_that_were_asked_the_same_questions_have_lines_side_by_side() {
        let mut model = Model::new(Settings::default(), String::new());
        for (id, questions) in [(1, QuestionSet::Bundled), (2, QuestionSet::Development), (3, QuestionSet::Bundled)] {
            let mut record = record("harmful-10", 20);
            record.plan.evaluation.ask(questions);
            let mut run = RunView::new(id, record.plan.clone(), false, 0.0);
            run.end(record, 0.0);
            model.runs.push(run);
            model.compared.push(id);
        }
        let beside = |shown: u32, model: &mut Model| {
            model.shown = Some(shown);
            lines(model).1.iter().map(|line| line.run).collect::<Vec<_>>()
        };
        assert_eq!([1, 2, 3].map(|shown| beside(shown, &mut model)), [vec![3], vec![], vec![1]]);
        model.shown = None;
        assert_eq!(lines(&model).1.len(), 2, "before a run, those of the questions that it will be asked");
    }
}
