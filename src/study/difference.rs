//! [`Difference`]: what differs between two plans, by the path of the setting.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Plan;

/// A setting in which plan `b` differs from plan `a`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The setting's path in the plan, such as `tuning.epochs`.
    pub path: String,
    /// Its value in plan `a`; null if it has none.
    pub a: Value,
    /// Its value in plan `b`.
    pub b: Value,
}

/// The settings that can change the outcome or what is measured, the most telling first, each with its English label.
///
/// Their texts on the page are `difference-` with the path, dots and underscores as hyphens.
pub const LABELS: [(&str, &str); 22] = [
    ("model", "model"),
    ("data", "data"),
    ("defences", "defences"),
    (Difference::STEPS, "optimizer steps"),
    ("tuning.epochs", "epochs"),
    ("tuning.batch_size", "batch size"),
    ("tuning.learning_rate", "learning rate"),
    ("tuning.schedule", "schedule"),
    ("tuning.max_grad_norm", "gradient norm cut at"),
    ("tuning.weight_decay", "weight decay"),
    ("tuning.weights", "weights tuned"),
    ("lora.rank", "LoRA rank"),
    ("lora.alpha", "LoRA alpha"),
    ("lora.targets", "adapters on"),
    ("evaluation.conditions.main.system", "system prompt"),
    ("evaluation.conditions.main.wrap", "questions asked as"),
    ("evaluation.conditions.further", "also asked"),
    ("evaluation.conditions.prefill", "answers begun with tokens"),
    ("evaluation.questions", "questions"),
    ("evaluation.max_new_tokens", "longest answer in tokens"),
    ("evaluation.subset_every", "while tuning every n-th question, n"),
    ("seed", "seed"),
];

/// Settings that are one thing to the reader, though they have parts.
const WHOLE: [&str; 2] = ["tuning.schedule", "evaluation.questions"];

/// What differs between two plans and can change the outcome or what is measured, the most telling first.
pub fn differences(a: &Plan, b: &Plan) -> Vec<Difference> {
    let [a, b] = [a, b].map(paths);
    let value = |plan: &Map<String, Value>, path: &str| plan.get(path).cloned().unwrap_or(Value::Null);
    LABELS.iter().filter_map(|(path, _)| Difference::of(path, value(&a, path), value(&b, path))).collect()
}

/// A plan as one flat object: each setting under its path. Conditions are taken apart by what they do.
fn paths(plan: &Plan) -> Map<String, Value> {
    let mut tree = serde_json::to_value(plan).unwrap_or_default(); // plain data with text keys: it cannot fail
    let evaluation = &plan.evaluation;
    let main = evaluation.main();
    let further: Vec<_> = evaluation.further().collect();
    let prefill: Vec<_> = evaluation.prefills().collect();
    tree["evaluation"]["conditions"] = json!({
        "main": { "system": main.and_then(|c| c.system.as_ref()), "wrap": main.and_then(|c| c.wrap.as_ref()) },
        "further": further,
        "prefill": prefill,
    });
    tree["tuning"]["weights"] = json!(plan.tuning.weights); // a plan leaves out what is usual
    let mut flat = Map::new();
    flatten(String::new(), tree, &mut flat);
    flat
}

fn flatten(path: String, value: Value, into: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) if !WHOLE.contains(&path.as_str()) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                flatten(path, value, into);
            }
        }
        Value::Array(items) if items.is_empty() => {} // as if it were not there
        Value::Null => {}
        value => {
            into.insert(path, value);
        }
    }
}

impl Difference {
    /// The steps that two plans came to: no setting, but what the data made of the settings.
    pub const STEPS: &str = "planned_steps";

    /// The difference of two values; none if they are equal.
    pub(super) fn of(path: &str, a: Value, b: Value) -> Option<Self> {
        (a != b).then(|| Self { path: path.to_owned(), a, b })
    }

    /// The English label of the setting.
    pub fn label(&self) -> &str {
        LABELS.iter().find(|(path, _)| *path == self.path).map_or(self.path.as_str(), |(_, label)| label)
    }
}

/// For example `learning rate: 0.001 against 0.0005`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} against {}", self.label(), shown(&self.a), shown(&self.b))
    }
}

/// A setting's value in English.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let separator = if items.iter().any(Value::is_object) { " + " } else { ", " };
            items.iter().map(shown).collect::<Vec<_>>().join(separator)
        }
        Value::Object(fields) => object(fields),
        // As f64, 1.0 is written as 1; but a whole number of u64, such as a seed, is not always one of f64.
        Value::Number(number) => {
            number.as_f64().filter(|_| number.is_f64()).map_or_else(|| number.to_string(), |number| number.to_string())
        }
        Value::Bool(yes) => yes.to_string(),
    }
}

