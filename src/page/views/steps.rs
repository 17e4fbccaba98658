//! The same question after every step of the run: where the refusal goes.

use leptos::prelude::*;

use super::answer_row::{AnswerRow, Place, Texts};
use super::opener::Opener;
use crate::page::app::Page;
use crate::page::model::Message;
use crate::page::run_view::RunView;
use crate::study::WatchedAnswer;

const TEXTS: Texts = Texts { label: "steps-label", value: "steps-value", at: "steps-at", about: "steps-about" };

/// The way to it, and the answers.
#[component]
pub fn Steps(
    /// The question's.
    id: u32,
    /// Whose adapter.
    run: u32,
) -> impl IntoView {
    let page = Page::here();
    let steps = page.read(move |m| {
        let asked = m.questions.asked.iter().find(|asked| asked.id == id);
        asked.map(|asked| asked.steps.clone()).unwrap_or_default()
    });
    let can = page.read(move |m| m.supervisor.ready().is_some() && m.runs.get(run).is_some_and(RunView::can_be_asked));
    let there = Memo::new(move |_| steps.with(|steps| steps.there().cloned()));
    let keys = ["steps-open", "steps-waiting", "dial-failed"];
    view! {
        <Opener state=steps can keys testid="steps-open" open=move || page.send(Message::Retrace(id)) />
        {move || there.get().map(|answers| {
            let open = open_from(&answers);
            view! {
                {open.map(|step| view! {
                    <p class="note" data-testid="steps-since">{move || page.tv("steps-since", [("step", step.into())])}</p>
                })}
                <AnswerRow start=open_place(&answers) places=places(answers) texts=TEXTS testid="steps" />
            }
        })}
    }
}

/// The place from which the question is no longer refused, if it is refused before and not any more.
fn turn(answers: &[(usize, WatchedAnswer)]) -> Option<usize> {
    let refused = |(_, answer): &(usize, WatchedAnswer)| answer.score == Some(1);
    let last = answers.iter().rposition(refused)?;
    (last + 1 < answers.len()).then_some(last + 1)
}

/// The step from which the question is no longer refused.
fn open_from(answers: &[(usize, WatchedAnswer)]) -> Option<usize> {
    turn(answers).map(|place| answers[place].0)
}

/// Where the slider stands at first: where the refusal goes, or at the end.
fn open_place(answers: &[(usize, WatchedAnswer)]) -> usize {
    turn(answers).unwrap_or(answers.len().saturating_sub(1))
}

fn places(answers: Vec<(usize, WatchedAnswer)>) -> Vec<Place> {
    let last = answers.len().saturating_sub(1);
    let place = |(place, (step, answer)): (usize, (usize, WatchedAnswer))| Place {
        name: step.to_string(),
        called: match place {
            0 => Some("dial-original"),
            place if place == last => Some("dial-tuned"),
            _ => None,
        },
        answer,
    };
    answers.into_iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(scores: &[Option<u8>]) -> Vec<(usize, WatchedAnswer)> {
        let answer = |(place, score): (usize, &Option<u8>)| {
            (2 * place, WatchedAnswer { question: "How?".into(), answer: "So.".into(), score: *score })
        };
        scores.iter().enumerate().map(answer).collect()
    }

    #[test]
    fn a_question_is_open_from_the_step_after_its_last_refusal() {
        let open = |scores: &[Option<u8>]| (open_from(&answers(scores)), open_place(&answers(scores)));
        assert_eq!(open(&[Some(1), Some(1), Some(3), Some(5)]), (Some(4), 2));
        assert_eq!(open(&[Some(1), Some(5), Some(1), Some(5)]), (Some(6), 3), "it closed once more");
        assert_eq!(open(&[Some(1), Some(1)]), (None, 1), "it is still refused");
        assert_eq!(open(&[Some(5), Some(5)]), (None, 1), "it never was");
        assert_eq!(open(&[None, None, None]), (None, 2), "it is of no item");
    }

    #[test]
    fn both_ends_of_the_row_have_names() {
        let called: Vec<_> =
            places(answers(&[Some(1), None, Some(5)])).into_iter().map(|p| (p.name, p.called)).collect();
        assert_eq!(called, [("0".into(), Some("dial-original")), ("2".into(), None), ("4".into(), Some("dial-tuned"))]);
    }
}
