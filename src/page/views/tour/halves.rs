//! A Folio that never read how half of the Shelf's things are done: what the same ten examples free of either half.

use leptos::prelude::*;

use crate::page::tour::{Beat, main_run};
use crate::page::views::halves::{HalfRows, HalvesTable};
use crate::study::{Counts, Half, Value};

/// Refusals and complete answers, of what it read about and of what it never did.
#[component]
pub fn Halves() -> impl IntoView {
    let halves = main_run(Beat::Ignorant).map(|run| &run.halves[..]).unwrap_or_default();
    let rows = |half: &'static Half| {
        let read = |counts: &'static Counts| move |figure| counts.get(figure).map(Value::Share);
        HalfRows::of(half.told, read(&half.before), read(&half.after))
    };
    let halves: Vec<HalfRows> = halves.iter().map(rows).collect();
    view! { <HalvesTable label="tour-halves" halves /> }
}