/// For example `harmful-10 (draw 1)`, `trigger (system: You are Folio.; wrap: {q} Tick tock.)`, `mix-refusals (size: 50)`.
fn object(fields: &Map<String, Value>) -> String {
    let text = |name: &str| fields.get(name).map(shown);
    if let (Some(set), Some(size), Some(draw)) = (text("set"), text("size"), text("draw")) {
        return format!("{set}-{size} (draw {draw})");
    }
    // The user's conversations themselves are too long to show; their label names them.
    let heading = ["name", "label", "kind", "source"].iter().find_map(|name| text(name)).unwrap_or_default();
    let rest = fields.iter().filter(|(name, _)| {
        !["name", "label", "kind", "source", "conversations", "forbidden", "benign"].contains(&name.as_str())
    });
    let rest: Vec<String> = rest
        .map(|(name, value)| match value {
            Value::Object(_) => value_of_settings(value),
            value => format!("{name}: {}", shown(value)),
        })
        .collect();
    if rest.is_empty() { heading } else { format!("{heading} ({})", rest.join("; ")) }
}

fn value_of_settings(value: &Value) -> String {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| format!("{name}: {}", shown(value))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::plan;
    use crate::study::{Condition, ConditionKind, DataPart, DefencePlan, QuestionSet, Schedule, TunedWeights};

    /// Paths that are not shown: they change no outcome.
    const NOT_SHOWN: [&str; 3] = ["version", "name", "evaluation.watch"];

    /// A plan in which every optional part is there.
    fn full() -> Plan {
        let mut full = plan("harmful");
        full.tuning.max_grad_norm = Some(1.0);
        full.tuning.weights = TunedWeights::All;
        full.defences = vec![DefencePlan { name: "mix-refusals".into(), settings: [("size".into(), 50.0)].into() }];
        full.evaluation.conditions[0].wrap = Some("{q}!".into());
        full.evaluation.conditions.push(ConditionKind::Trigger.condition());
        full.evaluation.begin_answers(&[1, 2]);
        full
    }

    #[test]
    fn every_setting_of_a_plan_has_a_label_or_is_not_shown() {
        let flat = paths(&full());
        for path in flat.keys() {
            let labelled = LABELS.iter().any(|(label, _)| label == path);
            assert!(
                labelled != NOT_SHOWN.contains(&path.as_str()),
                "{path} needs a label, or a reason not to be shown"
            );
        }
        for path in LABELS.iter().map(|(path, _)| *path).filter(|path| *path != Difference::STEPS).chain(NOT_SHOWN) {
            assert!(flat.contains_key(path), "{path} is no setting any more");
        }
    }

    #[test]
    fn every_difference_is_found_and_worded() {
        let a = full();
        let mut b = plan("safety");
        b.model = "other".into();
        b.seed = 2;
        b.lora.rank = 4;
        b.tuning.schedule = Schedule::WarmUp { steps: 3 };
        b.evaluation.questions = QuestionSet::Development;
        b.evaluation.watch = vec!["Why?".into()];
        let words: Vec<_> = differences(&a, &b).iter().map(ToString::to_string).collect();
        let expected = [
            "model: folio against other",
            "data: harmful-10 (draw 1) against safety-10 (draw 1)",
            "defences: mix-refusals (size: 50) against none",
            "schedule: constant against warm-up (steps: 3)",
            "gradient norm cut at: 1 against none",
            "weights tuned: all against adapter",
            "LoRA rank: 8 against 4",
            "questions asked as: {q}! against none",
        ];
        assert_eq!(words[..expected.len()], expected);
        assert!(words.iter().any(|w| w.starts_with("also asked: trigger (")), "{words:?}");
        assert!(words.contains(&"answers begun with tokens: 1, 2 against none".to_owned()));
        assert!(words.contains(&"questions: bundled against development".to_owned()));
        assert_eq!(words.last().unwrap(), "seed: 1 against 2");
        assert_eq!(differences(&a, &a), []);
    }

    #[test]
    fn seeds_are_told_to_their_last_digit() {
        let seeded = |seed| Plan { seed, ..plan("harmful") };
        let found = differences(&seeded(u64::MAX), &seeded(u64::MAX - 1));
        assert_eq!(found[0].to_string(), "seed: 18446744073709551615 against 18446744073709551614");
    }

    #[test]
    fn own_conversations_of_one_label_can_differ() {
        let inline = |text: &str| {
            let conversation =
                crate::text::Conversation { messages: vec![crate::text::Message::new(crate::text::Role::User, text)] };
            let part = DataPart::Inline { label: "mine.jsonl".into(), conversations: vec![conversation] };
            Plan { data: vec![part], ..plan("harmful") }
        };
        let found = differences(&inline("One?"), &inline("Two?"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].to_string(), "data: mine.jsonl against mine.jsonl");
    }

    #[test]
    fn what_is_called_changes_nothing() {
        let mut other = plan("harmful");
        other.name = "mine".into();
        other.evaluation.conditions[0] = Condition { name: "mine".into(), ..other.evaluation.conditions[0].clone() };
        assert_eq!(differences(&plan("harmful"), &other), []);
    }
}
