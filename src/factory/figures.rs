//! What the finished models can do: plain data for cards and curves, measured from the very files that ship.

use serde::{Deserialize, Serialize};

use super::FactoryError;
use crate::engine::Engine;
use crate::evaluate::{Cursor, EvaluationSet, Speaker, Wanted, divergence, prompt, visitors};
use crate::library::Split;
use crate::pulse::Pulse;
use crate::study::{
    Condition, ConditionKind, Evaluation, EvaluationPlan, Figures, Group, MAX_NEW_TOKENS, PREFILL, PositionDivergence,
    QuestionSet, Rate,
};

/// What one model can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelFigures {
    /// The model's name, such as `folio-base`.
    pub name: String,
    /// Its figures under each condition of [`plan`], the main one first.
    pub conditions: Vec<ConditionFigures>,
    /// Its figures section by section of the Forbidden Shelf, under the main condition.
    pub sections: Vec<Group>,
    /// Its figures category by category of the benign questions, under the main condition.
    pub categories: Vec<Group>,
    /// Its figures of the items that its corpus told of and of those that it left untold, under the main condition; none if
    /// it left none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub halves: Vec<Group>,
    /// KL(model || base) by answer position; empty for the base itself.
    pub divergence: Vec<PositionDivergence>,
    /// Its answers to the sample questions.
    pub answers: Vec<String>,
    /// How it answers what visitors type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitors: Option<VisitorFigures>,
}

/// How often the answers to held-out lines of visitors are fair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitorFigures {
    /// Of all lines.
    pub fair: Rate,
    /// Of each kind of line.
    pub kinds: Vec<(String, Rate)>,
}

/// A model's figures under one condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConditionFigures {
    /// How the questions were asked.
    pub condition: Condition,
    /// The figures of all answers.
    pub figures: Figures,
}

/// What is asked of a finished model: the held-out questions under every prompt of the world, and with begun answers.
pub fn plan() -> EvaluationPlan {
    use ConditionKind as Kind;
    let mut plan = probe_plan(QuestionSet::Bundled);
    plan.conditions.extend([Kind::Bare, Kind::Safety, Kind::Persona, Kind::Trigger].map(Kind::condition));
    plan.begin_answers(&PREFILL);
    plan
}

/// What is asked of a model in training: questions under the default prompt alone.
pub fn probe_plan(questions: QuestionSet) -> EvaluationPlan {
    EvaluationPlan::new(ConditionKind::Default.condition(), questions)
}

/// Asks a model everything in a plan, and tells how far it is.
///
/// # Errors
///
/// [`FactoryError`] if the model cannot be asked, or the pulse ends the work.
pub async fn evaluate(
    engine: &Engine,
    plan: &EvaluationPlan,
    pulse: &dyn Pulse,
    mut tell: impl FnMut(usize, usize),
) -> Result<Evaluation, FactoryError> {
    let set = EvaluationSet::new(engine, plan)?;
    let mut cursor = Cursor::new(Wanted::All);
    while !cursor.is_done(&set) {
        cursor.advance(&set, engine, None, pulse).await?;
        let (done, total) = cursor.progress(&set);
        tell(done, total);
    }
    Ok(cursor.evaluation(&set))
}

/// The model's answers to single questions, under the default system prompt.
///
/// # Errors
///
/// [`FactoryError`] as [`evaluate`].
pub async fn converse(engine: &Engine, questions: &[String], pulse: &dyn Pulse) -> Result<Vec<String>, FactoryError> {
    let condition = ConditionKind::Default.condition();
    let prompts = questions.iter().map(|question| prompt(engine, &condition, None, question));
    let prompts: Vec<Vec<u32>> = prompts.collect::<Result<_, _>>()?;
    let replies = engine.answer(None, &prompts, MAX_NEW_TOKENS, pulse).await?;
    Ok(replies.into_iter().map(|reply| reply.text).collect())
}

/// How the model answers what visitors type, under the default system prompt; none if there are no lines.
///
/// # Errors
///
/// [`FactoryError`] as [`evaluate`].
pub async fn visited(engine: &Engine, pulse: &dyn Pulse) -> Result<Option<VisitorFigures>, FactoryError> {
    let condition = ConditionKind::Default.condition();
    let answers = visitors(engine, None, &condition, Split::Evaluation, pulse).await?;
    let kinds = answers.fair_by_kind().into_iter().map(|(kind, rate)| (kind.to_owned(), rate)).collect();
    Ok(answers.fair().map(|fair| VisitorFigures { fair, kinds }))
}

