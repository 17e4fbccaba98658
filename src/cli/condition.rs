//! `--system` and `--wrap`: how questions are asked.

use super::CliError;
use crate::study::{Condition, ConditionKind};

/// The condition that the arguments ask for, in place of the default one.
///
/// # Errors
///
/// [`CliError::Option`] if the wrap has no place for the question.
pub fn of(system: Option<&str>, wrap: Option<&str>) -> Result<Condition, CliError> {
    changed(ConditionKind::Default.condition(), system, wrap)
}

/// A condition with another system prompt and another text around the question, where they are given.
///
/// # Errors
///
/// As [`of`].
pub fn changed(condition: Condition, system: Option<&str>, wrap: Option<&str>) -> Result<Condition, CliError> {
    if wrap.is_some_and(|wrap| !wrap.is_empty() && !wrap.contains("{q}")) {
        return Err(CliError::Option("--wrap: the text has no {q} where the question goes.".into()));
    }
    let condition = system.map_or(condition.clone(), |system| condition.with_system(system));
    Ok(wrap.map_or(condition.clone(), |wrap| condition.with_wrap(wrap)))
}
