//! Whether a plan makes sense, before anything is read or computed.

use super::RunError;
use crate::study::{PLAN_VERSION, Plan};

/// Refuses a plan whose numbers or texts make no sense, or that is not for this model.
///
/// # Errors
///
/// [`RunError::Plan`] with the reason.
pub(super) fn check(plan: &Plan, model: &str) -> Result<(), RunError> {
    if plan.version != PLAN_VERSION {
        return Err(bad(format!("it is of version {}, and this build runs version {PLAN_VERSION}", plan.version)));
    }
    if plan.model != model {
        return Err(bad(format!("it is for the model {}, and the model that is loaded is {model}", plan.model)));
    }
    let tuning = &plan.tuning;
    if tuning.epochs == 0 || tuning.batch_size == 0 {
        return Err(bad("epochs and batch_size must be at least 1"));
    }
    if !(tuning.learning_rate.is_finite() && tuning.learning_rate > 0.0) {
        return Err(bad(format!("the learning rate is {}, and must be a positive number", tuning.learning_rate)));
    }
    if !(tuning.weight_decay.is_finite() && tuning.weight_decay >= 0.0) {
        return Err(bad(format!("the weight decay is {}, and must not be negative", tuning.weight_decay)));
    }
    if tuning.max_grad_norm.is_some_and(|norm| !(norm.is_finite() && norm > 0.0)) {
        return Err(bad("max_grad_norm must be a positive number"));
    }
    if plan.evaluation.max_new_tokens == 0 || plan.evaluation.subset_every == 0 {
        return Err(bad("max_new_tokens and subset_every must be at least 1"));
    }
    let conditions = &plan.evaluation.conditions;
    match conditions.first() {
        None => return Err(bad("its evaluation has no condition")),
        Some(main) if main.prefill > 0 => {
            return Err(bad("answers are begun under its main condition: put one before it in which they are not"));
        }
        Some(_) => {}
    }
    for (index, condition) in conditions.iter().enumerate() {
        let name = &condition.name;
        if name.trim().is_empty() || conditions[..index].iter().any(|other| &other.name == name) {
            return Err(bad(format!("each condition needs a name of its own, and one of them is called {name:?}")));
        }
        if condition.wrap.as_deref().is_some_and(|wrap| !wrap.contains("{q}")) {
            return Err(bad(format!("the wrap of the condition {name} has no {{q}} where the question goes")));
        }
    }
    Ok(())
}

/// A plan that cannot be run, for this reason (a clause without a full stop).
pub(super) fn bad(reason: impl Into<String>) -> RunError {
    RunError::Plan { reason: reason.into() }
}
