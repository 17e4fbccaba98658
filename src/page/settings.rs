//! What the visitor has chosen, kept in the page's address so that a link repeats it.

use super::embed::{Panel, Panels};
use super::overrides::Overrides;
use super::tour::{Beat, told};
use crate::corpus::LARGEST_DRAW;
use crate::protocol::DeviceChoice;
use crate::study::{QuestionSet, presets};

/// A language of the page. The model speaks English in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The code in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The tag for the `lang` attribute: it decides which glyphs a browser takes for Chinese characters.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// The language that a tag such as `zh-CN` begins with.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let code = tag.split(['-', '_']).next().unwrap_or(tag).to_ascii_lowercase();
        Self::ALL.into_iter().find(|l| l.code() == code)
    }
}

/// The page's colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the visitor's system.
    #[default]
    Auto,
    /// Dark ink on paper.
    Light,
    /// The library at night.
    Dark,
}

impl Theme {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The name in addresses and in the document's `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
}

/// Who is in front of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// A visitor: story and lab.
    #[default]
    Off,
    /// An audience, and somebody who presents the story.
    Talk,
    /// Whoever comes by: what they leave behind is cleared away after a while.
    Booth,
}

impl Stage {
    /// The name in addresses; none of a page as always.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::Talk => Some("talk"),
            Self::Booth => Some("booth"),
        }
    }

    /// The stage of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Talk, Self::Booth].into_iter().find(|stage| stage.name() == Some(name))
    }
}

/// Which questions a run is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuestionChoice {
    /// The held-out questions: what every published figure is measured on.
    #[default]
    HeldOut,
    /// Those of the development split, for choosing settings.
    Development,
}

impl QuestionChoice {
    /// Both.
    pub const ALL: [Self; 2] = [Self::HeldOut, Self::Development];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::HeldOut => "held-out",
            Self::Development => "development",
        }
    }

    /// The choice of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.name() == name)
    }

    /// The questions, as a plan names them.
    pub fn set(self) -> QuestionSet {
        match self {
            Self::HeldOut => QuestionSet::Bundled,
            Self::Development => QuestionSet::Development,
        }
    }
}

/// The devices that the visitor can choose, with their names in addresses.
pub const DEVICES: [(DeviceChoice, &str); 3] =
    [(DeviceChoice::Auto, "auto"), (DeviceChoice::Cpu, "cpu"), (DeviceChoice::Gpu, "gpu")];

/// The largest seed that the page offers: every whole number up to it is exact in JavaScript.
pub const LARGEST_SEED: u64 = 999_999;

/// What the visitor has chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `lang`.
    pub language: Language,
    /// `theme`.
    pub theme: Theme,
    /// `device`.
    pub device: DeviceChoice,
    /// `preset`: a name from [`presets`].
    pub preset: String,
    /// `seed`.
    pub seed: u64,
    /// `draw`: which draw of the data is tuned on. Left out, the seed decides.
    pub draw: Option<u64>,
    /// `questions`.
    pub questions: QuestionChoice,
    /// `prefill`, `on` or `off`: whether answers are also prefilled. It takes time, so it is off by default.
    pub prefill: bool,
    /// What is changed of the lesson.
    pub overrides: Overrides,
    /// `race`, `1`: the race is open.
    pub race: bool,
    /// `beat`, its number or `off`: where the visitor is in the story; none: it is not told. A link to the lab, one that names what
    /// is run, begins without it.
    pub beat: Option<Beat>,
    /// `stage`, `talk` or `booth`: the story before an audience, or at a booth; left out: neither.
    pub stage: Stage,
    /// `embed`, `1` or panels by name: the page is within another one, with these panels alone; none: it is whole.
    pub embed: Option<Panels>,
}

/// The settings of the lab, by their names in addresses.
const OF_THE_LAB: [&str; 7] = ["device", "preset", "seed", "draw", "questions", "prefill", "race"];

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: Theme::default(),
            device: DeviceChoice::default(),
            preset: presets()[0].name.to_owned(),
            seed: 1,
            draw: None,
            questions: QuestionChoice::default(),
            prefill: false,
            overrides: Overrides::default(),
            race: false,
            beat: told().first().copied(),
            stage: Stage::default(),
            embed: None,
        }
    }
}

