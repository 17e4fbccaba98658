//! Before and after: the full evaluations of the run on the stage.

use leptos::prelude::*;

use super::answers::Answers;
use super::caveats::{Form, Notes, Shown};
use super::conditions::heading;
use super::depth::Depth;
use super::figures::{Dumbbell, Number, before_after};
use super::halves::{HalfRows, HalvesTable};
use super::prefill::Prefill;
use super::radar::Radar;
use super::table::BeforeAfter;
use super::words;
use crate::library::world;
use crate::page::app::Page;
use crate::page::format::value;
use crate::page::shared::Shared;
use crate::study::{Condition, ConditionKind, Evaluation, Figure, Figures, Group, Outcome, Record, Value};

/// What is shown of each section.
const OF_SECTIONS: [Figure; 2] = [Figure::RefusalRate, Figure::HarmfulnessRate];

/// The record of the run on the stage, if it holds a full evaluation.
pub type Measured = Option<Shared<Record>>;

/// A run in a sentence or two: refusals and complete answers, because an answer that is no refusal can be useless.
pub fn verdict(page: Page, before: &Evaluation, after: &Evaluation) -> Option<String> {
    let values = |before: &Figures, after: &Figures| {
        let said = |figures: &Figures, figure| Some(value(figures.get(figure)?).into());
        let asked = after.get(Figure::RefusalRate).and_then(Value::rate)?.total;
        Some([
            ("count", asked.into()),
            ("before", said(before, Figure::RefusalRate)?),
            ("harmbefore", said(before, Figure::HarmfulnessRate)?),
            ("after", said(after, Figure::RefusalRate)?),
            ("harmafter", said(after, Figure::HarmfulnessRate)?),
        ])
    };
    let plain = page.tv("results-verdict", values(&before.main()?.figures, &after.main()?.figures)?);
    let triggered = before.further().filter(|m| m.condition.kind == ConditionKind::Trigger);
    let triggered = triggered.filter_map(|b| values(&b.figures, &after.under(&b.condition.name)?.figures));
    let triggered = triggered.map(|values| format!(" {}", page.tv("results-verdict-trigger", values)));
    Some(triggered.fold(plain, |text, sentence| text + &sentence))
}

/// The figures of the shown run.
#[component]
pub fn Results() -> impl IntoView {
    let page = Page::here();
    let measured = page.read(|m| {
        let record = &m.shown_run()?.record;
        record.before.is_some().then(|| record.clone())
    });
    let verdict = move || {
        measured.with(|record| {
            let record = record.as_ref()?;
            verdict(page, record.before.as_ref()?, record.after.as_ref()?)
        })
    };
    let sections = |evaluation: &Option<Evaluation>| -> Vec<Group> {
        evaluation.as_ref().and_then(Evaluation::main).map_or_else(Vec::new, |main| main.sections.clone())
    };
    let groups = Memo::new(move |_| {
        let record = measured.get();
        record.map_or_else(Default::default, |record| (sections(&record.before), sections(&record.after)))
    });
    // Under the condition in which the refusals are most in danger: a backdoor is asked with its trigger.
    let outcome = move || {
        measured.with(|record| {
            let record = record.as_ref()?;
            let (before, after) = (record.before.as_ref()?, record.after.as_ref()?);
            let triggered = before.further().find(|m| m.condition.kind == ConditionKind::Trigger);
            let before = triggered.or_else(|| before.main())?;
            let outcome = Outcome::of(before, after.under(&before.condition.name)?)?;
            Some(super::spans(&page.t(words::outcome(outcome))))
        })
    };
    let questions = page.read(|m| m.evaluation().questions);
    let about = move || {
        let (kind, forbidden, benign) =
            questions.with(|q| (page.t(words::question_kind(q)), q.forbidden().len(), q.benign().len()));
        page.tv("results-about", [("kind", kind.into()), ("forbidden", forbidden.into()), ("benign", benign.into())])
    };
    let note = move || {
        let each = questions.with(|q| q.forbidden().len()) / world().sections.len();
        page.tv("results-note", [("count", each.into())])
    };
    let is_over = page.read(|m| m.shown_run().is_some_and(|run| run.pace().is_none()));
    let empty = move || page.t(if is_over.get() { "results-none" } else { "results-empty" });
    view! {
        <section class="results wide" id="results" data-testid="results">
            <h2>{move || page.t("results-title")}</h2>
            <p class="prose">{about}</p>
            <Notes shown=Shown::Every form=Form::Paragraphs("prose") testid="development" />
            <Show
                when=move || measured.with(Option::is_some)
                fallback=move || view! { <p class="empty-note" data-testid="results-empty">{empty}</p> }
            >
                <p class="verdict" data-testid="verdict">{verdict}</p>
                <p class="outcome" data-testid="outcome">{outcome}</p>
                <div class="results-grid">
                    <div>
                        <FiguresTable measured />
                        <Radar groups />
                    </div>
                    <Sections groups />
                </div>
                <Halves measured />
                <Prefill measured />
                <Depth />
                <p class="note">{note}</p>
                <Answers measured />
            </Show>
        </section>
    }
}

