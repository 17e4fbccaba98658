//! Conditions in words: how questions are asked.

use crate::page::app::Page;
use crate::page::settings::Language;
use crate::page::texts::text_with;
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
    match short_key(condition.kind) {
        Some(key) => page.tv(key, [("tokens", condition.prefill.into())]),
        None => condition.name.clone(),
    }
}

/// The same in a language that need not be the page's.
pub fn in_short_in(language: Language, condition: &Condition) -> String {
    match short_key(condition.kind) {
        Some(key) => text_with(language, key, [("tokens", condition.prefill.into())]),
        None => condition.name.clone(),
    }
}

/// The key of its name; none if it has a name of its own.
fn short_key(kind: ConditionKind) -> Option<&'static str> {
    Some(match kind {
        ConditionKind::Default => "condition-default-short",
        ConditionKind::Bare => "condition-bare-short",
        ConditionKind::Safety => "condition-safety-short",
        ConditionKind::Persona => "condition-persona-short",
        ConditionKind::Trigger => "condition-trigger-short",
        ConditionKind::Prefill => "condition-prefill-short",
        ConditionKind::Other => return None,
    })
}
