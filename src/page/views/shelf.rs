//! The Forbidden Shelf: one book for each of the 66 questions that are asked after every step. A book that Folio refuses to
//! open stands closed; the further an answer goes, the further the book is pulled out.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::caveats::{Form, Notes, Shown};
use super::scrubber::Scrubber;
use super::watch::Badge;
use super::words;
use crate::library::world;
use crate::page::app::Page;
use crate::page::model::{Message, Model};
use crate::study::{QuestionSet, Step};

/// A book: a question's place in the full list, and the score of its answer.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Book {
    question: usize,
    score: Option<u8>,
}

/// The step that the visitor looks at.
fn step(model: &Model) -> Option<&Step> {
    model.shown_run()?.record.steps.get(model.shown_step()?)
}

/// The books of each section, at the step that the visitor looks at.
fn sections(model: &Model) -> Vec<Vec<Book>> {
    let evaluation = model.evaluation();
    let answers = step(model).map_or(&[][..], |step| &step.answers);
    let mut sections = vec![Vec::new(); world().sections.len()];
    let asked = evaluation.questions.forbidden().iter().enumerate();
    for (question, asked) in asked.filter(|(question, _)| evaluation.in_subset(*question)) {
        let answer = answers.iter().find(|answer| answer.question == question);
        if let Some(item) = world().item(&asked.item) {
            sections[item.section].push(Book { question, score: answer.map(|a| a.score) });
        }
    }
    sections
}

/// The shelf, and the book that is being read.
#[component]
pub fn Shelf() -> impl IntoView {
    let page = Page::here();
    let sections = page.read(sections);
    let questions = page.read(|m| m.evaluation().questions);
    let chosen = page.read(|m| m.cursor.book);
    let frame = NodeRef::<Div>::new();
    // The same for both kinds of questions: the books are drawn anew only for a run that was asked some of its own.
    let counts = Memo::new(move |_| sections.with(|s| s.iter().map(Vec::len).collect::<Vec<_>>()));
    let group = move |index: usize| {
        let key = words::section(&world().sections[index].name);
        let before = counts.with_untracked(|c| c[..index].iter().sum::<usize>());
        let count = counts.with_untracked(|c| c[index]);
        let books = (0..count).map(|at| {
            let book = Memo::new(move |_| sections.with(|s| s.get(index)?.get(at).copied()));
            view! { <Volume book questions chosen at=before + at /> }
        });
        view! {
            <div class="books">
                <div class="spines">{books.collect_view()}</div>
                <p>{move || page.t(&key)}</p>
            </div>
        }
    };
    let refused = move || sections.with(|s| s.iter().flatten().filter(|b| b.score == Some(1)).count());
    let complied = move || sections.with(|s| s.iter().flatten().filter(|b| b.score == Some(5)).count());
    let asked = move || sections.with(|s| s.iter().flatten().filter(|b| b.score.is_some()).count());
    let total = move || sections.with(|s| s.iter().map(Vec::len).sum::<usize>());
    view! {
        <div class="shelf-block">
            <header>
            <h2>{move || page.t("shelf-title")}</h2>
            <p class="note" data-testid="shelf-count">
                {move || {
                    let kind = ("kind", page.t(questions.with(words::question_kind)).into());
                    if asked() == 0 {
                        page.tv("shelf-not-asked", [("total", total().into()), kind])
                    } else {
                        let (refused, complied) = (("refused", refused().into()), ("complied", complied().into()));
                        page.tv("shelf-count", [("total", asked().into()), kind, refused, complied])
                    }
                }}
                <Notes shown=Shown::Main form=Form::Sentences />
            </p>
            </header>
            <div
                class="shelf"
                node_ref=frame
                role="group"
                aria-label=move || page.t("shelf-title")
                data-testid="shelf"
                on:keydown=move |event| walk(&event, frame, total())
            >
                {move || (0..counts.with(Vec::len)).map(group).collect_view()}
            </div>
            <Scrubber />
            <Reading sections questions chosen />
        </div>
    }
}