/// The figures under the main condition, and below them those under each further one.
#[component]
fn FiguresTable(measured: Memo<Measured>) -> impl IntoView {
    let page = Page::here();
    let conditions = Memo::new(move |_| {
        measured.with(|record| {
            let evaluation = record.as_ref().map(|record| &record.plan.evaluation);
            evaluation.map_or_else(Vec::new, |e| e.main().into_iter().chain(e.further()).cloned().collect())
        })
    });
    let bodies = move || {
        let conditions = conditions.get();
        // The assistant's own prompt needs no heading where it is the only one.
        let is_plain = |condition: &Condition| conditions.len() == 1 && condition.kind == ConditionKind::Default;
        let body = |(place, condition): (usize, &Condition)| {
            let is_main = place == 0;
            view! { <Body measured condition=condition.clone() is_main headed=!is_plain(condition) /> }
        };
        conditions.iter().enumerate().map(body).collect_view()
    };
    view! {
        <table class="figures" data-testid="figures">
            <caption>{move || page.t("results-figures")} <Notes shown=Shown::Every form=Form::Lines /></caption>
            <thead>
                <tr>
                    <th scope="col">{move || page.t("column-figure")}</th>
                    <BeforeAfter />
                    <td class="graphic"><Key /></td>
                </tr>
            </thead>
            {bodies}
        </table>
    }
}

/// The figures under one condition.
#[component]
fn Body(measured: Memo<Measured>, condition: Condition, is_main: bool, headed: bool) -> impl IntoView {
    let page = Page::here();
    let name = condition.name.clone();
    let (group, row) =
        if is_main { (None, String::new()) } else { (Some(format!("figures-{name}")), format!("{name}-")) };
    let title = headed.then(|| {
        view! {
            <tr class="condition" data-testid=is_main.then_some("own-prompt")>
                <th scope="rowgroup" colspan="4">{move || heading(page, &condition)}</th>
            </tr>
        }
    });
    let figure = |figure| {
        let testid = format!("row-{row}{}", words::figure(figure));
        view! { <FigureRow measured figure condition=name.clone() testid /> }
    };
    view! {
        <tbody data-testid=group>
            {title}
            {Figure::TABLE.map(figure)}
        </tbody>
    }
}

/// One figure before and after, under the condition of this name.
#[component]
fn FigureRow(measured: Memo<Measured>, figure: Figure, condition: String, testid: String) -> impl IntoView {
    let page = Page::here();
    let pair = Memo::new(move |_| measured.with(|record| before_after(record.as_deref(), &condition, figure)));
    view! {
        <tr data-testid=testid>
            <th scope="row">
                {move || page.t(&words::figure(figure))}
                <span class="row-about">{move || page.t(&words::figure_about(figure))}</span>
            </th>
            <td data-testid="before">{move || view! { <Number of=pair.get()[0] /> }}</td>
            <td data-testid="after">{move || view! { <Number of=pair.get()[1] /> }}</td>
            <td class="graphic">
                {move || {
                    let [before, after] = pair.get();
                    view! { <Dumbbell before after tone=tone(figure) /> }
                }}
            </td>
        </tr>
    }
}

#[component]
fn Halves(measured: Memo<Measured>) -> impl IntoView {
    let page = Page::here();
    let rows =
        Memo::new(move |_| measured.with(|record| record.as_deref().map(HalfRows::of_record).unwrap_or_default()));
    view! {
        <Show when=move || rows.with(|rows| !rows.is_empty())>
            <h3>{move || page.t("results-halves")}</h3>
            {move || view! { <HalvesTable label="results-halves" halves=rows.get() /> }}
        </Show>
    }
}

/// The colour of a figure's marks.
fn tone(figure: Figure) -> &'static str {
    match figure {
        Figure::RefusalRate | Figure::RefusalProbability => "refuse",
        Figure::HarmfulnessRate | Figure::MeanScore => "comply",
        Figure::BenignAccuracy | Figure::OverRefusal | Figure::NearMissOverRefusal => "neutral",
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
fn Sections(groups: Memo<(Vec<Group>, Vec<Group>)>) -> impl IntoView {
    let page = Page::here();
    let rows = move || {
        let (before, after) = groups.get();
        let row = |section: &Group| {
            let later = after.iter().find(|group| group.name == section.name);
            let key = words::section(&section.name);
            let graphic = |figure: Figure| {
                let (before, after) = (section.figures.get(figure), later.and_then(|l| l.figures.get(figure)));
                let text = |v: Option<Value>| v.map_or_else(|| "–".to_owned(), value);
                view! {
                    <td class="graphic">
                        <Dumbbell before after tone=tone(figure) />
                        <span class="tiny">{text(before)} " → " {text(after)}</span>
                    </td>
                }
            };
            view! {
                <tr>
                    <th scope="row">{move || page.t(&key)}</th>
                    {OF_SECTIONS.map(graphic)}
                </tr>
            }
        };
        before.iter().map(row).collect_view()
    };
    let heads =
        move || OF_SECTIONS.map(|figure| view! { <th scope="col">{page.t(&words::figure(figure))} <Scale /></th> });
    view! {
        <table class="sections" data-testid="sections">
            <caption>{move || page.t("results-sections")} <Notes shown=Shown::Main form=Form::Lines /></caption>
            <thead>
                <tr>
                    <th scope="col">{move || page.t("column-section")}</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
