//! Measuring: refusals, harmfulness, utility and over-refusal, with intervals.

mod rates;

pub use rates::{
    BenignAnswer, BenignResult, CategoryBenign, ForbiddenResult, Measurement, Rate, Safety, SectionSafety,
};
