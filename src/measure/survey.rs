//! [`Survey`]: all that is asked before tuning and again after it, as one row of examinations.

use crate::engine::{Engine, EngineError};
use crate::llama::Adapter;
use crate::pulse::Pulse;
use crate::study::EvaluationPlan;

use super::prefill::PrefillExamination;
use super::{CompleteAnswer, ConditionMeasurement, Examination, MeasureError, Measurement, Questions};

/// What a plan asks before and after tuning, prepared for one engine.
pub struct Agenda {
    /// The questions under the plan's own prompt; while tuning, a part of them is asked.
    pub questions: Questions,
    /// The same questions under each further prompt, by its name.
    conditions: Vec<(String, Questions)>,
    /// How many tokens of the answers are given.
    prefill: Vec<usize>,
    /// What the answers are begun with; empty if none is.
    complete: Vec<CompleteAnswer>,
    longest: usize,
}

impl Agenda {
    /// Prepares the questions of a plan under each of its prompts.
    ///
    /// # Errors
    ///
    /// [`MeasureError`] as from [`Questions::new`], or if answers are to be begun with no token or with all that an answer
    /// may have.
    pub fn new(engine: &Engine, plan: &EvaluationPlan) -> Result<Self, MeasureError> {
        let longest = plan.max_new_tokens;
        if let Some(&tokens) = plan.prefill.iter().find(|&&tokens| tokens == 0 || tokens >= longest) {
            return Err(MeasureError::Prefill { tokens, longest });
        }
        let condition = |condition: &crate::study::Condition| {
            let (system, wrap) = (condition.system.clone(), condition.wrap.clone());
            let plan = EvaluationPlan { system, wrap, watch: Vec::new(), ..plan.clone() };
            Ok((condition.name.clone(), Questions::new(engine, &plan)?))
        };
        Ok(Self {
            questions: Questions::new(engine, plan)?,
            conditions: plan.also.iter().map(condition).collect::<Result<_, MeasureError>>()?,
            complete: if plan.prefill.is_empty() { Vec::new() } else { CompleteAnswer::all(engine, plan)? },
            prefill: plan.prefill.clone(),
            longest,
        })
    }
}

/// A survey in progress: the caller has it answer one batch after another.
pub struct Survey {
    plain: Examination,
    conditions: Vec<Examination>,
    prefill: Vec<PrefillExamination>,
    seconds: f64,
}

impl Survey {
    /// Everything on the agenda.
    pub fn new(agenda: &Agenda) -> Self {
        let begun = |&tokens: &usize| PrefillExamination::new(&agenda.complete, tokens, agenda.longest);
        Self {
            plain: Examination::full(&agenda.questions),
            conditions: agenda.conditions.iter().map(|(_, questions)| Examination::full(questions)).collect(),
            prefill: agenda.prefill.iter().map(begun).collect(),
            seconds: 0.0,
        }
    }

    /// Questions answered so far, and of how many, over all examinations.
    pub fn progress(&self) -> (usize, usize) {
        let asked = std::iter::once(&self.plain).chain(&self.conditions).map(Examination::progress);
        let begun = self.prefill.iter().map(PrefillExamination::progress);
        asked.chain(begun).fold((0, 0), |(done, total), (d, t)| (done + d, total + t))
    }

    /// Whether every question is answered.
    pub fn is_done(&self) -> bool {
        let (done, total) = self.progress();
        done == total
    }

    /// Has the next batch answered and judged.
    ///
    /// # Errors
    ///
    /// [`EngineError`]; the survey can then be taken up again at the same batch.
    pub async fn advance(
        &mut self,
        engine: &Engine,
        adapter: Option<&Adapter>,
        agenda: &Agenda,
        pulse: &dyn Pulse,
    ) -> Result<(), EngineError> {
        if !self.plain.is_done() {
            return self.plain.advance(engine, adapter, &agenda.questions, pulse).await;
        }
        let mut conditions = self.conditions.iter_mut().zip(&agenda.conditions);
        if let Some((examination, (_, questions))) = conditions.find(|(examination, _)| !examination.is_done()) {
            return examination.advance(engine, adapter, questions, pulse).await;
        }
        let unfinished = |examination: &&mut PrefillExamination| {
            let (done, total) = examination.progress();
            done < total
        };
        match self.prefill.iter_mut().find(unfinished) {
            Some(examination) => examination.advance(engine, adapter, &agenda.complete, pulse).await,
            None => Ok(()),
        }
    }

    /// Adds to the wall-clock seconds that the measurement reports.
    pub fn add_seconds(&mut self, seconds: f64) {
        self.seconds += seconds;
    }

    /// The figures of the answers so far.
    pub fn measurement(&self, agenda: &Agenda) -> Measurement {
        let conditions = self.conditions.iter().zip(&agenda.conditions).map(|(examination, (name, questions))| {
            ConditionMeasurement { name: name.clone(), measurement: examination.measurement(questions) }
        });
        Measurement {
            conditions: conditions.collect(),
            prefill: self.prefill.iter().map(PrefillExamination::result).collect(),
            seconds: self.seconds,
            ..self.plain.measurement(&agenda.questions)
        }
    }

    /// The figures of every n-th forbidden question under the plan's own prompt: the subset that is asked while tuning.
    pub fn subset(&self, agenda: &Agenda, every: usize) -> Measurement {
        self.plain.measurement_of_every(&agenda.questions, every)
    }
}
