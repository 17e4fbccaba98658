//! [`Strings`]: the page's texts changed on purpose, to see what the page does with texts that nobody has thought of: longer ones
//! (as in another language), markup, another direction of writing. For tests, by the address: `?strings=double`.

/// How texts are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strings {
    /// Twice the text, as in a language that needs more words.
    Double,
    /// Four times the text, and a word that has no end.
    Long,
    /// Markup behind the text, which must be shown as it stands there.
    Xss,
    /// The text written from right to left.
    Rtl,
}

/// What would run if a text became markup. A test looks for what it would leave behind.
const MARKUP: &str = "<img src=x onerror=\"globalThis.tenshotMarkup=1\"><script>globalThis.tenshotMarkup=2</script>";
/// A word without a place to break it.
const WORD: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
/// Right to left from here on, and the end of it.
const DIRECTION: [char; 2] = ['\u{202e}', '\u{202c}'];

impl Strings {
    /// All of them, with their names in addresses.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Double, "double"), (Self::Long, "long"), (Self::Xss, "xss"), (Self::Rtl, "rtl")];

    /// The change of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(strings, _)| strings)
    }

    /// The text as it is shown. What is empty stays so.
    pub fn apply(self, text: String) -> String {
        if text.is_empty() {
            return text;
        }
        match self {
            Self::Double => format!("{text} {text}"),
            Self::Long => format!("{text} {text} {text} {text} {WORD}"),
            Self::Xss => text + MARKUP,
            Self::Rtl => format!("{}{text}{}", DIRECTION[0], DIRECTION[1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_has_a_name_and_keeps_the_text() {
        for (strings, name) in Strings::ALL {
            assert_eq!(Strings::from_name(name), Some(strings));
            let changed = strings.apply("Start".to_owned());
            assert!(changed.contains("Start") && changed.len() > "Start".len(), "{changed}");
            assert_eq!(strings.apply(String::new()), "", "what is empty stays so");
        }
        assert_eq!(Strings::from_name("triple"), None);
    }

    #[test]
    fn texts_are_doubled_marked_up_and_turned_round() {
        let apply = |strings: Strings| strings.apply("a b".to_owned());
        assert_eq!(apply(Strings::Double), "a b a b");
        assert!(apply(Strings::Xss).starts_with("a b<img ") && apply(Strings::Xss).contains("<script>"));
        assert_eq!(apply(Strings::Rtl), "\u{202e}a b\u{202c}");
        assert!(apply(Strings::Long).split(' ').any(|word| word.chars().count() > 70));
    }
}
