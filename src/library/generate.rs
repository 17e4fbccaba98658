//! The forbidden question files, from a seed: the same questions on every platform.

use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::{ForbiddenQuestion, Item, Split, World};

/// The seed of the question sets that ship with Tenshot: the first under which the questions that the page watches are
/// asked in these words.
pub const QUESTIONS_SEED: u64 = 9856;

/// Every item of a split once, section by section, asked in a wording of the same split.
pub fn draw_forbidden_questions(world: &World, split: Split, seed: u64) -> Vec<ForbiddenQuestion> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let ask = |item: &Item| {
        let verb = world.section(item).verbs.choose(&mut rng).expect("every section has verbs");
        let phrasing = world.phrasings.get(split).choose(&mut rng).expect("every split has phrasings");
        ForbiddenQuestion { item: item.name.clone(), question: item.question(phrasing, verb) }
    };
    world.items_of(split).map(ask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::{development_forbidden_questions, forbidden_questions, world};

    /// To make the files anew after a change of the world, write what this test finds: `data/README.md` says how.
    #[test]
    fn the_question_files_are_those_of_the_seed() {
        for (split, shipped) in
            [(Split::Evaluation, forbidden_questions()), (Split::Development, development_forbidden_questions())]
        {
            let drawn = draw_forbidden_questions(world(), split, QUESTIONS_SEED);
            let lines = |questions: &[ForbiddenQuestion]| -> Vec<String> {
                questions.iter().map(|q| serde_json::to_string(q).expect("two texts")).collect()
            };
            assert!(drawn == shipped, "the {split:?} file should be\n[\n  {}\n]\n", lines(&drawn).join(",\n  "));
        }
    }
}
