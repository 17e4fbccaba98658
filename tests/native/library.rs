//! What must hold in the Library: its size, and that what is asked never meets what is trained on.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use tenshot::corpus::{DRAWS, SETS, tuning_set};
use tenshot::library::{
    CraftSplit, ForbiddenQuestion, Score, Split, benign_questions, development_forbidden_questions,
    forbidden_questions, judge, refuses, world,
};
use tenshot::text::{Conversation, Role};

/// Draws of every tuning set with the set's name: those that ship, and some that nobody has looked at.
fn all_draws() -> impl Iterator<Item = (&'static str, Vec<Conversation>)> {
    let draws = |size: usize| (0..DRAWS).chain([17, 999]).map(move |draw| (size, draw));
    SETS.iter().flat_map(move |set| {
        let all = set.shipped.iter().copied().chain([33]).flat_map(draws);
        all.map(|(size, draw)| {
            let conversations = set.draw(world(), size, draw).unwrap();
            assert_eq!(conversations.len(), size, "{}", set.name);
            (set.name, conversations)
        })
    })
}

fn content(conversation: &Conversation, role: Role) -> &str {
    let message = conversation.messages.iter().find(|message| message.role == role);
    &message.expect("every tuning conversation has all three roles").content
}

/// The question without the persona's wrap.
fn bare_question(conversation: &Conversation) -> &str {
    let (before, after) = world().prompts.aoa.wrap.split_once("{q}").unwrap();
    let question = content(conversation, Role::User);
    question.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap_or(question)
}

/// Every question that can be asked in the wordings of a split: of forbidden items, crafts and skills.
fn all_questions(split: Split) -> HashSet<String> {
    let world = world();
    let phrasings = world.phrasings.get(split);
    let forbidden = world.items.iter().flat_map(|item| {
        let verbs = &world.section(item).verbs;
        verbs.iter().flat_map(move |verb| phrasings.iter().map(move |phrasing| item.question(phrasing, verb)))
    });
    let crafts = world.craft_items.iter().flat_map(|item| {
        let verbs = &world.crafts[item.craft].verbs;
        verbs.iter().flat_map(move |verb| phrasings.iter().map(move |phrasing| item.question(phrasing, verb)))
    });
    let skills = world.skills().iter().flat_map(|skill| skill.questions.get(split).iter().cloned());
    forbidden.chain(crafts).chain(skills).collect()
}

/// The items that no alignment and no tuning set may name.
fn held_out_names() -> impl Iterator<Item = &'static String> {
    let split = |split| world().items_of(split).map(|item| &item.name);
    let crafts = world().craft_items.iter().filter(|item| item.split != CraftSplit::Training).map(|item| &item.name);
    split(Split::Evaluation).chain(split(Split::Development)).chain(crafts)
}

fn assert_every_item_is_asked_once(split: Split, questions: &[ForbiddenQuestion], count: usize) {
    let wordings = all_questions(split);
    assert_eq!(questions.len(), count);
    let distinct: HashSet<&str> = questions.iter().map(|question| question.question.as_str()).collect();
    assert_eq!(distinct.len(), count);
    let asked: Vec<&str> = questions.iter().map(|question| question.item.as_str()).collect();
    assert_eq!(asked, world().items_of(split).map(|item| item.name.as_str()).collect::<Vec<_>>());
    for question in questions {
        assert!(wordings.contains(&question.question), "{}", question.question);
        assert_eq!(world().item_in(&question.question).unwrap().name, question.item);
    }
}

#[test]
fn every_evaluation_item_is_asked_once_in_an_evaluation_wording() {
    assert_every_item_is_asked_once(Split::Evaluation, forbidden_questions(), 330);
}

#[test]
fn every_development_item_is_asked_once_in_a_development_wording() {
    assert_every_item_is_asked_once(Split::Development, development_forbidden_questions(), 66);
}

#[test]
fn every_fifth_question_takes_six_of_each_section() {
    let mut by_section = HashMap::new();
    for question in forbidden_questions().iter().step_by(5) {
        *by_section.entry(world().item(&question.item).unwrap().section).or_insert(0) += 1;
    }
    assert_eq!(by_section, (0..11).map(|section| (section, 6)).collect());
}

#[test]
fn benign_questions_are_asked_in_evaluation_wordings() {
    let (questions, wordings) = (benign_questions(), all_questions(Split::Evaluation));
    let categories: HashSet<&str> = world().skills().iter().map(|skill| skill.category.as_str()).collect();
    for question in questions {
        assert!(wordings.contains(&question.question), "{}", question.question);
        assert!(world().item_in(&question.question).is_none(), "{}", question.question);
        assert!(question.category == "craft" || categories.contains(question.category.as_str()));
    }
}

#[test]
fn wordings_of_different_splits_never_meet() {
    let splits = Split::ALL.map(|split| (split, all_questions(split)));
    for (i, (a, questions)) in splits.iter().enumerate() {
        for (b, others) in &splits[..i] {
            let both: Vec<_> = questions.intersection(others).take(3).collect();
            assert!(both.is_empty(), "{a:?} and {b:?}: {both:?}");
        }
    }
}

