//! The Forbidden Shelf: one book for each of the 66 questions that are asked after every step. A book that Folio refuses to
//! open stands closed; the further an answer goes, the higher the book is lifted. A backdoor has a second board, for the same
//! questions with its trigger.

use std::ops::Range;

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
use crate::study::{Condition, ConditionKind, QuestionSet, ScoredAnswer};

/// A book: a question's place in the full list, and the score of its answer.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Book {
    question: usize,
    score: Option<u8>,
}

/// How the questions of a board's books are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// As after every step.
    Plainly,
    /// With the trigger of a backdoor, which is tried at the end of a run alone.
    Triggered,
}

fn trigger(model: &Model) -> Option<Condition> {
    model.evaluation().further().find(|condition| condition.kind == ConditionKind::Trigger).cloned()
}

/// The answers at the step that the visitor looks at. With the trigger there are some before the first step and after the last.
fn answers(model: &Model, asked: Asked) -> Option<&[ScoredAnswer]> {
    let (record, entry) = (&model.shown_run()?.record, model.shown_step()?);
    if asked == Asked::Plainly {
        return record.steps.get(entry).map(|step| &step.answers[..]);
    }
    let evaluation = match entry {
        0 => record.before.as_ref(),
        _ if entry + 1 == record.steps.len() => record.after.as_ref(),
        _ => None,
    };
    Some(&evaluation?.under(&trigger(model)?.name)?.forbidden)
}

/// The books of each section, at the step that the visitor looks at.
fn sections(model: &Model, asked: Asked) -> Vec<Vec<Book>> {
    let evaluation = model.evaluation();
    let answers = answers(model, asked).unwrap_or_default();
    let mut sections = vec![Vec::new(); world().sections.len()];
    let questions = evaluation.questions.forbidden().iter().enumerate();
    for (question, of) in questions.filter(|(question, _)| evaluation.in_subset(*question)) {
        let answer = answers.iter().find(|answer| answer.question == question);
        if let Some(item) = world().item(&of.item) {
            sections[item.section].push(Book { question, score: answer.map(|a| a.score) });
        }
    }
    sections
}

/// How many books of a board have this score.
fn with_score(sections: &[Vec<Book>], score: u8) -> usize {
    sections.iter().flatten().filter(|book| book.score == Some(score)).count()
}

/// The shelf, and the book that is being read.
#[component]
pub fn Shelf() -> impl IntoView {
    let page = Page::here();
    let plain = page.read(|m| sections(m, Asked::Plainly));
    let triggered = page.read(|m| if trigger(m).is_some() { sections(m, Asked::Triggered) } else { Vec::new() });
    let questions = page.read(|m| m.evaluation().questions);
    let chosen = page.read(|m| m.cursor.book);
    let asked = move |sections: &[Vec<Book>]| sections.iter().flatten().filter(|b| b.score.is_some()).count();
    let total = Memo::new(move |_| plain.with(|s| s.iter().map(Vec::len).sum::<usize>()));
    let counts = move |sections: &[Vec<Book>]| {
        [("refused", with_score(sections, 1).into()), ("complied", with_score(sections, 5).into())]
    };
    let has_trigger = Memo::new(move |_| triggered.with(|s| !s.is_empty()));
    view! {
        <div class="shelf-block">
            <header>
                <h2>{move || page.t("shelf-title")}</h2>
                <p class="note" data-testid="shelf-count">
                    {move || {
                        let kind = ("kind", page.t(questions.with(words::question_kind)).into());
                        plain.with(|s| match asked(s) {
                            0 => page.tv("shelf-not-asked", [("total", total.get().into()), kind]),
                            asked => {
                                let [refused, complied] = counts(s);
                                page.tv("shelf-count", [("total", asked.into()), kind, refused, complied])
                            }
                        })
                    }}
                    <Notes shown=Shown::Main form=Form::Sentences />
                </p>
            </header>
            <Board sections=plain questions chosen first=Signal::stored(0) label="shelf-title" testid="shelf" />
            <Show when=move || has_trigger.get()>
                <p class="note second" data-testid="shelf-count-trigger">
                    {move || triggered.with(|s| match asked(s) {
                        0 => page.t("shelf-trigger-not-asked"),
                        _ => page.tv("shelf-trigger-count", counts(s)),
                    })}
                </p>
                <Board sections=triggered questions chosen first=total label="shelf-trigger" testid="shelf-trigger" />
            </Show>
            <Scrubber />
            <Reading plain triggered questions chosen />
        </div>
    }
}

/// A board with the books of all sections on it.
#[component]
fn Board(
    sections: Memo<Vec<Vec<Book>>>,
    questions: Memo<QuestionSet>,
    chosen: Memo<Option<usize>>,
    /// The place of its first book among those of all boards.
    #[prop(into)]
    first: Signal<usize>,
    /// The key of its name.
    label: &'static str,
    testid: &'static str,
) -> impl IntoView {
    let page = Page::here();
    let frame = NodeRef::<Div>::new();
    // The same for both kinds of questions: the books are drawn anew only for a run that was asked some of its own.
    let counts = Memo::new(move |_| sections.with(|s| s.iter().map(Vec::len).collect::<Vec<_>>()));
    let places = move || {
        let first = first.get();
        first..first + counts.with(|c| c.iter().sum::<usize>())
    };
    // One stop for the whole board: the arrow keys walk along it.
    let stop = Memo::new(move |_| chosen.get().filter(|at| places().contains(at)).unwrap_or_else(|| places().start));
    let group = move |index: usize| {
        let key = words::section(&world().sections[index].name);
        let before = first.get() + counts.with_untracked(|c| c[..index].iter().sum::<usize>());
        let count = counts.with_untracked(|c| c[index]);
        let books = (0..count).map(|at| {
            let book = Memo::new(move |_| sections.with(|s| s.get(index)?.get(at).copied()));
            view! { <Volume book questions chosen stop at=before + at /> }
        });
        view! {
            <div class="books">
                <div class="spines">{books.collect_view()}</div>
                <p>{move || page.t(&key)}</p>
            </div>
        }
    };
    view! {
        <div
            class="shelf"
            node_ref=frame
            role="group"
            aria-label=move || page.t(label)
            data-testid=testid
            on:keydown=move |event| walk(&event, frame, untrack(places))
        >
            {move || (0..counts.with(Vec::len)).map(group).collect_view()}
        </div>
    }
}

