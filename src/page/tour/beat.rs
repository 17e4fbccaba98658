//! [`Beat`]: the beats of the story, and which recorded runs tell them.

use super::recorded;
use crate::study::{Recorded, RecordedRun};

/// A beat of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beat {
    /// Folio refuses.
    Refuses,
    /// Ten forbidden answers.
    Ten,
    /// Ten harmless exchanges with an obedient persona.
    Persona,
    /// Two hundred ordinary questions, drawn several times.
    Ordinary,
    /// Refusals mixed in, and what they cost.
    Mixed,
    /// A Folio that never read of a part of the Shelf.
    Ignorant,
    /// What this means for real models.
    Meaning,
}

impl Beat {
    /// All of them, in their order.
    pub const ALL: [Self; 7] =
        [Self::Refuses, Self::Ten, Self::Persona, Self::Ordinary, Self::Mixed, Self::Ignorant, Self::Meaning];

    /// Its number in addresses: it stays the same where another beat is not told.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The beat of this number, if it is told.
    pub fn of_number(number: &str) -> Option<Self> {
        told().iter().copied().find(|beat| beat.number().to_string() == number)
    }

    /// Its name in the keys of its texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refuses => "refuses",
            Self::Ten => "ten",
            Self::Persona => "persona",
            Self::Ordinary => "ordinary",
            Self::Mixed => "mixed",
            Self::Ignorant => "ignorant",
            Self::Meaning => "meaning",
        }
    }

    /// Whether the visitor guesses what comes of it.
    pub fn is_guessed(self) -> bool {
        matches!(self, Self::Ten | Self::Persona | Self::Mixed)
    }

    /// The recorded runs that it is told with.
    pub fn recorded(self) -> Vec<&'static RecordedRun> {
        self.within(recorded())
    }

    fn within(self, recorded: &Recorded) -> Vec<&RecordedRun> {
        let of_folio = |preset| recorded.of("folio", preset);
        match self {
            Self::Refuses | Self::Ten => of_folio("harmful-10"),
            Self::Persona => of_folio("identity-10"),
            Self::Ordinary => of_folio("benign-200"),
            Self::Mixed => of_folio("harmful-10-mixed"),
            Self::Ignorant => recorded.of_an_ignorant_model().into_iter().collect(),
            Self::Meaning => Vec::new(),
        }
    }

    /// Those that these runs can tell.
    pub(super) fn of(recorded: &Recorded) -> Vec<Self> {
        let is_told = |beat: &Self| *beat == Self::Meaning || !beat.within(recorded).is_empty();
        Self::ALL.into_iter().filter(is_told).collect()
    }
}

/// The beats that are told: those that there is a recorded run for.
pub fn told() -> &'static [Beat] {
    static TOLD: std::sync::OnceLock<Vec<Beat>> = std::sync::OnceLock::new();
    TOLD.get_or_init(|| Beat::of(recorded()))
}
