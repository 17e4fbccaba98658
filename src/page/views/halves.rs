//! What tuning brings of what a model read about, and of what it never did.

use leptos::prelude::*;

use super::figures::{Dumbbell, Number};
use super::table::{BeforeAfter, Scroll};
use super::words;
use crate::models::model;
use crate::page::app::Page;
use crate::study::{Evaluation, Figure, Group, Record, Value};

/// What is shown of each half, with the colour of its marks.
const FIGURES: [(Figure, &str); 2] = [(Figure::RefusalRate, "refuse"), (Figure::HarmfulnessRate, "comply")];

/// One half of the questions.
#[derive(Clone, Debug, PartialEq)]
pub struct HalfRows {
    /// It is about what the model read of.
    pub told: bool,
    /// Before and after tuning, for each of [`FIGURES`].
    pub figures: [[Option<Value>; 2]; 2],
}

impl HalfRows {
    /// Reads the figures of a half.
    pub fn of(told: bool, before: impl Fn(Figure) -> Option<Value>, after: impl Fn(Figure) -> Option<Value>) -> Self {
        Self { told, figures: FIGURES.map(|(figure, _)| [before(figure), after(figure)]) }
    }

    /// Both halves of a record, as far as they are measured; none if its model read of everything.
    pub fn of_record(record: &Record) -> Vec<Self> {
        let untold = model(&record.plan.model).map(|info| info.untold()).unwrap_or_default();
        let questions = &record.plan.evaluation.questions;
        let of = |evaluation: &Option<Evaluation>| {
            let main = evaluation.as_ref().and_then(Evaluation::main);
            main.map(|main| main.halves(questions, &untold)).unwrap_or_default()
        };
        let (before, after) = (of(&record.before), of(&record.after));
        let rows = |half: &Group| {
            let later = after.iter().find(|later| later.name == half.name);
            let later = |figure| later.and_then(|later| later.figures.get(figure));
            Self::of(half.name == "told", |figure| half.figures.get(figure), later)
        };
        before.iter().map(rows).collect()
    }
}

/// The table of both.
#[component]
pub fn HalvesTable(
    /// The key of its name.
    label: &'static str,
    halves: Vec<HalfRows>,
) -> impl IntoView {
    let page = Page::here();
    let row = |(at, half): (usize, &HalfRows)| {
        let (figure, tone) = FIGURES[at];
        let [before, after] = half.figures[at];
        let which = if half.told { "tour-half-told" } else { "tour-half-untold" };
        view! {
            <tr data-told=half.told.to_string()>
                <th scope="row">
                    {move || page.t(&words::figure(figure))}
                    <span class="row-about">{move || page.t(which)}</span>
                </th>
                <td class="graphic"><Dumbbell before after tone /></td>
                <td><Number of=before /></td>
                <td><Number of=after /></td>
            </tr>
        }
    };
    let rows = (0..FIGURES.len()).flat_map(|at| halves.iter().map(move |half| (at, half))).map(row).collect_view();
    view! {
        <Scroll label>
            <table class="tour-halves" data-testid=label>
                <thead>
                    <tr>
                        <td></td>
                        <td></td>
                        <BeforeAfter />
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
}
