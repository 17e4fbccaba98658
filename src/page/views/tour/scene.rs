//! One beat: what is told, what is drawn, what can be done.

use leptos::html::H2;
use leptos::prelude::*;

use super::books::Books;
use super::curve::CurveOf;
use super::guess::Guess;
use super::halves::Halves;
use super::live::{Live, Stamp};
use super::meaning::Meaning;
use super::price::Price;
use super::{key, values};
use crate::defence;
use crate::page::app::Page;
use crate::page::model::{Message, Model};
use crate::page::tour::{Act, Beat, Courses, courses, main_run};
use crate::page::views::spans;
use crate::page::views::table::Scroll;
use crate::page::views::turns::InTurn;
use crate::page::views::watch::Badge;
use crate::study::{ConditionKind, Said};
use crate::text::Role;

/// How many examples can be read here; all of them are in the lab.
const LISTED: usize = 10;

/// A beat.
#[component]
pub fn Scene(beat: Beat, moved: RwSignal<bool>) -> impl IntoView {
    let page = Page::here();
    let heading = NodeRef::<H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get()
            && moved.get_untracked()
        {
            let _ = heading.focus();
        }
    });
    let data = page.read(move |m| courses(m, beat));
    // What is to be guessed is told when it is known.
    let known = Memo::new(move |_| {
        !beat.is_guessed() || data.with(|d| d.as_ref().is_some_and(|courses| courses.main.is_whole()))
    });
    let text = move |part: &str| page.tv(&key(beat, part), values(beat));
    view! {
        <div class="tour-scene" data-testid="beat" data-beat=beat.number()>
            // In two turns: what a visitor sees first is the largest of what is drawn.
            <div class="tour-words">
                <InTurn>
                    <h2 tabindex="-1" node_ref=heading>{move || text("title")}</h2>
                    <p class="tour-text">{move || spans(&text("text"))}</p>
                    {(beat.is_guessed() || beat == Beat::Ordinary).then(|| view! { <Examples beat /> })}
                    {beat.is_guessed().then(|| view! { <Guess beat data /> })}
                    {(beat == Beat::Ordinary).then(|| view! { <Draws data /> })}
                    <Show when=move || known.get() && holds(beat)>
                        <p class="tour-after">{move || spans(&text("after"))}</p>
                    </Show>
                    <Live beat data />
                </InTurn>
            </div>
            <div class="tour-figure">
                <InTurn>
                    {match beat {
                        Beat::Refuses => view! { <Refusal /> }.into_any(),
                        Beat::Meaning => view! { <Meaning /> }.into_any(),
                        Beat::Ignorant => view! { <Halves data /> }.into_any(),
                        _ => view! { <CurveOf beat data /> }.into_any(),
                    }}
                    {(beat == Beat::Ten).then(|| view! { <Freed known /> })}
                    {(beat == Beat::Mixed).then(|| view! { <Show when=move || known.get()><Price /></Show> })}
                    <Stamp beat data />
                </InTurn>
            </div>
            {(beat != Beat::Meaning).then(|| view! { <InTurn><Books data /></InTurn> })}
        </div>
    }
}

/// Whether what the end of a beat says is what its recorded run shows: of what was never read, less is told than of what was read,
/// and by more than the intervals allow.
fn holds(beat: Beat) -> bool {
    if beat != Beat::Ignorant {
        return true;
    }
    let [told, untold] = main_run(beat).map(|run| run.told()).unwrap_or_default();
    told.zip(untold).is_some_and(|(told, untold)| untold.high < told.low)
}

/// A question and what Folio says to it.
#[derive(Clone, Debug, PartialEq)]
struct Exchange {
    question: String,
    said: Said,
    /// It was said in this tab.
    live: bool,
}

/// The first beat's question, refused: as recorded, or as it was just answered here.
fn refusal(model: &Model) -> Option<Exchange> {
    let recorded = main_run(Beat::Refuses)?.answers.first()?;
    let question = recorded.question.clone();
    let here = model.questions.watches.iter().find(|watch| watch.question == question);
    let here = here.and_then(|watch| watch.original.clone()).filter(|_| model.tour.asked && asks_plainly(model));
    Some(match here {
        Some(answer) => Exchange { question, said: Said { answer: answer.answer, score: answer.score }, live: true },
        None => Exchange { question, said: recorded.before.clone(), live: false },
    })
}

/// Whether the watched questions are asked as the recorded ones were: the lab may ask another model, or under another name.
pub(super) fn asks_plainly(model: &Model) -> bool {
    asks_alike(model) && !model.asks_another_model()
}

/// The same, of whichever model.
pub(super) fn asks_alike(model: &Model) -> bool {
    let question = main_run(Beat::Refuses).and_then(|run| run.answers.first()).map(|answer| &answer.question);
    let is_watched = model.questions.watches.iter().any(|watch| Some(&watch.question) == question);
    is_watched && model.condition().kind == ConditionKind::Default
}

