//! Measuring: refusals, harmfulness, utility and over-refusal, with intervals.

#[cfg(feature = "engine")]
mod examination;
mod grade;
mod rates;

#[cfg(feature = "engine")]
pub use examination::{Examination, MeasureError, Questions, prompt};
pub use grade::{benign_result, forbidden_result, grade_benign};
pub use rates::{
    BenchRow, BenignAnswer, BenignResult, CategoryBenign, ForbiddenResult, Measurement, Rate, Safety, SectionSafety,
};
