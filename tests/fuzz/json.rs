//! JSON as it is written, to be changed where a parser would look: duplicate keys, numbers of any size, deep nesting.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::mutate::{NUMBERS, SNIPPETS, pick};

/// How deep a text may be nested to be taken apart.
const DEEPEST: usize = 100;
/// How often a part is repeated at most.
const MOST_TIMES: usize = 2_000;

/// A JSON text taken apart; leaves and keys are as they were written.
#[derive(Clone, Debug)]
pub enum Json {
    Leaf(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    /// Takes a text apart; none if it is no JSON.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim_start();
        let tree = value(&mut rest, 0)?;
        rest.trim().is_empty().then_some(tree)
    }

    /// The text.
    pub fn write(&self, into: &mut String) {
        let (open, close, count) = match self {
            Self::Leaf(text) => return into.push_str(text),
            Self::List(items) => ('[', ']', items.len()),
            Self::Map(items) => ('{', '}', items.len()),
        };
        into.push(open);
        for place in 0..count {
            if place > 0 {
                into.push(',');
            }
            match self {
                Self::Leaf(_) => {}
                Self::List(items) => items[place].write(into),
                Self::Map(items) => {
                    into.push_str(&items[place].0);
                    into.push(':');
                    items[place].1.write(into);
                }
            }
        }
        into.push(close);
    }

    /// Changes one place in it: mostly into something of the same type, which gets further.
    pub fn change(&mut self, rng: &mut ChaCha8Rng, words: &[String]) {
        let places = self.count();
        let donor = rng.random_range(0..places);
        let donor = self.nth(&mut { donor }).map(|part| part.clone());
        let place = rng.random_range(0..places);
        let Some(part) = self.nth(&mut { place }) else { return };
        let text = match part {
            Self::Leaf(text) => text.as_bytes().first().copied(),
            _ => None,
        };
        match (text, rng.random_range(0..12)) {
            (_, 0) => *part = Self::Leaf(number(part, rng)),
            (_, 1) => *part = Self::Leaf((*pick(rng, &["null", "true", "false", "\"\"", "[]", "{}"])).into()),
            (_, 2) => *part = Self::Leaf(nested(rng)),
            (_, 3) => *part = donor.unwrap_or(Self::Leaf("0".into())),
            (Some(b'"'), 4..8) => *part = Self::Leaf(format!("\"{}\"", word(rng, words))),
            (Some(b'"'), _) => *part = Self::Leaf(format!("\"{}\"", string(part, rng))),
            (Some(b't'), _) => *part = Self::Leaf("false".into()),
            (Some(b'f'), _) => *part = Self::Leaf("true".into()),
            (Some(_), _) => *part = Self::Leaf(number(part, rng)),
            (None, _) => part.rearrange(rng, words, donor),
        }
    }

    fn rearrange(&mut self, rng: &mut ChaCha8Rng, words: &[String], donor: Option<Self>) {
        let donor = donor.unwrap_or(Self::Leaf("null".into()));
        match self {
            Self::Leaf(text) => *text = number(&Self::Leaf(text.clone()), rng),
            Self::List(items) => rearrange(items, rng, |_| donor),
            Self::Map(items) if rng.random_ratio(1, 4) && !items.is_empty() => {
                let place = rng.random_range(0..items.len());
                items[place].0 = format!("\"{}\"", word(rng, words));
            }
            Self::Map(items) => rearrange(items, rng, |rng| (format!("\"{}\"", word(rng, words)), donor)),
        }
    }

    fn count(&self) -> usize {
        1 + match self {
            Self::Leaf(_) => 0,
            Self::List(items) => items.iter().map(Self::count).sum(),
            Self::Map(items) => items.iter().map(|(_, part)| part.count()).sum::<usize>(),
        }
    }

    /// The n-th part, itself being the first.
    fn nth(&mut self, n: &mut usize) -> Option<&mut Self> {
        if *n == 0 {
            return Some(self);
        }
        *n -= 1;
        match self {
            Self::Leaf(_) => None,
            Self::List(items) => items.iter_mut().find_map(|part| part.nth(n)),
            Self::Map(items) => items.iter_mut().find_map(|(_, part)| part.nth(n)),
        }
    }
}

