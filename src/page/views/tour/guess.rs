//! The visitor guesses, sees what came of it, and compares.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::browser;
use crate::page::model::Message;
use crate::page::tour::{Act, Beat, Courses, Shown};

/// Between two pieces of a curve that is drawn, in milliseconds.
const PIECE: u32 = 80;

/// A slider, a button, a sentence.
#[component]
pub fn Guess(beat: Beat, data: Memo<Option<Courses>>) -> impl IntoView {
    let page = Page::here();
    let guess = page.read(move |m| m.tour.scene(beat).guess);
    let shown = page.read(move |m| m.tour.shown(beat));
    let asked = Memo::new(move |_| data.with(|d| d.as_ref().map_or(0, |d| d.main.asked)));
    let is_open = Memo::new(move |_| shown.get() == Shown::Nothing);
    let came = NodeRef::<leptos::html::P>::new();
    // The curve is drawn on its own, a piece at a time.
    Effect::new(move |_| {
        if let Shown::Until(_) = shown.get() {
            Timeout::new(PIECE, move || page.send(Message::Tour(Act::Advance))).forget();
        }
    });
    let reveal = move |_| {
        page.send(Message::Tour(Act::Reveal { at_once: browser::motion_is_unwelcome() }));
        // The button goes away: what it brings has the focus.
        if let Some(came) = came.get_untracked() {
            let _ = came.focus();
        }
    };
    let choose = move |event| {
        if let Ok(left) = event_target_value(&event).parse() {
            page.send(Message::Tour(Act::Guess(left)));
        }
    };
    let in_words = move || match guess.get() {
        None => page.t("tour-guess-none"),
        Some(guess) => page.tv("tour-guess-value", [("guess", guess.into()), ("total", asked.get().into())]),
    };
    view! {
        <div class="tour-guess" data-testid="tour-guess">
            <Show when=move || is_open.get()>
                <label>
                    <span class="label">{move || page.tv("tour-guess", [("total", asked.get().into())])}</span>
                    <input
                        type="range"
                        min="0"
                        max=move || asked.get()
                        step="1"
                        class:unset=move || guess.with(Option::is_none)
                        data-testid="tour-slider"
                        aria-valuetext=in_words
                        prop:value=move || guess.get().unwrap_or(asked.get() / 2).to_string()
                        on:input=choose
                        on:change=choose
                    />
                </label>
                <p class="guessed">
                    <output data-testid="tour-guessed">{in_words}</output>
                    <button type="button" class="primary" data-testid="tour-show" on:click=reveal>
                        {move || page.t("tour-show")}
                    </button>
                </p>
            </Show>
            <p class="came" role="status" tabindex="-1" node_ref=came data-testid="tour-came">
                {move || data.with(|d| d.as_ref().and_then(|d| compared(page, d, guess.get(), is_open.get())))}
            </p>
        </div>
    }
}

/// What came of it, beside the guess; nothing before it is whole.
fn compared(page: Page, courses: &Courses, guess: Option<usize>, is_open: bool) -> Option<String> {
    let main = &courses.main;
    if is_open || !main.is_whole() {
        return None;
    }
    let (left, total, complied) = (main.left(), main.asked, main.complied());
    let values = [("left", left.into()), ("total", total.into()), ("complied", complied.into())];
    let Some(guess) = guess else { return Some(page.tv("tour-came", values)) };
    let [left_value, total_value, complied_value] = values;
    let values = [("guess", guess.into()), left_value, total_value, complied_value];
    Some(match left.cmp(&guess) {
        std::cmp::Ordering::Equal => page.tv("tour-came-exact", values),
        std::cmp::Ordering::Less => page.tv("tour-came-fewer", values),
        std::cmp::Ordering::Greater => page.tv("tour-came-more", values),
    })
}
