//! How deep the tuning of the run on the stage went, and how hard the tokens pull: asked of the engine, which still has its adapter.

use leptos::prelude::*;

use super::along::{Along, Texts};
use super::opener::Opener;
use crate::page::app::Page;
use crate::page::charts::AtToken;
use crate::page::further::Further;
use crate::page::model::{Message, Model};
use crate::page::run_view::RunView;

const DEPTH: Texts = Texts {
    curves: &["depth-original", "depth-tuned", "depth-kl"],
    title: "depth-title",
    about: "depth-about",
    description: "depth-description",
    columns: &["loss_original", "loss_tuned", "kl"],
    testid: "depth",
    chart: "depth-chart",
};

const PULL: Texts = Texts {
    curves: &["pull-original", "pull-tuned"],
    title: "pull-title",
    about: "pull-about",
    description: "pull-description",
    columns: &["gradient_norm_original", "gradient_norm_tuned"],
    testid: "pull",
    chart: "pull-chart",
};

/// The ways to both, and the charts with their tables.
#[component]
pub fn Depth() -> impl IntoView {
    view! {
        <Asked texts=DEPTH keys=["depth-open", "depth-waiting", "depth-failed"] of=|run| points(&run.depth, |all| {
            all.iter().filter_map(AtToken::of_divergence).collect()
        }) open=Message::LookDeep />
        <Asked texts=PULL keys=["pull-open", "pull-waiting", "depth-failed"] of=|run| points(&run.pull, |[original, tuned]| {
            original.iter().zip(tuned).map(|(original, tuned)| AtToken::of_gradients(original, tuned)).collect()
        }) open=Message::Pull />
    }
}

/// The same with what is there as points of curves.
fn points<T>(further: &Further<T>, of: fn(&T) -> Vec<AtToken>) -> Further<Vec<AtToken>> {
    match further {
        Further::Off => Further::Off,
        Further::Waiting => Further::Waiting,
        Further::Failed => Further::Failed,
        Further::There(what) => Further::There(of(what)),
    }
}

/// The way to a figure of the run on the stage, and the figure.
#[component]
fn Asked(
    texts: Texts,
    /// Those of an [`Opener`].
    keys: [&'static str; 3],
    /// How it stands.
    of: fn(&RunView) -> Further<Vec<AtToken>>,
    /// Asks for it.
    open: fn(u32) -> Message,
) -> impl IntoView {
    let page = Page::here();
    let shown = page.read(move |model: &Model| {
        let run = model.shown_run().filter(|run| run.pace().is_none())?;
        Some((run.id, model.can_look_deep(run.id), of(run)))
    });
    let can = Memo::new(move |_| shown.with(|shown| shown.as_ref().is_some_and(|(_, can, _)| *can)));
    let state =
        Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|(.., state)| state.clone()).unwrap_or_default()));
    let points = Memo::new(move |_| state.with(|state| state.there().cloned().unwrap_or_default()));
    let look = move || {
        if let Some(run) = shown.with_untracked(|shown| shown.as_ref().map(|(run, ..)| *run)) {
            page.send(open(run));
        }
    };
    view! {
        <Opener state can keys testid=format!("{}-open", texts.testid) open=look />
        <Show when=move || points.with(|all| !all.is_empty())>
            <Along points texts />
        </Show>
    }
}
