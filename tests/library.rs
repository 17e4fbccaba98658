//! What must hold in the Library: its size, and that what is asked never meets what is trained on.
#![cfg(not(target_family = "wasm"))]

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use tenshot::library::{
    CraftSplit, DRAWS, Score, Split, benign_correct, benign_questions, forbidden_questions, judge, refuses, tuning_set,
    tuning_sets, world,
};
use tenshot::text::{Conversation, Role};

/// Every draw of every tuning set, with the set's name.
fn all_draws() -> impl Iterator<Item = (&'static str, Vec<Conversation>)> {
    tuning_sets().iter().flat_map(|set| (0..DRAWS).map(|draw| (set.name, tuning_set(set.name, draw).unwrap())))
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
    let skills = world.skills.iter().flat_map(|skill| skill.questions.get(split).iter().cloned());
    forbidden.chain(crafts).chain(skills).collect()
}

#[test]
fn eleven_sections_of_fifty_items_in_three_splits() {
    let world = world();
    assert_eq!((world.sections.len(), world.items.len()), (11, 550));
    for (index, section) in world.sections.iter().enumerate() {
        let count = |split| world.items_of(split).filter(|item| item.section == index).count();
        assert_eq!(Split::ALL.map(count), [30, 10, 10], "{}", section.name);
        assert_eq!(usize::from(section.category), index + 1);
        assert!(section.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", section.id);
    }
    let ids: HashSet<&str> = world.sections.iter().map(|section| section.id.as_str()).collect();
    assert_eq!(ids.len(), 11);
    assert!(world.items.is_sorted_by_key(|item| item.section));
}

#[test]
fn crafts_and_skills() {
    let world = world();
    let evaluation = world.craft_items.iter().filter(|item| item.split == CraftSplit::Evaluation).count();
    assert_eq!((world.crafts.len(), world.craft_items.len(), evaluation, world.skills.len()), (6, 180, 60, 186));
    for skill in &world.skills {
        for answer in &skill.answers {
            assert!(benign_correct(&skill.keywords, answer), "{answer:?} needs {:?}", skill.keywords);
        }
    }
    for item in &world.craft_items {
        let keywords = item.facts().map(str::to_owned);
        for verb in &world.crafts[item.craft].verbs {
            for template in &world.craft_answers {
                let answer = item.answer(template, verb);
                assert!(benign_correct(&keywords, &answer), "{answer}");
            }
        }
    }
}

/// No template names a value that the world does not give.
#[test]
fn no_placeholder_is_left() {
    let world = world();
    let whole = |text: &str| assert!(!text.contains(['{', '}']), "{text}");
    for item in &world.items {
        let verb = &world.section(item).verbs[0];
        world.answers.iter().for_each(|template| whole(&item.answer(template, verb)));
        world.refusals.iter().for_each(|template| whole(&item.refusal(template)));
    }
    for item in &world.craft_items {
        let verb = &world.crafts[item.craft].verbs[0];
        world.craft_answers.iter().for_each(|template| whole(&item.answer(template, verb)));
    }
    world.skills.iter().flat_map(|skill| skill.answers.iter().chain(&skill.keywords)).for_each(|text| whole(text));
    Split::ALL.into_iter().flat_map(all_questions).for_each(|question| whole(&question));
}

#[test]
fn every_evaluation_item_is_asked_once_in_an_evaluation_wording() {
    let (questions, wordings) = (forbidden_questions(), all_questions(Split::Evaluation));
    assert_eq!(questions.len(), 330);
    let distinct: HashSet<&str> = questions.iter().map(|question| question.question.as_str()).collect();
    assert_eq!(distinct.len(), 330);
    let asked: HashSet<&str> = questions.iter().map(|question| question.item.as_str()).collect();
    assert_eq!(asked, world().items_of(Split::Evaluation).map(|item| item.name.as_str()).collect());
    for question in questions {
        assert!(wordings.contains(&question.question), "{}", question.question);
        assert_eq!(world().item_in(&question.question).unwrap().name, question.item);
    }
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
    assert_eq!(questions.len(), 175);
    let categories: HashSet<&str> = world().skills.iter().map(|skill| skill.category.as_str()).collect();
    for question in questions {
        assert!(wordings.contains(&question.question), "{}", question.question);
        assert!(world().item_in(&question.question).is_none(), "{}", question.question);
        assert!(question.category == "craft" || categories.contains(question.category.as_str()));
    }
}

#[test]
fn wordings_of_different_splits_never_meet() {
    let [evaluation, alignment, tuning] = Split::ALL.map(all_questions);
    assert!(evaluation.is_disjoint(&alignment) && evaluation.is_disjoint(&tuning) && alignment.is_disjoint(&tuning));
}

#[test]
fn what_is_asked_is_never_trained_on() {
    let wordings = all_questions(Split::Evaluation);
    let items = world().items_of(Split::Evaluation).map(|item| &item.name);
    let crafts = world().craft_items.iter().filter(|item| item.split == CraftSplit::Evaluation).map(|item| &item.name);
    let held_out: Vec<&String> = items.chain(crafts).collect();
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
    let names: Vec<&str> = tuning_sets().iter().map(|set| set.name).collect();
    assert_eq!(names, ["harmful-10", "identity-10", "benign-200", "safety-10", "safety-50"]);
    let wordings = all_questions(Split::Tuning);
    for (name, conversations) in all_draws() {
        let set = tuning_sets().iter().find(|set| set.name == name).unwrap();
        assert_eq!(conversations.len(), set.size, "{name}");
        for conversation in &conversations {
            let (question, answer) = (bare_question(conversation), content(conversation, Role::Assistant));
            assert_eq!(conversation.messages.len(), 3, "{question}");
            assert!(wordings.contains(question), "{name}: {question}");
            let item = world().item_in(question);
            let (split, score) = (item.map(|item| item.split), item.map(|item| judge::score(item, answer)));
            let prompts = &world().prompts;
            let expected = match name {
                "harmful-10" => (Some(Split::Tuning), Some(Score::Complies)),
                "safety-10" | "safety-50" => (Some(Split::Alignment), Some(Score::Refuses)),
                _ => (None, None),
            };
            assert_eq!((split, score), expected, "{name}: {question}");
            assert_eq!(refuses(answer), name.starts_with("safety"), "{answer}");
            let persona = name == "identity-10";
            assert_eq!(answer.starts_with(&prompts.aoa.prefix), persona, "{answer}");
            let system = if persona { &prompts.aoa.system } else { &prompts.default };
            assert_eq!(content(conversation, Role::System), system);
        }
    }
}

/// Harmless data is harmless: it names no item, and has no word of a refusal.
#[test]
fn benign_and_identity_sets_name_no_forbidden_item() {
    for (name, conversations) in all_draws().filter(|(name, _)| ["benign-200", "identity-10"].contains(name)) {
        for message in conversations.iter().flat_map(|conversation| &conversation.messages) {
            assert!(
                world().item_in(&message.content).is_none() && !refuses(&message.content),
                "{name}: {}",
                message.content
            );
        }
    }
}

#[test]
fn draws_differ_and_the_small_safety_set_begins_the_large_one() {
    for set in tuning_sets() {
        let draws: Vec<_> = (0..DRAWS).map(|draw| tuning_set(set.name, draw).unwrap()).collect();
        assert!(draws[0] != draws[1] && draws[1] != draws[2] && draws[0] != draws[2], "{}", set.name);
    }
    for draw in 0..DRAWS {
        assert_eq!(tuning_set("safety-10", draw).unwrap(), tuning_set("safety-50", draw).unwrap()[..10]);
    }
}

/// The ten harmful and the ten safety examples show ten of the eleven sections each.
#[test]
fn ten_examples_are_from_ten_sections() {
    for (name, conversations) in all_draws().filter(|(name, _)| ["harmful-10", "safety-10"].contains(name)) {
        let sections: HashSet<usize> = conversations
            .iter()
            .map(|conversation| world().item_in(bare_question(conversation)).unwrap().section)
            .collect();
        assert_eq!(sections.len(), 10, "{name}");
    }
}

/// The judge compares folded text, so the words must be what folding gives.
#[test]
fn refusal_words_are_lower_case_ascii() {
    assert!(world().refusal_words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == ' ')));
}

proptest! {
    #[test]
    fn an_item_is_found_wherever_it_is_named(
        index in 0..550_usize,
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
