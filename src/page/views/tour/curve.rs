//! The curve of a beat: how many refusals are left after every step, drawn by the page itself.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::tour::{Beat, Courses, Curve, NARROW, Sketch, WIDE, main_run};

/// The curve, and what it shows in a sentence.
#[component]
pub fn CurveOf(beat: Beat, data: Memo<Option<Courses>>) -> impl IntoView {
    let page = Page::here();
    let guess = page.read(move |m| m.tour.scene(beat).guess);
    // Runs of other lengths stand on one axis.
    let passes = (beat == Beat::Mixed).then(|| main_run(beat)?.plan().map(|plan| plan.tuning.epochs)).flatten();
    let sketch = Memo::new(move |_| {
        let room = if page.style.with(|style| style.narrow) { NARROW } else { WIDE };
        data.with(|d| d.as_ref().map(|d| Sketch::of(d, guess.get(), passes, room)))
    });
    let sentence = move || data.with(|d| d.as_ref().map(|d| described(page, d)));
    view! {
        <figure class="tour-curve" data-testid="tour-curve">
            <figcaption class="visually-hidden">{sentence}</figcaption>
            {move || sketch.get().map(|sketch| drawn(page, beat, &sketch, guess.get()))}
        </figure>
    }
}

/// The curve in words: where it begins, its middle, where it has come to.
fn described(page: Page, courses: &Courses) -> String {
    let main = &courses.main;
    let half = main.step() / 2;
    page.tv(
        "tour-curve",
        [
            ("total", main.asked.into()),
            ("first", main.refused.first().copied().unwrap_or_default().into()),
            ("half", half.into()),
            ("middle", main.refused.get(half).copied().unwrap_or_default().into()),
            ("step", main.step().into()),
            ("left", main.left().into()),
        ],
    )
}

fn drawn(page: Page, beat: Beat, sketch: &Sketch, guess: Option<usize>) -> impl IntoView + use<> {
    let room = sketch.room;
    let floor = sketch.across.first().map_or(0.0, |(y, _)| *y);
    let across = sketch.across.iter().map(|&(y, n)| {
        view! {
            <line class="grid" x1=room.left x2=room.far() y1=y y2=y />
            <text class="tick" x=room.left - 8.0 y=y + 4.5 text-anchor="end">{n}</text>
        }
    });
    let along = sketch.along.iter().map(|&(x, n)| {
        view! { <text class="tick" x=x y=floor + 19.0 text-anchor="middle">{n}</text> }
    });
    let total = sketch.across.last().map_or(0, |(_, n)| *n);
    let below = if beat == Beat::Mixed { "tour-axis-passes" } else { "tour-axis-steps" };
    let guessed = sketch.guess.zip(guess).map(|(y, guess)| {
        let above = if y < room.top + 20.0 { y + 17.0 } else { y - 8.0 };
        view! {
            <line class="guess" x1=room.left x2=room.far() y1=y y2=y />
            <path class="guess-end" d=diamond(room.far(), y, 6.0) />
            <text class="guess-label" x=room.left + 8.0 y=above>{page.tv("tour-label-guess", [("guess", guess.into())])}</text>
        }
    });
    let others = sketch.others.iter().map(|of| behind(of, "other"));
    let beside = sketch.beside.as_ref().map(|of| {
        let (x, y) = of.end;
        view! {
            <path class="line beside" d=of.path.clone() />
            <path class="mark beside" d=diamond(x, y, 5.5) />
            <text class="beside-label" x=x + 11.0 y=y + 4.5>{page.tv("tour-label-beside", [("left", of.left.into())])}</text>
        }
    });
    let main = sketch.main.as_ref().map(|main| {
        let (x, y) = main.end;
        let marks = main.marks.iter().map(|&(x, y)| view! { <circle class="mark" cx=x cy=y r="2.9" /> });
        // In the margin of several draws the number stands beyond all of their points.
        let far = sketch.others.iter().map(|of| of.end.0).fold(x, f64::max);
        let number_at = if beat == Beat::Ordinary { far + 12.0 } else { x + 11.0 };
        view! {
            <path class="line main" d=main.path.clone() />
            {marks.collect_view()}
            <circle class="mark last" cx=x cy=y r="5" />
            <text class="number" x=number_at y=y + 8.0>{main.left}</text>
        }
    });
    view! {
        <svg class="sketch" viewBox=format!("0 0 {} {}", room.width, room.height) aria-hidden="true">
            {across.collect_view()}
            {along.collect_view()}
            <text class="axis" x=0.0 y=room.top - 15.0>{page.tv("tour-axis-left", [("total", total.into())])}</text>
            <text class="axis" x=room.far() y=floor + 40.0 text-anchor="end">{page.t(below)}</text>
            {others.collect_view()}
            {beside}
            {guessed}
            {main}
        </svg>
    }
}

fn behind(of: &Curve, class: &'static str) -> impl IntoView + use<> {
    let (x, y) = of.end;
    view! {
        <path class=format!("line {class}") d=of.path.clone() />
        <circle class=format!("mark {class}") cx=x cy=y r="3.6" />
    }
}

fn diamond(x: f64, y: f64, r: f64) -> String {
    format!("M{x} {}l{r} {r}l-{r} {r}l-{r} -{r}z", y - r)
}
