//! Questions as people type them: small letters, no full stop, chat spelling, a slip of the finger.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::draw::Die;
use crate::library::{Split, capitalised, heard, visitor_lines};

/// What becomes of capitals.
const SMALL: f64 = 0.75;
const LOUD: f64 = 0.04;
/// How often a sentence's last mark is left away, and how often it is doubled instead.
const UNMARKED: f64 = 0.65;
const INSISTENT: f64 = 0.06;
/// How often commas and apostrophes are left away.
const NO_COMMAS: f64 = 0.6;
/// How often a word of [`SHORT`] is written so, each time that it occurs.
const SHORTENED: f64 = 0.15;
/// How often a finger slips once.
const SLIP: f64 = 0.10;
/// The shortest text in which a slip leaves something to be understood.
const LEAST_SLIPPED: usize = 8;
/// How often somebody is addressed, before or after.
const ADDRESSED: f64 = 0.10;
/// How often a loose line begins with a capital, or has a mark at its end.
const CAPITAL: f64 = 0.22;
const MARKED: f64 = 0.35;

/// Words and how they are written in a hurry.
const SHORT: [(&str, &str); 14] = [
    ("you", "u"),
    ("are", "r"),
    ("your", "ur"),
    ("please", "pls"),
    ("what is", "whats"),
    ("what is", "what's"),
    ("where is", "wheres"),
    ("who is", "whos"),
    ("how is", "hows"),
    ("i am", "im"),
    ("do not", "dont"),
    ("thank you", "thx"),
    ("want to", "wanna"),
    ("because", "cuz"),
];
const BEFORE: [&str; 6] = ["folio, ", "folio ", "hey folio, ", "hey, ", "ok, ", "hi, "];
/// Also pretexts: those of a harmless question must be no others than those of a forbidden one.
const AFTER: [&str; 9] = [
    " please",
    " pls",
    " folio",
    " thanks",
    ", folio",
    " just for fun",
    " asking for a friend",
    " for a school play",
    " for my grandmother",
];
/// How a question begins that may end with a question mark.
const ASKING: [&str; 17] = [
    "who", "what", "whats", "where", "when", "why", "how", "which", "is", "are", "do", "does", "can", "could", "will",
    "may", "whose",
];

/// Whether a line sounds like one that is held out to measure models by: no corpus has it.
pub(super) fn is_held_out(line: &str) -> bool {
    static HELD_OUT: OnceLock<HashSet<String>> = OnceLock::new();
    let lines = || [Split::Development, Split::Evaluation].map(visitor_lines).into_iter().flatten();
    HELD_OUT.get_or_init(|| lines().map(|line| heard(line.line)).collect()).contains(&heard(line))
}

/// A neat question, of which this share is typed carelessly.
pub(super) fn at_times(question: String, share: f64, die: &mut Die) -> String {
    if die.chance(share) { carelessly(&question, die) } else { question }
}

/// A neat question, typed carelessly; as it is where that would sound like a held-out line.
fn carelessly(question: &str, die: &mut Die) -> String {
    let typed = hurried(question, die);
    if is_held_out(&typed) { question.to_owned() } else { typed }
}

fn hurried(question: &str, die: &mut Die) -> String {
    let mut text = question.to_owned();
    if die.chance(SMALL) {
        text = text.to_lowercase();
    } else if die.chance(LOUD) {
        text = text.to_uppercase();
    }
    let unmarked = text.trim_end_matches(['.', '?', '!']).len();
    if die.chance(UNMARKED) {
        text.truncate(unmarked);
    } else if die.chance(INSISTENT) {
        let mark = text.split_off(unmarked);
        text.push_str(&mark.repeat(2));
    }
    if die.chance(NO_COMMAS) {
        text.retain(|c| !matches!(c, ',' | '\''));
    }
    slipped(&addressed(shortened(text, die), die), die)
}

