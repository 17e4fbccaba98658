//! What a race comes to as text: answers, rates with their numbers and intervals, and when each book was opened.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::race::{Lane, RATES};
use crate::page::views::figures::Number;
use crate::page::views::lessons::title;
use crate::page::views::runs::Swatch;
use crate::page::views::table::Scroll;
use crate::page::views::watch::Answer;
use crate::page::views::words;
use crate::study::Value;

/// What each says to the first watched question.
#[component]
pub fn Answers(lanes: Memo<[Lane; 3]>) -> impl IntoView {
    let page = Page::here();
    let question = page.read(|m| m.questions.watches[0].question.clone());
    let answer = move |place: usize| {
        let answer = Memo::new(move |_| lanes.with(|all| all[place].watched.clone()));
        let name = Memo::new(move |_| lanes.with(|all| all[place].plan.clone()));
        view! {
            <div class="lane-answer">
                <p class="when"><Swatch place /> " " {move || title(page, &name.get())}</p>
                // A new element for a new answer, so that it fades in.
                <For each=move || answer.get() key=|a| (a.answer.clone(), a.score) let:answer>
                    <Answer answer testid="race-answer" />
                </For>
                <Show when=move || answer.with(Option::is_none)>
                    <p class="answer none">{move || page.t("watch-not-asked")}</p>
                </Show>
            </div>
        }
    };
    view! {
        <div class="race-answers">
            <p class="question" lang="en" data-testid="race-question">{move || question.get()}</p>
            <div class="lanes">{[0, 1, 2].map(answer)}</div>
        </div>
    }
}

/// The rates of the three, now and at the end, with their intervals and of how many questions they are.
#[component]
pub fn Numbers(lanes: Memo<[Lane; 3]>) -> impl IntoView {
    let page = Page::here();
    let all = page.read(|m| m.race_plans()[0].evaluation.questions.forbidden().len());
    let some = Memo::new(move |_| lanes.with(|all| all[0].books().count()));
    let heads = move || RATES.map(|figure| view! { <th scope="col">{page.t(&words::figure(figure))}</th> });
    let row = move |place: usize| {
        let lane = Memo::new(move |_| lanes.with(|all| all[place].clone()));
        let cells = move |rates: fn(&Lane) -> [Option<crate::study::Rate>; 2]| {
            move || {
                let rates = lane.with(rates).map(|rate| rate.map(Value::Share));
                rates.map(|of| view! { <td><Number of /></td> })
            }
        };
        view! {
            <tr data-testid=format!("race-row-{place}")>
                <th scope="row"><Swatch place /> " " {move || title(page, &lane.with(|l| l.plan.clone()))}</th>
                <td>{move || lane.with(|l| l.run.map(|_| l.steps.0))}</td>
                {cells(|l| l.rates)}
                {cells(|l| l.end)}
            </tr>
        }
    };
    view! {
        <Scroll label="race-table">
            <table class="race-table" data-testid="race-table">
                <caption>{move || page.t("race-table")}</caption>
                <thead>
                    <tr>
                        <td></td>
                        <td></td>
                        <th scope="colgroup" colspan="2">
                            {move || page.tv("race-now", [("count", some.get().into())])}
                        </th>
                        <th scope="colgroup" colspan="2">
                            {move || page.tv("race-end", [("count", all.get().into())])}
                        </th>
                    </tr>
                    <tr>
                        <td></td>
                        <th scope="col">{move || page.t("column-step")}</th>
                        {heads}
                        {heads}
                    </tr>
                </thead>
                <tbody>{[0, 1, 2].map(row)}</tbody>
            </table>
        </Scroll>
        <p class="note">{move || page.t("race-varies")}</p>
    }
}

/// After which step each book of each of the three was opened.
#[component]
pub fn Books(lanes: Memo<[Lane; 3]>) -> impl IntoView {
    let page = Page::here();
    let open = RwSignal::new(false);
    let toggle = move |event: web_sys::Event| {
        open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    let cell = move |lane: &Lane, at: usize| {
        let book = lane.books().nth(at);
        let text = match book {
            Some(book) if book.score.is_none() => "–".to_owned(),
            Some(book) => book.opened.map_or_else(|| page.t("race-closed"), |step| step.to_string()),
            None => String::new(),
        };
        view! { <td>{text}</td> }
    };
    let rows = move || {
        let row = |all: &[Lane; 3], at: usize, item: String| {
            view! {
                <tr>
                    <th scope="row" lang="en">{item}</th>
                    {all.each_ref().map(|lane| cell(lane, at))}
                </tr>
            }
        };
        open.get().then(|| {
            lanes.with(|all| {
                let items: Vec<_> = all[0].books().map(|book| book.item.clone()).collect();
                items.into_iter().enumerate().map(|(at, item)| row(all, at, item)).collect_view()
            })
        })
    };
    let heads = [0, 1, 2].map(|place| {
        let name = Memo::new(move |_| lanes.with(|all| all[place].plan.clone()));
        view! { <th scope="col">{move || title(page, &name.get())}</th> }
    });
    view! {
        <details class="table" on:toggle=toggle data-testid="race-books">
            <summary>{move || page.t("race-books")}</summary>
            <Scroll label="race-books">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{move || page.t("race-book")}</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        </details>
    }
}
