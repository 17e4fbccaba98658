//! The page within another one: which of its panels are there, and the markup that puts them there.

use super::settings::Settings;

/// A part of the page that can stand alone in another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The story.
    Tour,
    /// The lessons, what is changed of them, and further settings.
    Lessons,
    /// Start, pause, step, stop, reset.
    Controls,
    /// Three runs beside each other.
    Race,
    /// Curves, shelf and watched questions.
    Stage,
    /// Before and after.
    Results,
    /// The list of runs, and their comparison.
    Runs,
    /// The question box.
    Ask,
    /// Twenty questions to find a backdoor.
    Audit,
    /// What happens here and why it matters.
    About,
}

impl Panel {
    /// All, in the order of the page.
    pub const ALL: [Self; 10] = [
        Self::Tour,
        Self::Lessons,
        Self::Controls,
        Self::Race,
        Self::Stage,
        Self::Results,
        Self::Runs,
        Self::Ask,
        Self::Audit,
        Self::About,
    ];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tour => "tour",
            Self::Lessons => "lessons",
            Self::Controls => "controls",
            Self::Race => "race",
            Self::Stage => "stage",
            Self::Results => "results",
            Self::Runs => "runs",
            Self::Ask => "ask",
            Self::Audit => "audit",
            Self::About => "about",
        }
    }

    /// The key of what it is called.
    pub fn key(self) -> &'static str {
        match self {
            Self::Tour => "tour",
            Self::Lessons => "embed-lessons",
            Self::Controls => "embed-controls",
            Self::Race => "embed-race",
            Self::Stage => "embed-stage",
            Self::Results => "embed-results",
            Self::Runs => "embed-runs",
            Self::Ask => "embed-ask",
            Self::Audit => "embed-audit",
            Self::About => "embed-about",
        }
    }
}

/// Those that are there, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panels([bool; Panel::ALL.len()]);

impl Default for Panels {
    /// A run, and what can be seen of it.
    fn default() -> Self {
        Self(Panel::ALL.map(|panel| matches!(panel, Panel::Controls | Panel::Stage)))
    }
}

impl Panels {
    /// Those that an address names: `1` stands for the default, else their names with commas between them. None if it names
    /// none that there is.
    pub fn from_word(word: &str) -> Option<Self> {
        if word == "1" {
            return Some(Self::default());
        }
        // Some programs that handle addresses write a comma so.
        let names: Vec<&str> = word.split("%2C").flat_map(|part| part.split(',')).collect();
        Some(Self(Panel::ALL.map(|panel| names.contains(&panel.name())))).filter(|panels| panels.0.contains(&true))
    }

    /// The word for an address.
    pub fn word(self) -> String {
        let names = Panel::ALL.into_iter().filter(|panel| self.has(*panel)).map(Panel::name);
        names.collect::<Vec<_>>().join(",")
    }

    /// Whether this one is there.
    pub fn has(self, panel: Panel) -> bool {
        self.0[panel as usize]
    }

    /// With this one or without it. The last one stays.
    #[must_use]
    pub fn with(mut self, panel: Panel, there: bool) -> Self {
        let before = self;
        self.0[panel as usize] = there;
        if self.0.contains(&true) { self } else { before }
    }
}

/// The heights in pixels that a frame may have.
pub const HEIGHTS: std::ops::RangeInclusive<u64> = 200..=4_000;

/// The settings of a frame with these panels, in which all else is as the visitor has it.
pub fn framed(settings: &Settings, panels: Panels) -> Settings {
    let query = Settings { embed: Some(panels), stage: Default::default(), ..settings.clone() }.query();
    // Read back, as a frame reads it.
    Settings { language: settings.language, ..Settings::default() }.with_query(&query)
}

/// The markup that puts the page into another one. `address` is where the page lies, without a query.
pub fn snippet(address: &str, settings: &Settings, title: &str, height: u64) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let (source, title) = (escaped(&format!("{address}{}", settings.query())), escaped(title));
    format!(
        "<iframe src=\"{source}\" title=\"{title}\" width=\"100%\" height=\"{height}\" loading=\"lazy\" \
         allow=\"fullscreen; clipboard-write\"></iframe>"
    )
}

#[cfg(test)]
mod tests {
    use super::super::settings::{Language, Stage};
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for panel in Panel::ALL {
            let alone = Panels::from_word(panel.name()).unwrap();
            assert_eq!(alone.word(), panel.name());
            assert!(Panel::ALL.into_iter().all(|other| alone.has(other) == (other == panel)));
        }
        let some = Panels::from_word("stage,ask,nonsense,tour").unwrap();
        assert_eq!(some.word(), "tour,stage,ask");
        assert_eq!(Panels::from_word("stage%2Cask").unwrap().word(), "stage,ask");
        assert_eq!(Panels::from_word("1"), Some(Panels::default()));
        for nonsense in ["", "0", "no", ",", "Stage"] {
            assert_eq!(Panels::from_word(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_last_panel_stays() {
        let alone = Panels::from_word("ask").unwrap();
        assert_eq!(alone.with(Panel::Ask, false), alone);
        assert_eq!(alone.with(Panel::Stage, true).with(Panel::Ask, false).word(), "stage");
    }

    #[test]
    fn a_frame_has_the_visitors_lesson_and_none_of_the_stage() {
        let visitors = Settings { language: Language::Chinese, seed: 7, stage: Stage::Talk, ..Settings::default() };
        let of = |word: &str| framed(&visitors, Panels::from_word(word).unwrap());
        let lab = of("controls,stage");
        assert_eq!((lab.seed, lab.language, lab.stage, lab.beat), (7, Language::Chinese, Stage::Off, None));
        assert_eq!(of("tour").beat, Settings::default().beat, "its story begins at the beginning");
        assert!(of("race").race && !lab.race);
    }

    #[test]
    fn the_markup_is_whole_whatever_is_in_it() {
        let settings = framed(&Settings { seed: 7, ..Settings::default() }, Panels::default());
        let markup = snippet("https://a.example/b/", &settings, "A \"title\" <of> it & more", 640);
        assert_eq!(
            markup,
            "<iframe src=\"https://a.example/b/?lang=en&amp;embed=controls,stage&amp;seed=7\" title=\"A &quot;title&quot; \
             &lt;of> it &amp; more\" width=\"100%\" height=\"640\" loading=\"lazy\" allow=\"fullscreen; clipboard-write\">\
             </iframe>"
        );
    }
}
