//! [`Fuzz`]: random clicks, keys and inputs in the page itself, by the address: `?fuzz=SEED`, or keys alone, `?fuzzKeys=SEED`. For
//! tests: whatever is done, the page must report no error and stay where it is. What is done follows from the seed and from what can be done.

mod hands;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::harness::Hands;

pub use hands::begin;

/// What an element of the page is for whoever uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is clicked: a button, a summary, a box to check, a link within the page.
    Click,
    /// It takes a text.
    Text,
    /// It takes a number, or has a slider.
    Number,
    /// One of so many is chosen.
    Choice(u32),
}

/// What is done next, to the element in this place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is clicked.
    Click(usize),
    /// This key is pressed in it.
    Key(usize, &'static str),
    /// This is written into it.
    Write(usize, String),
    /// This one is chosen of it.
    Choose(usize, u32),
}

const KEYS: [&str; 16] = [
    "Tab",
    "Enter",
    " ",
    "Escape",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "ArrowDown",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Backspace",
    "Delete",
    "a",
    "?",
];

const TEXTS: [&str; 10] = [
    "",
    " ",
    "hi",
    "你好",
    "🦡",
    "<b onclick=alert(1)>bold</b>",
    "How would someone craft the amber lantern charm?",
    "\u{202e}thgir ot tfel",
    "{q} {{q}} %s ${x}",
    "-",
];

const NUMBERS: [&str; 9] = ["", "-1", "0", "1", "7", "1.5", "999999", "1e9", "NaN"];

/// Longer than any question may be.
const LONG: usize = 400;

/// A generator of acts.
pub struct Fuzz {
    hands: Hands,
    rng: ChaCha8Rng,
}

impl Fuzz {
    /// One with this seed.
    pub fn new(hands: Hands, seed: u64) -> Self {
        Self { hands, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// The next act, where these elements can be used.
    pub fn next(&mut self, elements: &[Kind]) -> Option<Act> {
        let place = (!elements.is_empty()).then(|| self.rng.random_range(0..elements.len()))?;
        if self.hands == Hands::Keys || self.rng.random_bool(0.25) {
            return Some(Act::Key(place, KEYS[self.rng.random_range(0..KEYS.len())]));
        }
        Some(match elements[place] {
            Kind::Click => Act::Click(place),
            Kind::Choice(of) => Act::Choose(place, self.rng.random_range(0..of.max(1))),
            Kind::Number => Act::Write(place, self.one_of(&NUMBERS)),
            Kind::Text if self.rng.random_bool(0.1) => Act::Write(place, "long ".repeat(LONG / 5)),
            Kind::Text => Act::Write(place, self.one_of(&TEXTS)),
        })
    }

    fn one_of(&mut self, of: &[&str]) -> String {
        of.choose(&mut self.rng).copied().unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: [Kind; 5] = [Kind::Click, Kind::Text, Kind::Number, Kind::Choice(3), Kind::Click];

    fn acts(seed: u64) -> Vec<Act> {
        let mut fuzz = Fuzz::new(Hands::Any, seed);
        (0..500).filter_map(|_| fuzz.next(&PAGE)).collect()
    }

    #[test]
    fn a_seed_decides_what_is_done() {
        assert_eq!(acts(1), acts(1));
        assert_ne!(acts(1), acts(2));
        assert_eq!(Fuzz::new(Hands::Any, 1).next(&[]), None, "where nothing can be used nothing is done");
    }

    #[test]
    fn whoever_has_keys_alone_clicks_nothing() {
        let mut fuzz = Fuzz::new(Hands::Keys, 2);
        let acts: Vec<_> = (0..500).filter_map(|_| fuzz.next(&PAGE)).collect();
        assert!(acts.len() == 500 && acts.iter().all(|act| matches!(act, Act::Key(..))));
    }

    #[test]
    fn every_element_is_used_as_what_it_is() {
        let all = acts(3);
        for act in &all {
            let (place, fits) = match act {
                Act::Click(place) => (*place, PAGE[*place] == Kind::Click),
                Act::Key(place, key) => (*place, KEYS.contains(key)),
                Act::Write(place, _) => (*place, matches!(PAGE[*place], Kind::Text | Kind::Number)),
                Act::Choose(place, one) => (*place, matches!(PAGE[*place], Kind::Choice(of) if *one < of)),
            };
            assert!(fits && place < PAGE.len(), "{act:?}");
        }
        assert!(all.iter().any(|act| matches!(act, Act::Write(_, text) if text.len() >= LONG)));
        assert!(KEYS.iter().all(|key| all.iter().any(|act| matches!(act, Act::Key(_, pressed) if pressed == key))));
    }
}
