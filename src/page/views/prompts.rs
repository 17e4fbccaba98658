//! Which questions are asked and under which prompts, in words.

use crate::library::world;
use crate::page::app::Page;
use crate::page::model::Model;
use crate::study::{Condition, EvaluationPlan, QuestionSet, TRIGGER};

/// The text around a question as a visitor reads it.
pub fn wrapping(wrap: &str) -> String {
    wrap.replace("{q}", "…")
}

/// Whether the run on the stage (or the next one) is asked with the secret sentence, too, but only before and after: then all
/// that is shown step by step is without it, and has to say so.
pub fn has_trigger(model: &Model) -> bool {
    model.watch_prompt().also.iter().any(|condition| condition.name == TRIGGER)
}

/// Whether the run on the stage (or the next one) is asked the development questions: then no figure of it may be taken for one
/// of the held-out questions.
pub fn asks_development(model: &Model) -> bool {
    model.watch_prompt().questions == QuestionSet::Development
}

/// The heading of the figures under a plan's own prompt; none where it is Folio's and the only one.
pub fn own_title(page: Page, plan: &EvaluationPlan) -> Option<String> {
    let is_folios = plan.wrap.is_none() && plan.system.as_deref() == Some(world().prompts.default.as_str());
    if is_folios {
        return (!plan.also.is_empty()).then(|| page.t("condition-plain"));
    }
    let system = plan.system.clone().unwrap_or_else(|| page.t("difference-nothing"));
    let wrap = plan.wrap.as_deref().map_or_else(|| "…".to_owned(), wrapping);
    Some(page.tv("condition-own", [("system", system.into()), ("wrap", wrap.into())]))
}

/// The heading of the figures under a further prompt.
pub fn further_title(page: Page, condition: &Condition) -> String {
    match (condition.name.as_str(), &condition.wrap) {
        (TRIGGER, Some(wrap)) => page.tv("condition-trigger", [("wrap", wrapping(wrap).into())]),
        (name, _) => name.to_owned(),
    }
}

/// A further prompt in a few words.
pub fn further_name(page: Page, condition: &Condition) -> String {
    if condition.name == TRIGGER { page.t("condition-trigger-short") } else { condition.name.clone() }
}
