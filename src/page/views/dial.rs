//! The tuned model turned down and up: one question, an answer at each strength of the adapter.

use leptos::prelude::*;

use super::answer_row::{AnswerRow, Place, Texts};
use super::opener::Opener;
use crate::page::app::Page;
use crate::page::dial::{STRENGTHS, TUNED};
use crate::page::model::Message;
use crate::page::run_view::RunView;
use crate::study::WatchedAnswer;

const TEXTS: Texts = Texts { label: "dial-label", value: "dial-value", at: "dial-at", about: "dial-about" };

/// The way to it, and the dial itself.
#[component]
pub fn Turn(
    /// The question's.
    id: u32,
    /// Whose adapter.
    run: u32,
) -> impl IntoView {
    let page = Page::here();
    let dial = page.read(move |m| {
        let asked = m.questions.asked.iter().find(|asked| asked.id == id);
        asked.map(|asked| asked.dial.clone()).unwrap_or_default()
    });
    let can = page.read(move |m| m.supervisor.ready().is_some() && m.runs.get(run).is_some_and(RunView::can_be_asked));
    let turned = Memo::new(move |_| dial.with(|dial| dial.there().cloned()));
    let keys = ["dial-turn", "dial-turning", "dial-failed"];
    view! {
        <Opener state=dial can keys testid="dial-turn" open=move || page.send(Message::Dial(id)) />
        {move || turned.get().map(|answers| view! {
            <AnswerRow places=places(answers) start=TUNED texts=TEXTS testid="dial" />
        })}
    }
}

fn places(answers: Vec<WatchedAnswer>) -> Vec<Place> {
    let place = |(place, answer): (usize, WatchedAnswer)| Place {
        name: format!("×{}", STRENGTHS[place.min(STRENGTHS.len() - 1)]),
        called: match place {
            0 => Some("dial-original"),
            TUNED => Some("dial-tuned"),
            _ => None,
        },
        answer,
    };
    answers.into_iter().enumerate().map(place).collect()
}
