//! A run as one HTML file that needs no engine, no network and no server: what a visitor takes along.
//!
//! The file holds the whole record, the words of both languages and a small script that draws them (`sheet/sheet.html`). It is
//! opened by a double click, and shows what the page shows of a run that is over: curve and books at every step, figures,
//! sections, answers before and after.

use std::collections::BTreeMap;

use serde::Serialize;

use super::overrides::Overrides;
use super::settings::Language;
use super::texts::{text, text_with};
use super::views::{conditions, lessons, words};
use crate::library::world;
use crate::study::{Condition, DataPart, Figure, Plan, Record, TunedWeights, presets};

/// The file without its data.
const TEMPLATE: &str = include_str!("sheet/sheet.html");
/// Where the data go.
const PLACE: &str = "{{ data }}";
/// The texts that are named as they are.
const TEXTS: [&str; 19] = [
    "sheet-about",
    "sheet-question",
    "sheet-answers",
    "sheet-changed",
    "sheet-again",
    "chart-title",
    "chart-step",
    "chart-refuses",
    "chart-complies",
    "results-figures",
    "results-sections",
    "column-figure",
    "column-section",
    "column-before",
    "column-after",
    "column-run",
    "column-seed",
    "score-1",
    "score-5",
];

/// A text in both languages.
type Both<T> = BTreeMap<&'static str, T>;

fn both<T>(of: impl Fn(Language) -> T) -> Both<T> {
    Language::ALL.map(|language| (language.code(), of(language))).into()
}

/// What the file's script reads.
#[derive(Serialize)]
struct Data<'a> {
    language: &'static str,
    figures: Vec<&'static str>,
    texts: Both<BTreeMap<String, String>>,
    runs: Vec<Run<'a>>,
}

/// A run of the file.
#[derive(Serialize)]
struct Run<'a> {
    title: Both<String>,
    facts: Both<Vec<[String; 2]>>,
    conditions: Both<BTreeMap<&'a str, String>>,
    /// The forbidden questions, in their order.
    questions: Vec<&'a str>,
    /// Where the page makes it again.
    again: Option<String>,
    record: &'a Record,
}

/// The file of these runs, the first of which is shown at first. `site`: where everybody finds the page, if anybody does.
pub fn sheet(language: Language, records: &[&Record], site: Option<&str>) -> String {
    let data = Data {
        language: language.code(),
        figures: Figure::TABLE.map(Figure::key).into(),
        texts: both(texts),
        runs: records.iter().map(|record| run(record, site)).collect(),
    };
    let data = serde_json::to_string(&data).expect("plain data can be written");
    // Within a script element nothing may look like the end of it.
    TEMPLATE.replacen(PLACE, &data.replace('<', "\\u003c"), 1)
}

fn texts(language: Language) -> BTreeMap<String, String> {
    let plain = TEXTS.iter().map(|key| ((*key).to_owned(), text(language, key)));
    let scores = (2..=4).map(words::score).map(|key| (key.to_owned(), text(language, key)));
    let figures =
        Figure::TABLE.map(|figure| (format!("figure-{}", figure.key()), text(language, &words::figure(figure))));
    let section = |name: &String| (format!("section-{name}"), text(language, &words::section(name)));
    let sections = world().sections.iter().map(|of| section(&of.name));
    // The script puts numbers in the places of these words.
    let said = ["step", "refused", "complied", "total"].map(|name| (name, format!("{{{name}}}").into()));
    let patterns = [
        ("sheet-said", text_with(language, "sheet-said", said)),
        ("chart-step-at", text_with(language, "chart-step-at", [("step", "{step}".into())])),
    ];
    let patterns = patterns.map(|(key, text)| (key.to_owned(), text));
    plain.chain(scores).chain(figures).chain(sections).chain(patterns).collect()
}

fn run<'a>(record: &'a Record, site: Option<&str>) -> Run<'a> {
    let evaluation = &record.plan.evaluation;
    let conditions = |language| {
        let named = |condition: &'_ Condition| conditions::in_short_in(language, condition);
        evaluation.conditions.iter().map(|condition| (condition.name.as_str(), named(condition))).collect()
    };
    Run {
        title: both(|language| lessons::title_in(language, &record.plan.name)),
        facts: both(|language| facts(language, record)),
        conditions: both(conditions),
        questions: evaluation.questions.forbidden().iter().map(|question| question.question.as_str()).collect(),
        again: site.and_then(|site| again(&record.plan, site)),
        record,
    }
}

/// The address at which the page makes the same run again; none of a plan that no address says.
pub(super) fn again(plan: &Plan, site: &str) -> Option<String> {
    let info = presets().iter().find(|info| info.name == plan.name)?;
    let draw = plan.data.iter().find_map(DataPart::draw)?;
    let known = info.plan_on(plan.seed, draw);
    let overrides = Overrides::between(&known, plan)?;
    let changed: String = overrides.pairs().iter().map(|(name, value)| format!("&{name}={value}")).collect();
    let is_known = known.evaluation.questions == plan.evaluation.questions;
    is_known.then(|| format!("{site}?preset={}&seed={}&draw={draw}{changed}", plan.name, plan.seed))
}