/// Takes out, doubles, repeats, swaps or adds an item.
fn rearrange<T: Clone>(items: &mut Vec<T>, rng: &mut ChaCha8Rng, new: impl FnOnce(&mut ChaCha8Rng) -> T) {
    let Some(last) = items.len().checked_sub(1) else { return items.push(new(rng)) };
    let place = rng.random_range(0..=last);
    match rng.random_range(0..6) {
        0 | 1 => drop(items.remove(place)),
        2 => items.insert(place, items[place].clone()),
        3 => {
            let times = 1 << rng.random_range(1..=MOST_TIMES.ilog2());
            let again = std::iter::repeat_n(items[place].clone(), times);
            items.splice(place..place, again);
        }
        4 => items.swap(place, last),
        _ => items.insert(place, new(rng)),
    }
}

/// A number that is the part's own a little changed, or one at a limit.
fn number(part: &Json, rng: &mut ChaCha8Rng) -> String {
    let own = match part {
        Json::Leaf(text) => text.parse::<f64>().ok(),
        _ => None,
    };
    match own.filter(|_| rng.random_ratio(1, 3)) {
        Some(own) => {
            let changed = [own + 1.0, own - 1.0, -own, own * 2.0, own / 2.0, own + 0.5, own * 1e9, own * own];
            format!("{}", pick(rng, &changed))
        }
        None => (*pick(rng, &NUMBERS)).into(),
    }
}

/// Lists or objects in each other, more than a parser follows or fewer.
fn nested(rng: &mut ChaCha8Rng) -> String {
    let depth = *pick(rng, &[2_usize, 20, 120, 130, 3_000]);
    let (open, close) = *pick(rng, &[("[", "]"), ("{\"a\":", "}"), ("[", "")]);
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

fn word(rng: &mut ChaCha8Rng, words: &[String]) -> String {
    if words.is_empty() || rng.random_ratio(1, 8) { (*pick(rng, &SNIPPETS)).into() } else { pick(rng, words).clone() }
}

/// The inside of a string: the part's own with something in it, or something long.
fn string(part: &Json, rng: &mut ChaCha8Rng) -> String {
    let snippet = *pick(rng, &SNIPPETS);
    match part {
        Json::Leaf(text) if text.len() >= 2 && text.starts_with('"') && rng.random_ratio(2, 3) => {
            let inside = &text[1..text.len() - 1];
            // Not within an escape: what becomes of half of one would mostly end the string.
            let last = if inside.contains('\\') { 0 } else { inside.len() };
            let place = rng.random_range(0..=last);
            let place = (0..=place).rev().find(|&place| inside.is_char_boundary(place)).unwrap_or(0);
            format!("{}{snippet}{}", &inside[..place], &inside[place..])
        }
        _ => snippet.repeat(1 << rng.random_range(0..12)),
    }
}

fn value(rest: &mut &str, depth: usize) -> Option<Json> {
    if depth > DEEPEST {
        return None;
    }
    *rest = rest.trim_start();
    match rest.bytes().next()? {
        b'[' => items(rest, ']', |rest| value(rest, depth + 1)).map(Json::List),
        b'{' => {
            let pair = |rest: &mut &str| {
                let key = leaf(rest)?;
                *rest = rest.trim_start().strip_prefix(':')?;
                Some((key, value(rest, depth + 1)?))
            };
            items(rest, '}', pair).map(Json::Map)
        }
        _ => leaf(rest).map(Json::Leaf),
    }
}

fn items<T>(rest: &mut &str, close: char, item: impl Fn(&mut &str) -> Option<T>) -> Option<Vec<T>> {
    let mut items = Vec::new();
    *rest = rest[1..].trim_start();
    if let Some(after) = rest.strip_prefix(close) {
        *rest = after;
        return Some(items);
    }
    loop {
        *rest = rest.trim_start();
        items.push(item(rest)?);
        *rest = rest.trim_start();
        let (next, after) = (rest.chars().next()?, &rest[rest.chars().next()?.len_utf8()..]);
        *rest = after;
        if next == close {
            return Some(items);
        }
        if next != ',' {
            return None;
        }
    }
}

/// A string, or whatever stands up to the next sign of structure.
fn leaf(rest: &mut &str) -> Option<String> {
    let end = if rest.starts_with('"') {
        let mut escaped = false;
        let closes = |&(_, letter): &(usize, char)| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        };
        rest.char_indices().skip(1).find(closes)?.0 + 1
    } else {
        rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(rest.len())
    };
    let (text, after) = rest.split_at(end);
    *rest = after;
    (!text.is_empty()).then(|| text.to_owned())
}
