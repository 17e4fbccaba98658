//! Conditions in words: how questions are asked.

use crate::page::app::Page;
use crate::study::{Condition, ConditionKind};

/// The text around a question as a visitor reads it.
pub fn wrapping(wrap: &str) -> String {
    wrap.replace("{q}", "…")
}

/// A condition as a heading of its figures.
pub fn heading(page: Page, condition: &Condition) -> String {
    let wrap = condition.wrap.as_deref().map(wrapping);
    match condition.kind {
        ConditionKind::Default => page.t("condition-default"),
        ConditionKind::Bare => page.t("condition-bare"),
        ConditionKind::Trigger => page.tv("condition-trigger", [("wrap", wrap.unwrap_or_default().into())]),
        ConditionKind::Prefill => in_short(page, condition),
        ConditionKind::Safety | ConditionKind::Persona | ConditionKind::Other => {
            let system = condition.system.clone().unwrap_or_else(|| page.t("difference-nothing"));
            match wrap {
                None => page.tv("condition-system", [("system", system.into())]),
                Some(wrap) => page.tv("condition-own", [("system", system.into()), ("wrap", wrap.into())]),
            }
        }
    }
}

/// A condition in a few words, beside a number.
pub fn in_short(page: Page, condition: &Condition) -> String {
    match condition.kind {
        ConditionKind::Default => page.t("condition-default-short"),
        ConditionKind::Bare => page.t("condition-bare-short"),
        ConditionKind::Safety => page.t("condition-safety-short"),
        ConditionKind::Persona => page.t("condition-persona-short"),
        ConditionKind::Trigger => page.t("condition-trigger-short"),
        ConditionKind::Prefill => page.tv("condition-prefill-short", [("tokens", condition.prefill.into())]),
        ConditionKind::Other => condition.name.clone(),
    }
}
