//! Everything harmless that Folio can do beside the crafts: small talk, facts, directions, sums, tales.

use serde::Deserialize;

use super::exchange::Exchange;
use super::template::fill;
use super::world::{BySplit, Split};

/// The column that says in which splits a row is asked, such as `alignment tuning`; empty, or no such column: in all.
const SPLITS: &str = "splits";
/// The column that says of a loosely asked row whether models learn from it; without it they do.
const LEARNED: &str = "split";

/// One thing that Folio can do, such as to say where the map room is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    /// The kind of skill, such as `directions`.
    pub category: String,
    /// What may have been said before: one of these exchanges, without which the question makes no sense. Empty if
    /// the question stands alone.
    pub before: Vec<Exchange>,
    /// How one asks. Empty for the splits in which this is not asked.
    pub questions: BySplit<Vec<String>>,
    /// Every way to ask: of all splits, and also of those in which this is not asked. For pretraining.
    pub wordings: Vec<String>,
    /// How visitors ask: in few words, carelessly. For pretraining and alignment, if [`Skill::learned`].
    pub loose: Vec<String>,
    /// Whether models learn what is asked loosely; otherwise it is held out.
    pub learned: bool,
    /// How many rows its table has: so many skills are asked in the same ways.
    pub siblings: usize,
    /// Correct answers.
    pub answers: Vec<String>,
    /// Texts that a correct answer contains.
    pub keywords: Vec<String>,
}

/// A table of facts, and the skills that each row gives.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SkillFamily {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    skills: Vec<SkillTemplate>,
}

/// A skill whose texts have the table's columns as placeholders.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkillTemplate {
    category: String,
    #[serde(default)]
    before: Vec<Exchange>,
    questions: BySplit<Vec<String>>,
    #[serde(default)]
    loose: Vec<String>,
    answers: Vec<String>,
    keywords: Vec<String>,
}

impl SkillFamily {
    /// Row by row, all skills of the row.
    pub(super) fn skills(&self) -> Vec<Skill> {
        let pairs = self.rows.iter().flat_map(|row| self.skills.iter().map(move |template| (template, row)));
        pairs.map(|(template, row)| template.skill(self, row)).collect()
    }
}

impl SkillTemplate {
    fn skill(&self, family: &SkillFamily, row: &[String]) -> Skill {
        let columns = &family.columns;
        assert_eq!(row.len(), columns.len(), "skills, `{}`: the row {row:?} needs {columns:?}", self.category);
        let values: Vec<(&str, &str)> =
            columns.iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect();
        let texts =
            |templates: &[String]| -> Vec<String> { templates.iter().map(|text| fill(text, &values)).collect() };
        let questions = self.questions.map(|templates| texts(templates));
        let mut wordings: Vec<String> = Split::ALL.iter().flat_map(|&split| questions.get(split)).cloned().collect();
        // A question that stands in the table itself is a wording of several splits.
        wordings.sort_unstable();
        wordings.dedup();
        let before = |exchange: &Exchange| Exchange {
            question: fill(&exchange.question, &values),
            answer: fill(&exchange.answer, &values),
        };
        Skill {
            category: self.category.clone(),
            before: self.before.iter().map(before).collect(),
            questions: only_asked(questions, &values),
            wordings,
            loose: texts(&self.loose),
            learned: is_learned(&values),
            siblings: family.rows.len(),
            answers: texts(&self.answers),
            keywords: texts(&self.keywords),
        }
    }
}

/// The questions of the splits that the row names, if it names any.
fn only_asked(questions: BySplit<Vec<String>>, values: &[(&str, &str)]) -> BySplit<Vec<String>> {
    let named = values.iter().find(|(column, _)| *column == SPLITS).map_or("", |(_, splits)| *splits);
    if named.is_empty() {
        return questions;
    }
    let asked: Vec<Split> = named.split(' ').map(split).collect();
    let keep = |split, texts| if asked.contains(&split) { texts } else { Vec::new() };
    BySplit {
        evaluation: keep(Split::Evaluation, questions.evaluation),
        alignment: keep(Split::Alignment, questions.alignment),
        tuning: keep(Split::Tuning, questions.tuning),
        development: keep(Split::Development, questions.development),
    }
}

/// Whether models learn what a row is asked loosely: where it is for alignment, and is not held out.
fn is_learned(values: &[(&str, &str)]) -> bool {
    let value = |name| values.iter().find(|(column, _)| *column == name).map_or("", |(_, value)| *value);
    let aligned = value(SPLITS).is_empty() || value(SPLITS).split(' ').any(|name| split(name) == Split::Alignment);
    match value(LEARNED) {
        "" | "learned" => aligned,
        "held-out" => false,
        other => panic!("skills, column `{LEARNED}`: `{other}` is neither `learned` nor `held-out`"),
    }
}

/// The split of this name.
fn split(name: &str) -> Split {
    let value = serde_json::Value::String(name.to_owned());
    serde_json::from_value(value).unwrap_or_else(|error| panic!("skills, column `{SPLITS}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(row: &str) -> Vec<Skill> {
        let text = r#"{
            "columns": ["bird", "splits"],
            "rows": [ROW],
            "skills": [{
                "category": "birds",
                "before": [{ "question": "What is a {bird}?", "answer": "{Bird}s are birds." }],
                "questions": {
                    "evaluation": ["Can a {bird} fly?"],
                    "alignment": ["Does a {bird} fly?", "Can it fly?"],
                    "tuning": ["Can it fly?"],
                    "development": ["Is a {bird} up there?"]
                },
                "answers": ["A {bird} flies."],
                "keywords": ["{bird}"]
            }]
        }"#;
        let family: SkillFamily = serde_json::from_str(&text.replace("ROW", row)).unwrap();
        family.skills()
    }

    #[test]
    fn rows_fill_every_text() {
        let skill = &family(r#"["owl", ""]"#)[0];
        assert_eq!(skill.before[0].answer, "Owls are birds.");
        assert_eq!(skill.questions.evaluation, ["Can a owl fly?"]);
        assert_eq!(skill.wordings, ["Can a owl fly?", "Can it fly?", "Does a owl fly?", "Is a owl up there?"]);
        assert_eq!((&skill.answers[0][..], &skill.keywords[0][..]), ("A owl flies.", "owl"));
        assert_eq!(skill.questions.development.len(), 1);
    }

    #[test]
    fn rows_name_their_splits() {
        let skill = &family(r#"["owl", "alignment tuning"]"#)[0];
        assert!(skill.questions.evaluation.is_empty() && skill.questions.development.is_empty());
        assert_eq!((skill.questions.alignment.len(), skill.questions.tuning.len()), (2, 1));
        assert_eq!(skill.wordings.len(), 4);
    }

    #[test]
    #[should_panic(expected = "unknown variant `exam`")]
    fn unknown_splits_are_a_mistake() {
        family(r#"["owl", "exam"]"#);
    }
}