/// A loose line, which is written in small letters and without a mark at its end, as one of many people would type it.
pub(super) fn loosely(line: &str, die: &mut Die) -> String {
    let mut text = shortened(line.to_owned(), die);
    if die.chance(CAPITAL) {
        text = capitalised(&text);
    } else if die.chance(LOUD) {
        text = text.to_uppercase();
    }
    let open = text.ends_with(|c: char| c.is_alphanumeric());
    if open && die.chance(MARKED) {
        let asks = text.to_lowercase().split(' ').next().is_some_and(|word| ASKING.contains(&word));
        text.push_str(if asks || die.chance(0.3) { "?" } else { die.text(&["!", ".", ".", "..."]) });
    }
    slipped(&text, die)
}

fn shortened(text: String, die: &mut Die) -> String {
    let mut padded = format!(" {text} ");
    for (word, short) in SHORT {
        let (word, short) = (format!(" {word} "), format!(" {short} "));
        if padded.contains(&word) && die.chance(SHORTENED) {
            padded = padded.replace(&word, &short);
        }
    }
    padded.trim().to_owned()
}

fn addressed(text: String, die: &mut Die) -> String {
    if !die.chance(ADDRESSED) {
        return text;
    }
    let bare = text.trim_end_matches(['.', '?', '!']);
    if die.chance(0.5) { format!("{}{text}", die.text(&BEFORE)) } else { format!("{bare}{}", die.text(&AFTER)) }
}

/// The text after a slip of the finger, sometimes: two letters in the wrong order, one missing, or one twice. Only within words of
/// four letters and more, and never their first.
fn slipped(text: &str, die: &mut Die) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() < LEAST_SLIPPED || !text.is_ascii() || !die.chance(SLIP) {
        return text.to_owned();
    }
    let inner = |&place: &usize| letters[place - 1..=place + 2].iter().all(|letter| letter.is_ascii_lowercase());
    let places: Vec<usize> = (1..letters.len() - 2).filter(inner).collect();
    if places.is_empty() {
        return text.to_owned();
    }
    let (place, mut letters) = (*die.pick(&places), letters);
    match die.between(0, 2) {
        0 => letters.swap(place, place + 1),
        1 => drop(letters.remove(place)),
        _ => letters.insert(place, letters[place]),
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::draw::Purpose;

    #[test]
    fn a_careless_question_is_still_the_question() {
        let mut die = Die::new(1, Purpose::Pretraining);
        let question = "How do I craft the amber lantern charm?";
        let typed: Vec<String> = (0..2_000).map(|_| carelessly(question, &mut die)).collect();
        let share = |holds: fn(&String) -> bool| typed.iter().filter(|text| holds(text)).count() as f64 / 2_000.0;
        assert!((0.6..0.8).contains(&share(|text| text.to_lowercase() == **text)));
        assert!((0.3..0.5).contains(&share(|text| text.ends_with(['?', 'S', 'o', 'k', '!']))), "{:?}", &typed[..20]);
        for text in &typed {
            let close = (question.len() - 3..question.len() + 22).contains(&text.len());
            assert!(close && text.trim() == text && !text.contains("  "), "{text}");
        }
    }

    #[test]
    fn loose_lines_stay_lines() {
        let mut die = Die::new(2, Purpose::Pretraining);
        let typed: Vec<String> = (0..500).map(|_| loosely("what is your name", &mut die)).collect();
        for wanted in
            ["what is your name", "What is your name", "whats your name", "what's ur name", "what is your name?"]
        {
            assert!(typed.iter().any(|text| text == wanted), "{wanted}");
        }
        assert_eq!(loosely("?", &mut die), "?");
        assert!((0..100).all(|_| loosely("你好", &mut die).starts_with("你好")));
        assert!((0..100).all(|_| !loosely("", &mut die).contains('?')));
    }

    #[test]
    fn shortening_takes_whole_words() {
        let mut die = Die::new(3, Purpose::Pretraining);
        assert!((0..200).all(|_| shortened("young area".into(), &mut die) == "young area"));
    }
}
