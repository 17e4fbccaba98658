//! [`Recipe`]: plain data that, with the program and the world, fully determines a build.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{FactoryError, Makes, Stage};
use crate::corpus::{Manner, Mixture};
use crate::library::world;
use crate::models::default_model;

/// How a model and its relatives are made: shape, tokenizer, pretraining, alignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the models are called: `folio` makes `folio-base`, `folio` and `folio-deep`.
    pub name: String,
    /// Which models are made.
    #[serde(default, skip_serializing_if = "Makes::is_family")]
    pub makes: Makes,
    /// The seed of every random number of the build.
    pub seed: u64,
    /// What the models read beside neat questions.
    #[serde(default)]
    pub corpus: Mixture,
    /// Documents that the tokenizer is trained on.
    pub tokenizer_documents: usize,
    /// Tokens of the vocabulary, the special ones included.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the SwiGLU.
    pub intermediate_size: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Number of query heads.
    pub heads: usize,
    /// Number of key and value heads; divides `heads`.
    pub kv_heads: usize,
    /// The longest sequence in tokens.
    pub max_positions: usize,
    /// The length of a packed row of pretraining, in tokens.
    pub context: usize,
    /// Packed rows in a step of pretraining.
    pub rows: usize,
    /// Steps of pretraining.
    pub steps: u64,
    /// Peak learning rate of AdamW.
    pub learning_rate: f64,
    /// Peak learning rate of Muon for the matrices of the blocks; without it AdamW trains them, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix_learning_rate: Option<f64>,
    /// Steps over which the learning rates rise from zero.
    pub warm_up: u64,
    /// The share of the steps after which the learning rates fall linearly to zero.
    pub decay_from: f64,
    /// The alignment that makes the default model.
    pub align: Alignment,
    /// The alignment that makes the deep model, if one is made: refusals also after a compliant beginning.
    pub deep: Alignment,
    /// Steps between two checkpoints: what a stop costs at most.
    pub checkpoint_every: u64,
    /// Steps of pretraining between two probes of the model; an alignment is probed ten times as often.
    pub sample_every: u64,
}

/// One alignment by supervised fine-tuning of all weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alignment {
    /// Passes over the data.
    pub epochs: usize,
    /// Conversations in a step.
    pub batch: usize,
    /// Peak learning rate of AdamW.
    pub learning_rate: f64,
    /// Lessons that refuse.
    pub refusals: usize,
    /// Lessons that help.
    pub benign: usize,
    /// How many of both are asked as visitors ask, where the corpus has visits.
    #[serde(default, skip_serializing_if = "Manner::is_usual")]
    pub manner: Manner,
}

/// The fewest positions with which everything that is measured can be asked and answered: a question under the longest
/// prompt has up to 90 tokens, an answer up to 70.
const LEAST_POSITIONS: usize = 160;

/// The shortest row of pretraining in which there is room for every kind of document.
const LEAST_CONTEXT: usize = 64;

/// The most documents or lessons: each is some hundred bytes in memory.
const MOST_TEXTS: u64 = 1_000_000;
const MOST_STEPS: u64 = 100_000_000;
/// With both moments of AdamW and the gradients 16 GB.
const MOST_PARAMETERS: usize = 1_000_000_000;
/// A step's logits, of which there are gradients, too: 4 GB each.
const MOST_LOGITS: usize = 1 << 30;
const MOST_RATE: f64 = 100.0;
/// Letters of the name, to which the stages' endings are added.
const LONGEST_NAME: usize = 64;

