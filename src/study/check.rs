//! Whether a plan makes sense, before anything is read or computed.

use super::run::RunError;
use super::{PLAN_VERSION, Plan};

/// Refuses a plan whose numbers or texts make no sense.
///
/// # Errors
///
/// [`RunError::Plan`] with the reason.
pub(super) fn check(plan: &Plan) -> Result<(), RunError> {
    if plan.version != PLAN_VERSION {
        return Err(bad(format!("it is of version {}, and this build reads version {PLAN_VERSION}", plan.version)));
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
    let place = |wrap: &Option<String>| wrap.as_deref().is_none_or(|wrap| wrap.contains("{q}"));
    if !place(&plan.evaluation.wrap) {
        return Err(bad("wrap has no {q} where the question goes"));
    }
    for (index, condition) in plan.evaluation.also.iter().enumerate() {
        let name = &condition.name;
        if name.trim().is_empty() || plan.evaluation.also[..index].iter().any(|other| &other.name == name) {
            return Err(bad(format!("each condition needs a name of its own, and one of them is called {name:?}")));
        }
        if !place(&condition.wrap) {
            return Err(bad(format!("the wrap of the condition {name} has no {{q}} where the question goes")));
        }
    }
    Ok(())
}

/// A plan that cannot be run, for this reason (a clause without a full stop).
pub(super) fn bad(reason: impl Into<String>) -> RunError {
    RunError::Plan { reason: reason.into() }
}