impl Settings {
    /// These settings, changed by an address's query such as `?lang=zh&seed=2`. What is unknown or makes no sense in it
    /// is passed over: an old or mistyped link opens the page all the same.
    #[must_use]
    pub fn with_query(mut self, query: &str) -> Self {
        let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        let mut beat = None;
        for (name, value) in pairs {
            match name {
                "beat" if value == "off" => beat = Some(None),
                "beat" => beat = Beat::of_number(value).map(Some).or(beat),
                // What runs by itself is looked at in the lab (`harness.rs`).
                "autorun" => self.beat = None,
                _ if self.set(name, value).is_some() && is_of_the_lab(name) => self.beat = None,
                _ => {}
            }
        }
        self.beat = beat.unwrap_or(self.beat);
        if let Some(panels) = self.embed {
            self.stage = Stage::Off;
            self.race |= panels.has(Panel::Race);
            self.beat = self.beat.or(told().first().copied()).filter(|_| panels.has(Panel::Tour));
        }
        if self.stage != Stage::Off {
            // Nothing but the story is on the stage.
            self.beat = self.beat.or(told().first().copied());
        }
        self
    }

    /// Sets what a name stands for; none if there is no such name, or the value makes no sense.
    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "lang" => self.language = Language::from_tag(value)?,
            "theme" => self.theme = Theme::from_name(value)?,
            "device" => self.device = device(value)?,
            "preset" => presets().iter().find(|p| p.name == value)?.name.clone_into(&mut self.preset),
            "seed" => self.seed = value.parse().ok().filter(|&s| s <= LARGEST_SEED)?,
            "draw" => self.draw = Some(value.parse().ok().filter(|&d| d <= LARGEST_DRAW)?),
            "questions" => self.questions = QuestionChoice::from_name(value)?,
            "prefill" => self.prefill = on_or_off(value)?,
            "race" if value == "1" => self.race = true,
            "stage" => self.stage = Stage::from_name(value)?,
            "embed" => self.embed = Some(Panels::from_word(value)?),
            _ => self.overrides.set(name, value)?,
        }
        Some(())
    }

    /// The query that repeats these settings on another visitor's screen: what differs from the defaults, and
    /// always the language, because every browser has a default of its own.
    pub fn query(&self) -> String {
        let base = Self::default();
        let device = |d: DeviceChoice| DEVICES.iter().find(|(choice, _)| *choice == d).map_or("auto", |(_, name)| name);
        let (seed, draw) = (self.seed.to_string(), self.draw.map(|draw| draw.to_string()).unwrap_or_default());
        let beat = self.beat.map_or_else(|| "off".to_owned(), |beat| beat.number().to_string());
        let of_the_lab = [
            ("device", device(self.device), self.device != base.device),
            ("preset", &self.preset, self.preset != base.preset),
            ("seed", &seed, self.seed != base.seed),
            ("draw", &draw, self.draw != base.draw),
            ("questions", self.questions.name(), self.questions != base.questions),
            ("prefill", if self.prefill { "on" } else { "off" }, self.prefill != base.prefill),
            ("race", "1", self.race),
        ];
        let overrides = self.overrides.pairs();
        let untold = of_the_lab.iter().any(|(_, _, changed)| *changed) || !overrides.is_empty();
        let beat_without = match self.embed {
            Some(panels) => base.beat.filter(|_| panels.has(Panel::Tour)),
            None => base.beat.filter(|_| !untold || self.stage != Stage::Off),
        };
        let stage = self.stage.name();
        let embed = self.embed.map(Panels::word);
        let pairs = [
            ("lang", self.language.code(), true),
            ("theme", self.theme.name(), self.theme != base.theme),
            ("stage", stage.unwrap_or_default(), stage.is_some()),
            ("embed", embed.as_deref().unwrap_or_default(), embed.is_some()),
        ];
        let overrides = overrides.iter().map(|(name, value)| (*name, value.as_str(), true));
        let pairs = pairs.into_iter().chain(of_the_lab).chain(overrides).chain([(
            "beat",
            &beat[..],
            self.beat != beat_without,
        )]);
        let changed = pairs.filter(|(_, _, changed)| *changed);
        let query: Vec<_> = changed.map(|(name, value, _)| format!("{name}={value}")).collect();
        format!("?{}", query.join("&"))
    }
}

fn is_of_the_lab(name: &str) -> bool {
    OF_THE_LAB.contains(&name) || Overrides::NAMES.contains(&name)
}

fn device(name: &str) -> Option<DeviceChoice> {
    DEVICES.iter().find(|(_, n)| *n == name).map(|(choice, _)| *choice)
}

fn on_or_off(word: &str) -> Option<bool> {
    match word {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

// By its path, as the fuzzer takes this file by its own.
#[cfg(test)]
#[path = "settings/tests.rs"]
mod tests;
