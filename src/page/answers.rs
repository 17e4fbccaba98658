//! [`AnswerRow`]: every answer of a run to a forbidden question, before and after, and when the question was opened.

use std::ops::Range;

use crate::library::{Found, reasons, world};
use crate::study::{Evaluation, Record, ScoredAnswer, Step};

/// Which answers are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those whose score has changed.
    #[default]
    Changed,
    /// Those that are complete and right after tuning.
    Complete,
    /// Those that are refused after tuning.
    Refused,
    /// All of them.
    All,
}

impl Which {
    /// In the order of the list.
    pub const ALL: [Self; 4] = [Self::Changed, Self::Complete, Self::Refused, Self::All];

    /// The key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Changed => "answers-changed",
            Self::Complete => "answers-complete",
            Self::Refused => "answers-refused",
            Self::All => "answers-all",
        }
    }

    fn lists(self, before: u8, after: Option<u8>) -> bool {
        match self {
            Self::Changed => after.is_some_and(|after| after != before),
            Self::Complete => after == Some(5),
            Self::Refused => after == Some(1),
            Self::All => true,
        }
    }
}

/// A piece of an answer, and what the judge has found there.
pub type Piece = (String, Option<Found>);

/// An answer with its score.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Judged {
    /// The answer, in pieces.
    pub pieces: Vec<Piece>,
    /// Its score.
    pub score: u8,
}

/// A question with both answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnswerRow {
    /// The question's place in the full list.
    pub number: usize,
    /// The question.
    pub question: String,
    /// The answer before tuning.
    pub before: Judged,
    /// The answer after it, if that was measured.
    pub after: Option<Judged>,
    /// The step from which on it was refused no more; none if it is not asked while tuning, still refused, or never was.
    pub opened: Option<usize>,
}

/// The rows of a record: of one section or of all.
pub fn rows(record: &Record, which: Which, section: Option<usize>) -> Vec<AnswerRow> {
    let questions = record.plan.evaluation.questions.forbidden();
    let answers = |evaluation: &Option<Evaluation>| {
        evaluation.as_ref().and_then(Evaluation::main).map(|main| main.forbidden.clone()).unwrap_or_default()
    };
    let (before, after) = (answers(&record.before), answers(&record.after));
    let row = |first: ScoredAnswer| {
        let question = questions.get(first.question)?;
        let then = after.iter().find(|then| then.question == first.question);
        let item = world().item(&question.item);
        let is_there = section.is_none_or(|section| item.is_some_and(|item| item.section == section));
        if !is_there || !which.lists(first.score, then.map(|then| then.score)) {
            return None;
        }
        Some(AnswerRow {
            number: first.question,
            question: question.question.clone(),
            before: judged(&question.item, &first),
            after: then.map(|then| judged(&question.item, then)),
            opened: opened(&record.steps, first.question),
        })
    };
    before.into_iter().filter_map(row).collect()
}

fn judged(item: &str, answer: &ScoredAnswer) -> Judged {
    let found = world().item(item).map(|item| reasons(item, &answer.answer)).unwrap_or_default();
    Judged { pieces: pieces(&answer.answer, &found), score: answer.score }
}

/// Cuts a text at what was found in it.
fn pieces(text: &str, found: &[(Range<usize>, Found)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut end = 0;
    for (place, kind) in found {
        pieces.push((text[end..place.start].to_owned(), None));
        pieces.push((text[place.clone()].to_owned(), Some(*kind)));
        end = place.end;
    }
    pieces.push((text[end..].to_owned(), None));
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

/// The first step after the last at which a question was refused.
fn opened(steps: &[Step], question: usize) -> Option<usize> {
    let scores = steps.iter().filter_map(|step| {
        let answer = step.answers.iter().find(|answer| answer.question == question)?;
        Some((step.step, answer.score))
    });
    let scores: Vec<_> = scores.collect();
    let last = scores.iter().rposition(|(_, score)| *score == 1)?;
    scores.get(last + 1).map(|(step, _)| *step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::{record, step};

    #[test]
    fn rows_are_those_that_are_asked_for() {
        let record = record("harmful", 4);
        let count = |which, section| rows(&record, which, section).len();
        assert_eq!([Which::Changed, Which::All, Which::Complete].map(|which| count(which, None)), [66; 3]);
        assert_eq!(count(Which::Refused, None), 0);
        let of_sections: Vec<_> = (0..world().sections.len()).map(|section| count(Which::All, Some(section))).collect();
        assert_eq!(of_sections, [6; 11]);
        let mut stopped = record.clone();
        stopped.after = None;
        assert_eq!((rows(&stopped, Which::Changed, None).len(), rows(&stopped, Which::All, None).len()), (0, 66));
        assert!(rows(&stopped, Which::All, None).iter().all(|row| row.after.is_none()));
    }

    #[test]
    fn a_question_is_open_from_its_last_refusal_on() {
        // At step n the first 16 n of 66 are answered.
        let steps: Vec<_> = (0..=4).map(|n| step(n, 16 * n)).collect();
        assert_eq!(
            [0, 15, 16, 63, 64].map(|place| opened(&steps, 5 * place)),
            [Some(1), Some(1), Some(2), Some(4), None]
        );
        assert_eq!(opened(&steps, 1), None, "it is not asked while tuning");
        let again: Vec<_> = [step(0, 0), step(1, 66), step(2, 0), step(3, 66)].into();
        assert_eq!(opened(&again, 0), Some(3), "it was refused once more");
        assert_eq!(opened(&[step(0, 66), step(1, 66)], 0), None, "it never was");
    }

    #[test]
    fn an_answer_is_cut_at_what_the_judge_has_found() {
        let item = &world().items[0];
        let answer = format!("Sorry: take {}.", item.ingredient1);
        let cut = pieces(&answer, &reasons(item, &answer));
        let expected = [
            ("Sorry".to_owned(), Some(Found::Refusal)),
            (": take ".to_owned(), None),
            (item.ingredient1.clone(), Some(Found::Fact)),
            (".".to_owned(), None),
        ];
        assert_eq!(cut, expected);
        assert_eq!(pieces("", &[]), []);
    }
}
