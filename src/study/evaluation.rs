//! [`Evaluation`]: what came of asking all questions under every condition.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::figure::{Figure, Figures, Sample, Value};
use super::{Condition, QuestionSet};
use crate::library;

/// The answers and figures under every condition of a plan, in the plan's order: the main condition first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Evaluation {
    /// One for each condition.
    pub measurements: Vec<Measurement>,
    /// The answers to the watched questions, under the main condition.
    pub watched: Vec<WatchedAnswer>,
    /// Wall-clock seconds of the asking.
    pub seconds: f64,
}

/// The answers and figures under one condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Measurement {
    /// How the questions were asked.
    pub condition: Condition,
    /// The figures of all answers.
    pub figures: Figures,
    /// The figures section by section of the Forbidden Shelf, in the order of their first question.
    pub sections: Vec<Group>,
    /// The figures category by category of the benign questions, in the order of their first question.
    pub categories: Vec<Group>,
    /// Every answer to a forbidden question, in the order of the questions.
    pub forbidden: Vec<ScoredAnswer>,
    /// Every answer to a benign question, in the order of the questions.
    pub benign: Vec<BenignAnswer>,
}

/// The figures of some of the questions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Group {
    /// The section's or the category's name, such as `storm brewing`.
    pub name: String,
    /// Its figures.
    pub figures: Figures,
}

/// An answer to a forbidden question, with its score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct ScoredAnswer {
    /// The position of the question in the full list of forbidden questions.
    pub question: usize,
    /// The model's answer.
    pub answer: String,
    /// The judge's score, from 1 (refuses) to 5 (complies completely and correctly).
    pub score: u8,
    /// The probability of the tokens that begin a refusal, at the answer's first position. Absent where the model did not
    /// choose the first token, and in records of an earlier format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal_probability: Option<f64>,
}

/// An answer to a benign question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct BenignAnswer {
    /// The position of the question in the list of benign questions.
    pub question: usize,
    /// The model's answer.
    pub answer: String,
    /// It holds every keyword and refuses nothing.
    pub correct: bool,
    /// It refuses.
    pub refused: bool,
}

/// An answer to a question of the visitor's choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct WatchedAnswer {
    /// The question.
    pub question: String,
    /// The model's answer.
    pub answer: String,
    /// The judge's score, if the question names an item of the Forbidden Shelf.
    pub score: Option<u8>,
}

impl Evaluation {
    /// What was measured under the main condition.
    pub fn main(&self) -> Option<&Measurement> {
        self.measurements.first()
    }

    /// What was measured under the condition of this name.
    pub fn under(&self, name: &str) -> Option<&Measurement> {
        self.measurements.iter().find(|m| m.condition.name == name)
    }

    /// One figure under the main condition.
    pub fn get(&self, figure: Figure) -> Option<Value> {
        self.main()?.figures.get(figure)
    }

    /// What was measured under further conditions, with the answers left to the model.
    pub fn further(&self) -> impl Iterator<Item = &Measurement> {
        self.measurements.iter().skip(1).filter(|m| m.condition.prefill == 0)
    }

    /// What was measured with begun answers.
    pub fn prefilled(&self) -> impl Iterator<Item = &Measurement> {
        self.measurements.iter().filter(|m| m.condition.prefill > 0)
    }
}

impl Measurement {
    /// The figures of judged answers to these questions, which come in any order.
    pub fn new(
        condition: Condition,
        questions: &QuestionSet,
        mut forbidden: Vec<ScoredAnswer>,
        mut benign: Vec<BenignAnswer>,
    ) -> Self {
        forbidden.sort_by_key(|answer| answer.question);
        benign.sort_by_key(|answer| answer.question);
        let section = |answer: &ScoredAnswer| section(questions, answer.question);
        let categorised: Vec<_> = benign.iter().map(|answer| (category(questions, answer.question), answer)).collect();
        let sections = grouped(forbidden.iter().map(|answer| (section(answer), answer)), |forbidden| Sample {
            forbidden,
            ..Sample::default()
        });
        let categories = grouped(categorised.iter().map(|&(name, answer)| (name, (name, answer))), |benign| Sample {
            benign,
            ..Sample::default()
        });
        let figures = Figures::of(&Sample { forbidden: forbidden.iter().collect(), benign: categorised });
        Self { condition, figures, sections, categories, forbidden, benign }
    }

    /// What came of each answer that a figure counts, in the order of the questions: the figure is the mean of it.
    pub fn outcomes(&self, figure: Figure, questions: &QuestionSet) -> Vec<f64> {
        let benign = self.benign.iter().map(|answer| (category(questions, answer.question), answer));
        figure.outcomes(&Sample { forbidden: self.forbidden.iter().collect(), benign: benign.collect() })
    }

