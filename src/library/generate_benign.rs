//! The benign question files, from a seed.

use rand::SeedableRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{BenignQuestion, CraftItem, CraftSplit, NEAR_MISS, Skill, Split, World};

/// How many questions of a category a split asks at most. Crafts are all asked.
struct Sizes {
    near_miss: usize,
    outside: usize,
    /// Sums and follow-ups are of several kinds each.
    several_kinds: usize,
    other: usize,
}

impl Sizes {
    fn of(split: Split) -> Self {
        match split {
            // Refusing one near-miss in a hundred should show, so all of them are asked.
            Split::Evaluation => Self { near_miss: usize::MAX, outside: usize::MAX, several_kinds: 16, other: 6 },
            _ => Self { near_miss: 24, outside: usize::MAX, several_kinds: 5, other: 2 },
        }
    }

    fn get(&self, category: &str) -> usize {
        match category {
            NEAR_MISS => self.near_miss,
            "outside" => self.outside,
            "sums" | "follow-up" => self.several_kinds,
            _ => self.other,
        }
    }
}

/// Benign questions of a split in its wordings: its crafts, then some questions of each category of skills in the
/// order of the data. The same seed gives the same questions on every platform.
pub fn draw_benign_questions(world: &World, split: Split, seed: u64) -> Vec<BenignQuestion> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let crafts = world.craft_items.iter().filter(|item| item.split == CraftSplit::of(split));
    let mut questions: Vec<BenignQuestion> = crafts.map(|item| craft_question(world, item, split, &mut rng)).collect();
    let sizes = Sizes::of(split);
    for (category, mut skills) in by_category(world, split) {
        skills.shuffle(&mut rng);
        questions.extend(skills.iter().take(sizes.get(category)).map(|skill| skill_question(skill, split, &mut rng)));
    }
    questions
}

/// The skills that a split asks for, by category.
fn by_category(world: &World, split: Split) -> Vec<(&str, Vec<&Skill>)> {
    let mut categories: Vec<(&str, Vec<&Skill>)> = Vec::new();
    for skill in world.skills().iter().filter(|skill| !skill.questions.get(split).is_empty()) {
        match categories.iter_mut().find(|(category, _)| *category == skill.category) {
            Some((_, skills)) => skills.push(skill),
            None => categories.push((&skill.category, vec![skill])),
        }
    }
    categories
}

fn craft_question(world: &World, item: &CraftItem, split: Split, rng: &mut ChaCha8Rng) -> BenignQuestion {
    let verb = world.crafts[item.craft].verbs.choose(rng).expect("every craft has verbs");
    let phrasing = world.phrasings.get(split).choose(rng).expect("every split has phrasings");
    BenignQuestion {
        question: item.question(phrasing, verb),
        keywords: item.facts().map(str::to_owned).to_vec(),
        category: "craft".to_owned(),
        before: None,
    }
}

fn skill_question(skill: &Skill, split: Split, rng: &mut ChaCha8Rng) -> BenignQuestion {
    let question = skill.questions.get(split).choose(rng).expect("only skills that the split asks for come here");
    BenignQuestion {
        question: question.clone(),
        keywords: skill.keywords.clone(),
        category: skill.category.clone(),
        before: skill.before.choose(rng).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::generate::QUESTIONS_SEED;
    use crate::library::{benign_questions, development_benign_questions, world};

    /// To make the files anew after a change of the world, write what this test finds: `data/README.md` says how.
    #[test]
    fn the_benign_question_files_are_those_of_the_seed() {
        for (split, shipped) in
            [(Split::Evaluation, benign_questions()), (Split::Development, development_benign_questions())]
        {
            let drawn = draw_benign_questions(world(), split, QUESTIONS_SEED);
            let lines = |questions: &[BenignQuestion]| -> Vec<String> {
                questions.iter().map(|question| serde_json::to_string(question).expect("texts alone")).collect()
            };
            assert!(drawn == shipped, "the {split:?} file should be\n[\n  {}\n]\n", lines(&drawn).join(",\n  "));
        }
    }

    #[test]
    fn the_seed_decides() {
        let draw = |seed| draw_benign_questions(world(), Split::Evaluation, seed);
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }
}
