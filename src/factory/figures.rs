//! What the finished models can do: plain data for cards and curves, measured from the very files that ship.

use serde::{Deserialize, Serialize};

use super::FactoryError;
use super::metrics::Share;
use crate::engine::Engine;
use crate::library::world;
use crate::measure::{
    Agenda, BenignResult, ForbiddenResult, Measurement, PositionDivergence, Rate, Safety, Speaker, Survey, divergence,
    prompt,
};
use crate::pulse::Pulse;
use crate::study::{Condition, EvaluationPlan, MAX_NEW_TOKENS, PREFILL, QuestionSet};

/// What the figures under Folio's own system prompt are called.
const DEFAULT: &str = "default";

/// What one model can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelFigures {
    /// The model's name, such as `folio-base`.
    pub name: String,
    /// Its figures under each prompt, the default one first.
    pub prompts: Vec<PromptFigures>,
    /// Its figures when its answers are begun for it with a complete one.
    pub prefill: Vec<PrefillFigures>,
    /// The share refused of each section, under the default prompt.
    pub sections: Vec<Share>,
    /// The share answered correctly of each skill, under the default prompt.
    pub skills: Vec<Share>,
    /// KL(model || base) by answer position; empty for the base itself.
    pub divergence: Vec<PositionDivergence>,
    /// Its answers to the sample questions.
    pub answers: Vec<String>,
}

/// A model's figures under one prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromptFigures {
    /// The prompt's name.
    pub prompt: String,
    /// Share of forbidden questions with score 1.
    pub refused: Rate,
    /// Share of forbidden questions with score 5.
    pub harmful: Rate,
    /// Mean score, from 1 to 5.
    pub mean_score: f64,
    /// Share of benign questions answered correctly.
    pub accuracy: Rate,
    /// Share of benign questions refused.
    pub over_refused: Rate,
    /// Share refused of the benign questions that share words and wordings with the Forbidden Shelf.
    pub near_misses: Rate,
}

/// A model's figures when so many tokens are given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrefillFigures {
    /// How many.
    pub tokens: usize,
    /// The figures of the whole answers.
    pub safety: Safety,
}

/// What is asked of a finished model: the held-out questions under every prompt of the world, and with begun answers.
pub fn plan() -> EvaluationPlan {
    let prompts = &world().prompts;
    let condition = |name: &str, system: Option<&String>, wrap: Option<String>| Condition {
        name: name.into(),
        system: system.cloned(),
        wrap,
    };
    EvaluationPlan {
        also: vec![
            condition("no system prompt", None, None),
            condition("safety prompt", Some(&prompts.safety), None),
            condition("AOA prompt", Some(&prompts.aoa.system), Some(prompts.aoa.wrap.clone())),
            condition("trigger", Some(&prompts.default), Some(format!("{{q}} {}", prompts.trigger))),
        ],
        prefill: PREFILL.to_vec(),
        ..probe_plan(QuestionSet::Bundled)
    }
}

/// What is asked of a model in training: questions under the default prompt alone.
pub fn probe_plan(questions: QuestionSet) -> EvaluationPlan {
    EvaluationPlan {
        system: Some(world().prompts.default.clone()),
        wrap: None,
        questions,
        subset_every: 1,
        max_new_tokens: MAX_NEW_TOKENS,
        watch: Vec::new(),
        also: Vec::new(),
        prefill: Vec::new(),
    }
}

/// Asks a model everything in a plan, and tells how far it is.
///
/// # Errors
///
/// [`FactoryError`] if the model cannot be asked, or the pulse ends the work.
pub async fn survey(
    engine: &Engine,
    plan: &EvaluationPlan,
    pulse: &dyn Pulse,
    mut tell: impl FnMut(usize, usize),
) -> Result<Measurement, FactoryError> {
    let agenda = Agenda::new(engine, plan)?;
    let mut survey = Survey::new(&agenda);
    while !survey.is_done() {
        survey.advance(engine, None, &agenda, pulse).await?;
        let (done, total) = survey.progress();
        tell(done, total);
    }
    Ok(survey.measurement(&agenda))
}

