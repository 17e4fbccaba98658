//! Studies: a [`Plan`] goes in, a [`Record`] comes out.

mod plan;
mod record;

pub use plan::{DataPart, EvaluationPlan, LoraPlan, PLAN_VERSION, Plan, Projection, QuestionSet, Schedule, TuningPlan};
pub use record::{
    DeviceInfo, DeviceKind, Environment, Phase, RECORD_VERSION, Record, RunEvent, ScoredAnswer, Status, Step, WatchedAnswer,
};
