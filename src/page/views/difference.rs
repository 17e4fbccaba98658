//! What differs between two plans, in the visitor's language.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::conditions::{in_short, wrapping};
use super::words;
use crate::corpus::SETS;
use crate::page::app::Page;
use crate::study::{Condition, DataPart, DefencePlan, Difference, QuestionSet, Schedule};

/// A difference as a sentence.
pub fn sentence(page: Page, difference: &Difference) -> String {
    let value = |value: &Value| {
        let said = in_words(page, &difference.path, value);
        if said.is_empty() { page.t("difference-nothing") } else { said }
    };
    page.tv(
        &words::difference(&difference.path),
        [("a", value(&difference.a).into()), ("b", value(&difference.b).into())],
    )
}

/// A setting's value in words; nothing where there is none. Most are numbers and lists, which say what they are themselves.
fn in_words(page: Page, path: &str, value: &Value) -> String {
    let special = match path {
        "data" => each(value, " + ", |part| data_part(page, part)),
        "defences" => each(value, " + ", defence),
        "tuning.weights" => read(value).map(|weights| page.t(words::tuned_weights(weights))),
        "tuning.schedule" => read(value).map(|s| schedule(page, s)),
        "evaluation.questions" => read(value).map(|q: QuestionSet| page.t(words::question_kind(&q))),
        "evaluation.conditions.main.wrap" => value.as_str().map(wrapping),
        "evaluation.conditions.further" => each(value, ", ", |condition: &Condition| in_short(page, condition)),
        _ => None,
    };
    special.unwrap_or_else(|| plain(value))
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

fn each<T: DeserializeOwned>(value: &Value, separator: &str, text: impl Fn(&T) -> String) -> Option<String> {
    let all: Vec<T> = read(value)?;
    Some(all.iter().map(text).collect::<Vec<_>>().join(separator))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        // A whole number may be written as 10.0.
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |n| n.to_string()),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Object(_) => value.to_string(),
    }
}

fn data_part(page: Page, part: &DataPart) -> String {
    match part {
        DataPart::Drawn { set, size, draw } if SETS.iter().any(|known| known.name == *set) => {
            let set = page.tv(&words::set(set), [("size", (*size).into())]);
            page.tv("data-draw", [("set", set.into()), ("draw", draw.to_string().into())])
        }
        DataPart::Drawn { .. } | DataPart::Inline { .. } => part.name(),
    }
}

/// For example `mix-refusals (size 50)`.
fn defence(defence: &DefencePlan) -> String {
    let settings: Vec<_> = defence.settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if settings.is_empty() { defence.name.clone() } else { format!("{} ({})", defence.name, settings.join(", ")) }
}

fn schedule(page: Page, schedule: Schedule) -> String {
    match schedule {
        Schedule::Constant => page.t("schedule-constant"),
        Schedule::WarmUp { steps } => page.tv("schedule-warm-up", [("steps", steps.into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_lists_say_what_they_are() {
        for (value, said) in [
            (json!(null), ""),
            (json!(10), "10"),
            (json!(16.0), "16"),
            (json!(0.00055), "0.00055"),
            (json!(["q_proj", "v_proj"]), "q_proj, v_proj"),
            (json!([1, 2, 4]), "1, 2, 4"),
        ] {
            assert_eq!(plain(&value), said);
        }
    }

    #[test]
    fn a_defence_is_said_with_its_settings() {
        let mixed = DefencePlan { name: "mix-refusals".into(), settings: [("size".into(), 50.0)].into() };
        assert_eq!(defence(&mixed), "mix-refusals (size 50)");
        assert_eq!(defence(&DefencePlan { settings: [].into(), ..mixed }), "mix-refusals");
    }
}
