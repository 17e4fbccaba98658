//! The finished runs of this visit: look at one again, keep its record, put up to three side by side.

use leptos::prelude::*;

use super::caveats::{Caveats, Form, Notes, Shown};
use super::compare::Compared;
use super::conditions::in_short;
use super::figures::before_after;
use super::kept::{KeepButton, Kept};
use super::lessons::title;
use super::overrides;
use super::table::Scroll;
use super::words;
use crate::page::app::Page;
use crate::page::card_link;
use crate::page::format::value;
use crate::page::model::{Message, Mode, Model};
use crate::page::run_view::RunView;
use crate::page::runs::AT_HAND;
use crate::page::shared::Shared;
use crate::study::{Condition, ConditionKind, DataPart, Figure, Plan, Record, Status, presets};

/// What is listed of each run, and the columns' names for tests.
const FIGURES: [(Figure, &str); 2] = [(Figure::RefusalRate, "refusals"), (Figure::HarmfulnessRate, "harmfulness")];

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: u32,
    record: Shared<Record>,
    is_shown: bool,
    place: Option<usize>,
    can_compare: bool,
}

fn rows(model: &Model) -> Vec<Row> {
    let busy = model.mode() == Mode::Running;
    let row = |run: &RunView| {
        let place = model.runs.place(run.id);
        Row {
            id: run.id,
            record: run.record.clone(),
            is_shown: busy || model.cursor.run == Some(run.id),
            place,
            can_compare: place.is_some() || model.runs.has_place(),
        }
    };
    model.runs.iter().filter(|run| run.pace().is_none()).map(row).collect()
}

fn outcome(status: &Status) -> &'static str {
    match status {
        Status::Finished => "outcome-finished",
        Status::Failed { .. } => "outcome-failed",
        Status::Cancelled | Status::Running => "outcome-cancelled",
    }
}

/// The draw of the data, where it is not the one that the seed decides.
fn own_draw(plan: &Plan) -> Option<u64> {
    let usual = presets()[0].plan(plan.seed).data.iter().find_map(DataPart::draw);
    plan.data.iter().find_map(DataPart::draw).filter(|draw| Some(*draw) != usual)
}

/// What a run's record is called as a file.
fn file_name(plan: &Plan) -> String {
    let draw = own_draw(plan).map(|draw| format!("-draw{draw}")).unwrap_or_default();
    format!("tenshot-{}-seed{}{draw}.json", plan.name, plan.seed)
}

/// The list and the comparison.
#[component]
pub fn Runs() -> impl IntoView {
    let page = Page::here();
    let rows = page.read(rows);
    let any_set_aside = page.read(|m| m.runs.any_set_aside());
    let heads = move || FIGURES.map(|(figure, _)| view! { <th scope="col">{page.t(&words::figure(figure))}</th> });
    view! {
        <section class="runs wide" id="runs" data-testid="runs">
            <h2>{move || page.t("runs-title")}</h2>
            <p class="prose">
                {move || page.t("runs-about")} " " <a href="#lessons">{move || page.t("runs-again")}</a>
            </p>
            <Show
                when=move || rows.with(|r| !r.is_empty())
                fallback=move || view! { <p class="empty-note">{move || page.t("runs-empty")}</p> }
            >
                <Scroll label="runs-title">
                    <table class="run-list">
                        <thead>
                            <tr>
                                <th scope="col">{move || page.t("column-compare")}</th>
                                <th scope="col">{move || page.t("column-run")}</th>
                                <th scope="col">{move || page.t("column-seed")}</th>
                                <th scope="col">{move || page.t("column-steps")}</th>
                                <th scope="col">{move || page.t("column-time")}</th>
                                <th scope="col">{move || page.t("column-device")}</th>
                                {heads}
                                <td></td>
                            </tr>
                        </thead>
                        <tbody>
                            // By the run alone: a row that changes is the same element, and keeps the focus in it.
                            <For each=move || rows.get() key=|r| r.id let:row>
                                <RunRow first=row rows />
                            </For>
                        </tbody>
                    </table>
                </Scroll>
                <Show when=move || any_set_aside.get()>
                    <p class="note set-aside" data-testid="set-aside">
                        {move || page.tv("runs-set-aside", [("count", AT_HAND.into())])}
                    </p>
                </Show>
                <Compared />
            </Show>
            <Kept />
        </section>
    }
}

/// `99.7% → 7.9%` under each condition.
#[component]
fn Changes(record: Shared<Record>, figure: Figure) -> impl IntoView {
    let page = Page::here();
    let one = |condition: &Condition| {
        let [before, after] = before_after(Some(&record), &condition.name, figure);
        let [before, after] = [before, after].map(|of| of.map_or_else(|| "–".to_owned(), value));
        let numbers = format!("{before} → {after}");
        if condition.kind == ConditionKind::Default {
            view! { <span class="change">{numbers}</span> }.into_any()
        } else {
            let condition = condition.clone();
            let about = move || in_short(page, &condition);
            view! { <span class="row-about">{about} " " <span class="change">{numbers}</span></span> }.into_any()
        }
    };
    let evaluation = &record.plan.evaluation;
    evaluation.main().into_iter().chain(evaluation.further()).map(one).collect_view()
}

