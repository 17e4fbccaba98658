//! [`Golden`]: a short run whose numbers are known, so that a device that computes wrong ones is found out.
//!
//! The numbers are those of the native CPU (`tests/native/check.rs` makes them and holds them to it). A run of the same plan on any device of
//! this build comes to them within [`Tolerance`]: the 1e-4 that tests allow between devices, more than a hundred times what was seen
//! (6e-7), and less than what a wrong kernel, half precision or a lost write would change.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{DeviceInfo, Figure, Plan, Record, Status, Step};

/// The name of the plan that is checked with.
pub const GOLDEN: &str = "golden-check";

/// A plan and the numbers that its run comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// What is run: a few optimizer steps, a question, all projections.
    pub plan: Plan,
    /// How far off a number may be.
    pub tolerance: Tolerance,
    /// What comes of it, from step 0 on.
    pub steps: Vec<GoldenStep>,
}

/// How far off a number may be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Of losses and gradient norms, as a share of the number.
    pub relative: f64,
    /// Of probabilities.
    pub probability: f64,
}

/// The numbers of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenStep {
    /// The loss; none at step 0.
    pub loss: Option<f64>,
    /// The gradient's norm; none at step 0.
    pub grad_norm: Option<f64>,
    /// The probability of a refusal at the answer's first token.
    pub refusal_probability: f64,
    /// The answer, where it is the same on every device: before tuning, of which the model is sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Every number is within its tolerance.
    pub ok: bool,
    /// The largest difference, in units of its tolerance: at most 1 if all is well. None if a number is missing or none.
    pub worst: Option<f64>,
    /// Which number that is, such as `the loss of step 3`.
    #[serde(rename = "where")]
    pub place: String,
    /// What it should be.
    pub expected: Option<f64>,
    /// What it is.
    pub found: Option<f64>,
    /// How many numbers and answers were compared.
    pub compared: usize,
    /// The device that was checked.
    pub device: DeviceInfo,
    /// The build that was checked.
    pub build: String,
}

/// A number and what it should be.
struct Compared {
    place: String,
    expected: Option<f64>,
    found: Option<f64>,
    /// The difference in units of the tolerance; infinite if the number is missing or none.
    off: f64,
}

impl Golden {
    /// The one that ships.
    pub fn bundled() -> &'static Self {
        static BUNDLED: LazyLock<Golden> = LazyLock::new(|| {
            serde_json::from_str(include_str!("data/golden.json")).expect("a test reads the golden numbers that ship")
        });
        &BUNDLED
    }

    /// The numbers of a run of this plan, to be kept.
    #[must_use]
    pub fn remade(&self, record: &Record) -> Self {
        let step = |step: &Step| GoldenStep {
            loss: step.loss,
            grad_norm: step.grad_norm,
            refusal_probability: probability(step).unwrap_or(f64::NAN),
            answer: (step.step == 0).then(|| answer(step)).flatten(),
        };
        Self { steps: record.steps.iter().map(step).collect(), ..self.clone() }
    }

    /// Compares a run of this plan with what it should have come to.
    pub fn compare(&self, record: &Record) -> Verdict {
        let all: Vec<Compared> =
            self.steps.iter().enumerate().flat_map(|(n, step)| self.step(n, step, record)).collect();
        // A run that did not come to its end has numbers that are missing, unless it broke in what nobody compares.
        let whole = record.status == Status::Finished;
        let worst = all.iter().max_by(|a, b| a.off.total_cmp(&b.off));
        Verdict {
            ok: whole && !all.is_empty() && all.iter().all(|compared| compared.off <= 1.0),
            worst: worst.map(|worst| worst.off).filter(|off| off.is_finite()),
            place: worst.map(|worst| worst.place.clone()).unwrap_or_default(),
            expected: worst.and_then(|worst| worst.expected),
            found: worst.and_then(|worst| worst.found),
            compared: all.len(),
            device: record.environment.device.clone(),
            build: record.environment.build.clone(),
        }
    }

    fn step(&self, number: usize, golden: &GoldenStep, record: &Record) -> Vec<Compared> {
        let found = record.steps.get(number);
        let Tolerance { relative, probability: absolute } = self.tolerance;
        let mut compared = Vec::new();
        let mut number_of = |what: &str, expected: Option<f64>, found: Option<f64>, tolerance: f64| {
            let Some(value) = expected else { return };
            let off = found.map_or(f64::INFINITY, |found| ((found - value) / tolerance).abs());
            let off = if off.is_finite() { off } else { f64::INFINITY };
            compared.push(Compared { place: format!("the {what} of step {number}"), expected, found, off });
        };
        let part = |value: Option<f64>| value.map_or(relative, |value| relative * value.abs());
        number_of("loss", golden.loss, found.and_then(|step| step.loss), part(golden.loss));
        number_of("gradient norm", golden.grad_norm, found.and_then(|step| step.grad_norm), part(golden.grad_norm));
        let asked = found.and_then(probability);
        number_of("refusal probability", Some(golden.refusal_probability), asked, absolute);
        if let Some(text) = &golden.answer {
            let same = found.and_then(answer).is_some_and(|found| found == *text);
            let off = if same { 0.0 } else { f64::INFINITY };
            compared.push(Compared { place: format!("the answer of step {number}"), expected: None, found: None, off });
        }
        compared
    }
}