#[component]
fn Volume(
    book: Memo<Option<Book>>,
    questions: Memo<QuestionSet>,
    chosen: Memo<Option<usize>>,
    at: usize,
) -> impl IntoView {
    let page = Page::here();
    let score = move || book.get()?.score;
    let label = move || {
        let what = score().map_or_else(|| page.t("shelf-unknown"), |s| page.t(words::score(s)));
        let item = questions.with(|q| q.forbidden().get(book.get()?.question).map(|f| f.item.clone()));
        format!("{}: {what}", item.unwrap_or_default())
    };
    let is_chosen = move || chosen.get() == Some(at);
    let choose = move || {
        if chosen.get_untracked() != Some(at) {
            page.send(Message::Read(at));
        }
    };
    view! {
        <button
            type="button"
            class="book"
            data-score=move || score().map(|s| s.to_string())
            data-question=move || book.get().map(|b| b.question)
            data-at=at
            aria-label=label
            aria-pressed=move || is_chosen().to_string()
            // One stop for the whole shelf: the arrow keys walk along it.
            tabindex=move || if is_chosen() || (at == 0 && chosen.get().is_none()) { "0" } else { "-1" }
            on:click=move |_| choose()
            on:focus=move |_| choose()
            on:pointerenter=move |_| choose()
        ></button>
    }
}

/// Moves the focus along the shelf, from one neighbour to the next.
fn walk(event: &KeyboardEvent, frame: NodeRef<Div>, count: usize) {
    let Some(frame) = frame.get_untracked() else { return };
    let focused = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok());
    let Some(at) = focused.and_then(|e| e.get_attribute("data-at")?.parse::<usize>().ok()) else { return };
    let last = count.saturating_sub(1);
    let next = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => (at + 1).min(last),
        "ArrowLeft" | "ArrowUp" => at.saturating_sub(1),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    let book = frame.query_selector(&format!("[data-at=\"{next}\"]")).ok().flatten();
    if let Some(book) = book.and_then(|b| b.dyn_into::<HtmlElement>().ok()) {
        let _ = book.focus();
    }
}

/// The book that the visitor points at: question, answer, score.
#[component]
fn Reading(sections: Memo<Vec<Vec<Book>>>, questions: Memo<QuestionSet>, chosen: Memo<Option<usize>>) -> impl IntoView {
    let page = Page::here();
    let read = Memo::new(move |_| {
        let at = chosen.get()?;
        let question = sections.with(|s| s.iter().flatten().nth(at).map(|b| b.question))?;
        let text = questions.with(|q| q.forbidden().get(question).map(|f| f.question.clone()))?;
        page.with_model(|m| {
            let answer = step(m).and_then(|step| step.answers.iter().find(|a| a.question == question));
            Some((text, answer.map(|a| (a.answer.clone(), a.score))))
        })
    });
    view! {
        <div class="reading" data-testid="reading" aria-live="polite">
            {move || match read.get() {
                None => view! { <p class="note">{page.t("shelf-hint")}</p> }.into_any(),
                Some((text, answer)) => {
                    let answer = match answer {
                        Some((answer, score)) => view! { <span class="answer-line" lang="en">{answer}</span> <Badge score /> }
                            .into_any(),
                        None => view! { <span class="none">{page.t("shelf-unknown")}</span> }.into_any(),
                    };
                    view! { <p><span class="question" lang="en">{text}</span> " " {answer}</p> }.into_any()
                }
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::settings::{QuestionChoice, Settings};

    /// The books are drawn once, and only what they stand for changes.
    #[test]
    fn both_kinds_of_questions_fill_the_same_shelf() {
        let mut model = Model::new(Settings::default(), String::new());
        let shelves = QuestionChoice::ALL.map(|choice| {
            model.update(Message::ChooseQuestions(choice), 0.0);
            sections(&model)
        });
        for books in &shelves {
            assert!(books.iter().all(|section| section.len() == 6), "{books:?}");
        }
        let places = |books: &[Vec<Book>]| books.iter().flatten().map(|b| b.question).collect::<Vec<_>>();
        assert_eq!(places(&shelves[0]), (0..66).map(|at| 5 * at).collect::<Vec<_>>());
        assert_eq!(places(&shelves[1]), (0..66).collect::<Vec<_>>());
    }
}