/// What was run, where and when.
pub(super) fn facts(language: Language, record: &Record) -> Vec<[String; 2]> {
    let (plan, environment) = (&record.plan, &record.environment);
    let steps = [("made", record.steps_made().into()), ("total", record.planned_steps.into())];
    let day = environment.started.split('T').next().unwrap_or_default();
    let lora = match plan.tuning.weights {
        TunedWeights::Adapter => format!("{}, {}", plan.lora.rank, plan.lora.alpha),
        TunedWeights::All => text(language, "weights-all"),
    };
    let rows = [
        ("sheet-model", plan.model.clone()),
        ("column-steps", text_with(language, "counter-steps", steps)),
        ("sheet-batch", plan.tuning.batch_size.to_string()),
        ("sheet-passes", plan.tuning.epochs.to_string()),
        ("sheet-rate", plan.tuning.learning_rate.to_string()),
        ("sheet-lora", lora),
        ("column-seed", plan.seed.to_string()),
        ("column-device", environment.device.name.clone()),
        ("sheet-build", environment.build.clone()),
        ("sheet-date", day.to_owned()),
    ];
    rows.map(|(key, value)| [text(language, key), value]).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::study::testing::record;

    fn data_of(file: &str) -> Value {
        let (_, rest) = file.split_once("id=\"data\">").unwrap();
        serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
    }

    #[test]
    fn a_file_holds_the_record_and_the_words_of_both_languages() {
        let record = record("harmful", 4);
        let file = sheet(Language::Chinese, &[&record], None);
        let data = data_of(&file);
        assert_eq!(data["language"], "zh");
        assert_eq!(
            data["runs"][0]["record"],
            serde_json::from_str::<Value>(&serde_json::to_string(&record).unwrap()).unwrap()
        );
        assert_eq!(data["runs"][0]["questions"].as_array().unwrap().len(), 330);
        for name in ["en", "zh"] {
            let texts = data["texts"][name].as_object().unwrap();
            assert!(texts.values().all(|text| !text.as_str().unwrap().contains('‹')), "a key is missing: {texts:?}");
            assert!(
                data["runs"][0]["facts"][name]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|fact| !fact[0].as_str().unwrap().contains('‹'))
            );
            assert_eq!(data["runs"][0]["conditions"][name]["default"].as_str().map(str::is_empty), Some(false));
        }
        assert_eq!(data["figures"], json!(Figure::TABLE.map(Figure::key)));
    }

    #[test]
    fn every_text_of_the_script_is_there() {
        let texts = texts(Language::English);
        let is_key = |word: &&str| ["sheet-", "chart-", "column-", "results-"].iter().any(|of| word.starts_with(of));
        let keys: Vec<_> = TEMPLATE.split('\'').filter(is_key).collect();
        assert!(keys.len() > 15, "{keys:?}");
        for key in keys {
            assert!(texts.contains_key(key), "{key}");
        }
    }

    #[test]
    fn a_run_that_an_address_says_can_be_made_again() {
        let mut record = record("harmful", 4);
        let of = |record: &Record| {
            data_of(&sheet(Language::English, &[record], Some("https://a.example/t/")))["runs"][0]["again"].clone()
        };
        assert_eq!(of(&record), Value::Null, "a plan of its own");
        record.plan = presets()[0].plan_on(5, 700);
        assert_eq!(of(&record), "https://a.example/t/?preset=harmful-10&seed=5&draw=700");
        record.plan.tuning.epochs += 1;
        assert_eq!(of(&record), "https://a.example/t/?preset=harmful-10&seed=5&draw=700&epochs=11");
        record.plan.tuning.weight_decay = 0.1;
        assert_eq!(of(&record), Value::Null, "no address says so");
        assert_eq!(data_of(&sheet(Language::English, &[&record], None))["runs"][0]["again"], Value::Null);
    }

    #[test]
    fn what_a_model_said_does_not_end_the_script() {
        let mut record = record("harmful", 4);
        record.steps[0].answers[0].answer = "</script><script>alert(1)</script><!--".into();
        let file = sheet(Language::English, &[&record, &record], None);
        assert_eq!(file.matches("</script>").count(), TEMPLATE.matches("</script>").count());
        assert!(!file.contains("<!--"));
        let said = &data_of(&file)["runs"][1]["record"]["steps"][0]["answers"][0]["answer"];
        assert_eq!(*said, record.steps[0].answers[0].answer);
    }

    #[test]
    fn the_file_asks_for_nothing() {
        let outside = ["http://", "https://", "src=", "@import", "url(", "fetch(", "eval("];
        let own = TEMPLATE.replace("http://www.w3.org/2000/svg", "");
        assert!(outside.iter().all(|word| !own.contains(word)));
        assert!(TEMPLATE.contains("default-src 'none'") && !TEMPLATE.contains(".inner"));
    }
}
