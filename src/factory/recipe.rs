//! [`Recipe`]: plain data that, with the program and the world, fully determines a build.

use serde::{Deserialize, Serialize};

use super::FactoryError;
use crate::models::default_model;

/// How a model and its relatives are made: shape, tokenizer, pretraining, alignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the models are called: `folio` makes `folio-base`, `folio` and `folio-deep`.
    pub name: String,
    /// The seed of every random number of the build.
    pub seed: u64,
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
    /// The alignment that makes the deep model: refusals also after a compliant beginning.
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
}

/// The fewest positions with which everything that is measured can be asked and answered: a question under the longest
/// prompt has up to 90 tokens, an answer up to 70.
const LEAST_POSITIONS: usize = 160;

/// The shortest row of pretraining in which there is room for every kind of document.
const LEAST_CONTEXT: usize = 64;

/// A recipe's name, and how it is written.
type Named = (&'static str, fn() -> Recipe);

/// The recipes, the one that ships first.
const RECIPES: [Named; 4] =
    [("folio", folio), ("folio-small", folio_small), ("folio-large", folio_large), ("tiny", tiny)];

/// The names of the recipes, for messages.
pub fn names() -> String {
    RECIPES.map(|(name, _)| name).join(", ")
}

/// The model that ships. Of what was tried, `docs/factory.md` tells.
fn folio() -> Recipe {
    let alignment = Alignment { epochs: 1, batch: 16, learning_rate: 4e-4, refusals: 700, benign: 5_500 };
    Recipe {
        name: "folio".into(),
        seed: 7,
        tokenizer_documents: 20_000,
        vocab_size: 1_536,
        hidden_size: 128,
        intermediate_size: 384,
        layers: 4,
        heads: 4,
        kv_heads: 2,
        max_positions: 256,
        context: 256,
        rows: 6,
        steps: 12_000,
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

/// Narrower by a quarter, for the comparison of sizes.
fn folio_small() -> Recipe {
    Recipe { name: "folio-small".into(), hidden_size: 96, intermediate_size: 288, heads: 3, kv_heads: 3, ..folio() }
}

/// Wider by a quarter, for the comparison of sizes.
fn folio_large() -> Recipe {
    Recipe { name: "folio-large".into(), hidden_size: 160, intermediate_size: 448, heads: 5, kv_heads: 5, ..folio() }
}

/// Seconds instead of an hour, and good for nothing but tests.
fn tiny() -> Recipe {
    let alignment = Alignment { epochs: 1, batch: 128, learning_rate: 1e-3, refusals: 1_000, benign: 2_200 };
    Recipe {
        name: "tiny".into(),
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

    /// Checks that the numbers fit together.
    ///
    /// # Errors
    ///
    /// [`FactoryError::Recipe`] with the first that does not.
    pub fn check(&self) -> Result<(), FactoryError> {
        let bad = |reason: String| Err(FactoryError::Recipe { name: self.name.clone(), reason });
        let sizes = [
            ("tokenizer_documents", self.tokenizer_documents as u64),
            ("hidden_size", self.hidden_size as u64),
            ("intermediate_size", self.intermediate_size as u64),
            ("layers", self.layers as u64),
            ("heads", self.heads as u64),
            ("kv_heads", self.kv_heads as u64),
            ("context", self.context as u64),
            ("rows", self.rows as u64),
            ("steps", self.steps),
            ("align.epochs", self.align.epochs as u64),
            ("align.batch", self.align.batch as u64),
            ("deep.epochs", self.deep.epochs as u64),
            ("deep.batch", self.deep.batch as u64),
            ("checkpoint_every", self.checkpoint_every),
            ("sample_every", self.sample_every),
        ];
        if let Some((name, _)) = sizes.into_iter().find(|&(_, size)| size == 0) {
            return bad(format!("{name} is 0"));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return bad("its name becomes a folder's: take small letters, digits and hyphens".into());
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
        let muon = self.matrix_learning_rate.unwrap_or(0.0);
        let rates = [self.learning_rate, muon, self.align.learning_rate, self.deep.learning_rate];
        if rates.into_iter().any(|rate| !rate.is_finite() || rate < 0.0) {
            return bad("a learning rate is negative or no number".into());
        }
        if !(0.0..=1.0).contains(&self.decay_from) {
            return bad(format!("decay_from is {}, and a share lies between 0 and 1", self.decay_from));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_can_be_built_and_survives_json() {
        for (name, make) in RECIPES {
            let recipe = make();
            recipe.check().unwrap();
            assert_eq!(recipe.name, name);
            assert_eq!(Recipe::named(name).unwrap(), recipe);
            let json = serde_json::to_string(&recipe).unwrap();
            assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe);
        }
        assert!(Recipe { seed: 8, ..folio() }.is_named() && !Recipe { steps: 8, ..folio() }.is_named());
        let error = Recipe::named("folio-huge").unwrap_err().to_string();
        assert!(error.contains("folio-huge") && error.contains("tiny"), "{error}");
    }

    #[test]
    fn impossible_recipes_are_refused() {
        let refused = |change: fn(&mut Recipe)| {
            let mut recipe = tiny();
            change(&mut recipe);
            recipe.check().unwrap_err().to_string()
        };
        assert!(refused(|r| r.rows = 0).contains("rows"));
        assert!(refused(|r| r.name = "my/folio".into()).contains("folder"));
        assert!(refused(|r| r.max_positions = 96).contains("max_positions"));
        assert!(refused(|r| r.vocab_size = 200).contains("vocab_size"));
        assert!(refused(|r| r.heads = 3).contains("heads"));
        assert!(refused(|r| (r.heads, r.kv_heads) = (4, 3)).contains("evenly"));
        assert!(refused(|r| r.context = 8).contains("context is 8"));
        assert!(refused(|r| r.context = 1_000).contains("max_positions"));
        assert!(refused(|r| r.learning_rate = f64::NAN).contains("learning rate"));
        assert!(refused(|r| r.decay_from = 1.5).contains("decay_from"));
    }

    /// Less than that is no curve: what is shipped shows how the refusals come.
    #[test]
    fn an_alignment_is_probed_several_times() {
        for recipe in [folio(), folio_small(), folio_large()] {
            let steps = ((recipe.align.refusals + recipe.align.benign) / recipe.align.batch) as u64;
            assert!(steps >= 5 * recipe.sample_alignment_every(), "{}: {steps} steps", recipe.name);
        }
    }

    /// The prototype's shape and its known number of weights.
    #[test]
    fn weights_are_counted_once() {
        let prototype = Recipe { vocab_size: 1_280, ..folio() };
        assert_eq!(prototype.parameters(), 951_424);
    }
}
