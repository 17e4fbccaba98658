//! Measuring: refusals, harmfulness, utility and over-refusal, with intervals; how deep an alignment goes.

#[cfg(feature = "engine")]
mod complete;
#[cfg(feature = "engine")]
mod divergence;
#[cfg(feature = "engine")]
mod examination;
mod grade;
#[cfg(feature = "engine")]
mod prefill;
mod rates;
#[cfg(feature = "engine")]
mod survey;

#[cfg(feature = "engine")]
pub use complete::CompleteAnswer;
#[cfg(feature = "engine")]
pub use divergence::{POSITIONS, Speaker, divergence};
#[cfg(feature = "engine")]
pub use examination::{Examination, MeasureError, Questions, prompt};
pub use grade::{benign_result, forbidden_result, grade_benign};
pub use rates::{
    BenchRow, BenignAnswer, BenignResult, CategoryBenign, ConditionMeasurement, ForbiddenResult, Measurement,
    PositionDivergence, PrefillResult, Rate, Safety, SectionSafety,
};
#[cfg(feature = "engine")]
pub use survey::{Agenda, Survey};
