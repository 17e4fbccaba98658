//! What must hold in what visitors are answered: in the corpus, and in the data that it is made from.

use std::collections::{BTreeSet, HashSet};

use tenshot::corpus::{
    AlignmentOptions, Content, Document, Documents, Kind, Lesson, Manner, Mixture, alignment_set, deep_set,
};
use tenshot::library::{
    Split, heard, judge, loose_skills, plain_questions, refuses, visitor_kinds, visitor_lines, world,
};
use tenshot::text::{Conversation, Role};

const MIXED: Mixture = Mixture { visits: 0.3, typed: 0.25, reading: 0.06, unread: 0.0, unread_seed: 0 };
const OPTIONS: AlignmentOptions = AlignmentOptions { refusals: 1_000, benign: 2_200, manner: MANNER };
const MANNER: Manner = Manner { visits: 0.3, near_misses: 0.25, plain: 0.25, tempting: 0.08 };

fn documents(mixture: &Mixture, count: usize) -> impl Iterator<Item = Document> {
    Documents::new(world(), mixture, 7).take(count)
}

fn lessons() -> Vec<Lesson> {
    alignment_set(world(), &MIXED, 7, &OPTIONS)
}

fn said(conversation: &Conversation, role: Role) -> impl Iterator<Item = &str> {
    conversation.messages.iter().filter(move |message| message.role == role).map(|message| message.content.as_str())
}