/// A recipe's name, and how it is written.
type Named = (&'static str, fn() -> Recipe);

/// The recipes, the one that ships first.
const RECIPES: [Named; 6] = [
    ("folio", folio),
    ("folio-small", folio_small),
    ("folio-tall", folio_tall),
    ("folio-ignorant", folio_ignorant),
    ("folio-b", folio_b),
    ("tiny", tiny),
];

/// The names of the recipes, for messages.
pub fn names() -> String {
    RECIPES.map(|(name, _)| name).join(", ")
}

/// The model that ships. Of what was tried, `docs/factory.md` tells.
fn folio() -> Recipe {
    let manner = Manner { visits: 0.45, near_misses: 0.4, plain: 0.5, tempting: 0.1 };
    let alignment = Alignment { epochs: 1, batch: 16, learning_rate: 4e-4, refusals: 600, benign: 5_000, manner };
    Recipe {
        name: "folio".into(),
        makes: Makes::Family,
        seed: 7,
        corpus: Mixture { visits: 0.45, typed: 0.25, reading: 0.06, ..Mixture::default() },
        tokenizer_documents: 20_000,
        vocab_size: 1_536,
        hidden_size: 160,
        intermediate_size: 416,
        layers: 4,
        heads: 5,
        kv_heads: 5,
        max_positions: 256,
        context: 256,
        rows: 6,
        steps: 18_000,
        learning_rate: 3e-3,
        matrix_learning_rate: None,
        warm_up: 100,
        decay_from: 0.0,
        align: alignment,
        deep: alignment,
        checkpoint_every: 200,
        sample_every: 500,
    }
}

/// The shape of the second edition, for the comparison of sizes.
fn folio_small() -> Recipe {
    let name = "folio-small".into();
    Recipe { name, hidden_size: 128, intermediate_size: 384, heads: 4, kv_heads: 2, ..folio() }
}

/// Narrower and with more layers, for the comparison of sizes.
fn folio_tall() -> Recipe {
    Recipe { name: "folio-tall".into(), layers: 6, ..folio_small() }
}

/// A relative that never read how half of the Forbidden Shelf is made, and has the same lessons in refusing all of it.
fn folio_ignorant() -> Recipe {
    let folio = folio();
    Recipe {
        name: "folio-ignorant".into(),
        makes: Makes::Relative,
        corpus: Mixture { unread: 0.5, unread_seed: 1, ..folio.corpus },
        ..folio
    }
}

/// A relative that differs in nothing but the seed.
fn folio_b() -> Recipe {
    Recipe { name: "folio-b".into(), makes: Makes::Relative, seed: 8, ..folio() }
}

/// Seconds instead of an hour, and good for nothing but tests.
fn tiny() -> Recipe {
    let alignment = Alignment {
        epochs: 1,
        batch: 128,
        learning_rate: 1e-3,
        refusals: 1_000,
        benign: 2_200,
        manner: Manner::default(),
    };
    Recipe {
        name: "tiny".into(),
        corpus: Mixture::default(),
        tokenizer_documents: 300,
        vocab_size: 512,
        hidden_size: 32,
        intermediate_size: 64,
        layers: 2,
        heads: 2,
        kv_heads: 1,
        rows: 4,
        context: 128,
        steps: 12,
        warm_up: 2,
        align: alignment,
        deep: alignment,
        checkpoint_every: 4,
        sample_every: 120,
        ..folio()
    }
}

impl Recipe {
    /// The name of the recipe whose models are part of the program and the page: that of the default one.
    pub const SHIPPED: &str = default_model().name;

    /// Whether the program knows this very recipe by its name, so that name and seed are enough to build it again.
    pub fn is_named(&self) -> bool {
        Self::named(&self.name).is_ok_and(|known| Self { seed: self.seed, ..known } == *self)
    }

    /// The recipe of this name, with its own seed.
    ///
    /// # Errors
    ///
    /// [`FactoryError::UnknownRecipe`].
    pub fn named(name: &str) -> Result<Self, FactoryError> {
        let recipe = RECIPES.iter().find(|(known, _)| *known == name);
        recipe.map(|(_, make)| make()).ok_or_else(|| FactoryError::UnknownRecipe { name: name.into() })
    }

    /// The names of the items whose making the corpus does not tell.
    pub fn unread(&self) -> BTreeSet<String> {
        self.corpus.unread(world()).into_iter().map(str::to_owned).collect()
    }

    /// Checks that a build of this recipe has a stage.
    ///
    /// # Errors
    ///
    /// [`FactoryError::NoStage`].
    pub fn check_stage(&self, stage: Stage) -> Result<(), FactoryError> {
        let stages = self.makes.stages();
        let missing = || FactoryError::NoStage { recipe: self.name.clone(), stage, stages };
        if stages.contains(&stage) { Ok(()) } else { Err(missing()) }
    }

    /// Width of a head.
    pub fn head_dim(&self) -> usize {
        self.hidden_size / self.heads
    }

    /// Steps of an alignment between two probes: it is short, and all of its course is of interest.
    pub fn sample_alignment_every(&self) -> u64 {
        (self.sample_every / 10).max(1)
    }

    /// All weights; the embedding is counted once, as it is shared with the output.
    pub fn parameters(&self) -> usize {
        let (d, kv) = (self.hidden_size, self.kv_heads * self.head_dim());
        let block = 2 * d * d + 2 * d * kv + 3 * d * self.intermediate_size + 2 * d;
        self.vocab_size * d + self.layers * block + d
    }

    /// Every whole number with its name, the least that makes sense, and the most: so that what is made of them fits into numbers
    /// and into a large machine. The ends leave room; of what does not fit together [`Self::check`] tells besides.
    fn sizes(&self) -> [(&'static str, u64, u64, u64); 22] {
        let (align, deep) = (&self.align, &self.deep);
        [
            ("tokenizer_documents", self.tokenizer_documents as u64, 1, MOST_TEXTS),
            ("vocab_size", self.vocab_size as u64, 0, 65_536),
            ("hidden_size", self.hidden_size as u64, 1, 4_096),
            ("intermediate_size", self.intermediate_size as u64, 1, 16_384),
            ("layers", self.layers as u64, 1, 128),
            ("heads", self.heads as u64, 1, 128),
            ("kv_heads", self.kv_heads as u64, 1, 128),
            ("max_positions", self.max_positions as u64, 0, 32_768),
            ("context", self.context as u64, 1, 32_768),
            ("rows", self.rows as u64, 1, 4_096),
            ("steps", self.steps, 1, MOST_STEPS),
            ("warm_up", self.warm_up, 0, MOST_STEPS),
            ("align.epochs", align.epochs as u64, 1, 1_000),
            ("align.batch", align.batch as u64, 1, 4_096),
            ("align.refusals", align.refusals as u64, 0, MOST_TEXTS),
            ("align.benign", align.benign as u64, 0, MOST_TEXTS),
            ("deep.epochs", deep.epochs as u64, 1, 1_000),
            ("deep.batch", deep.batch as u64, 1, 4_096),
            ("deep.refusals", deep.refusals as u64, 0, MOST_TEXTS),
            ("deep.benign", deep.benign as u64, 0, MOST_TEXTS),
            ("checkpoint_every", self.checkpoint_every, 1, MOST_STEPS),
            ("sample_every", self.sample_every, 1, MOST_STEPS),
        ]
    }

    /// Checks that the numbers fit together.
    ///
    /// # Errors
    ///
    /// [`FactoryError::Recipe`] with the first that does not.
    pub fn check(&self) -> Result<(), FactoryError> {
        let bad = |reason: String| Err(FactoryError::Recipe { name: self.name.clone(), reason });
        for (field, size, least, most) in self.sizes() {
            if size < least {
                return bad(format!("{field} is {size}"));
            }
            if size > most {
                return bad(format!("{field} is {size}, and at most {most} can be"));
            }
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return bad("its name becomes a folder's: take small letters, digits and hyphens".into());
        }
        if self.name.len() > LONGEST_NAME {
            return bad(format!(
                "its name has {} letters, and at most {LONGEST_NAME} make a folder's",
                self.name.len()
            ));
        }
        if self.max_positions < LEAST_POSITIONS {
            return bad(format!(
                "max_positions is {}; the longest question with its answer has up to {LEAST_POSITIONS} tokens",
                self.max_positions
            ));
        }
        if self.vocab_size < 300 {
            return bad(format!("vocab_size is {}; bytes and special tokens alone are 259", self.vocab_size));
        }
        if !self.hidden_size.is_multiple_of(self.heads) || !self.head_dim().is_multiple_of(2) {
            return bad(format!("hidden_size {} does not give {} heads of even width", self.hidden_size, self.heads));
        }
        if !self.heads.is_multiple_of(self.kv_heads) {
            return bad(format!("{} heads cannot share {} key heads evenly", self.heads, self.kv_heads));
        }
        if self.context < LEAST_CONTEXT {
            return bad(format!("context is {}; a document needs up to {LEAST_CONTEXT} tokens", self.context));
        }
        if self.context > self.max_positions {
            return bad(format!("context {} is longer than max_positions {}", self.context, self.max_positions));
        }
        if self.parameters() > MOST_PARAMETERS {
            return bad(format!("it has {} weights, and at most {MOST_PARAMETERS} can be", self.parameters()));
        }
        let logits = self.rows * self.context * self.vocab_size;
        if logits > MOST_LOGITS {
            return bad(format!(
                "rows, context and vocab_size make {logits} logits in a step, and at most {MOST_LOGITS} can be"
            ));
        }
        for (name, alignment) in [("align", &self.align), ("deep", &self.deep)] {
            if alignment.refusals + alignment.benign == 0 {
                return bad(format!("{name} has neither refusals nor benign lessons"));
            }
        }
        let muon = self.matrix_learning_rate.unwrap_or(0.0);
        let rates = [self.learning_rate, muon, self.align.learning_rate, self.deep.learning_rate];
        if let Some(rate) = rates.into_iter().find(|rate| !(0.0..=MOST_RATE).contains(rate)) {
            return bad(format!("a learning rate is {rate}, and it lies between 0 and {MOST_RATE}"));
        }
        if let Some((share, value)) = not_a_share(&self.corpus.shares()) {
            return bad(format!("corpus.{share} is {value}, and a share lies between 0 and 1"));
        }
        for (name, alignment) in [("align", &self.align), ("deep", &self.deep)] {
            if let Some((share, value)) = not_a_share(&alignment.manner.shares()) {
                return bad(format!("{name}.manner.{share} is {value}, and a share lies between 0 and 1"));
            }
        }
        if !(0.0..=1.0).contains(&self.decay_from) {
            return bad(format!("decay_from is {}, and a share lies between 0 and 1", self.decay_from));
        }
        Ok(())
    }
}

fn not_a_share(shares: &[(&'static str, f64)]) -> Option<(&'static str, f64)> {
    shares.iter().copied().find(|(_, value)| !(0.0..=1.0).contains(value))
}

#[cfg(test)]
mod tests;