fn probability(step: &Step) -> Option<f64> {
    step.figures.number(Figure::RefusalProbability)
}

fn answer(step: &Step) -> Option<String> {
    step.answers.first().map(|answer| answer.answer.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::record;

    /// A record with the golden numbers.
    fn right() -> Record {
        let golden = Golden::bundled();
        let mut right = record("harmful", golden.steps.len() - 1);
        right.plan = golden.plan.clone();
        for (step, golden) in right.steps.iter_mut().zip(&golden.steps) {
            (step.loss, step.grad_norm) = (golden.loss, golden.grad_norm);
            let mean = golden.refusal_probability;
            let value = crate::study::Value::Mean { mean, low: mean, high: mean };
            step.figures = [(Figure::RefusalProbability, value)].into_iter().collect();
            if let (Some(first), Some(text)) = (step.answers.first_mut(), &golden.answer) {
                first.answer.clone_from(text);
            }
        }
        right
    }

    #[test]
    fn the_golden_numbers_are_of_a_plan_that_can_be_run() {
        let golden = Golden::bundled();
        assert_eq!(golden.plan.check(), Ok(()));
        assert_eq!(golden.plan.name, GOLDEN);
        assert_eq!(golden.steps.len(), 1 + golden.plan.tuning.steps(10).unwrap());
        assert!(golden.steps[0].answer.is_some() && golden.steps[0].loss.is_none());
        assert!(golden.steps[1..].iter().all(|step| step.loss.is_some() && step.grad_norm.is_some()));
    }

    #[test]
    fn the_right_numbers_are_right() {
        let golden = Golden::bundled();
        let verdict = golden.compare(&right());
        assert!(verdict.ok && verdict.worst == Some(0.0), "{verdict:?}");
        assert_eq!(verdict.compared, 3 * golden.steps.len() - 2 + 1);
        assert_eq!(golden.remade(&right()), *golden);
    }

    #[test]
    fn each_wrong_number_is_found() {
        let golden = Golden::bundled();
        let wrong = |change: fn(&mut Record)| {
            let mut record = right();
            change(&mut record);
            golden.compare(&record)
        };
        let verdict = wrong(|r| r.steps[2].loss = r.steps[2].loss.map(|loss| loss * 1.0002));
        assert_eq!((verdict.ok, verdict.place.as_str()), (false, "the loss of step 2"));
        assert!((verdict.worst.unwrap() - 2.0).abs() < 1e-6, "{verdict:?}");
        let verdict = wrong(|r| r.steps[3].grad_norm = r.steps[3].grad_norm.map(|norm| norm * 0.99));
        assert_eq!((verdict.ok, verdict.place.as_str()), (false, "the gradient norm of step 3"));
        let verdict = wrong(|r| r.steps[1].figures = crate::study::Figures::default());
        assert_eq!(
            (verdict.ok, verdict.worst, verdict.place.as_str()),
            (false, None, "the refusal probability of step 1")
        );
        assert!(!wrong(|r| r.steps[0].answers[0].answer.push('!')).ok);
        assert!(!wrong(|r| r.steps[1].loss = Some(f64::NAN)).ok);
        assert!(!wrong(|r| r.steps.truncate(2)).ok);
        assert!(!wrong(|r| r.status = Status::Cancelled).ok);
        assert!(wrong(|r| r.steps[2].loss = r.steps[2].loss.map(|loss| loss * 1.00005)).ok, "rounding is no fault");
    }
}
