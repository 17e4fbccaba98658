//! [`Makes`]: which models a recipe makes and ships, and what stages that takes.

use serde::{Deserialize, Serialize};

use super::Stage;

/// Which models a recipe makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Makes {
    /// A base, an aligned and a deep model, which ship together, with a comparison.
    #[default]
    Family,
    /// One aligned model beside another recipe's family. Its base does not ship, and nothing of the family's is touched.
    Relative,
}

impl Makes {
    /// The stages of a build, in their order.
    pub fn stages(self) -> &'static [Stage] {
        match self {
            Self::Family => &Stage::ALL,
            Self::Relative => &[Stage::CorpusSample, Stage::Tokenizer, Stage::Base, Stage::Aligned, Stage::Cards],
        }
    }

    /// Those stages that train a model.
    pub fn trained(self) -> &'static [Stage] {
        match self {
            Self::Family => &Stage::TRAINED,
            Self::Relative => &[Stage::Base, Stage::Aligned],
        }
    }

    /// Those stages whose models ship.
    pub fn ships(self) -> &'static [Stage] {
        match self {
            Self::Family => &Stage::TRAINED,
            Self::Relative => &[Stage::Aligned],
        }
    }

    /// Whether what nobody chose holds, so that it need not be written down.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn is_family(&self) -> bool {
        *self == Self::Family
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_ships_is_trained_and_whatever_is_trained_is_a_stage() {
        for makes in [Makes::Family, Makes::Relative] {
            assert!(makes.ships().iter().all(|stage| makes.trained().contains(stage)));
            assert!(makes.trained().iter().all(|stage| makes.stages().contains(stage)));
            assert!(makes.stages().is_sorted());
        }
    }
}
