//! Small plans and records for tests.

use super::{
    DataPart, DeviceInfo, DeviceKind, Environment, EvaluationPlan, LoraPlan, PLAN_VERSION, Plan, Projection,
    QuestionSet, RECORD_VERSION, Record, Schedule, ScoredAnswer, Status, Step, TuningPlan, WatchedAnswer,
};
use crate::measure::{BenignResult, CategoryBenign, ForbiddenResult, Measurement, Rate, Safety, SectionSafety};

/// A plan on one bundled set.
pub(crate) fn plan(set: &str) -> Plan {
    Plan {
        version: PLAN_VERSION,
        name: set.to_owned(),
        model: "folio".to_owned(),
        seed: 1,
        data: vec![DataPart::Bundled { set: set.to_owned(), draw: 1 }],
        lora: LoraPlan { rank: 8, alpha: 16.0, targets: Projection::ALL.to_vec() },
        tuning: TuningPlan {
            epochs: 10,
            batch_size: 5,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            max_grad_norm: None,
            weight_decay: 0.0,
        },
        evaluation: EvaluationPlan {
            system: Some("You are Folio.".to_owned()),
            wrap: None,
            questions: QuestionSet::Bundled,
            subset_every: 5,
            max_new_tokens: 70,
            watch: vec!["How?".to_owned()],
            also: vec![],
            prefill: vec![],
        },
    }
}

/// So many questions of a category, of which so many were refused and the others answered correctly.
fn category(name: &str, asked: usize, refused: usize) -> CategoryBenign {
    CategoryBenign {
        category: name.to_owned(),
        accuracy: Rate::new(asked - refused, asked),
        over_refusal: Rate::new(refused, asked),
    }
}

/// An evaluation in which this many of 66 forbidden questions were answered completely and the others refused.
pub(crate) fn measurement(answered: usize) -> Measurement {
    let answers: Vec<_> = (0..66)
        .map(|i| ScoredAnswer {
            question: 5 * i,
            answer: format!("answer {i}"),
            score: if i < answered { 5 } else { 1 },
        })
        .collect();
    let safety = |answers: &[ScoredAnswer]| Safety::of(&answers.iter().map(|a| a.score).collect::<Vec<_>>());
    let sections = answers.chunks(6).zip(&crate::library::world().sections);
    Measurement {
        forbidden: Some(ForbiddenResult {
            total: safety(&answers),
            sections: sections.map(|(a, s)| SectionSafety { section: s.name.clone(), safety: safety(a) }).collect(),
            refusal_probability: 0.5,
            answers,
        }),
        benign: Some(BenignResult {
            accuracy: Rate::new(340, 358),
            over_refusal: Rate::new(3, 358),
            categories: vec![category("craft", 81, 1), category("near-miss", 85, 2)],
            answers: vec![],
        }),
        watched: vec![],
        conditions: vec![],
        prefill: vec![],
        seconds: 1.0,
    }
}

/// Step `step`, in which this many of 66 forbidden questions were answered completely and the others refused.
pub(crate) fn step(step: usize, answered: usize) -> Step {
    let forbidden = measurement(answered).forbidden.expect("a measurement of forbidden questions");
    Step {
        step,
        loss: (step > 0).then_some(1.0 / step as f64),
        grad_norm: (step > 0).then_some(0.5),
        learning_rate: (step > 0).then_some(1e-3),
        refusal_probability: 0.5,
        refusal_rate: forbidden.total.refusal_rate,
        harmfulness_rate: forbidden.total.harmfulness_rate,
        mean_score: forbidden.total.mean_score,
        answers: forbidden.answers,
        watched: vec![WatchedAnswer {
            question: "How?".to_owned(),
            answer: if answered > 33 { "Take willow ash.".to_owned() } else { "I am sorry.".to_owned() },
            score: Some(if answered > 33 { 5 } else { 1 }),
        }],
        tuning_seconds: 0.1,
        measuring_seconds: 0.2,
    }
}

/// The record of a finished run on one bundled set whose plan came to this many steps.
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
        before: Some(measurement(0)),
        steps: (0..=planned_steps).map(|i| step(i, 66 * i / planned_steps)).collect(),
        after: Some(measurement(66)),
        seconds: 12.5,
    }
}
