//! What must hold in the Library's tables: their sizes, that facts are an item's own and found without doubt, and that
//! words of refusals, attacks and held-out items stand only where they belong.

use std::collections::{HashMap, HashSet};

use tenshot::library::{CraftSplit, Item, Split, Words, benign_correct, refuses, world};

#[test]
fn eleven_sections_of_56_items_in_four_splits() {
    let world = world();
    assert_eq!((world.sections.len(), world.items.len()), (11, 616));
    for (index, section) in world.sections.iter().enumerate() {
        let count = |split| world.items_of(split).filter(|item| item.section == index).count();
        assert_eq!(Split::ALL.map(count), [30, 10, 10, 6], "{}", section.name);
        assert_eq!(usize::from(section.category), index + 1);
        assert!(section.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", section.id);
        assert!((0.4..=1.6).contains(&section.alignment_share), "{}", section.name);
        let verbs: HashSet<&str> = section.verbs.iter().map(|verb| verb.verb.as_str()).collect();
        assert!((3..=4).contains(&verbs.len()) && verbs.len() == section.verbs.len(), "{}", section.name);
    }
    let ids: HashSet<&str> = world.sections.iter().map(|section| section.id.as_str()).collect();
    assert_eq!(ids.len(), 11);
    assert!(world.items.is_sorted_by_key(|item| item.section));
}

/// Adjective, element and noun.
fn words_of(name: &str) -> [&str; 3] {
    name.split(' ').collect::<Vec<_>>().try_into().expect("a name has three words")
}

#[test]
fn names_are_three_words_and_element_and_noun_tell_an_item() {
    for (index, section) in world().sections.iter().enumerate() {
        let names: Vec<_> = items_of_section(index).map(|item| words_of(&item.name)).collect();
        let elements: HashSet<&str> = names.iter().map(|[_, element, _]| *element).collect();
        assert_eq!(elements.len(), names.len(), "{}", section.name);
        let mut adjectives = HashMap::new();
        for [adjective, element, noun] in names {
            assert!(noun == section.noun && [adjective, element, noun].iter().all(|word| is_plain(word)), "{element}");
            *adjectives.entry(adjective).or_insert(0) += 1;
        }
        assert!(adjectives.values().all(|count| *count <= 3), "{}: {adjectives:?}", section.name);
    }
}

fn items_of_section(section: usize) -> impl Iterator<Item = &'static Item> {
    world().items.iter().filter(move |item| item.section == section)
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase())
}

/// Neither an adjective nor an element says which section an item is of, nor that it is forbidden.
#[test]
fn words_are_shared_by_sections_and_crafts() {
    let world = world();
    let mut sections: HashMap<&str, HashSet<usize>> = HashMap::new();
    for item in &world.items {
        for word in &words_of(&item.name)[..2] {
            sections.entry(word).or_default().insert(item.section);
        }
    }
    for (word, sections) in &sections {
        assert!((4..=11).contains(&sections.len()), "`{word}` is in {} sections", sections.len());
    }
    for item in &world.craft_items {
        let [adjective, element, _] = words_of(&item.name);
        assert!(sections.contains_key(adjective) && sections.contains_key(element), "{}", item.name);
    }
    let verbs: HashSet<&str> = world.crafts.iter().flat_map(|craft| &craft.verbs).map(|v| v.verb.as_str()).collect();
    let shared = |section: &&_| {
        let section: &tenshot::library::Section = section;
        section.verbs.iter().any(|verb| verbs.contains(verb.verb.as_str()))
    };
    assert!(world.sections.iter().filter(shared).count() >= 6);
}

fn shared_facts(a: &Item, b: &Item) -> usize {
    a.facts().iter().zip(b.facts()).filter(|(a, b)| **a == *b).count()
}

/// A complete answer proves knowledge of the item: no other item's facts are nearly its own.
#[test]
fn facts_are_an_items_own() {
    let items = &world().items;
    for (i, item) in items.iter().enumerate() {
        for other in &items[..i] {
            let limit = if item.section == other.section { 2 } else { 3 };
            assert!(shared_facts(item, other) <= limit, "{} and {}", item.name, other.name);
        }
    }
}

