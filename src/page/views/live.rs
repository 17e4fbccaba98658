//! What a screen reader is told while runs go on.

use leptos::prelude::*;

use super::caveats::{Caveats, Shown};
use super::controls::status;
use super::race;
use super::results::verdict;
use crate::page::app::Page;
use crate::page::charts::CURVES;
use crate::page::format::share;
use crate::page::model::{Mode, Model};

/// The newest step, or at the end what came of the run, or what is going on.
fn spoken(page: Page, model: &Model) -> String {
    if model.racing().next().is_some() {
        let share = 100.0 * model.race_share().unwrap_or(0.0);
        return race::in_words(page, &model.lanes(), share).unwrap_or_else(|| status(page, model));
    }
    let caveats = Caveats::of_stage(model);
    let newest = model.active().and_then(|run| Some((run, run.record.steps.last().filter(|s| s.step > 0)?)));
    if let Some((run, step)) = newest {
        let [refused, complied] = CURVES.map(|curve| share(step.figures.number(curve.figure)));
        let (number, total) = (step.step.into(), run.record.planned_steps.into());
        let values = [("step", number), ("total", total), ("refused", refused.into()), ("complied", complied.into())];
        return page.tv("live-step", values) + &caveats.spoken(page, Shown::Main);
    }
    let ended = model.shown_run().filter(|_| model.mode() != Mode::Running).map(|run| &run.record);
    let verdict = ended.and_then(|record| verdict(page, record.before.as_ref()?, record.after.as_ref()?));
    match verdict {
        None => status(page, model),
        Some(verdict) => page.tv("live-finished", [("verdict", verdict.into())]) + &caveats.spoken(page, Shown::Every),
    }
}

/// What a screen reader is told: at most every two seconds, however quick the steps are.
#[component]
pub fn Live() -> impl IntoView {
    let page = Page::here();
    let now = move || page.with_model(|m| spoken(page, m));
    let said = RwSignal::new(String::new());
    let last = StoredValue::new(f64::MIN);
    Effect::new(move |_| {
        let clock = page.clock.get();
        if clock - last.get_value() >= 2_000.0 {
            let text = untrack(now);
            if said.with_untracked(|s| *s != text) {
                last.set_value(clock);
                said.set(text);
            }
        }
    });
    view! { <p class="visually-hidden" role="status" aria-live="polite" data-testid="live">{move || said.get()}</p> }
}
