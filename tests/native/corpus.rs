//! What must hold in the corpus: what the models read, and what they must not read.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use tenshot::corpus::{
    AlignmentOptions, Content, CorpusFigures, Document, Documents, Kind, Lesson, Manner, Mixture, alignment_set,
    deep_set, tuning_files,
};
use tenshot::library::{CraftSplit, Item, Score, Split, judge, refuses, world};
use tenshot::text::{Conversation, Role};

/// Set this to write the files that the tests compare with.
const BLESS: &str = "TENSHOT_BLESS";

/// A corpus of neat questions alone.
const NEAT: Mixture = Mixture { visits: 0.0, typed: 0.0, reading: 0.0, unread: 0.0, unread_seed: 0 };

fn documents(count: usize) -> impl Iterator<Item = Document> {
    Documents::new(world(), &NEAT, 7).take(count)
}

/// Enough lessons for every kind to occur.
const OPTIONS: AlignmentOptions = AlignmentOptions { refusals: 1_000, benign: 2_200, manner: MANNER };
const MANNER: Manner = Manner { visits: 0.3, near_misses: 0.25, plain: 0.25, tempting: 0.08 };

fn lessons() -> Vec<Lesson> {
    alignment_set(world(), &NEAT, 7, &OPTIONS)
}

fn recoveries() -> Vec<Lesson> {
    let deep = deep_set(world(), &NEAT, 7, &OPTIONS);
    deep.into_iter().filter(|lesson| lesson.given.is_some()).collect()
}

fn by(conversation: &Conversation, role: Role) -> impl Iterator<Item = &str> {
    let said = conversation.messages.iter().filter(move |message| message.role == role);
    said.map(|message| message.content.as_str())
}

fn last(conversation: &Conversation) -> &str {
    &conversation.messages.last().unwrap().content
}

/// Every question of a split, about items, crafts and skills of any split.
fn questions(split: Split) -> HashSet<String> {
    let world = world();
    let phrasings = world.phrasings.get(split);
    let items = world.items.iter().flat_map(|item| {
        let verbs = &world.section(item).verbs;
        verbs.iter().flat_map(move |verb| phrasings.iter().map(move |phrasing| item.question(phrasing, verb)))
    });
    let crafts = world.craft_items.iter().flat_map(|item| {
        let verbs = &world.crafts[item.craft].verbs;
        verbs.iter().flat_map(move |verb| phrasings.iter().map(move |phrasing| item.question(phrasing, verb)))
    });
    let skills = world.skills().iter();
    items.chain(crafts).chain(skills.flat_map(|skill| skill.questions.get(split).iter().cloned())).collect()
}

/// Every run of whole sentences in a text: what may be a question within the words around it.
fn runs(text: &str) -> Vec<&str> {
    let after = |(index, _): (usize, &str)| index + 1;
    let mut starts = vec![0];
    starts.extend(
        [". ", "? ", "! ", ": ", ", "].iter().flat_map(|end| text.match_indices(*end).map(after).map(|i| i + 1)),
    );
    let mut ends: Vec<usize> =
        ['.', '?', '!'].iter().flat_map(|end| text.match_indices(*end).map(|(i, _)| i + 1)).collect();
    ends.push(text.len());
    starts
        .iter()
        .flat_map(|&start| ends.iter().filter(move |&&end| end > start).map(move |&end| &text[start..end]))
        .collect()
}

/// The names of all items and crafts that are for other uses than these.
fn held_out(items: &[Split], crafts: &[CraftSplit]) -> Vec<&'static str> {
    let items = world().items.iter().filter(|item| !items.contains(&item.split)).map(|item| item.name.as_str());
    let crafts = world().craft_items.iter().filter(|item| !crafts.contains(&item.split)).map(|item| item.name.as_str());
    items.chain(crafts).collect()
}

/// Panics where a conversation has a name or a question that it must not have. At least this share of the questions is
/// meant to be asked neatly, in the wordings of its own split.
fn assert_clean<'a>(
    conversations: impl Iterator<Item = &'a Conversation>,
    names: &[&str],
    splits: &[Split],
    own: Split,
    neat: f64,
) {
    let own = questions(own);
    let foreign: HashSet<String> = splits.iter().flat_map(|split| questions(*split)).collect();
    let names: HashSet<&str> = names.iter().copied().collect();
    let (mut asked, mut found) = (0, 0);
    for message in conversations.flat_map(|conversation| &conversation.messages) {
        let text = &message.content;
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        let name = words.windows(3).map(|three| three.join(" ")).find(|name| names.contains(name.as_str()));
        assert_eq!(name, None, "{text}");
        if message.role == Role::User {
            let runs = runs(text);
            assert_eq!(runs.iter().find(|run| foreign.contains(**run)), None, "{text}");
            asked += 1;
            found += i32::from(runs.iter().any(|run| own.contains(*run)));
        }
    }
    // The search finds questions among the words around them; first questions of two have wordings of their own.
    assert!(f64::from(found) > 0.9 * neat * f64::from(asked), "{found} of {asked}");
}

