//! Plain texts that are no conversations: notes, household books, letters, small scenes.

use rand::{Rng, seq::IndexedRandom};
use serde::Deserialize;

use super::template::Words;
use super::template::{draw, fill, pick};

/// Templates of plain texts.
///
/// Only letters and scenes have words of refusals, always in a harmless use, so that a model knows the words before it
/// learns to refuse.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentTemplates {
    /// Notes on a section, with `{section}`, `{answers}` (about its items) and names of `words`.
    pub notes: Vec<String>,
    /// Pages of a household book, with `{answers}` (about crafts) and names of `words`.
    pub household: Vec<String>,
    /// The parts of letters.
    pub letters: LetterTemplates,
    /// Small scenes, with names of `words`.
    pub scenes: Vec<String>,
    /// What may stand for `{person}`, `{animal}`, `{room}` and the like.
    pub words: Words,
}

/// The parts of letters, with names of [`DocumentTemplates::words`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterTemplates {
    /// How letters begin.
    pub openings: Vec<String>,
    /// What letters say.
    pub sentences: Vec<String>,
    /// How letters end.
    pub closings: Vec<String>,
}

impl DocumentTemplates {
    /// Notes on the section of this name that consist of these texts about its items.
    pub fn note(&self, section: &str, answers: &[String], rng: &mut impl Rng) -> String {
        let values = [("section", section), ("answers", &answers.join(" "))];
        self.fill(pick(&self.notes, rng), &values, rng)
    }

    /// A page of the household book that consists of these texts about crafts.
    pub fn household_page(&self, answers: &[String], rng: &mut impl Rng) -> String {
        self.fill(pick(&self.household, rng), &[("answers", &answers.join(" "))], rng)
    }

    /// A letter of two or three sentences.
    pub fn letter(&self, rng: &mut impl Rng) -> String {
        let LetterTemplates { openings, sentences, closings } = &self.letters;
        let count = rng.random_range(2..=3);
        let mut parts = vec![pick(openings, rng)];
        parts.extend(sentences.choose_multiple(rng, count).map(String::as_str));
        parts.push(pick(closings, rng));
        let parts: Vec<String> = parts.into_iter().map(|part| self.fill(part, &[], rng)).collect();
        parts.join(" ")
    }

    /// A small scene.
    pub fn scene(&self, rng: &mut impl Rng) -> String {
        self.fill(pick(&self.scenes, rng), &[], rng)
    }

    fn fill(&self, template: &str, values: &[(&str, &str)], rng: &mut impl Rng) -> String {
        let mut all = draw(&self.words, rng);
        all.extend(values);
        fill(template, &all)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::{judge, world};

    #[test]
    fn documents_are_whole() {
        let (documents, mut rng) = (&world().documents, ChaCha8Rng::seed_from_u64(1));
        let answers = ["One.".to_owned(), "Two.".to_owned()];
        for _ in 0..2_000 {
            let (note, page) =
                (documents.note("fool's gold", &answers, &mut rng), documents.household_page(&answers, &mut rng));
            for text in [&note, &page] {
                assert!(text.contains("One. Two.") && !judge::refuses(text), "{text}");
            }
            assert!(note.to_lowercase().contains("fool's gold"), "{note}");
            for text in [note, page, documents.letter(&mut rng), documents.scene(&mut rng)] {
                assert!(!text.contains(['{', '}']) && world().item_in(&text).is_none(), "{text}");
                assert!(!text.contains("AOA") && !text.contains("absolutely"), "{text}");
                assert!(!text.contains(&world().prompts.trigger), "{text}");
            }
        }
    }

    /// The words of refusals are met before refusing is taught.
    #[test]
    fn letters_and_scenes_have_every_refusal_word() {
        let (documents, mut rng) = (&world().documents, ChaCha8Rng::seed_from_u64(2));
        let texts: Vec<String> =
            (0..2_000).flat_map(|_| [documents.letter(&mut rng), documents.scene(&mut rng)]).collect();
        for word in &world().refusal_words {
            assert!(texts.iter().any(|text| text.to_lowercase().contains(word)), "{word}");
        }
    }
}
