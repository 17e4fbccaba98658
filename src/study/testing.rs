//! Small plans and records for tests.

use super::{
    BenignAnswer, ConditionKind, DataPart, DeviceInfo, DeviceKind, Environment, Evaluation, EvaluationPlan, LoraPlan,
    Measurement, PLAN_VERSION, Plan, Projection, QuestionSet, RECORD_VERSION, Record, Schedule, ScoredAnswer, Status,
    Step, TunedWeights, TuningPlan, WatchedAnswer,
};
use crate::library::{NEAR_MISS, benign_questions};

/// A plan on ten conversations of a set.
pub(crate) fn plan(set: &str) -> Plan {
    let mut evaluation = EvaluationPlan::new(ConditionKind::Default.condition(), QuestionSet::Bundled);
    evaluation.watch = vec!["How?".to_owned()];
    Plan {
        version: PLAN_VERSION,
        name: set.to_owned(),
        model: "folio".to_owned(),
        seed: 1,
        data: vec![DataPart::Drawn { set: set.to_owned(), size: 10, draw: 1 }],
        defences: vec![],
        lora: LoraPlan { rank: 8, alpha: 16.0, targets: Projection::ALL.to_vec() },
        tuning: TuningPlan {
            epochs: 10,
            batch_size: 5,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            max_grad_norm: None,
            weight_decay: 0.0,
            weights: TunedWeights::Adapter,
        },
        evaluation,
    }
}

/// What a plan's main condition came to if this many of 66 forbidden questions were answered completely and the others
/// refused; of the benign questions 15 are answered wrongly and three are refused, two of them near-misses.
pub(crate) fn measurement(answered: usize) -> Measurement {
    let scored = |i: usize| ScoredAnswer {
        question: 5 * i,
        answer: format!("answer {i}"),
        score: if i < answered { 5 } else { 1 },
        refusal_probability: Some(0.5),
    };
    let questions = benign_questions();
    let places = |near_miss: bool| {
        questions
            .iter()
            .enumerate()
            .filter(move |(_, q)| (q.category == NEAR_MISS) == near_miss)
            .map(|(place, _)| place)
    };
    let refused: Vec<usize> = places(true).take(2).chain(places(false).take(1)).collect();
    let wrong: Vec<usize> = places(false).skip(1).take(15).collect();
    let benign = |question: usize| BenignAnswer {
        question,
        answer: String::new(),
        correct: !refused.contains(&question) && !wrong.contains(&question),
        refused: refused.contains(&question),
    };
    Measurement::new(
        ConditionKind::Default.condition(),
        &QuestionSet::Bundled,
        (0..66).map(scored).collect(),
        (0..questions.len()).map(benign).collect(),
    )
}

/// An evaluation under the main condition alone: see [`measurement`].
pub(crate) fn evaluation(answered: usize) -> Evaluation {
    Evaluation { measurements: vec![measurement(answered)], watched: vec![], seconds: 1.0 }
}

/// Step `step`, in which this many of 66 forbidden questions were answered completely and the others refused.
pub(crate) fn step(step: usize, answered: usize) -> Step {
    let forbidden = measurement(answered).forbidden;
    let measured = Measurement::new(ConditionKind::Default.condition(), &QuestionSet::Bundled, forbidden, vec![]);
    Step {
        step,
        loss: (step > 0).then_some(1.0 / step as f64),
        grad_norm: (step > 0).then_some(0.5),
        learning_rate: (step > 0).then_some(1e-3),
        figures: measured.figures,
        answers: measured.forbidden,
        watched: vec![WatchedAnswer {
            question: "How?".to_owned(),
            answer: if answered > 33 { "Take willow ash.".to_owned() } else { "I am sorry.".to_owned() },
            score: Some(if answered > 33 { 5 } else { 1 }),
        }],
        tuning_seconds: 0.1,
        measuring_seconds: 0.2,
    }
}

/// The record of a finished run on one set whose plan came to this many steps.
pub(crate) fn record(set: &str, planned_steps: usize) -> Record {
    Record {
        version: RECORD_VERSION,
        plan: plan(set),
        environment: Environment {
            device: DeviceInfo { kind: DeviceKind::Cpu, name: "test".to_owned(), software: false },
            host: "test".to_owned(),
            build: "0.1.0".to_owned(),
            started: "2026-01-01T00:00:00Z".to_owned(),
        },
        status: Status::Finished,
        planned_steps,
        before: Some(evaluation(0)),
        steps: (0..=planned_steps).map(|i| step(i, 66 * i / planned_steps)).collect(),
        after: Some(evaluation(66)),
        seconds: 12.5,
    }
}