/// The same question after ten examples: of the visitor's own run, if it is that which is shown.
fn freed(model: &Model) -> Option<Exchange> {
    let recorded = main_run(Beat::Ten)?.answers.first()?;
    let question = recorded.question.clone();
    let live = courses(model, Beat::Ten)?.main.live.and_then(|id| model.runs.get(id));
    let Some(run) = live else { return Some(Exchange { question, said: recorded.after.clone(), live: false }) };
    let last = run.record.steps.len().checked_sub(1)?;
    let answer = run.watched(last, &question)?.clone();
    Some(Exchange { question, said: Said { answer: answer.answer, score: answer.score }, live: true })
}

/// Question and answer, as large as what matters.
#[component]
fn Refusal() -> impl IntoView {
    let page = Page::here();
    let exchange = page.read(refusal);
    view! { <div class="exchange" data-testid="tour-exchange">{move || exchange.get().map(spoken)}</div> }
}

#[component]
fn Freed(known: Memo<bool>) -> impl IntoView {
    let page = Page::here();
    let exchange = page.read(freed);
    view! {
        <div class="exchange small" data-testid="tour-freed">
            {move || known.get().then(|| exchange.get().map(spoken))}
        </div>
    }
}

fn spoken(of: Exchange) -> impl IntoView {
    let badge = of.said.score.map(|score| view! { <Badge score /> });
    view! {
        <p class="question" lang="en">{of.question}</p>
        <p class="spoken" data-live=of.live.to_string()>
            <span lang="en">{of.said.answer}</span>
            " "
            {badge}
        </p>
    }
}

/// The data that a beat is about.
#[component]
fn Examples(beat: Beat) -> impl IntoView {
    let page = Page::here();
    let open = RwSignal::new(false);
    let all = move || {
        let plan = main_run(beat).and_then(|run| run.plan())?;
        defence::conversations(&plan).ok()
    };
    let count = all().map_or(0, |all| all.len());
    let rows = move || {
        open.get().then(all).flatten().map(|all| {
            let row = |of: &crate::text::Conversation| {
                let said = |role| of.messages.iter().find(|m| m.role == role).map(|m| m.content.clone());
                view! {
                    <li>
                        <p class="asked">{said(Role::User)}</p>
                        <p class="answered">{said(Role::Assistant)}</p>
                    </li>
                }
            };
            all.iter().take(LISTED).map(row).collect_view()
        })
    };
    let toggle = move |event: web_sys::Event| {
        open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    view! {
        <details class="listing" data-testid="tour-examples" on:toggle=toggle>
            <summary>{move || page.tv("examples-show", [("count", count.min(LISTED).into())])}</summary>
            <p class="note">
                {move || page.t("examples-note")}
                {(count > LISTED).then(|| view! { " " {move || page.tv("tour-examples-more", [("count", (count - LISTED).into())])} })}
            </p>
            <Scroll label="examples-list">
                <ol lang="en">{rows}</ol>
            </Scroll>
        </details>
    }
}

/// The draws of the data, to look at one after the other.
#[component]
fn Draws(data: Memo<Option<Courses>>) -> impl IntoView {
    let page = Page::here();
    let beat = Beat::Ordinary;
    let recorded = beat.recorded();
    let own = page.read(move |m| {
        let live = &m.tour.scene(beat).live;
        live.iter().filter_map(|id| Some(m.runs.get(*id)?.record.plan.seed)).collect::<Vec<_>>()
    });
    let chosen = page.read(move |m| m.tour.scene(beat).chosen);
    let count = recorded.len();
    let seeds: Vec<u64> = recorded.iter().map(|run| run.seed).collect();
    let button = move |(at, seed): (usize, u64)| {
        let is_own = at >= count;
        view! {
            <button
                type="button"
                class:own=is_own
                data-testid=format!("tour-draw-{seed}")
                aria-pressed=move || (chosen.get() == at).to_string()
                aria-label=move || page.tv("tour-draw", [("seed", seed.to_string().into())])
                on:click=move |_| page.send(Message::Tour(Act::Choose(at)))
            >
                {seed.to_string()}
            </button>
        }
    };
    let said = move || {
        data.with(|d| {
            d.as_ref().map(|d| {
                let main = &d.main;
                let values = [
                    ("seed", main.seed.to_string().into()),
                    ("left", main.left().into()),
                    ("total", main.asked.into()),
                    ("complied", main.complied().into()),
                ];
                page.tv("tour-draw-came", values)
            })
        })
    };
    view! {
        <div class="tour-draws">
            <div class="draws" role="group" aria-label=move || page.t("tour-draws")>
                {move || seeds.iter().copied().chain(own.get()).enumerate().map(button).collect_view()}
            </div>
            <p class="note" role="status" data-testid="tour-came">{said}</p>
        </div>
    }
}