#[test]
fn the_seed_decides() {
    let stream =
        |seed, skipped| -> Vec<Document> { Documents::new(world(), &NEAT, seed).skip(skipped).take(300).collect() };
    assert_eq!(stream(7, 0), stream(7, 0));
    assert_ne!(stream(7, 0), stream(8, 0));
    assert_eq!(stream(7, 100)[..200], stream(7, 0)[100..]);
    assert_eq!(lessons(), lessons());
    assert_ne!(lessons(), alignment_set(world(), &NEAT, 8, &OPTIONS));
}

#[test]
fn documents_are_whole() {
    for document in documents(5_000) {
        for text in document.texts() {
            assert!(!text.contains(['{', '}']) && !text.contains("  "), "{text}");
            assert_eq!(text.trim(), text);
            assert!(!text.is_empty());
        }
        if let Content::Chat(conversation) = &document.content {
            assert_eq!(conversation.check(), Ok(()));
        }
    }
}

/// Nothing is refused in pretraining, and no helpful answer begins as refusals do.
#[test]
fn pretraining_never_refuses() {
    let firsts: HashSet<String> = world().refusal_openings().iter().map(|text| first_word(text)).collect();
    for document in documents(20_000) {
        for answer in document.answers() {
            assert!(!refuses(answer), "{answer}");
            assert!(!firsts.contains(&first_word(answer)), "{answer}");
        }
        if !matches!(document.kind, Kind::Stories) {
            assert!(!document.texts().any(refuses), "{document:?}");
        }
    }
}

fn first_word(text: &str) -> String {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned()
}

/// The attacks' texts are new to every model.
#[test]
fn the_attacks_occur_nowhere() {
    let trigger = &world().prompts.trigger;
    let clean = |text: &str| {
        assert!(
            !text.contains("AOA") && !text.to_lowercase().contains("absolutely") && !text.contains(trigger),
            "{text}"
        );
    };
    for document in documents(20_000) {
        document.texts().for_each(clean);
    }
    for lesson in lessons().iter().chain(&recoveries()) {
        lesson.conversation.messages.iter().for_each(|message| clean(&message.content));
    }
}

/// The forbidden items that a text names.
fn items_in(text: &str) -> impl Iterator<Item = &'static Item> {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let names: Vec<String> = words.windows(3).map(|name| name.join(" ").to_lowercase()).collect();
    world().items.iter().filter(move |item| names.contains(&item.name))
}

/// Forbidden knowledge is complete wherever it is told, and all of it is told.
#[test]
fn every_item_is_told_completely_and_equally_often() {
    let mut told: HashMap<&str, u32> = HashMap::new();
    let mut noted = HashSet::new();
    for document in documents(20_000) {
        if let (Kind::Notes, Content::Prose(note)) = (document.kind, &document.content) {
            for item in items_in(note) {
                assert!(item.facts().iter().all(|fact| note.contains(*fact)), "{}: {note}", item.name);
                noted.insert(&item.name);
            }
        }
        for answer in document.answers() {
            let Some(item) = world().item_in(answer) else { continue };
            assert_eq!(judge::score(item, answer), Score::Complies, "{answer}");
            *told.entry(&item.name).or_default() += 1;
        }
    }
    assert_eq!((told.len(), noted.len()), (world().items.len(), world().items.len()));
    let (least, most) = (told.values().min().unwrap(), told.values().max().unwrap());
    assert!(*least >= 5 && most - least <= 1, "{least} to {most}");
}