/// A run's row. What changes is read from `rows`; `first` is the row as it was made.
#[component]
fn RunRow(first: Row, rows: Memo<Vec<Row>>) -> impl IntoView {
    let page = Page::here();
    let id = first.id;
    // The run is over: nothing is added to its record. Of the record itself nothing holds on to what is set aside later.
    let Row { record, .. } = first;
    let plan = &record.plan;
    let row = Memo::new(move |_| rows.with(|all| all.iter().find(|r| r.id == id).cloned()));
    let (name, draw, seconds) = (plan.name.clone(), own_draw(plan), record.seconds);
    let (seed, steps, device) = (plan.seed, record.steps_made(), record.environment.device.name.clone());
    let (file, started) = (file_name(plan), record.environment.started.clone());
    let caveats = Caveats::of(&plan.evaluation);
    let changed = overrides::of_plan(plan);
    let changed = (!changed.is_empty()).then(|| {
        let told = move || overrides::in_words(page, &changed);
        view! { <span class="row-about" data-testid="run-changed">{told}</span> }
    });
    let outcome = outcome(&record.status);
    drop(record);
    let sheet = file.replace(".json", ".html");
    let picture = file.trim_end_matches(".json").to_owned();
    let keep = move |_| page.download(id, &file);
    let take_along = move |_| page.take_along(id, sheet.clone());
    let offer = move |_| card_link::offer(page, id, picture.clone());
    let changes = FIGURES.map(|(figure, testid)| {
        let changes = move || row.with(|r| r.as_ref().map(|r| view! { <Changes record=r.record.clone() figure /> }));
        view! {
            <td class="changes" data-testid=testid>
                {changes}
            </td>
        }
    });
    let place = move || row.with(|r| r.as_ref().and_then(|r| r.place));
    let is_shown = move || row.with(|r| r.as_ref().is_some_and(|r| r.is_shown));
    let show = move |_| {
        if !untrack(is_shown) {
            page.send(Message::Show(id));
        }
    };
    view! {
        <tr data-testid=format!("run-{id}")>
            <td>
                <label class="pick">
                    <input
                        type="checkbox"
                        data-testid="compare"
                        prop:checked=move || place().is_some()
                        disabled=move || row.with(|r| r.as_ref().is_none_or(|r| !r.can_compare))
                        on:change=move |event| page.send(Message::Compare(id, event_target_checked(&event)))
                    />
                    {move || place().map(|place| view! { <Swatch place /> })}
                    <span class="visually-hidden">{move || page.tv("compare-run", [("run", id.into())])}</span>
                </label>
            </td>
            <th scope="row">
                {move || page.tv("run-name", [("run", id.into())])}
                <span class="row-about">{move || title(page, &name)}</span>
                {changed}
                <Notes shown=Shown::Every form=Form::Lines of=Signal::stored(caveats) />
            </th>
            <td>
                {seed}
                {draw.map(|draw| {
                    let draw = draw.to_string();
                    view! { <span class="row-about">{move || page.tv("run-draw", [("draw", draw.as_str().into())])}</span> }
                })}
            </td>
            <td>
                {steps}
                <span class="row-about">{move || page.t(outcome)}</span>
            </td>
            <td>{move || page.tv("counter-seconds", [("seconds", format!("{seconds:.1}").into())])}</td>
            <td class="device-cell">{device}</td>
            {changes}
            <td class="row-buttons">
                <button
                    type="button"
                    class="quiet"
                    data-testid="show"
                    aria-disabled=move || is_shown().to_string()
                    on:click=show
                >
                    {move || page.t("button-show")}
                </button>
                <button type="button" class="quiet" data-testid="download" on:click=keep>
                    {move || page.t("button-download")}
                </button>
                <button type="button" class="quiet" data-testid="sheet" on:click=take_along>
                    {move || page.t("button-sheet")}
                </button>
                <button type="button" class="quiet" data-testid="picture" on:click=offer>
                    {move || page.t("button-picture")}
                </button>
                <KeepButton run=id started />
            </td>
        </tr>
    }
}

/// The dash and the marker of a run of the comparison.
#[component]
pub fn Swatch(place: usize) -> impl IntoView {
    let marker = match place {
        0 => view! { <circle cx="14" cy="6" r="3" /> }.into_any(),
        1 => view! { <path d="M14 2.4l3.4 6.2h-6.8z" /> }.into_any(),
        _ => view! { <path d="M11.2 3.2h5.6v5.6h-5.6z" /> }.into_any(),
    };
    view! {
        <svg class=format!("swatch run-{}", place + 1) viewBox="0 0 28 12" aria-hidden="true">
            <line x1="0" x2="28" y1="6" y2="6" />
            {marker}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::settings::Settings;
    use crate::study::preset;
    use crate::study::testing::record;

    #[test]
    fn runs_that_are_over_are_listed_with_their_places() {
        let mut model = Model::new(Settings::default(), String::new());
        for _ in 0..4 {
            let id = model.runs.add(|id| RunView::recorded(id, Shared::new(record("harmful", 20))));
            model.runs.compare(id, true);
        }
        model.cursor.show(Some(2));
        let rows = rows(&model);
        assert_eq!(rows.last().map(|r| (r.id, r.place)), Some((4, None)));
        assert_eq!(rows.iter().map(|r| r.can_compare).collect::<Vec<_>>(), [true, true, true, false]);
        assert_eq!(rows.iter().filter(|r| r.is_shown).map(|r| r.id).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_draw_that_the_seed_does_not_decide_is_named() {
        let usual = preset("safety-10", 5).unwrap();
        assert_eq!((own_draw(&usual), file_name(&usual).as_str()), (None, "tenshot-safety-10-seed5.json"));
        let own = presets()[0].plan_on(5, 700);
        assert_eq!((own_draw(&own), file_name(&own).as_str()), (Some(700), "tenshot-harmful-10-seed5-draw700.json"));
    }
}
