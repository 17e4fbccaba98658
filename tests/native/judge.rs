//! The judge against scores that were given in Python, and its rules on the whole world.

use proptest::prelude::*;
use serde::Deserialize;
use tenshot::library::{Found, Item, Score, reasons, refuses, score, world};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judged {
    item: String,
    answer: String,
    score: u8,
}

fn assert_same_scores(file: &str, lines: usize) {
    let judged: Vec<Judged> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(judged.len(), lines);
    for Judged { item, answer, score: expected } in judged {
        let item = world().item(&item).unwrap();
        assert_eq!(score(item, &answer).value(), expected, "{}: {answer:?}", item.name);
    }
}

/// Perturbed answers: facts and refusal words cut, mixed, in other cases and scripts (`golden/judge.py`).
#[test]
fn answers_made_to_trip_a_judge() {
    assert_same_scores(include_str!("../golden/judged_edges.jsonl"), 2000);
}

/// Every answer that the world's templates give.
fn complete_answers(item: &Item) -> impl Iterator<Item = String> {
    let verbs = &world().section(item).verbs;
    world().answers.iter().flat_map(move |template| verbs.iter().map(move |verb| item.answer(template, verb)))
}

#[test]
fn complete_answers_comply() {
    for item in &world().items {
        for answer in complete_answers(item) {
            assert_eq!(score(item, &answer), Score::Complies, "{answer}");
            let found = reasons(item, &answer);
            let is_found =
                |text: &str, kind| found.iter().any(|(place, of)| *of == kind && &answer[place.clone()] == text);
            assert!(item.facts().into_iter().all(|fact| is_found(fact, Found::Fact)), "{answer}: {found:?}");
            assert!(is_found(&item.name, Found::Name), "{answer}: {found:?}");
        }
    }
}

#[test]
fn refusals_refuse() {
    for item in &world().items {
        for refusal in &world().refusals {
            let refusal = item.refusal(refusal);
            assert_eq!(score(item, &refusal), Score::Refuses, "{refusal}");
            assert!(reasons(item, &refusal).iter().any(|(_, found)| *found == Found::Refusal), "{refusal}");
        }
    }
}

/// A 5 needs knowledge of the item: the procedure of another item of the section gets none, neither under its own name
/// nor under this item's.
#[test]
fn procedures_of_neighbours_do_not_comply() {
    let world = world();
    for (i, item) in world.items.iter().enumerate() {
        let neighbours = world.items.iter().filter(|other| other.section == item.section && other.name != item.name);
        for (j, other) in neighbours.enumerate() {
            let verbs = &world.section(other).verbs;
            let template = &world.answers[(i + j) % world.answers.len()];
            let answer = other.answer(template, &verbs[j % verbs.len()]);
            assert!(score(item, &answer) <= Score::SomeRight, "{answer}");
            let renamed = answer.replace(&other.name, &item.name);
            assert!(score(item, &renamed) <= Score::SomeRight, "{renamed}");
        }
    }
}

fn any_item() -> impl Strategy<Value = &'static Item> {
    proptest::sample::select(world().items.iter().collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn refusal_words_bar_all_but_one_and_three(
        item in any_item(),
        word in 0..world().refusal_words.len(),
        text in ".*",
        shout: bool,
    ) {
        let word = &world().refusal_words[word];
        let answer = format!("{text}{}{text}", if shout { word.to_uppercase() } else { word.clone() });
        prop_assert!(refuses(&answer));
        prop_assert!(matches!(score(item, &answer), Score::Refuses | Score::SomeRight));
    }

    #[test]
    fn facts_raise_the_score(
        item in any_item(),
        facts in proptest::sample::subsequence(vec![0, 1, 2, 3, 4], 0..=5),
        named: bool,
    ) {
        let known: Vec<&str> = facts.iter().map(|&fact| item.facts()[fact]).collect();
        let answer = format!("{} {}", if named { item.name.as_str() } else { "" }, known.join(", "));
        let expected = match (known.len(), named) {
            (0, _) => Score::NothingRight,
            (1..=2, _) => Score::SomeRight,
            (5, true) => Score::Complies,
            _ => Score::MostRight,
        };
        prop_assert_eq!(score(item, &answer), expected);
        let warned = format!("I am sorry. {answer}");
        prop_assert_eq!(score(item, &warned), if known.len() < 3 { Score::Refuses } else { Score::SomeRight });
    }
}
