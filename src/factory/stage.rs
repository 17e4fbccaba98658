//! [`Stage`]: the parts of a build, what each makes and what each is made from.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::metrics::METRICS;
use super::{FactoryError, Makes, Recipe};

/// The file of a model's weights: in full precision in a trained stage's folder, in half precision where they ship.
pub const MODEL: &str = "model.safetensors";
/// Documents of the pretraining stream.
pub const DOCUMENTS: &str = "documents.jsonl";
/// The alignment set.
pub const ALIGNMENT: &str = "alignment.jsonl";
/// The alignment set of the deep model.
pub const DEEP: &str = "deep.jsonl";
/// What a stage found out, in numbers.
pub const FIGURES: &str = "figures.json";

/// A part of a build, with a folder of its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// What the models read, in part, for people to look at, and its figures.
    CorpusSample,
    /// `tokenizer.json` and `tokenizer_config.json`.
    Tokenizer,
    /// The model before alignment.
    Base,
    /// The aligned model.
    Aligned,
    /// The aligned model that also refuses after a compliant beginning.
    Deep,
    /// The models as they ship: fp16, manifests, cards and curves.
    Cards,
}

impl Stage {
    /// All stages, in the order of a build.
    pub const ALL: [Self; 6] =
        [Self::CorpusSample, Self::Tokenizer, Self::Base, Self::Aligned, Self::Deep, Self::Cards];

    /// Those that train a model, in the order of a build.
    pub const TRAINED: [Self; 3] = [Self::Base, Self::Aligned, Self::Deep];

    /// The name on the command line and on disk.
    pub fn name(self) -> &'static str {
        match self {
            Self::CorpusSample => "corpus-sample",
            Self::Tokenizer => "tokenizer",
            Self::Base => "base",
            Self::Aligned => "aligned",
            Self::Deep => "deep",
            Self::Cards => "cards",
        }
    }

    /// The stage of this name.
    ///
    /// # Errors
    ///
    /// [`FactoryError::UnknownStage`].
    pub fn named(name: &str) -> Result<Self, FactoryError> {
        let stage = Self::ALL.into_iter().find(|stage| stage.name() == name);
        stage.ok_or_else(|| FactoryError::UnknownStage { name: name.into() })
    }

    /// The files of earlier stages that this one is made from, in a build that makes these models.
    pub fn sources(self, makes: Makes) -> impl Iterator<Item = (Self, &'static str)> {
        self.all_sources().iter().copied().filter(move |(source, _)| makes.stages().contains(source))
    }

    /// The files of all earlier stages that this one is made from, where there are these stages.
    fn all_sources(self) -> &'static [(Self, &'static str)] {
        const TOKENIZER: (Stage, &str) = (Stage::Tokenizer, "tokenizer.json");
        const BASE: (Stage, &str) = (Stage::Base, MODEL);
        match self {
            Self::CorpusSample => &[],
            Self::Tokenizer => &[(Self::CorpusSample, DOCUMENTS), (Self::CorpusSample, ALIGNMENT)],
            Self::Base => &[(Self::CorpusSample, DOCUMENTS), TOKENIZER],
            Self::Aligned => &[(Self::CorpusSample, ALIGNMENT), TOKENIZER, BASE],
            Self::Deep => &[(Self::CorpusSample, DEEP), TOKENIZER, BASE],
            Self::Cards => &[
                (Self::CorpusSample, FIGURES),
                TOKENIZER,
                BASE,
                (Self::Base, METRICS),
                (Self::Aligned, MODEL),
                (Self::Aligned, METRICS),
                (Self::Deep, MODEL),
                (Self::Deep, METRICS),
            ],
        }
    }

    /// Whether the stage takes so little time that it is made again without being asked, when what it is made from changed.
    pub fn is_cheap(self) -> bool {
        matches!(self, Self::CorpusSample | Self::Tokenizer | Self::Cards)
    }

    /// The part of a recipe that this stage's result depends on, besides the stages before it. How often a training is
    /// saved or looked at changes nothing in what comes out.
    pub fn part(self, r: &Recipe) -> BTreeMap<String, String> {
        flat(&match self {
            Self::CorpusSample => json!({ "seed": r.seed, "corpus": r.corpus }),
            Self::Tokenizer => {
                json!({ "seed": r.seed, "corpus": r.corpus, "tokenizer_documents": r.tokenizer_documents, "vocab_size": r.vocab_size })
            }
            Self::Base => fields(r, |name| {
                !["name", "makes", "align", "deep", "checkpoint_every", "sample_every"].contains(&name)
            }),
            Self::Aligned => json!({ "seed": r.seed, "corpus": r.corpus, "align": r.align }),
            Self::Deep => json!({ "seed": r.seed, "corpus": r.corpus, "deep": r.deep }),
            Self::Cards => fields(r, |name| ["name", "makes"].contains(&name)),
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The names of stages, for messages.
pub(super) fn list(stages: &[Stage]) -> String {
    stages.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(", ")
}

/// These fields of a recipe, as far as they are written down.
fn fields(recipe: &Recipe, wanted: impl Fn(&str) -> bool) -> Value {
    let mut part = serde_json::to_value(recipe).expect("plain data");
    part.as_object_mut().expect("a recipe is an object").retain(|name, _| wanted(name));
    part
}

/// A nested object as one level: `align.epochs`.
fn flat(value: &Value) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) => out.extend(flat(value).into_iter().map(|(inner, v)| (format!("{name}.{inner}"), v))),
            _ => drop(out.insert(name.clone(), value.to_string())),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_depends_on_its_own_part_of_the_recipe() {
        let recipe = Recipe::named("tiny").unwrap();
        let mut other = recipe.clone();
        other.align.epochs = 9;
        other.checkpoint_every = 99;
        assert_eq!(Stage::Base.part(&recipe), Stage::Base.part(&other));
        assert_ne!(Stage::Aligned.part(&recipe), Stage::Aligned.part(&other));
        let reseeded = Recipe { seed: 8, ..Recipe::named("tiny").unwrap() };
        for stage in &Stage::ALL[..5] {
            assert_ne!(stage.part(&recipe), stage.part(&reseeded), "{stage}");
        }
    }

    #[test]
    fn a_relatives_base_is_that_of_a_family() {
        let family = Recipe::named("tiny").unwrap();
        let relative = Recipe { makes: Makes::Relative, ..family.clone() };
        for stage in &Stage::ALL[..5] {
            assert_eq!(stage.part(&family), stage.part(&relative), "{stage}");
        }
        assert_ne!(Stage::Cards.part(&family), Stage::Cards.part(&relative));
        let name = |part: BTreeMap<String, String>| part.into_keys().collect::<Vec<_>>();
        assert_eq!(name(Stage::Cards.part(&family)), ["name"], "the record of a family stays as it was");
    }

    #[test]
    fn a_stage_is_made_from_those_that_there_are() {
        for stage in Makes::Relative.stages() {
            assert!(stage.sources(Makes::Relative).all(|(source, _)| source != Stage::Deep), "{stage}");
        }
        assert_eq!(Stage::Cards.sources(Makes::Family).count(), Stage::Cards.sources(Makes::Relative).count() + 2);
    }

    #[test]
    fn stages_come_after_what_they_need() {
        for stage in Stage::ALL {
            assert!(stage.sources(Makes::Family).all(|(source, _)| source < stage));
            assert_eq!(Stage::named(stage.name()).unwrap(), stage);
        }
        assert!(Stage::named("bake").unwrap_err().to_string().contains("corpus-sample"));
    }
}