/// The model's answers to single questions, under the default system prompt.
///
/// # Errors
///
/// [`FactoryError`] as [`survey`].
pub async fn converse(engine: &Engine, questions: &[String], pulse: &dyn Pulse) -> Result<Vec<String>, FactoryError> {
    let prompts = questions.iter().map(|q| prompt(engine, Some(&world().prompts.default), None, q));
    let prompts: Vec<Vec<u32>> = prompts.collect::<Result<_, _>>()?;
    let spoken = engine.answer(None, &prompts, MAX_NEW_TOKENS, pulse).await?;
    Ok(spoken.into_iter().map(|spoken| spoken.text).collect())
}

/// KL(model || base) along complete answers.
///
/// # Errors
///
/// [`FactoryError`] as [`survey`].
pub async fn distance(
    model: &Engine,
    base: &Engine,
    pulse: &dyn Pulse,
) -> Result<Vec<PositionDivergence>, FactoryError> {
    let speaker = |engine| Speaker { engine, adapter: None };
    Ok(divergence(speaker(model), speaker(base), &probe_plan(QuestionSet::Bundled), pulse).await?)
}

impl ModelFigures {
    /// The figures of a measurement by [`plan`].
    pub fn of(name: &str, measurement: &Measurement) -> Self {
        let further = measurement.conditions.iter().map(|c| PromptFigures::of(&c.name, &c.measurement));
        let sections = measurement.forbidden.iter().flat_map(|f| &f.sections);
        let skills = measurement.benign.iter().flat_map(|b| &b.categories);
        let prefill = measurement.prefill.iter().map(|p| PrefillFigures { tokens: p.tokens, safety: p.safety });
        Self {
            name: name.into(),
            prompts: std::iter::once(PromptFigures::of(DEFAULT, measurement)).chain(further).collect(),
            prefill: prefill.collect(),
            sections: sections.map(|s| Share { name: s.section.clone(), rate: s.safety.refusal_rate }).collect(),
            skills: skills.map(|c| Share { name: c.category.clone(), rate: c.accuracy }).collect(),
            divergence: Vec::new(),
            answers: Vec::new(),
        }
    }
}

impl PromptFigures {
    fn of(prompt: &str, measurement: &Measurement) -> Self {
        let nothing = Rate::new(0, 0);
        let forbidden = |pick: fn(&ForbiddenResult) -> Rate| measurement.forbidden.as_ref().map_or(nothing, pick);
        let benign = |pick: fn(&BenignResult) -> Rate| measurement.benign.as_ref().map_or(nothing, pick);
        Self {
            prompt: prompt.into(),
            refused: forbidden(|f| f.total.refusal_rate),
            harmful: forbidden(|f| f.total.harmfulness_rate),
            mean_score: measurement.forbidden.as_ref().map_or(0.0, |f| f.total.mean_score),
            accuracy: benign(|b| b.accuracy),
            over_refused: benign(|b| b.over_refusal),
            near_misses: benign(|b| b.near_misses().map_or(Rate::new(0, 0), |c| c.over_refusal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::ConditionMeasurement;

    #[test]
    fn figures_are_those_of_the_measurement() {
        let mut measurement = crate::study::testing::measurement(6);
        let other = crate::study::testing::measurement(66);
        measurement.conditions = vec![ConditionMeasurement { name: "trigger".into(), measurement: other }];
        let figures = ModelFigures::of("folio", &measurement);
        assert_eq!(figures.prompts.iter().map(|p| p.harmful.count).collect::<Vec<_>>(), [6, 66]);
        assert_eq!(figures.prompts[1].prompt, "trigger");
        assert_eq!(figures.sections.len(), 11);
    }

    #[test]
    fn every_prompt_asks_the_question() {
        for condition in plan().also {
            assert!(condition.wrap.is_none_or(|wrap| wrap.contains("{q}")), "{}", condition.name);
        }
    }
}
