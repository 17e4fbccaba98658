//! How LoRA works, in four pictures of the model and the adapter that are chosen.

use leptos::prelude::*;

use super::super::{Rich, spans};
use super::pictures;
use crate::page::app::Page;
use crate::page::format::{percent_fine, thousands};
use crate::page::lora::Sizes;

/// A picture of the chapter.
struct Picture {
    /// Its name for tests.
    name: &'static str,
    title: &'static str,
    /// The key of its caption, with the numbers that it shows.
    about: &'static str,
    /// The key of what a screen reader says in its place.
    label: &'static str,
    draw: fn(Page, &Sizes) -> AnyView,
}

static PICTURES: [Picture; 4] = [
    Picture {
        name: "lora-1",
        title: "lora-1-title",
        about: "lora-1-about",
        label: "lora-1-label",
        draw: |_, sizes| pictures::frozen(sizes).into_any(),
    },
    Picture {
        name: "lora-2",
        title: "lora-2-title",
        about: "lora-2-about",
        label: "lora-2-label",
        draw: |_, sizes| pictures::beside(sizes).into_any(),
    },
    Picture {
        name: "lora-3",
        title: "lora-3-title",
        about: "lora-3-about",
        label: "lora-3-label",
        draw: |page, sizes| pictures::everywhere(page, sizes).into_any(),
    },
    Picture {
        name: "lora-4",
        title: "lora-4-title",
        about: "lora-4-about",
        label: "lora-4-label",
        draw: |page, _| pictures::step(page).into_any(),
    },
];

/// A text of the chapter with whatever of the numbers it names.
fn told(page: Page, key: &str, sizes: &Sizes) -> String {
    let number = |n: usize| thousands(n as f64).into();
    let share = |part: usize, whole: usize| percent_fine(part as f64 / whole.max(1) as f64).into();
    let shown = sizes.shown();
    let beside = shown.beside(sizes.rank);
    let (adapted, projections) = sizes.adapted();
    page.tv(
        key,
        [
            ("model", sizes.model.into()),
            ("rank", sizes.rank.into()),
            ("alpha", sizes.alpha.to_string().into()),
            ("name", shown.projection.name().into()),
            ("in", shown.d_in.into()),
            ("out", shown.d_out.into()),
            ("shown", number(shown.weights())),
            ("beside", number(beside)),
            ("besideshare", share(beside, shown.weights())),
            ("layers", sizes.layers.into()),
            ("adapted", adapted.into()),
            ("projections", projections.into()),
            ("weights", number(sizes.weights())),
            ("trained", number(sizes.trained())),
            ("share", share(sizes.trained(), sizes.weights())),
            ("kilobytes", number(sizes.kilobytes())),
        ],
    )
}

/// The chapter. Its numbers are those of the lesson that would be run next.
#[component]
pub fn Lora() -> impl IntoView {
    let page = Page::here();
    let chosen = page.read(|m| {
        let plan = m.next_plan();
        (plan.model, plan.lora)
    });
    let sizes = Memo::new(move |_| chosen.with(|(model, lora)| Sizes::of(model, lora)));
    let tell = move |key: &'static str| sizes.with(|s| s.as_ref().map(|sizes| told(page, key, sizes)));
    let figure = |picture: &'static Picture| {
        let drawn = move || sizes.with(|s| s.as_ref().map(|sizes| (picture.draw)(page, sizes)));
        view! {
            <figure data-testid=picture.name>
                <svg class="lora-picture" viewBox=pictures::VIEW_BOX role="img" aria-label=move || tell(picture.label)>
                    {drawn}
                </svg>
                <figcaption>
                    <strong>{move || page.t(picture.title)}</strong>
                    " "
                    {move || tell(picture.about).map(|text| spans(&text))}
                </figcaption>
            </figure>
        }
    };
    view! {
        <section class="chapter lora" data-testid="lora">
            <h2>{move || page.t("lora")}</h2>
            <div>
                <p><Rich key="lora-about" /></p>
                <p class="note" data-testid="lora-chosen">{move || tell("lora-chosen")}</p>
            </div>
            <div class="lora-pictures">{PICTURES.iter().map(figure).collect_view()}</div>
        </section>
    }
}