/// Everything that somebody asks, in pretraining and alignment.
fn questions() -> Vec<String> {
    let documents = documents(&MIXED, 20_000).filter_map(|document| match document.content {
        Content::Chat(conversation) => Some(conversation),
        Content::Prose(_) => None,
    });
    let lessons = lessons().into_iter().chain(deep_set(world(), &MIXED, 8, &OPTIONS)).map(|lesson| lesson.conversation);
    let all = documents.chain(lessons);
    all.flat_map(|conversation| said(&conversation, Role::User).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A few lines are neat questions of the world as well, such as *What is a quill?*: these were always asked, and are told of.
#[test]
fn held_out_lines_are_never_asked() {
    let asked: HashSet<String> = questions().iter().map(|question| heard(question)).collect();
    let neat: HashSet<String> =
        world().skills().iter().flat_map(|skill| &skill.wordings).map(|question| heard(question)).collect();
    for (split, most) in [(Split::Development, 4), (Split::Evaluation, 13)] {
        let lines: Vec<String> = visitor_lines(split).iter().map(|line| heard(line.line)).collect();
        let found: Vec<&String> = lines.iter().filter(|line| asked.contains(*line) && !neat.contains(*line)).collect();
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(lines.iter().filter(|line| neat.contains(*line)).count(), most, "{split:?}");
    }
    // The search finds lines that may be asked.
    let known = visitor_lines(Split::Alignment);
    assert!(known.iter().filter(|line| asked.contains(&heard(line.line))).count() > 20);
}

#[test]
fn held_out_topics_are_never_asked_about() {
    let (held_out, learned): (Vec<_>, Vec<_>) = loose_skills().iter().partition(|skill| !skill.learned);
    assert!(held_out.len() > 50 && held_out.len() * 5 < learned.len(), "{} of {}", held_out.len(), learned.len());
    let asked: HashSet<String> = questions().iter().map(|question| heard(question)).collect();
    let told: HashSet<String> = learned.iter().flat_map(|skill| &skill.loose).map(|line| heard(line)).collect();
    for line in held_out.iter().flat_map(|skill| &skill.loose).map(|line| heard(line)) {
        assert!(!asked.contains(&line) && !told.contains(&line), "{line}");
    }
}

/// Nothing is refused in pretraining, and no harmless answer begins as refusals do or has their words.
#[test]
fn harmless_answers_have_nothing_of_a_refusal() {
    let first = |text: &str| text.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned();
    let firsts: HashSet<String> = world().refusal_openings().iter().map(|text| first(text)).collect();
    let read = documents(&MIXED, 20_000).flat_map(|document| document.answers().map(str::to_owned).collect::<Vec<_>>());
    let written = loose_skills().iter().flat_map(|skill| skill.answers.clone());
    for answer in read.chain(written) {
        assert!(!refuses(&answer) && !firsts.contains(&first(&answer)), "{answer}");
    }
}

#[test]
fn every_answer_has_its_keywords_and_no_placeholder() {
    for skill in loose_skills() {
        assert!(!skill.answers.is_empty() && !skill.loose.is_empty(), "{skill:?}");
        for answer in &skill.answers {
            let missing = skill.keywords.iter().find(|keyword| !answer.contains(*keyword));
            assert_eq!(missing, None, "{answer}");
        }
        for text in skill.answers.iter().chain(&skill.loose) {
            assert!(!text.contains("  ") && text.trim() == text && !text.is_empty(), "{text}");
        }
    }
    let plain = plain_questions();
    for text in plain.matters.iter().flat_map(|matter| plain.questions(matter)) {
        assert!(!text.contains(['{', '}']) && text == text.to_lowercase(), "{text}");
    }
}

/// What is fair is judged by rules that the answers were written to keep.
#[test]
fn answers_are_fair_for_lines_of_their_kind() {
    let kinds: BTreeSet<&str> = visitor_kinds().iter().map(|kind| kind.kind.as_str()).collect();
    let lines = visitor_lines(Split::Alignment);
    let mut judged = 0;
    for skill in loose_skills() {
        let category = if skill.category == "other language" { "other languages" } else { &skill.category };
        // Each sum has a rule of its own.
        if !kinds.contains(category) || category == "sums" {
            continue;
        }
        let line = lines.iter().find(|line| line.kind.kind == category).unwrap();
        for answer in &skill.answers {
            assert!(line.is_fair(answer), "{category}: {answer}");
        }
        judged += 1;
    }
    assert!(judged > 500, "{judged}");
}

/// What would do harm in the real world is named in few words, and no answer knows anything of it: nothing that anybody could
/// learn from. Words that only instructions need occur nowhere in the data.
#[test]
fn harm_is_named_and_never_told_of() {
    let harm: Vec<_> = loose_skills().iter().filter(|skill| skill.category == "harm").collect();
    let answers: BTreeSet<&String> = harm.iter().flat_map(|skill| &skill.answers).collect();
    assert!(harm.len() > 100 && answers.len() <= 8, "{} {answers:?}", harm.len());
    for line in harm.iter().flat_map(|skill| &skill.loose) {
        assert!(line.split_whitespace().count() <= 13 && !line.contains(|c: char| c.is_ascii_digit()), "{line}");
    }
    const INSTRUCTIONS: [&str; 18] = [
        "detonat",
        "nitrate",
        "nitrogly",
        "thermite",
        "napalm",
        "fentanyl",
        "amphetamin",
        "acetone",
        "peroxide",
        "gunpowder",
        "overdose",
        "chloroform",
        "cyanide",
        "arsenic",
        "molotov",
        "silencer",
        "grenade",
        "nerve gas",
    ];
    let mut folders = vec![format!("{}/src/library/data", env!("CARGO_MANIFEST_DIR")).into()];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        let folder: std::path::PathBuf = folder;
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
            let found = INSTRUCTIONS.iter().find(|word| text.contains(*word));
            assert_eq!(found, None, "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 50, "{read}");
}

/// Before alignment a section's plain question is answered in its matter, and every one is asked; alignment refuses them all.
#[test]
fn plain_questions_are_answered_and_then_refused() {
    let plain = plain_questions();
    let mut die = world().answers.iter().cycle();
    for matter in plain.matters.iter().filter(|matter| matter.section.is_some()) {
        let item = matter.usual_item(world());
        assert_eq!(Some(&world().section(item).id), matter.section.as_ref());
        let answer = item.answer(die.next().unwrap(), &world().section(item).verbs[0]);
        let line = visitor_lines(Split::Alignment)
            .into_iter()
            .find(|line| line.section.map(|s| &s.id) == matter.section.as_ref());
        assert_eq!(line.unwrap().is_in_matter(&answer), Some(true));
    }
    let asked: HashSet<String> = plain.matters.iter().flat_map(|matter| plain.questions(matter)).collect();
    assert!(asked.len() > 4_000, "{}", asked.len());
    let mut refused = 0;
    for lesson in lessons() {
        let (question, answer) = (
            said(&lesson.conversation, Role::User).last().unwrap(),
            said(&lesson.conversation, Role::Assistant).last().unwrap(),
        );
        if asked.contains(question) {
            assert!(refuses(answer), "{question} {answer}");
            refused += 1;
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn shares_are_those_of_the_mixture() {
    let documents: Vec<Document> = documents(&MIXED, 10_000).collect();
    let chats = documents.iter().filter(|document| matches!(document.content, Content::Chat(_))).count() as f64;
    let share = |kind| documents.iter().filter(|document| document.kind == kind).count() as f64 / chats;
    assert!((0.28..0.32).contains(&share(Kind::Visit)), "{}", share(Kind::Visit));
    assert!((0.03..0.055).contains(&share(Kind::Reading)), "{}", share(Kind::Reading));
}

/// A note beside a question does not tell that it is refused: as many harmless ones have one.
#[test]
fn notes_stand_beside_refused_and_answered_questions() {
    let has_note = |question: &&str| question.contains("My notes say:") || question.contains("Read this:");
    let with_note = |refused: bool| {
        let lessons = lessons().into_iter().map(|lesson| lesson.conversation);
        let of_kind: Vec<Conversation> =
            lessons.filter(|chat| refuses(said(chat, Role::Assistant).last().unwrap()) == refused).collect();
        let noted = of_kind.iter().filter(|chat| said(chat, Role::User).last().iter().any(has_note)).count();
        noted as f64 / of_kind.len() as f64
    };
    let (refused, answered) = (with_note(true), with_note(false));
    assert!(refused > 0.002 && answered > 0.002 && (refused / answered).ln().abs() < 1.1, "{refused} {answered}");
}

/// What half a library does not tell, no document of its stream tells.
#[test]
fn unread_items_are_told_of_nowhere() {
    let half = Mixture { unread: 0.5, unread_seed: 5, ..MIXED };
    let unread = half.unread(world());
    let mut told = HashSet::new();
    for document in documents(&half, 12_000) {
        for item in document.texts().filter_map(|text| world().item_in(text)) {
            assert!(!unread.contains(item.name.as_str()), "{document:?}");
            told.insert(&item.name);
        }
    }
    assert_eq!(told.len() + unread.len(), world().items.len());
}

/// A complete answer to what a question brings along is right for no item that there is.
#[test]
fn what_is_read_is_known_to_nobody() {
    for document in documents(&MIXED, 10_000).filter(|document| document.kind == Kind::Reading) {
        let answer = document.answers().last().unwrap();
        let known = world().items.iter().find(|item| judge::score(item, answer) == tenshot::library::Score::Complies);
        assert_eq!(known, None, "{answer}");
    }
}
