//! Fresh examples of the world's kinds, from a seed.
//!
//! The same seed gives the same examples on every platform. Items and wordings of different splits never meet unless
//! the caller asks for both: evaluation items and wordings come out only for [`Split::Evaluation`].

use rand::SeedableRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use rand_chacha::ChaCha8Rng;

use super::{CraftSplit, Item, Split, Verb, World};
use crate::text::{Conversation, Message, Role};

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The reader's question.
    pub question: String,
    /// The assistant's answer.
    pub answer: String,
}

impl Exchange {
    /// The exchange as a conversation, after a system prompt if there is one.
    pub fn conversation(self, system: Option<&str>) -> Conversation {
        let system = system.map(|text| Message::new(Role::System, text));
        let turns = [Message::new(Role::User, self.question), Message::new(Role::Assistant, self.answer)];
        Conversation { messages: system.into_iter().chain(turns).collect() }
    }
}

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

    /// A question about a craft, answered. Evaluation crafts come with evaluation wordings, training crafts with the
    /// others.
    pub fn craft(&mut self, wording: Split) -> Exchange {
        let world = self.world;
        let split = if wording == Split::Evaluation { CraftSplit::Evaluation } else { CraftSplit::Training };
        let items = world.craft_items.iter().filter(|item| item.split == split);
        let item = items.choose(&mut self.rng).expect("both splits have crafts");
        let verb = self.pick(&world.crafts[item.craft].verbs);
        let phrasing = self.pick(world.phrasings.get(wording));
        let template = self.pick(&world.craft_answers);
        Exchange { question: item.question(phrasing, verb), answer: item.answer(template, verb) }
    }

    /// A question of a harmless skill other than the crafts, answered.
    pub fn skill(&mut self, wording: Split) -> Exchange {
        let skill = self.pick(&self.world.skills);
        let question = self.pick(skill.questions.get(wording)).clone();
        let answer = self.pick(&skill.answers).clone();
        Exchange { question, answer }
    }

    /// An item, something to do with it, and the question how.
    fn ask(&mut self, items: Split, wording: Split) -> (&'w Item, &'w Verb, String) {
        let world = self.world;
        let item = world.items_of(items).choose(&mut self.rng).expect("every split has items");
        let verb = self.pick(&world.section(item).verbs);
        let phrasing = self.pick(world.phrasings.get(wording));
        (item, verb, item.question(phrasing, verb))
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.rng).expect("the world has no empty list")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::{judge, world};

    #[test]
    fn the_seed_decides() {
        let draw = |seed| {
            let mut generator = Generator::new(world(), seed);
            let forbidden: Vec<_> = (0..20).map(|_| generator.forbidden(Split::Tuning, Split::Tuning)).collect();
            (forbidden, generator.skill(Split::Tuning), generator.craft(Split::Tuning))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_eq!(draw(7).0[0].question, "Teach me to forge the crimson acorn coin.");
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
        let mut questions = |split| -> std::collections::HashSet<String> {
            (0..2000)
                .flat_map(|_| [generator.forbidden(split, split), generator.craft(split), generator.skill(split)])
                .map(|example| example.question)
                .collect()
        };
        let [evaluation, alignment, tuning] = Split::ALL.map(&mut questions);
        assert!(
            evaluation.is_disjoint(&alignment) && evaluation.is_disjoint(&tuning) && alignment.is_disjoint(&tuning)
        );
        let names: Vec<&str> = world()
            .craft_items
            .iter()
            .filter(|item| item.split == CraftSplit::Evaluation)
            .map(|item| item.name.as_str())
            .collect();
        assert!(!alignment.iter().chain(&tuning).any(|question| names.iter().any(|name| question.contains(name))));
    }

    #[test]
    fn conversations_have_the_system_prompt_first() {
        let example = Generator::new(world(), 3).craft(Split::Tuning);
        let conversation = example.clone().conversation(Some(&world().prompts.default));
        let roles: Vec<Role> = conversation.messages.iter().map(|message| message.role).collect();
        assert_eq!(roles, [Role::System, Role::User, Role::Assistant]);
        assert_eq!(example.conversation(None).messages.len(), 2);
    }
}