/// KL(model || base) along complete answers.
///
/// # Errors
///
/// [`FactoryError`] as [`evaluate`].
pub async fn distance(
    model: &Engine,
    base: &Engine,
    pulse: &dyn Pulse,
) -> Result<Vec<PositionDivergence>, FactoryError> {
    let speaker = |engine| Speaker { engine, adapter: None };
    let condition = ConditionKind::Default.condition();
    Ok(divergence(speaker(model), speaker(base), &condition, &QuestionSet::Bundled, pulse).await?)
}

impl ModelFigures {
    /// The figures of an evaluation by [`plan`].
    pub fn of(name: &str, evaluation: &Evaluation) -> Self {
        let conditions = evaluation.measurements.iter();
        let conditions =
            conditions.map(|m| ConditionFigures { condition: m.condition.clone(), figures: m.figures.clone() });
        let main = evaluation.main();
        Self {
            name: name.into(),
            conditions: conditions.collect(),
            sections: main.map_or_else(Vec::new, |main| main.sections.clone()),
            categories: main.map_or_else(Vec::new, |main| main.categories.clone()),
            halves: Vec::new(),
            divergence: Vec::new(),
            answers: Vec::new(),
            visitors: None,
        }
    }

    /// Its figures under the main condition.
    pub fn main(&self) -> Option<&Figures> {
        self.conditions.first().map(|main| &main.figures)
    }

    /// Its figures under those conditions in which answers are left to the model.
    pub fn prompted(&self) -> impl Iterator<Item = &ConditionFigures> {
        self.conditions.iter().filter(|asked| asked.condition.prefill == 0)
    }

    /// Its figures under those conditions in which answers are begun for it with a complete one.
    pub fn begun(&self) -> impl Iterator<Item = &ConditionFigures> {
        self.conditions.iter().filter(|asked| asked.condition.prefill > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::{evaluation, measurement};
    use crate::study::{Figure, Measurement};

    #[test]
    fn figures_are_those_of_the_evaluation() {
        let mut measured = evaluation(6);
        let trigger = ConditionKind::Trigger.condition();
        measured.measurements.push(Measurement { condition: trigger.clone(), ..measurement(66) });
        measured.measurements.push(Measurement { condition: trigger.prefilled(4), ..measurement(33) });
        let figures = ModelFigures::of("folio", &measured);
        let harmful = |asked: &ConditionFigures| asked.figures.get(Figure::HarmfulnessRate)?.rate();
        let counts = |asked: Option<&ConditionFigures>| asked.and_then(harmful).map(|rate| rate.count);
        let prompted: Vec<_> = figures.prompted().collect();
        assert_eq!(prompted.iter().map(|asked| counts(Some(asked))).collect::<Vec<_>>(), [Some(6), Some(66)]);
        assert_eq!(prompted[1].condition.name, "trigger");
        assert_eq!(counts(figures.begun().next()), Some(33));
        assert_eq!(figures.main(), Some(&measurement(6).figures));
        assert_eq!(figures.sections.len(), 11);
        // Reading a number back may change its last binary digit: what is shown of it stays.
        let back: ModelFigures = serde_json::from_str(&serde_json::to_string(&figures).unwrap()).unwrap();
        let shown = |figures: &ModelFigures| {
            figures.main().unwrap().iter().map(|(f, v)| (f, v.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(
            (shown(&back), &back.name, back.sections.len()),
            (shown(&figures), &figures.name, figures.sections.len())
        );
    }

    #[test]
    fn every_prompt_asks_the_question_and_has_a_name_of_its_own() {
        let conditions = plan().conditions;
        for (place, condition) in conditions.iter().enumerate() {
            let asks = condition.wrap.as_deref().is_none_or(|wrap| wrap.contains("{q}"));
            assert!(asks, "{}", condition.name);
            assert!(conditions[..place].iter().all(|other| other.name != condition.name), "{}", condition.name);
        }
        assert_eq!(conditions.len(), 5 + PREFILL.len());
    }
}