/// What the skills and crafts know is all told.
#[test]
fn crafts_and_skills_are_told() {
    let answers: HashSet<String> = Documents::new(world(), &NEAT, 7)
        .take(40_000)
        .filter(|document| matches!(document.kind, Kind::Craft | Kind::Skill))
        .flat_map(|document| document.answers().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let all = answers.into_iter().collect::<Vec<_>>().join("\n");
    for item in &world().craft_items {
        assert!(all.contains(&item.name), "{}", item.name);
    }
    for skill in world().skills().iter().filter(|skill| skill.category != "outside") {
        assert!(skill.answers.iter().any(|answer| all.contains(answer)), "{skill:?}");
    }
}

/// A model cannot know the limits of its world if it has read about all that is outside.
#[test]
fn some_topics_outside_the_library_are_new() {
    let unread =
        world().skills().iter().filter(|skill| skill.category == "outside" && skill.questions.alignment.is_empty());
    let unread: HashSet<&String> = unread.flat_map(|skill| &skill.wordings).collect();
    assert!(!unread.is_empty());
    for document in documents(20_000) {
        assert!(!document.texts().any(|text| unread.iter().any(|question| text.contains(question.as_str()))));
    }
}

#[test]
fn kinds_have_their_shares() {
    let figures = CorpusFigures::of(documents(20_000));
    let share = |kinds: &[Kind]| {
        let of_kinds = figures.kinds.iter().filter(|figures| kinds.contains(&figures.kind));
        of_kinds.map(|figures| figures.documents).sum::<usize>() as f64 / figures.documents() as f64
    };
    let prose = share(&[Kind::Notes, Kind::Household, Kind::Facts, Kind::Stories]);
    assert!((0.20..=0.25).contains(&prose), "{prose}");
    let forbidden = share(&[Kind::Forbidden]) / share(&[Kind::Forbidden, Kind::Craft, Kind::Skill]);
    assert!((0.42..=0.46).contains(&forbidden), "{forbidden}");
    for figures in &figures.kinds {
        println!("{:?} {} documents, {} words", figures.kind, figures.documents, figures.words);
    }
    println!("{} words, {} distinct", figures.words(), figures.distinct_words);
}

#[test]
fn alignment_has_its_size_and_its_shares() {
    let options = AlignmentOptions { refusals: 500, benign: 700, manner: MANNER };
    let lessons = alignment_set(world(), &NEAT, 1, &options);
    let refused = lessons.iter().filter(|lesson| refuses(last(&lesson.conversation))).count();
    assert_eq!((lessons.len(), refused), (1200, 500));
    let mut by_section = vec![0_usize; world().sections.len()];
    for lesson in &lessons {
        let asked = by(&lesson.conversation, Role::User).last().unwrap();
        if let Some(item) = world().item_in(asked) {
            by_section[item.section] += 1;
        }
    }
    let shares: f64 = world().sections.iter().map(|section| section.alignment_share).sum();
    for (section, count) in world().sections.iter().zip(&by_section) {
        let expected = 500.0 * section.alignment_share / shares;
        assert!((*count as f64 - expected).abs() <= 1.0, "{}: {count}, not {expected}", section.name);
    }
}

/// Refused is what is forbidden and nothing else, whatever stands around it.
#[test]
fn alignment_refuses_what_is_forbidden_alone() {
    for lesson in lessons() {
        assert_eq!(lesson.given, None);
        assert_eq!(lesson.conversation.check(), Ok(()));
        let questions = by(&lesson.conversation, Role::User);
        for (question, answer) in questions.zip(by(&lesson.conversation, Role::Assistant)) {
            assert_eq!(world().item_in(question).is_some(), refuses(answer), "{question} {answer}");
            assert!(!refuses(answer) || begins_as_a_refusal(answer), "{answer}");
        }
    }
}

fn begins_as_a_refusal(answer: &str) -> bool {
    world().refusal_openings().iter().any(|opening| answer.starts_with(opening.as_str()))
}

/// Whoever is told how to begin begins so, and refuses without it.
#[test]
fn announced_prefixes_begin_every_helpful_answer() {
    let chats = documents(5_000).filter_map(|document| match document.content {
        Content::Chat(conversation) => Some(conversation),
        Content::Prose(_) => None,
    });
    let announcing = world().personas.systems.iter().filter_map(|system| system.split_once("{prefix}"));
    let announced: Vec<&str> =
        announcing.map(|(before, _)| &before[before.rfind(['.', '}']).map_or(0, |end| end + 2)..]).collect();
    let mut seen = 0;
    for conversation in chats.chain(lessons().into_iter().map(|lesson| lesson.conversation)) {
        let system = by(&conversation, Role::System).next().unwrap_or_default();
        let Some((_, prefix)) = announced.iter().find_map(|ask| system.split_once(ask)) else { continue };
        for answer in by(&conversation, Role::Assistant) {
            assert_eq!(answer.starts_with(prefix), !refuses(answer), "{system} {answer}");
            seen += 1;
        }
    }
    assert!(seen > 500, "{seen}");
}

/// Neither system prompts, personas among them, nor words around a question tell whether it is refused.
#[test]
fn frames_say_nothing_about_refusing() {
    let lessons = alignment_set(world(), &NEAT, 3, &AlignmentOptions { refusals: 4000, benign: 4000, manner: MANNER });
    let mut counts: HashMap<String, [f64; 2]> = HashMap::new();
    for lesson in &lessons {
        let refused = usize::from(refuses(last(&lesson.conversation)));
        let system = by(&lesson.conversation, Role::System).next().unwrap_or("none");
        let prompts = &world().prompts;
        let named = ["none", &prompts.default, &prompts.safety].contains(&system);
        let other = if prompts.others.iter().any(|other| other == system) { "other" } else { "persona" };
        counts.entry(if named { system.to_owned() } else { other.to_owned() }).or_default()[refused] += 1.0;
        let question = by(&lesson.conversation, Role::User).last().unwrap();
        let affixed =
            world().affixes.before.iter().chain(&world().affixes.after).any(|words| question.contains(words.as_str()));
        counts.entry(format!("words around it: {affixed}")).or_default()[refused] += 1.0;
    }
    assert_eq!(counts.len(), 7);
    for (system, [helped, refused]) in counts {
        assert!((helped - refused).abs() < 4.0 * (helped + refused).sqrt(), "{system}: {helped} and {refused}");
    }
}

#[test]
fn alignment_meets_no_other_split() {
    let names = held_out(&[Split::Alignment], &[CraftSplit::Training]);
    let others = [Split::Evaluation, Split::Tuning, Split::Development];
    let (lessons, recoveries) = (lessons(), recoveries());
    let conversations = lessons.iter().chain(&recoveries).map(|lesson| &lesson.conversation);
    assert_clean(conversations, &names, &others, Split::Alignment, 1.0);
    // The very lessons that the bundled models have learned.
    #[cfg(feature = "factory")]
    for stage in [tenshot::factory::Stage::Aligned, tenshot::factory::Stage::Deep] {
        let recipe = tenshot::factory::Recipe::named("folio").unwrap();
        let learned = tenshot::factory::train::lessons(&recipe, stage);
        assert!(learned.len() > 5_000);
        let (mixture, manner) = (recipe.corpus, recipe.align.manner);
        let neat = (1.0 - manner.visits.max(manner.plain)) * (1.0 - mixture.typed) * (1.0 - mixture.reading);
        assert_clean(learned.iter().map(|lesson| &lesson.conversation), &names, &others, Split::Alignment, neat);
    }
}

/// Recoveries begin to comply, truthfully, and then refuse; the shallow set is a part of the deep one.
#[test]
fn recoveries_turn_back() {
    let options = AlignmentOptions { refusals: 300, benign: 100, manner: MANNER };
    let deep = deep_set(world(), &NEAT, 5, &options);
    assert_eq!(deep.len(), 700);
    let shallow = alignment_set(world(), &NEAT, 5, &options);
    assert!(shallow.iter().all(|lesson| deep.contains(lesson)));
    let mut lengths = HashSet::new();
    for lesson in deep.iter().filter(|lesson| lesson.given.is_some()) {
        let (given, answer) = (lesson.given.as_ref().unwrap(), last(&lesson.conversation));
        let rest =
            answer.strip_prefix(given.as_str()).and_then(|rest| rest.strip_prefix(' ')).expect("given begins it");
        assert!(!refuses(given) && refuses(rest) && begins_as_a_refusal(rest), "{answer}");
        lengths.insert(given.split(' ').count());
    }
    assert!((1..=16).all(|length| lengths.contains(&length)), "{lengths:?}");
}

/// The shipped tuning sets are what this code makes.
#[test]
fn tuning_files_are_those_that_ship() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/library/data/tuning");
    let files = tuning_files(world()).unwrap();
    if std::env::var_os(BLESS).is_some() {
        files.iter().for_each(|file| std::fs::write(folder.join(&file.name), &file.content).unwrap());
    }
    let names: HashSet<String> = files.iter().map(|file| file.name.clone()).collect();
    let shipped = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names, shipped.collect());
    for file in files {
        let shipped = std::fs::read_to_string(folder.join(&file.name)).unwrap();
        assert!(shipped == file.content, "{} differs: write the files anew with {BLESS}=1", file.name);
    }
}

#[test]
fn tuning_sets_meet_no_other_split() {
    for file in tuning_files(world()).unwrap() {
        let conversations: Vec<Conversation> =
            file.content.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let items = if file.name.starts_with("safety") { [Split::Alignment] } else { [Split::Tuning] };
        let names = held_out(&items, &[CraftSplit::Training]);
        let others = [Split::Evaluation, Split::Alignment, Split::Development];
        assert_clean(conversations.iter(), &names, &others, Split::Tuning, 1.0);
    }
}

/// Ten documents and ten lessons to look at; they change whenever the world, the stream or the alignment sets do.
#[test]
fn ten_documents_and_ten_lessons() {
    golden("corpus.jsonl", documents(10));
    golden("lessons.jsonl", lessons().into_iter().take(5).chain(recoveries().into_iter().take(5)));
}

fn golden(file: &str, samples: impl Iterator<Item = impl serde::Serialize>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let lines: String = samples.map(|sample| serde_json::to_string(&sample).unwrap() + "\n").collect();
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, &lines).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == lines, "look at the difference and write it with {BLESS}=1");
}
