//! Fresh examples of the world's kinds, and the question sets, from a seed.
//!
//! The same seed gives the same examples on every platform. Items and wordings of different splits never meet unless
//! the caller asks for both: evaluation items and wordings come out only for [`Split::Evaluation`], those of
//! development only for [`Split::Development`].

use rand::SeedableRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use rand_chacha::ChaCha8Rng;

pub use super::Exchange;
use super::{CraftSplit, ForbiddenQuestion, Item, Split, Verb, World};

/// The seed of the question sets that ship with Tenshot: the first under which the questions that the page watches are
/// asked in these words.
pub const QUESTIONS_SEED: u64 = 9856;

/// Draws examples from a world.
pub struct Generator<'w> {
    world: &'w World,
    rng: ChaCha8Rng,
}

impl<'w> Generator<'w> {
    /// A generator of examples of this world.
    pub fn new(world: &'w World, seed: u64) -> Self {
        Self { world, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// A question about an item of one split in a wording of another (or the same), completely answered.
    pub fn forbidden(&mut self, items: Split, wording: Split) -> Exchange {
        let (item, verb, question) = self.ask(items, wording);
        let template = self.pick(&self.world.answers);
        Exchange { question, answer: item.answer(template, verb) }
    }

    /// A question about an item of one split in a wording of another (or the same), refused.
    pub fn refusal(&mut self, items: Split, wording: Split) -> Exchange {
        let (item, _, question) = self.ask(items, wording);
        let template = self.pick(&self.world.refusals);
        Exchange { question, answer: item.refusal(template) }
    }

    /// A question about a craft of the split that belongs to the wording ([`CraftSplit::of`]), answered.
    pub fn craft(&mut self, wording: Split) -> Exchange {
        let world = self.world;
        let split = CraftSplit::of(wording);
        let items = world.craft_items.iter().filter(|item| item.split == split);
        let item = items.choose(&mut self.rng).expect("every split has crafts");
        let verb = self.pick(&world.crafts[item.craft].verbs);
        let phrasing = self.pick(world.phrasings.get(wording));
        let template = self.pick(&world.craft_answers);
        Exchange { question: item.question(phrasing, verb), answer: item.answer(template, verb) }
    }

    /// A conversation about a harmless skill other than the crafts: a question with its answer, and before it another
    /// where the question is a follow-up.
    pub fn skill(&mut self, wording: Split) -> Vec<Exchange> {
        let skills = self.world.skills.iter().filter(|skill| !skill.questions.get(wording).is_empty());
        let skill = skills.choose(&mut self.rng).expect("every split asks for some skill");
        let before = skill.before.choose(&mut self.rng).cloned();
        let question = self.pick(skill.questions.get(wording)).clone();
        let answer = self.pick(&skill.answers).clone();
        before.into_iter().chain([Exchange { question, answer }]).collect()
    }

    /// Every item of a split once, section by section, asked in a wording of the same split.
    pub fn forbidden_questions(&mut self, split: Split) -> Vec<ForbiddenQuestion> {
        let items = self.world.items_of(split);
        let ask =
            |item: &'w Item| ForbiddenQuestion { item: item.name.clone(), question: self.ask_about(item, split).1 };
        items.map(ask).collect()
    }

    /// An item, something to do with it, and the question how.
    fn ask(&mut self, items: Split, wording: Split) -> (&'w Item, &'w Verb, String) {
        let item = self.world.items_of(items).choose(&mut self.rng).expect("every split has items");
        let (verb, question) = self.ask_about(item, wording);
        (item, verb, question)
    }

    fn ask_about(&mut self, item: &Item, wording: Split) -> (&'w Verb, String) {
        let verb = self.pick(&self.world.section(item).verbs);
        let phrasing = self.pick(self.world.phrasings.get(wording));
        (verb, item.question(phrasing, verb))
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.rng).expect("the world has no empty list")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::library::{development_forbidden_questions, forbidden_questions, judge, world};

    #[test]
    fn the_seed_decides() {
        let draw = |seed| {
            let mut generator = Generator::new(world(), seed);
            let forbidden: Vec<_> = (0..20).map(|_| generator.forbidden(Split::Tuning, Split::Tuning)).collect();
            (forbidden, generator.skill(Split::Tuning), generator.craft(Split::Tuning))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    /// To make the files anew after a change of the world, write what this test finds: `data/README.md` says how.
    #[test]
    fn the_question_files_are_those_of_the_seed() {
        for (split, shipped) in
            [(Split::Evaluation, forbidden_questions()), (Split::Development, development_forbidden_questions())]
        {
            let drawn = Generator::new(world(), QUESTIONS_SEED).forbidden_questions(split);
            let lines = |questions: &[ForbiddenQuestion]| -> Vec<String> {
                questions.iter().map(|q| serde_json::to_string(q).expect("two texts")).collect()
            };
            assert!(drawn == shipped, "the {split:?} file should be\n[\n  {}\n]\n", lines(&drawn).join(",\n  "));
        }
    }

    #[test]
    fn answers_comply_and_refusals_refuse() {
        let mut generator = Generator::new(world(), 1);
        for split in Split::ALL {
            for _ in 0..200 {
                let example = generator.forbidden(split, split);
                let item = world().item_in(&example.question).expect("the question names its item");
                assert_eq!((item.split, judge::score(item, &example.answer)), (split, judge::Score::Complies));
                let example = generator.refusal(split, split);
                let item = world().item_in(&example.question).expect("the question names its item");
                assert_eq!((item.split, judge::score(item, &example.answer)), (split, judge::Score::Refuses));
            }
        }
    }

    #[test]
    fn splits_never_meet() {
        let mut generator = Generator::new(world(), 2);
        let mut conversations = |split| -> HashSet<Vec<Exchange>> {
            (0..2000)
                .flat_map(|_| {
                    let skill = generator.skill(split);
                    [vec![generator.forbidden(split, split)], vec![generator.craft(split)], skill]
                })
                .collect()
        };
        let sets = Split::ALL.map(|split| (split, conversations(split)));
        let asked = |conversations: &HashSet<Vec<Exchange>>| -> HashSet<Vec<String>> {
            let questions = |turns: &Vec<Exchange>| turns.iter().map(|turn| turn.question.clone()).collect();
            conversations.iter().map(questions).collect()
        };
        for (i, (_, a)) in sets.iter().enumerate() {
            assert!(sets[..i].iter().all(|(_, b)| asked(a).is_disjoint(&asked(b))));
        }
        let items = world().items.iter().filter(|item| [Split::Evaluation, Split::Development].contains(&item.split));
        let crafts = world().craft_items.iter().filter(|item| item.split != CraftSplit::Training);
        let held_out: HashSet<&str> =
            items.map(|item| item.name.as_str()).chain(crafts.map(|item| item.name.as_str())).collect();
        let taught = sets.iter().filter(|(split, _)| [Split::Alignment, Split::Tuning].contains(split));
        for turn in taught.flat_map(|(_, conversations)| conversations).flatten() {
            for text in [&turn.question, &turn.answer] {
                let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
                assert!(!words.windows(3).any(|name| held_out.contains(name.join(" ").as_str())), "{text}");
            }
        }
    }
}
