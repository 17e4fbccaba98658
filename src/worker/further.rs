//! What a visitor can ask of a run beyond its answers: how it came about, turned down and up, token by token, and how deep it went.

use super::answers::{dialled, retraced};
use super::errors::{engine_code, evaluate_code};
use super::inbox::ToTheEnd;
use super::port::{post, refuse};
use super::service::{NOT_LOADED, Service};
use crate::evaluate::{EvaluateError, Speaker, divergence, gradient_norms, trace};
use crate::protocol::{ErrorCode, Event, LARGEST_STRENGTH, MOST_STRENGTHS, Refused};
use crate::study::{Condition, MAX_NEW_TOKENS, QuestionSet};

impl Service {
    pub(super) async fn retrace(&mut self, id: u32, run: u32, question: &str, condition: &Condition) {
        let command = Refused::Retrace { id };
        let Some(engine) = &self.engine else { return refuse(command, ErrorCode::Protocol, NOT_LOADED) };
        let (Some(adapter), Some((steps, snapshots))) = (self.adapter(run), self.snapshots(run)) else {
            return refuse(command, ErrorCode::Protocol, gone(run));
        };
        let pulse = ToTheEnd(&self.inbox);
        match retraced(engine, snapshots, (steps, adapter), question, condition, &pulse).await {
            Ok(answers) => post(&Event::Retraced { id, answers }),
            Err(error) => refuse(command, engine_code(&error), error.to_string()),
        }
    }

    pub(super) async fn dial(&mut self, id: u32, run: u32, question: &str, condition: &Condition, strengths: &[f64]) {
        let command = Refused::Dial { id };
        let Some(engine) = &self.engine else { return refuse(command, ErrorCode::Protocol, NOT_LOADED) };
        let Some(adapter) = self.adapter(run) else { return refuse(command, ErrorCode::Protocol, gone(run)) };
        if strengths.len() > MOST_STRENGTHS || !strengths.iter().all(|s| (0.0..=LARGEST_STRENGTH).contains(s)) {
            let limits = format!("A dial has at most {MOST_STRENGTHS} strengths, from 0 to {LARGEST_STRENGTH}.");
            return refuse(command, ErrorCode::Protocol, limits);
        }
        match dialled(engine, adapter, question, condition, strengths, &ToTheEnd(&self.inbox)).await {
            Ok(answers) => post(&Event::Dialled { id, answers }),
            Err(error) => refuse(command, engine_code(&error), error.to_string()),
        }
    }

    pub(super) async fn trace(&mut self, id: u32, run: u32, question: &str, condition: &Condition) {
        let command = Refused::Trace { id };
        let Some(engine) = &self.engine else { return refuse(command, ErrorCode::Protocol, NOT_LOADED) };
        let Some(adapter) = self.adapter(run) else { return refuse(command, ErrorCode::Protocol, gone(run)) };
        match trace(engine, adapter, condition, question, MAX_NEW_TOKENS, &ToTheEnd(&self.inbox)).await {
            Ok(trace) => post(&Event::Traced { id, trace }),
            Err(error) => refuse(command, engine_code(&error), error.to_string()),
        }
    }

    pub(super) async fn diverge(&mut self, run: u32, condition: &Condition, questions: &QuestionSet) {
        let command = Refused::Diverge { run };
        let Some(engine) = &self.engine else { return refuse(command, ErrorCode::Protocol, NOT_LOADED) };
        let Some(adapter) = self.adapter(run) else { return refuse(command, ErrorCode::Protocol, gone(run)) };
        let [tuned, original] = [Some(adapter), None].map(|adapter| Speaker { engine, adapter });
        match divergence(tuned, original, condition, questions, &ToTheEnd(&self.inbox)).await {
            Ok(positions) => post(&Event::Diverged { run, positions }),
            Err(error) => refuse(command, evaluate_code(&error), error.to_string()),
        }
    }

    pub(super) async fn pull(&mut self, run: u32, condition: &Condition, questions: &QuestionSet, tokens: usize) {
        let command = Refused::Pull { run };
        let Some(engine) = &self.engine else { return refuse(command, ErrorCode::Protocol, NOT_LOADED) };
        let Some(adapter) = self.adapter(run) else { return refuse(command, ErrorCode::Protocol, gone(run)) };
        let pulse = ToTheEnd(&self.inbox);
        let norms = |adapter| gradient_norms(Speaker { engine, adapter }, condition, questions, tokens, &pulse);
        let both = async { Ok::<_, EvaluateError>((norms(None).await?, norms(Some(adapter)).await?)) };
        match both.await {
            Ok((original, tuned)) => post(&Event::Pulled { run, original, tuned }),
            Err(error) => refuse(command, evaluate_code(&error), error.to_string()),
        }
    }
}

/// Why a run that was forgotten cannot be asked.
fn gone(run: u32) -> String {
    format!("What run {run} tuned is not here any more.")
}