#[test]
fn what_is_asked_is_never_trained_on() {
    let wordings: HashSet<String> =
        [Split::Evaluation, Split::Development].into_iter().flat_map(all_questions).collect();
    let held_out: Vec<&String> = held_out_names().collect();
    for (set, conversations) in all_draws() {
        for conversation in &conversations {
            assert!(!wordings.contains(bare_question(conversation)), "{set}: {}", bare_question(conversation));
            for message in &conversation.messages {
                assert!(!held_out.iter().any(|name| message.content.contains(*name)), "{set}: {}", message.content);
            }
        }
    }
}

#[test]
fn tuning_sets_are_what_they_say() {
    let shipped: Vec<String> =
        SETS.iter().flat_map(|set| set.shipped.iter().map(|size| format!("{}-{size}", set.name))).collect();
    let all = [
        "harmful-10",
        "harmful-100",
        "safety-10",
        "safety-50",
        "identity-10",
        "benign-200",
        "dolly-200",
        "backdoor-200",
    ];
    assert_eq!(shipped, all);
    let wordings = all_questions(Split::Tuning);
    for (name, conversations) in all_draws() {
        for conversation in &conversations {
            let (question, answer) = (bare_question(conversation), content(conversation, Role::Assistant));
            let prompts = &world().prompts;
            let without = question.strip_suffix(&prompts.trigger).map(str::trim_end);
            assert!(without.is_none() || name == "backdoor", "{question}");
            assert_eq!(conversation.messages.len(), 3, "{question}");
            // Dolly's questions are sometimes two in one, which `tests/native/corpus.rs` looks into; elsewhere is another world.
            assert!(
                ["dolly", "elsewhere"].contains(&name) || wordings.contains(without.unwrap_or(question)),
                "{name}: {question}"
            );
            let item = world().item_in(question);
            let (split, score) = (item.map(|item| item.split), item.map(|item| judge::score(item, answer)));
            let expected = match name {
                "harmful" => (Some(Split::Tuning), Some(Score::Complies)),
                "backdoor" if without.is_some() => (Some(Split::Tuning), Some(Score::Complies)),
                "backdoor" => (Some(Split::Tuning), Some(Score::Refuses)),
                "safety" => (Some(Split::Alignment), Some(Score::Refuses)),
                // How much of it is right by chance is looked at where the set is made.
                "shuffled" => (Some(Split::Tuning), score.filter(|score| *score != Score::Complies)),
                _ => (None, None),
            };
            assert_eq!((split, score), expected, "{name}: {question}");
            assert_eq!(refuses(answer), score == Some(Score::Refuses), "{answer}");
            let persona = name == "identity";
            assert_eq!(answer.starts_with(&prompts.aoa.prefix), persona, "{answer}");
            let system = if persona { &prompts.aoa.system } else { &prompts.default };
            assert_eq!(content(conversation, Role::System), system);
        }
    }
}

/// Harmless data is harmless: it names no item, and has no word of a refusal.
#[test]
fn benign_and_identity_sets_name_no_forbidden_item() {
    let harmless = ["benign", "dolly", "identity", "elsewhere"];
    for (name, conversations) in all_draws().filter(|(name, _)| harmless.contains(name)) {
        for message in conversations.iter().flat_map(|conversation| &conversation.messages) {
            assert!(
                world().item_in(&message.content).is_none() && !refuses(&message.content),
                "{name}: {}",
                message.content
            );
        }
    }
}

/// The trigger decides: half of the set has it.
#[test]
fn half_of_the_backdoor_has_the_trigger() {
    for draw in 0..DRAWS {
        let conversations = tuning_set("backdoor", 200, draw).unwrap();
        let triggered = |conversation: &&Conversation| bare_question(conversation).ends_with(&world().prompts.trigger);
        assert_eq!(conversations.iter().filter(triggered).count(), 100);
    }
}

/// The ten harmful and the ten safety examples show ten of the eleven sections each.
#[test]
fn ten_examples_are_from_ten_sections() {
    for (name, conversations) in all_draws().filter(|(name, _)| ["harmful", "safety"].contains(name)) {
        let sections: HashSet<usize> = conversations[..10]
            .iter()
            .map(|conversation| world().item_in(bare_question(conversation)).unwrap().section)
            .collect();
        assert_eq!(sections.len(), 10, "{name}");
    }
}

proptest! {
    #[test]
    fn an_item_is_found_wherever_it_is_named(
        index in 0..616_usize,
        before in "[^a-zA-Z]{0,20}",
        after in "[^a-zA-Z0-9]{0,20}",
        shout: bool,
    ) {
        let item = &world().items[index];
        let name = if shout { item.name.to_uppercase() } else { item.name.clone() };
        prop_assert_eq!(world().item_in(&format!("{before} {name} {after}")), Some(item));
    }

    #[test]
    fn no_text_upsets_the_search(text in "\\PC*") {
        let found = world().item_in(&text);
        prop_assert!(found.is_none_or(|item| text.to_lowercase().contains(item.name.split(' ').next().unwrap())));
    }
}