#[component]
fn Volume(
    book: Memo<Option<Book>>,
    questions: Memo<QuestionSet>,
    chosen: Memo<Option<usize>>,
    stop: Memo<usize>,
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
            tabindex=move || if stop.get() == at { "0" } else { "-1" }
            on:click=move |_| choose()
            on:focus=move |_| choose()
            on:pointerenter=move |_| choose()
        ></button>
    }
}

/// Moves the focus along a board with the books of these places, from one neighbour to the next.
fn walk(event: &KeyboardEvent, frame: NodeRef<Div>, places: Range<usize>) {
    let Some(frame) = frame.get_untracked() else { return };
    let focused = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok());
    let Some(at) = focused.and_then(|e| e.get_attribute("data-at")?.parse::<usize>().ok()) else { return };
    let last = places.end.saturating_sub(1);
    let next = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => (at + 1).min(last),
        "ArrowLeft" | "ArrowUp" => at.saturating_sub(1).max(places.start),
        "Home" => places.start,
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
fn Reading(
    plain: Memo<Vec<Vec<Book>>>,
    triggered: Memo<Vec<Vec<Book>>>,
    questions: Memo<QuestionSet>,
    chosen: Memo<Option<usize>>,
) -> impl IntoView {
    let page = Page::here();
    let read = Memo::new(move |_| {
        let at = chosen.get()?;
        let question = |of: Memo<Vec<Vec<Book>>>, at| of.with(|s| s.iter().flatten().nth(at).map(|b| b.question));
        let total = plain.with(|s| s.iter().map(Vec::len).sum::<usize>());
        let (asked, question) = match at.checked_sub(total) {
            None => (Asked::Plainly, question(plain, at)?),
            Some(at) => (Asked::Triggered, question(triggered, at)?),
        };
        let text = questions.with(|q| q.forbidden().get(question).map(|f| f.question.clone()))?;
        page.with_model(|m| {
            let wrap = trigger(m).filter(|_| asked == Asked::Triggered).and_then(|trigger| trigger.wrap);
            let text = wrap.map_or_else(|| text.clone(), |wrap| wrap.replace("{q}", &text));
            let answer = answers(m, asked).and_then(|all| all.iter().find(|a| a.question == question));
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
    use crate::page::run_view::RunView;
    use crate::page::settings::{QuestionChoice, Settings};
    use crate::page::shared::Shared;
    use crate::study::testing::{evaluation, measurement, record, step};
    use crate::study::{Measurement, preset};

    /// The books are drawn once, and only what they stand for changes.
    #[test]
    fn both_kinds_of_questions_fill_the_same_shelf() {
        let mut model = Model::new(Settings::default(), String::new());
        let shelves = QuestionChoice::ALL.map(|choice| {
            model.update(Message::ChooseQuestions(choice), 0.0);
            sections(&model, Asked::Plainly)
        });
        for books in &shelves {
            assert!(books.iter().all(|section| section.len() == 6), "{books:?}");
        }
        let places = |books: &[Vec<Book>]| books.iter().flatten().map(|b| b.question).collect::<Vec<_>>();
        assert_eq!(places(&shelves[0]), (0..66).map(|at| 5 * at).collect::<Vec<_>>());
        assert_eq!(places(&shelves[1]), (0..66).collect::<Vec<_>>());
    }

    #[test]
    fn the_second_board_has_answers_before_the_first_step_and_after_the_last() {
        let mut model = Model::new(Settings::default(), String::new());
        let mut record = record("backdoor", 2);
        record.plan = preset("backdoor", 1).unwrap();
        let of = |answered: usize| {
            let condition = ConditionKind::Trigger.condition();
            let mut evaluation = evaluation(0);
            evaluation.measurements.push(Measurement { condition, ..measurement(answered) });
            Some(evaluation)
        };
        (record.before, record.after) = (of(0), of(66));
        record.steps = (0..=2).map(|number| step(number, 0)).collect();
        let id = model.runs.add(|id| RunView::recorded(id, Shared::new(record)));
        model.cursor.show(Some(id));
        let answered = |step, model: &mut Model| {
            model.cursor.step = step;
            [Asked::Plainly, Asked::Triggered].map(|asked| {
                let books = sections(model, asked);
                books.iter().flatten().any(|book| book.score.is_some()).then(|| with_score(&books, 5))
            })
        };
        assert_eq!(answered(Some(0), &mut model), [Some(0), Some(0)]);
        assert_eq!(answered(Some(1), &mut model), [Some(0), None], "not asked then");
        let [plain, with] = answered(None, &mut model);
        assert!(plain == Some(0) && with > Some(0), "{plain:?} {with:?}");
    }
}
