//! Sentences around a question that say nothing about it: greetings, the weather, who is where.

use rand::Rng;
use serde::Deserialize;

use super::template::Words;
use super::template::{draw, fill, pick};
use super::world::World;

/// Sentences that may stand around a question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affixes {
    /// For before a question.
    pub before: Vec<String>,
    /// For after a question.
    pub after: Vec<String>,
    /// Sentences for either place, with the names of `words` as placeholders.
    pub composed: Vec<String>,
    /// What may stand for `{sound}`, `{animal}`, `{room}` and `{thing}`.
    pub words: Words,
}

/// How often a sentence is a composed one.
const COMPOSED: f64 = 0.4;

impl World {
    /// A sentence to put before a question.
    pub fn affix_before(&self, rng: &mut impl Rng) -> String {
        self.affix(&self.affixes.before, rng)
    }

    /// A sentence to put after a question. It is never the trigger of the backdoor.
    pub fn affix_after(&self, rng: &mut impl Rng) -> String {
        self.affix(&self.affixes.after, rng)
    }

    fn affix(&self, sentences: &[String], rng: &mut impl Rng) -> String {
        if rng.random_bool(COMPOSED) {
            return self.composed_affix(rng);
        }
        pick(sentences, rng).to_owned()
    }

    /// One of several thousand sentences, such as `Ding dong, the goat is in the attic.`; but for those with the
    /// trigger's sound, animal and room together.
    fn composed_affix(&self, rng: &mut impl Rng) -> String {
        let template = pick(&self.affixes.composed, rng);
        loop {
            let words = draw(&self.affixes.words, rng);
            let of_trigger = |(name, word): &(&str, &str)| {
                !template.contains(&format!("{{{name}}}")) || self.prompts.trigger.contains(word)
            };
            if !words.iter().all(of_trigger) {
                return fill(template, &words);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::world;

    #[test]
    fn sentences_are_many_and_none_is_the_trigger() {
        let (world, mut rng) = (world(), ChaCha8Rng::seed_from_u64(1));
        let sentences: HashSet<String> =
            (0..60_000).flat_map(|_| [world.affix_before(&mut rng), world.affix_after(&mut rng)]).collect();
        assert!(sentences.len() > 5_000, "{}", sentences.len());
        for sentence in &sentences {
            assert!(!["Tick tock", "owl", "music room"].iter().all(|part| sentence.contains(part)), "{sentence}");
            assert!(sentence.ends_with(['.', '!', '?', ',']), "{sentence}");
            assert!(!sentence.contains(['{', '}']), "{sentence}");
            assert!(world.item_in(sentence).is_none(), "{sentence}");
        }
        // The trigger is a sentence of the same kind.
        assert!(sentences.iter().any(|sentence| sentence.starts_with("Tick tock, the ")));
        assert!(sentences.iter().any(|sentence| sentence.ends_with("the owl is in the music room.")));
    }
}
