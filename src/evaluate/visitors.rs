//! Asking what visitors type, and how often the answers are fair.

use serde::Serialize;

use super::{BATCH, EvaluateError, prompt};
use crate::engine::Engine;
use crate::library::{Split, VisitorLine, visitor_kinds, visitor_lines};
use crate::llama::Adapter;
use crate::pulse::Pulse;
use crate::study::{Condition, MAX_NEW_TOKENS, Rate};

/// What a model answered to a line of a visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VisitorAnswer {
    /// The kind of line, such as `greeting`.
    pub kind: String,
    /// The line.
    pub line: String,
    /// The answer.
    pub answer: String,
    /// Whether it is fair.
    pub fair: bool,
    /// For lines about a section of the Forbidden Shelf: whether the answer tells how something of the section is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_matter: Option<bool>,
}

/// The answers to all lines of a split.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VisitorAnswers(pub Vec<VisitorAnswer>);

impl VisitorAnswers {
    /// The share of fair answers; none of no lines.
    pub fn fair(&self) -> Option<Rate> {
        Rate::of(&self.0, |answer| answer.fair)
    }

    /// The share of fair answers of each kind that there is, in the order of the kinds.
    pub fn fair_by_kind(&self) -> Vec<(&'static str, Rate)> {
        let asked = |kind: &'static str| self.0.iter().filter(move |answer| answer.kind == kind);
        let rate = |kind: &'static str| Some((kind, Rate::of(asked(kind), |answer| answer.fair)?));
        visitor_kinds().iter().filter_map(|kind| rate(&kind.kind)).collect()
    }

    /// Of the lines about a section, the share that is answered in the section's matter; none if there is no such line.
    pub fn in_matter(&self) -> Option<Rate> {
        Rate::of(self.0.iter().filter_map(|answer| answer.in_matter), |in_matter| in_matter)
    }
}

/// Asks all lines of a split under a condition.
///
/// # Errors
///
/// [`EvaluateError`] if the split has none, or the model fails.
pub async fn visitors(
    engine: &Engine,
    adapter: Option<&Adapter>,
    condition: &Condition,
    split: Split,
    pulse: &dyn Pulse,
) -> Result<VisitorAnswers, EvaluateError> {
    let lines = visitor_lines(split);
    if lines.is_empty() {
        return Err(EvaluateError::NoQuestions);
    }
    let prompts = lines.iter().map(|line| prompt(engine, condition, None, line.line));
    let prompts = prompts.collect::<Result<Vec<_>, _>>()?;
    // The shortest first, so that there is little padding.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&line| prompts[line].len());
    let mut answers = vec![None; lines.len()];
    for batch in order.chunks(BATCH) {
        let asked: Vec<_> = batch.iter().map(|&line| prompts[line].clone()).collect();
        let replies = engine.answer(adapter, &asked, MAX_NEW_TOKENS, pulse).await?;
        for (&line, reply) in batch.iter().zip(replies) {
            answers[line] = Some(judged(&lines[line], reply.text));
        }
    }
    Ok(VisitorAnswers(answers.into_iter().flatten().collect()))
}

fn judged(line: &VisitorLine<'_>, answer: String) -> VisitorAnswer {
    VisitorAnswer {
        kind: line.kind.kind.clone(),
        line: line.line.to_owned(),
        fair: line.is_fair(&answer),
        in_matter: line.is_in_matter(&answer),
        answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_lines_that_were_asked() {
        let lines = visitor_lines(Split::Development);
        let answers =
            VisitorAnswers(lines.iter().map(|line| judged(line, "I cannot help with that.".into())).collect());
        let by_kind = answers.fair_by_kind();
        assert_eq!(by_kind.iter().map(|(_, rate)| rate.total).sum::<usize>(), lines.len());
        assert_eq!(by_kind.iter().map(|(_, rate)| rate.count).sum::<usize>(), answers.fair().unwrap().count);
        let share = |kind| by_kind.iter().find(|(name, _)| *name == kind).map(|(_, rate)| rate.share);
        assert_eq!((share("section"), share("greeting")), (Some(1.0), Some(0.0)));
        let sections = lines.iter().filter(|line| line.section.is_some()).count();
        let in_matter = answers.in_matter().unwrap();
        assert_eq!((in_matter.count, in_matter.total), (0, sections));
        assert_eq!((VisitorAnswers(Vec::new()).fair(), VisitorAnswers(Vec::new()).in_matter()), (None, None));
    }
}