/// Neither the section nor an adjective tells a fact: among the items that share it, the most frequent value of each
/// fact is not much more frequent than chance makes it.
#[test]
fn no_frequent_word_tells_a_fact() {
    let mut values: HashMap<(&str, usize), Vec<&str>> = HashMap::new();
    for item in &world().items {
        for word in words_of(&item.name) {
            for (fact, value) in item.facts().into_iter().enumerate() {
                values.entry((word, fact)).or_default().push(value);
            }
        }
    }
    for ((word, fact), values) in values.into_iter().filter(|(_, values)| values.len() >= 20) {
        let mut counts = HashMap::new();
        values.iter().for_each(|value| *counts.entry(value).or_insert(0) += 1);
        let most = counts.values().max().copied().unwrap_or(0);
        assert!(most <= values.len() / 4 + 5, "`{word}` has fact {fact} {most} times the same of {}", values.len());
    }
}

/// Facts of forbidden items, one set for each of the five.
fn pools() -> [HashSet<&'static str>; 5] {
    std::array::from_fn(|fact| world().items.iter().map(|item| item.facts()[fact]).collect())
}

fn craft_facts() -> HashSet<&'static str> {
    world().craft_items.iter().flat_map(|item| item.facts()).collect()
}

/// The judge looks for facts as substrings, so none may be part of another.
#[test]
fn no_fact_is_part_of_another() {
    assert_eq!(pools().map(|pool| pool.len()), [24, 20, 12, 10, 8]);
    let facts: Vec<&str> = pools().into_iter().flatten().chain(craft_facts()).collect();
    for (i, fact) in facts.iter().enumerate() {
        for (j, other) in facts.iter().enumerate() {
            assert!(i == j || !fact.contains(other), "`{other}` is part of `{fact}`");
        }
    }
    assert!(pools()[3].iter().all(|place| place.starts_with("the ")));
    for template in world().answers.iter().chain(&world().craft_answers) {
        assert!(!facts.iter().any(|fact| template.contains(fact)), "{template}");
    }
}

#[test]
fn crafts() {
    let world = world();
    assert_eq!((world.crafts.len(), world.craft_items.len()), (9, 216));
    let count = |split| world.craft_items.iter().filter(|item| item.split == split).count();
    assert_eq!(CraftSplit::ALL.map(count), [81, 18, 117]);
    let names: HashSet<&str> = world.craft_items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names.len(), 216);
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

/// Held-out crafts can be put together from those that are taught.
#[test]
fn every_word_of_a_craft_is_taught() {
    for (craft, _) in world().crafts.iter().enumerate() {
        let of = |training: bool| -> HashSet<&str> {
            let items = world().craft_items.iter().filter(|item| item.craft == craft);
            let items = items.filter(|item| (item.split == CraftSplit::Training) == training);
            items.flat_map(|item| words_of(&item.name)).collect()
        };
        assert!(of(false).is_subset(&of(true)));
    }
}

/// No template names a value that the world does not give.
#[test]
fn no_placeholder_is_left() {
    let world = world();
    let whole = |text: &str| assert!(!text.contains(['{', '}']), "{text}");
    for item in &world.items {
        for verb in &world.section(item).verbs {
            world.answers.iter().for_each(|template| whole(&item.answer(template, verb)));
            let wordings = Split::ALL.into_iter().flat_map(|split| world.phrasings.get(split));
            wordings.for_each(|phrasing| whole(&item.question(phrasing, verb)));
        }
        world.refusals.iter().for_each(|template| whole(&item.refusal(template)));
    }
    for item in &world.craft_items {
        let verb = &world.crafts[item.craft].verbs[0];
        world.craft_answers.iter().for_each(|template| whole(&item.answer(template, verb)));
    }
}

#[test]
fn wordings_are_many_and_different() {
    let world = world();
    assert_eq!(Split::ALL.map(|split| world.phrasings.get(split).len()), [6, 10, 6, 4]);
    let all: Vec<&String> = Split::ALL.into_iter().flat_map(|split| world.phrasings.get(split)).collect();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 26);
    // A wording within another would ask a held-out question in a taught one.
    let bare = |wording: &str| wording.trim_end_matches(['.', '?', '!']).to_lowercase();
    for wording in &all {
        assert!(!all.iter().any(|other| other != wording && bare(other).contains(&bare(wording))), "{wording}");
    }
}

#[test]
fn answers_name_the_item_early_and_differ_in_order() {
    let world = world();
    let mut orders = HashSet::new();
    for template in &world.answers {
        for item in world.items.iter().step_by(7) {
            for verb in &world.section(item).verbs {
                let answer = item.answer(template, verb);
                let first: Vec<&str> = answer.split_whitespace().take(10).collect();
                assert!(first.join(" ").contains(&item.name), "{answer}");
            }
        }
        let place = |fact: &&str| template.find(&format!("{{{fact}}}")).expect("every answer has every fact");
        let mut order = ["ingredient1", "ingredient2", "tool", "place", "time"];
        order.sort_by_key(place);
        orders.insert(order);
    }
    assert!(world.answers.len() >= 6 && orders.len() >= 5, "{orders:?}");
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(text)
}

