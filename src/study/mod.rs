//! The vocabulary of a study, as plain data: a [`Plan`] says what to do, a [`Record`] holds what came of it.
//!
//! It knows nothing of tensors, models or devices: page, engine and tests share it.
//!
//! | part | what it is |
//! |---|---|
//! | [`Plan`], [`presets`] | data, defences, adapter, optimizer, evaluation; the plans that have a name |
//! | [`Plan::check`], [`PlanError`] | what a plan may contain |
//! | [`Condition`] | how questions are asked |
//! | [`Figure`], [`Figures`], [`Rate`] | what is computed of answers, with intervals |
//! | [`Evaluation`], [`Measurement`] | what came of asking all questions: under which condition, which figure |
//! | [`Record`], [`RunEvent`] | all that came of a run, and the events that it is made of |
//! | [`Recorded`], [`RecordedRun`] | runs that were made before, small enough for the page |
//! | [`Grid`], [`Trial`], [`Findings`], [`Spread`] | experiments over many seeds, as data; what came of them, and how it spreads; [`Correlation`]: what it follows |
//! | [`import_record`] | a record from somebody's file, checked |
//! | [`Golden`], [`Verdict`] | a short run whose numbers are known, and how far off a device is |
//! | [`Outcome`] | what a run did to a model, in a word, by a rule that a broken model does not pass |
//! | [`Judges`] | the exact judge beside the paper's keywords |
//! | [`Trace`], [`PositionDivergence`] | one answer token by token, as two models see it; many answers |
//! | [`Comparison`], [`Difference`], [`Paired`] | records side by side, what differs between their plans, and question by question |

mod choose;
mod compare;
mod condition;
mod difference;
mod divergence;
mod evaluation;
mod figure;
mod findings;
mod golden;
mod grid;
mod import;
mod judges;
mod limits;
mod outcome;
mod paired;
mod plan;
mod preset;
mod rank;
mod rates;
mod record;
mod recorded;
mod spread;
#[cfg(test)]
pub(crate) mod testing;
mod trace;
mod version;

pub use choose::{Aim, Candidate, Choice, Out};
pub use compare::{Cell, CompareError, Comparison, MOST_COMPARED, Row, RowCondition};
pub use condition::{Condition, ConditionKind, PREFILL};
pub use difference::{Difference, LABELS, differences};
pub use divergence::{PositionDivergence, PositionGradient, PositionLosses};
pub use evaluation::{BenignAnswer, Evaluation, Group, Measurement, ScoredAnswer, WatchedAnswer};
pub use figure::{Figure, Figures, Sample, Value};
pub use findings::{Asked, Findings, Found, FoundHalf, FoundPoint, SectionHarm};
pub use golden::{GOLDEN, Golden, GoldenStep, Tolerance, Verdict};
pub use grid::{
    Axis, Experiment, GRID_VERSION, GRIDS, Grid, GridError, MOST_TRIALS, PaperFigure, Point, Questions, Settings,
    Trial, bundled_grid,
};
pub use import::{ImportError, LARGEST_RECORD, import_record};
pub use judges::{Disputed, Judges};
pub use limits::{LARGEST_PLAN, LONGEST_LIST, MOST_JSON_VALUES, MOST_STEPS, PlanError, json_values};
pub use outcome::{Outcome, is_well_formed, well_formed};
pub use paired::{Paired, PairedFigure, paired};
pub use plan::{
    DataPart, DefencePlan, EvaluationPlan, LoraPlan, MAX_NEW_TOKENS, PLAN_VERSION, Plan, Projection, QuestionSet,
    Schedule, TunedWeights, TuningPlan,
};
pub use preset::{DEFAULT_WATCH, PresetInfo, UnknownPreset, preset, presets};
pub use rank::Correlation;
pub use rates::Rate;
pub use record::{
    BUILD, DeviceInfo, DeviceKind, Environment, Evaluated, Phase, RECORD_VERSION, Record, RunEvent, Status, Step,
};
pub use recorded::{
    Counts, Half, RECORDED, RECORDED_FILE, RECORDED_VERSION, Recorded, RecordedAnswer, RecordedError, RecordedRow,
    RecordedRun, Said, Scores,
};
pub use spread::Spread;
pub use trace::{LARGEST_LOSS, Trace, TracedRefusal, TracedToken};
pub use version::{VersionError, read_plan, read_record};
