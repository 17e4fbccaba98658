//! [`Harness`]: what an address asks of the page for programs that drive or test it. Nothing of it is a setting of the visitor's: it
//! is in force as long as the page is open and not written back into the address.

use super::strings::Strings;
use crate::study::presets;

/// The longest word of the address that is told back.
const LONGEST_WORD: usize = 80;

/// The quickest clock. A look at it twice a second still finds every minute.
const MOST_SPEED: u32 = 100;

/// What the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harness {
    /// `autorun`: what is to be done as soon as the engine is ready.
    pub autorun: Option<Autorun>,
    /// `strings`: how the page's texts are changed.
    pub strings: Option<Strings>,
    /// `notes`: the page is the presenter's window.
    pub notes: bool,
    /// `projector`: large type in strong contrast.
    pub projector: bool,
    /// `speed`: how many times as quick as everybody's the page's own clock is: minutes in which nobody is at a booth pass in
    /// seconds. What the engine does takes as long as ever.
    pub speed: u32,
    /// `fuzz`: random clicks and keys; `fuzzKeys`: keys alone. With this seed.
    pub fuzz: Option<(Hands, u64)>,
}

/// What the page is used with at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hands {
    /// Clicks, keys and inputs.
    Any,
    /// Keys alone, as whoever has no mouse.
    Keys,
}

/// What is done without a click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Autorun {
    /// `1`: what the rest of the address says.
    Settings,
    /// The name of a preset, which counts more than the address's `preset`.
    Preset(&'static str),
    /// `check`: the golden check.
    Check,
    /// Something else: the page says so to the program that waits, and does nothing.
    Unknown(String),
}

impl Default for Harness {
    fn default() -> Self {
        Self { autorun: None, strings: None, notes: false, projector: false, speed: 1, fuzz: None }
    }
}

impl Harness {
    /// What a query such as `?autorun=1&strings=double` asks for. What is unknown in it is passed over.
    pub fn of_query(query: &str) -> Self {
        let mut harness = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "autorun" => harness.autorun = Some(Autorun::of_word(value)),
                "strings" => harness.strings = Strings::from_name(value).or(harness.strings),
                "notes" => harness.notes = value == "1",
                "projector" => harness.projector = !matches!(value, "0" | "off"),
                "speed" => {
                    let speed = value.parse().ok().filter(|speed| (1..=MOST_SPEED).contains(speed));
                    harness.speed = speed.unwrap_or(harness.speed);
                }
                "fuzz" => harness.fuzz = seed(value).map(|seed| (Hands::Any, seed)).or(harness.fuzz),
                "fuzzKeys" => harness.fuzz = seed(value).map(|seed| (Hands::Keys, seed)).or(harness.fuzz),
                _ => {}
            }
        }
        harness
    }
}

/// A seed; 1 where none is named.
fn seed(word: &str) -> Option<u64> {
    if word.is_empty() { Some(1) } else { word.parse().ok() }
}

impl Autorun {
    fn of_word(word: &str) -> Self {
        match word {
            "1" | "" => Self::Settings,
            "check" => Self::Check,
            name => match presets().iter().find(|preset| preset.name == name) {
                Some(preset) => Self::Preset(preset.name),
                None => Self::Unknown(name.chars().take(LONGEST_WORD).collect()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_it_names() {
        let harness = Harness::of_query("?lang=zh&autorun=safety-10&strings=xss&projector&speed=60&fuzz=7");
        let expected = Harness {
            autorun: Some(Autorun::Preset("safety-10")),
            strings: Some(Strings::Xss),
            notes: false,
            projector: true,
            speed: 60,
            fuzz: Some((Hands::Any, 7)),
        };
        assert_eq!(harness, expected);
        assert!(Harness::of_query("?notes=1&lang=zh").notes);
        assert_eq!(Harness::of_query("?autorun=1").autorun, Some(Autorun::Settings));
        assert_eq!(Harness::of_query("?autorun").autorun, Some(Autorun::Settings));
        assert_eq!(Harness::of_query("?autorun=check").autorun, Some(Autorun::Check));
        assert_eq!(Harness::of_query("?fuzz").fuzz, Some((Hands::Any, 1)));
        assert_eq!(Harness::of_query("?fuzzKeys=3").fuzz, Some((Hands::Keys, 3)));
    }

    #[test]
    fn nonsense_is_passed_over_and_an_unknown_run_is_told() {
        for query in [
            "",
            "?",
            "?strings=triple",
            "?notes",
            "?notes=2",
            "?fuzz=-1",
            "?fuzz=1e9",
            "?fuzzKeys=no",
            "?fuzzkeys=1",
            "?projector=off",
            "?speed=0",
            "?speed=101",
            "?speed=1.5",
            "?seed=3&&=",
            "?Autorun=1",
        ] {
            assert_eq!(Harness::of_query(query), Harness::default(), "{query}");
        }
        let Some(Autorun::Unknown(word)) = Harness::of_query(&format!("?autorun={}", "é".repeat(500))).autorun else {
            panic!("it is no preset")
        };
        assert_eq!(word.chars().count(), LONGEST_WORD);
    }
}
