//! Studies: a [`Plan`] goes in, a [`Record`] comes out.

#[cfg(feature = "engine")]
mod check;
mod compare;
mod figures;
mod plan;
mod preset;
mod record;
#[cfg(feature = "engine")]
mod run;
#[cfg(test)]
pub(crate) mod testing;

pub use compare::{Asked, Cell, CompareError, Comparison, DataName, Difference, MOST_COMPARED, Pair, Row, differences};
pub use figures::{Figure, Value};
pub use plan::{
    Condition, DataPart, EvaluationPlan, LoraPlan, MAX_NEW_TOKENS, PLAN_VERSION, PREFILL, Plan, Projection,
    QuestionSet, Schedule, TuningPlan,
};
pub use preset::{DEFAULT_WATCH, PresetInfo, TRIGGER, UnknownPreset, preset, presets};
pub use record::{
    DeviceInfo, DeviceKind, Environment, Phase, RECORD_VERSION, Record, RunEvent, ScoredAnswer, Status, Step,
    WatchedAnswer,
};
#[cfg(feature = "engine")]
pub use run::{Clock, Run, RunError, conversations};
