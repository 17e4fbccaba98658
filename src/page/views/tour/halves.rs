//! A Folio that never read how half of the Shelf's things are done: what ten examples free of either half.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::model::Model;
use crate::page::tour::{Beat, Courses, main_run};
use crate::page::views::halves::{HalfRows, HalvesTable};
use crate::study::{Counts, Half, Value};

/// As recorded.
fn recorded() -> Vec<HalfRows> {
    let read = |counts: &Counts, figure| counts.get(figure).map(Value::Share);
    let rows =
        |half: &Half| HalfRows::of(half.told, |figure| read(&half.before, figure), |figure| read(&half.after, figure));
    main_run(Beat::Ignorant).map(|run| run.halves.iter().map(rows).collect()).unwrap_or_default()
}

/// Of the visitor's own run in its place; without numbers until they are measured, as those of another run are not its own.
fn live(model: &Model, run: u32) -> Option<Vec<HalfRows>> {
    let measured = HalfRows::of_record(&model.runs.get(run)?.record);
    let unmeasured = || recorded().iter().map(|half| HalfRows::of(half.told, |_| None, |_| None)).collect();
    Some(if measured.is_empty() { unmeasured() } else { measured })
}

/// Refusals and complete answers, of what it read about and of what it never did.
#[component]
pub fn Halves(data: Memo<Option<Courses>>) -> impl IntoView {
    let page = Page::here();
    let run = move || data.with(|d| d.as_ref().and_then(|courses| courses.main.live));
    let rows = Memo::new(move |_| run().and_then(|run| page.with_model(|m| live(m, run))).unwrap_or_else(recorded));
    move || view! { <HalvesTable label="tour-halves" halves=rows.get() /> }
}
