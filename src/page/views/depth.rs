//! How deep the tuning of the run on the stage went: asked of the engine, which still has its adapter.

use leptos::prelude::*;

use super::chart::Drawing;
use super::opener::Opener;
use super::table::Scroll;
use crate::page::app::Page;
use crate::page::charts::{DepthWords, Numbers, depth, depth_of};
use crate::page::format::fine;
use crate::page::further::Further;
use crate::page::model::{Message, Model};
use crate::study::PositionDivergence;

/// The keys of the curves' names.
const CURVES: [&str; 3] = ["depth-original", "depth-tuned", "depth-kl"];

/// The run on the stage, whether it can be asked, and how it stands.
type Shown = Option<(u32, bool, Further<Vec<PositionDivergence>>)>;

fn shown(model: &Model) -> Shown {
    let run = model.shown_run().filter(|run| run.pace().is_none())?;
    Some((run.id, model.can_look_deep(run.id), run.depth.clone()))
}

/// The way to it, and the chart with its table.
#[component]
pub fn Depth() -> impl IntoView {
    let page = Page::here();
    let shown = page.read(shown);
    let can = Memo::new(move |_| shown.with(|shown| shown.as_ref().is_some_and(|(_, can, _)| *can)));
    let state =
        Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|(.., depth)| depth.clone()).unwrap_or_default()));
    let positions = Memo::new(move |_| state.with(|state| state.there().cloned().unwrap_or_default()));
    let look = move || {
        if let Some(run) = shown.with_untracked(|shown| shown.as_ref().map(|(run, ..)| *run)) {
            page.send(Message::LookDeep(run));
        }
    };
    let keys = ["depth-open", "depth-waiting", "depth-failed"];
    view! {
        <Opener state can keys testid="depth-open" open=look />
        <Show when=move || positions.with(|all| !all.is_empty())>
            <Curves positions />
        </Show>
    }
}

#[component]
fn Curves(positions: Memo<Vec<PositionDivergence>>) -> impl IntoView {
    let page = Page::here();
    let chart = Memo::new(move |_| {
        let [original, tuned, kl] = CURVES.map(|key| page.t(key));
        let token_at = page.tv("depth-token-at", [("token", "{n}".into())]);
        let words = DepthWords { original, tuned, kl, token: page.t("depth-token"), token_at };
        page.style.with(|style| positions.with(|positions| depth(positions, &words, style)))
    });
    let description = Signal::derive(move || {
        let first = positions.with(|all| all.first().and_then(depth_of)).unwrap_or_default().map(fine);
        let [original, tuned, kl] = first;
        let values = [("original", original.into()), ("tuned", tuned.into()), ("kl", kl.into())];
        page.tv("depth-description", values)
    });
    let numbers = Callback::new(move |()| positions.with_untracked(|positions| Numbers::depth(positions)));
    let row = |at: PositionDivergence| {
        let cells = depth_of(&at).unwrap_or_default().map(|number| view! { <td>{fine(number)}</td> });
        view! {
            <tr>
                <th scope="row">{at.position}</th>
                {cells}
                <td>{at.answers}</td>
            </tr>
        }
    };
    view! {
        <figure class="depth" data-testid="depth">
            <figcaption>
                <h3>{move || page.t("depth-title")}</h3>
                <p class="prose">{move || page.t("depth-about")}</p>
            </figcaption>
            <Drawing chart description numbers name="depth-chart" />
            <details class="table" data-testid="depth-table">
                <summary>{move || page.t("chart-table")}</summary>
                <Scroll label="depth-title">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">{move || page.t("depth-token")}</th>
                                {move || CURVES.map(|key| view! { <th scope="col">{page.t(key)}</th> })}
                                <th scope="col">{move || page.t("depth-answers")}</th>
                            </tr>
                        </thead>
                        <tbody>{move || positions.get().into_iter().map(row).collect_view()}</tbody>
                    </table>
                </Scroll>
            </details>
        </figure>
    }
}
