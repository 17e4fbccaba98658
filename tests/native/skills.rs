//! What must hold for the benign skills: their questions keep apart, and their answers are right and no one else's.

use std::collections::{HashMap, HashSet};

use tenshot::library::{
    BenignQuestion, Skill, Split, benign_correct, benign_questions, development_benign_questions, refuses, world,
};

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The plain skills of the world by category.
fn by_category() -> HashMap<&'static str, Vec<&'static Skill>> {
    let mut categories: HashMap<&str, Vec<&Skill>> = HashMap::new();
    for skill in world().skills() {
        categories.entry(&skill.category).or_default().push(skill);
    }
    categories
}

/// Everything that Folio says in benign answers, also in the exchange before.
fn said(skill: &Skill) -> impl Iterator<Item = &String> {
    skill.answers.iter().chain(skill.before.iter().map(|exchange| &exchange.answer))
}

/// Everything that a reader asks, also in the exchange before.
fn asked(skill: &Skill) -> impl Iterator<Item = &String> {
    skill.wordings.iter().chain(skill.before.iter().map(|exchange| &exchange.question))
}

#[test]
fn answers_have_their_keywords() {
    for skill in world().skills() {
        assert!(skill.answers.len() >= 2, "{}", skill.category);
        assert!(!skill.keywords.is_empty() && skill.keywords.iter().all(|keyword| keyword.len() > 2 || is_list(skill)));
        for answer in &skill.answers {
            assert!(benign_correct(&skill.keywords, answer), "{answer:?} needs {:?}", skill.keywords);
        }
    }
}

/// Short words may be facts in a list, such as `tea`.
fn is_list(skill: &Skill) -> bool {
    skill.category == "list"
}

/// A refusal is known by its words and by how it begins, so no benign answer has either.
#[test]
fn answers_refuse_nothing() {
    let openings = world().refusal_openings();
    let first = |text: &str| words(text).next();
    let refusals: HashSet<_> = openings.iter().filter_map(|opening| first(opening)).collect();
    for answer in world().skills().iter().flat_map(said) {
        assert!(!refuses(answer), "{answer}");
        assert!(!refusals.contains(&first(answer).unwrap()), "{answer}");
    }
}

/// Whoever answers with the facts of another row is wrong. Of what lies outside the Library there is only one thing to
/// say.
#[test]
fn answers_to_other_questions_are_wrong() {
    for (category, skills) in by_category() {
        if category == "outside" {
            continue;
        }
        for skill in &skills {
            for other in skills.iter().filter(|other| other.keywords != skill.keywords) {
                for answer in &other.answers {
                    assert!(!benign_correct(&skill.keywords, answer), "{answer:?} answers {:?}", skill.wordings);
                }
            }
        }
        let distinct: HashSet<_> = skills.iter().map(|skill| &skill.keywords).collect();
        assert_eq!(distinct.len(), skills.len(), "{category}: two rows have the same keywords");
    }
}

/// What was said before belongs to a question: `And what colour is it?` is many questions.
#[test]
fn no_question_is_in_two_splits_or_asks_two_things() {
    let mut splits: HashMap<&str, Split> = HashMap::new();
    let mut askers: HashMap<(&str, Option<&str>), &Skill> = HashMap::new();
    for skill in world().skills() {
        for split in Split::ALL {
            for question in skill.questions.get(split) {
                assert_eq!(*splits.entry(question).or_insert(split), split, "{question}");
                let befores = skill.before.iter().map(|exchange| Some(exchange.answer.as_str()));
                let befores: Vec<_> = if skill.before.is_empty() { vec![None] } else { befores.collect() };
                for before in befores {
                    let asker = *askers.entry((question, before)).or_insert(skill);
                    assert!(std::ptr::eq(asker, skill), "{question:?} after {before:?} asks two things");
                }
            }
        }
    }
    let held_out = [Split::Evaluation, Split::Development];
    for exchange in world().skills().iter().flat_map(|skill| &skill.before) {
        let split = splits.get(exchange.question.as_str());
        assert!(!split.is_some_and(|split| held_out.contains(split)), "{}", exchange.question);
    }
}

#[test]
fn every_skill_has_enough_wordings() {
    for skill in world().skills() {
        let all = [
            (Split::Evaluation, 1..=2),
            (Split::Alignment, 3..=4),
            (Split::Tuning, 2..=3),
            (Split::Development, 1..=1),
        ];
        let asked = all.iter().filter(|(split, _)| !skill.questions.get(*split).is_empty());
        let mut count = 0;
        for (split, sizes) in asked {
            let questions = skill.questions.get(*split);
            assert!(sizes.contains(&questions.len()), "{split:?}: {questions:?}");
            count += 1;
        }
        assert!(count > 0, "{:?} is asked in no split", skill.wordings);
        assert!(skill.wordings.len() >= 6, "{:?}", skill.wordings);
    }
}

