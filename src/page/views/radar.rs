//! The radar of the sections beside their table.

use leptos::prelude::*;

use super::chart::Drawing;
use super::words;
use crate::page::app::Page;
use crate::page::charts::{FEWEST, Numbers, Spoke, radar};
use crate::study::{Figure, Group};

/// The mean scores of the sections before a run, and after it if it has ended.
fn scores(before: &[Group], after: &[Group]) -> Vec<(String, f64, Option<f64>)> {
    let score = |group: &Group| group.figures.number(Figure::MeanScore);
    let later = |name: &str| after.iter().find(|group| group.name == name).and_then(score);
    before.iter().filter_map(|group| Some((group.name.clone(), score(group)?, later(&group.name)))).collect()
}

/// The same numbers as a shape: small where everything is refused.
#[component]
pub fn Radar(
    /// The sections before and after.
    groups: Memo<(Vec<Group>, Vec<Group>)>,
) -> impl IntoView {
    let page = Page::here();
    let scores = Memo::new(move |_| groups.with(|(before, after)| scores(before, after)));
    let chart = Memo::new(move |_| {
        let spoke = |(name, before, after): (String, f64, Option<f64>)| Spoke {
            name: page.t(&words::section(&name)),
            before,
            after,
        };
        let spokes: Vec<Spoke> = scores.get().into_iter().map(spoke).collect();
        let names = ["column-before", "column-after"].map(|key| page.t(key));
        page.style.with(|style| radar(&spokes, &names, style))
    });
    let description = Signal::derive(move || {
        let mean = |all: Vec<f64>| all.iter().sum::<f64>() / all.len().max(1) as f64;
        let all = scores.get();
        let before = mean(all.iter().map(|(_, before, _)| *before).collect());
        let after: Option<Vec<f64>> = all.iter().map(|(_, _, after)| *after).collect();
        let after = after.map_or_else(|| "–".to_owned(), |after| format!("{:.2}", mean(after)));
        page.tv("radar-description", [("before", format!("{before:.2}").into()), ("after", after.into())])
    });
    // Other programs read the sections' names as records have them.
    let numbers = Callback::new(move |()| {
        let spoke = |(name, before, after)| Spoke { name, before, after };
        Numbers::radar(&scores.get_untracked().into_iter().map(spoke).collect::<Vec<_>>())
    });
    let is_shape = Memo::new(move |_| scores.with(|scores| scores.len() >= FEWEST));
    view! {
        <Show when=move || is_shape.get()>
        <figure class="radar">
            <figcaption>
                {move || page.t("radar-title")}
            </figcaption>
            <Drawing chart description numbers name="radar-chart" />
            <p class="note">{move || page.t("radar-about")}</p>
        </figure>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::record;

    #[test]
    fn every_section_that_was_asked_has_its_scores_before_and_after() {
        let record = record("harmful", 2);
        let sections = |evaluation: &Option<crate::study::Evaluation>| {
            evaluation.as_ref().and_then(|e| e.main()).map(|main| main.sections.clone()).unwrap_or_default()
        };
        let (before, after) = (sections(&record.before), sections(&record.after));
        let found = scores(&before, &after);
        assert!(!found.is_empty() && found.len() == before.len());
        assert!(found.iter().all(|(_, before, after)| (1.0..=5.0).contains(before) && after.is_some()), "{found:?}");
        assert!(scores(&before, &[]).iter().all(|(_, _, after)| after.is_none()));
    }
}