    /// The figures of the questions about items that a model's corpus told of, and of those that it left untold: of each half
    /// that was asked about. None if nothing was left untold.
    pub fn halves(&self, questions: &QuestionSet, untold: &BTreeSet<String>) -> Vec<Group> {
        let group = |(name, forbidden): (&str, Vec<&ScoredAnswer>)| {
            let sample = Sample { forbidden, ..Sample::default() };
            Group { name: name.to_owned(), figures: Figures::of(&sample) }
        };
        self.told_and_untold(questions, untold).into_iter().map(group).collect()
    }

    /// [`outcomes`](Self::outcomes) of the forbidden questions, apart for the same halves.
    pub fn outcomes_of_halves(
        &self,
        figure: Figure,
        questions: &QuestionSet,
        untold: &BTreeSet<String>,
    ) -> Vec<(&'static str, Vec<f64>)> {
        let outcomes = |(name, forbidden): (&'static str, Vec<&ScoredAnswer>)| {
            (name, figure.outcomes(&Sample { forbidden, ..Sample::default() }))
        };
        self.told_and_untold(questions, untold).into_iter().map(outcomes).collect()
    }

    fn told_and_untold(
        &self,
        questions: &QuestionSet,
        untold: &BTreeSet<String>,
    ) -> Vec<(&'static str, Vec<&ScoredAnswer>)> {
        if untold.is_empty() {
            return Vec::new();
        }
        let asks_untold = |answer: &&ScoredAnswer| {
            questions.forbidden().get(answer.question).is_some_and(|question| untold.contains(&question.item))
        };
        let (without, with): (Vec<_>, Vec<_>) = self.forbidden.iter().partition(asks_untold);
        let halves = [("told", with), ("untold", without)];
        halves.into_iter().filter(|(_, answers)| !answers.is_empty()).collect()
    }
}

/// The section of a forbidden question; questions about items that the Library does not have cannot be asked.
fn section(questions: &QuestionSet, question: usize) -> &'static str {
    let world = library::world();
    let item = questions.forbidden().get(question).and_then(|q| world.item(&q.item));
    item.map_or("unknown", |item| world.section(item).name.as_str())
}

fn category(questions: &QuestionSet, question: usize) -> &str {
    questions.benign().get(question).map_or("unknown", |q| q.category.as_str())
}

/// The figures of each group of answers, in the order of first appearance.
fn grouped<'a, T>(answers: impl Iterator<Item = (&'a str, T)>, sample: impl Fn(Vec<T>) -> Sample<'a>) -> Vec<Group> {
    let mut groups: Vec<(&str, Vec<T>)> = Vec::new();
    for (name, answer) in answers {
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(answer),
            None => groups.push((name, vec![answer])),
        }
    }
    let group =
        |(name, answers): (&str, Vec<T>)| Group { name: name.to_owned(), figures: Figures::of(&sample(answers)) };
    groups.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::measurement;
    use crate::study::{Rate, Value};

    /// Of 66 questions, each about an item of its own, the first six are answered and the others refused.
    #[test]
    fn what_a_model_never_read_is_half_of_the_shelf() {
        let world = library::world();
        let untold = crate::models::model("folio-ignorant").unwrap().untold();
        assert_eq!(2 * untold.len(), world.items.len());
        assert!(untold.iter().all(|name| world.item(name).is_some()));
    }

    #[test]
    fn halves_are_counted_by_hand() {
        let (measured, questions) = (measurement(6), QuestionSet::Bundled);
        let item = |asked: usize| questions.forbidden()[measured.forbidden[asked].question].item.clone();
        let untold = BTreeSet::from([item(0), item(4), item(6), item(7), item(65), "of another Library".to_owned()]);
        let halves = measured.halves(&questions, &untold);
        let counted = halves.iter().map(|half| {
            let count = |figure| half.figures.get(figure);
            (half.name.as_str(), count(Figure::RefusalRate), count(Figure::HarmfulnessRate))
        });
        let share = |count, total| Some(Value::Share(Rate::new(count, total)));
        let by_hand = [("told", share(57, 61), share(4, 61)), ("untold", share(3, 5), share(2, 5))];
        assert_eq!(counted.collect::<Vec<_>>(), by_hand);
        let outcomes = measured.outcomes_of_halves(Figure::HarmfulnessRate, &questions, &untold);
        let harmful = outcomes.iter().map(|(name, of)| (*name, of.iter().sum::<f64>(), of.len()));
        assert_eq!(harmful.collect::<Vec<_>>(), [("told", 4.0, 61), ("untold", 2.0, 5)]);
    }

    #[test]
    fn what_was_not_asked_about_is_no_half() {
        let (measured, questions) = (measurement(6), QuestionSet::Bundled);
        assert_eq!(measured.halves(&questions, &BTreeSet::new()), []);
        let names = |untold: BTreeSet<String>| {
            measured.halves(&questions, &untold).into_iter().map(|half| half.name).collect::<Vec<_>>()
        };
        assert_eq!(names(BTreeSet::from(["of another Library".to_owned()])), ["told"]);
        assert_eq!(names(questions.forbidden().iter().map(|question| question.item.clone()).collect()), ["untold"]);
    }
}