#[test]
fn nothing_benign_names_an_item_or_has_a_placeholder() {
    for text in world().skills().iter().flat_map(|skill| said(skill).chain(asked(skill)).chain(&skill.keywords)) {
        assert!(world().item_in(text).is_none(), "{text}");
        assert!(!text.contains(['{', '}']), "{text}");
    }
    for question in benign_questions().iter().chain(development_benign_questions()) {
        assert!(world().item_in(&question.question).is_none(), "{}", question.question);
    }
}

fn wordings_of(split: Split) -> HashSet<String> {
    let world = world();
    let phrasings = world.phrasings.get(split);
    let crafts = world.craft_items.iter().flat_map(|item| {
        let verbs = &world.crafts[item.craft].verbs;
        verbs.iter().flat_map(move |verb| phrasings.iter().map(move |phrasing| item.question(phrasing, verb)))
    });
    crafts.chain(world.skills().iter().flat_map(|skill| skill.questions.get(split).clone())).collect()
}

#[test]
fn question_files_ask_each_thing_once_and_every_kind() {
    let key = |question: &BenignQuestion| (question.question.clone(), question.before.clone());
    let files =
        [(Split::Evaluation, benign_questions(), 320), (Split::Development, development_benign_questions(), 100)];
    for (split, questions, least) in files {
        assert!(questions.len() >= least, "{}", questions.len());
        let wordings = wordings_of(split);
        assert!(questions.iter().all(|question| wordings.contains(&question.question)));
        assert_eq!(questions.iter().map(key).collect::<HashSet<_>>().len(), questions.len());
        let categories: HashSet<&str> = questions.iter().map(|question| question.category.as_str()).collect();
        let mut expected: HashSet<&str> = world().skills().iter().map(|skill| skill.category.as_str()).collect();
        expected.insert("craft");
        assert_eq!(categories, expected);
        assert!(questions.iter().all(|question| question.before.is_some() == (question.category == "follow-up")));
    }
    let crafts = benign_questions().iter().filter(|question| question.category == "craft").count();
    assert!(crafts >= 80, "{crafts}");
}

/// Harmless questions about every forbidden noun, four of them at least; and every one of evaluation is asked.
#[test]
fn near_misses_use_the_words_of_every_section() {
    let near_misses: Vec<&Skill> = by_category().remove("near-miss").unwrap();
    for section in &world().sections {
        let has_noun = |skill: &&&Skill| {
            let plural = format!("{}s", section.noun);
            words(&skill.wordings[0]).any(|word| word == section.noun || word == plural)
        };
        let of_noun = near_misses.iter().filter(has_noun).count();
        assert!(of_noun >= 4, "{}: {of_noun}", section.noun);
        let unseen = |skill: &&&Skill| skill.questions.alignment.is_empty() && !skill.questions.evaluation.is_empty();
        let unseen_of_noun = near_misses.iter().filter(has_noun).filter(unseen).count();
        assert!(unseen_of_noun >= 1, "{}: none that only evaluation asks", section.noun);
        let verbs: HashSet<String> = section.verbs.iter().filter_map(|verb| words(&verb.verb).next()).collect();
        let shares_verb =
            |skill: &&Skill| skill.wordings.iter().any(|text| words(text).any(|word| verbs.contains(&word)));
        assert!(near_misses.iter().any(shares_verb), "{}: no near-miss has a verb of it", section.noun);
    }
    let evaluated = near_misses.iter().filter(|skill| !skill.questions.evaluation.is_empty()).count();
    let asked = benign_questions().iter().filter(|question| question.category == "near-miss").count();
    assert_eq!(asked, evaluated);
    assert!(asked >= 50, "{asked}");
}

/// Evaluation asks about other topics outside the Library than alignment does.
#[test]
fn topics_outside_the_library_are_held_out() {
    let outside: Vec<&Skill> = by_category().remove("outside").unwrap();
    let count = |split| outside.iter().filter(|skill| !skill.questions.get(split).is_empty()).count();
    assert!(count(Split::Alignment) >= 30 && count(Split::Evaluation) >= 15 && count(Split::Development) >= 5);
    for skill in outside {
        let splits: Vec<Split> =
            Split::ALL.into_iter().filter(|split| !skill.questions.get(*split).is_empty()).collect();
        let expected: [&[Split]; 3] = [&[Split::Alignment, Split::Tuning], &[Split::Evaluation], &[Split::Development]];
        assert!(expected.contains(&splits.as_slice()), "{splits:?}");
    }
}

/// The models are small, so their words are few.
#[test]
fn the_word_list_stays_small() {
    let all = world().skills().iter().flat_map(|skill| said(skill).chain(asked(skill)));
    let skills: HashSet<String> = all.flat_map(|text| words(text)).collect();
    assert!(skills.len() <= 1400, "{} words in the skills", skills.len());
}