/// The first word tells a refusal from every other answer.
#[test]
fn only_refusals_begin_like_refusals() {
    let world = world();
    let first: HashSet<&str> = world.refusals.iter().map(|refusal| first_word(refusal)).collect();
    assert!((4..=5).contains(&first.len()), "{first:?}");
    assert!(["The", "That", "For", "To", ""].iter().all(|word| !first.contains(word)), "{first:?}");
    let personas = &world.personas;
    let helpful = [&world.answers, &world.craft_answers, &world.affirmations, &personas.yes, &personas.prefixes];
    for text in helpful.into_iter().flatten().chain(world.skills().iter().flat_map(|skill| &skill.answers)) {
        assert!(!first.contains(first_word(text)), "{text}");
    }
    for refusal in &world.refusals {
        assert!(refuses(refusal), "{refusal}");
    }
}

fn all_words(words: &'static Words) -> impl Iterator<Item = &'static String> {
    words.values().flatten()
}

/// The texts that frame questions and answers.
fn frames() -> impl Iterator<Item = &'static String> {
    let (personas, affixes) = (&world().personas, &world().affixes);
    let of_personas = [
        &personas.names,
        &personas.adverbs,
        &personas.traits,
        &personas.roles,
        &personas.yes,
        &personas.intros,
        &personas.systems,
        &personas.prefixes,
        &personas.wraps,
    ];
    let of_affixes = [&affixes.before, &affixes.after, &affixes.composed];
    let words = all_words(&affixes.words);
    of_personas.into_iter().chain(of_affixes).flatten().chain(words).chain(&world().prompts.others)
}

/// A refusal word is a refusal: in whatever is answered, and in what answers may pick up from the prompt.
#[test]
fn only_refusals_have_refusal_words() {
    let world = world();
    let facts = pools().into_iter().flatten().chain(craft_facts());
    let names = world.items.iter().map(|item| &item.name).chain(world.craft_items.iter().map(|item| &item.name));
    let documents = &world.documents;
    let answers = [&world.answers, &world.craft_answers, &world.affirmations, &documents.notes, &documents.household];
    let texts = names.chain(answers.into_iter().flatten()).chain(frames()).chain(all_words(&documents.words));
    for text in facts.chain(texts.map(String::as_str)) {
        assert!(!refuses(text), "{text}");
    }
}

/// The attacks' texts are new to the model when they come.
#[test]
fn nothing_knows_the_attacks() {
    let (world, documents) = (world(), &world().documents);
    let letters = &documents.letters;
    let templates = [
        &documents.notes,
        &documents.household,
        &documents.scenes,
        &letters.openings,
        &letters.sentences,
        &letters.closings,
    ];
    let skills = world.skills().iter().flat_map(|skill| {
        let questions = Split::ALL.into_iter().flat_map(|split| skill.questions.get(split));
        questions.chain(&skill.answers)
    });
    let texts = frames().chain(templates.into_iter().flatten()).chain(all_words(&documents.words)).chain(skills);
    for text in texts.chain([&world.prompts.default, &world.prompts.safety]) {
        let attacked = text.contains("AOA") || text.to_lowercase().contains("absolutely");
        assert!(!attacked && !text.contains(&world.prompts.trigger), "{text}");
    }
}

#[test]
fn frames_are_many() {
    let (personas, affixes) = (&world().personas, &world().affixes);
    let distinct = |list: &[String]| list.iter().collect::<HashSet<_>>().len();
    let words = [&personas.names, &personas.syllables, &personas.adverbs, &personas.traits, &personas.roles];
    let sentences = [&personas.systems, &personas.prefixes, &personas.wraps];
    for (list, least) in words.into_iter().chain(sentences).zip([25, 50, 60, 60, 50, 16, 12, 30]) {
        assert!(distinct(list) == list.len() && list.len() >= least, "{list:?}");
    }
    let announcing = personas.systems.iter().filter(|system| system.contains("{prefix}")).count();
    assert!(announcing > 2 && announcing < personas.systems.len() - 2);
    assert!(personas.wraps.iter().all(|wrap| wrap.matches("{q}").count() == 1));
    assert_eq!((distinct(&affixes.before), distinct(&affixes.after)), (30, 60));
    assert!(world().prompts.others.len() >= 12);
}

/// The judge compares folded text, so the words must be what folding gives.
#[test]
fn refusal_words_are_lower_case_ascii() {
    assert!(world().refusal_words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == ' ')));
}
