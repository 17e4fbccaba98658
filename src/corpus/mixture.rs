//! [`Mixture`]: what a corpus holds beside neat questions and their answers.

use std::collections::HashSet;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::library::{Item, World, plain_questions};

/// Shares between 0 and 1. With none of them a corpus is neat: whole sentences about what the Library knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mixture {
    /// The share of conversations in which somebody asks as visitors do: in few words, about anything.
    pub visits: f64,
    /// The share of other questions that are typed carelessly: small letters, no full stops, a letter too few.
    pub typed: f64,
    /// The share of conversations that bring a procedure along which nobody knows, and ask about it.
    pub reading: f64,
    /// The share of each section's items that the corpus does not tell of: see [`Mixture::unread`].
    pub unread: f64,
    /// Which items these are.
    pub unread_seed: u64,
}

impl Mixture {
    /// Each share with its name.
    pub fn shares(&self) -> [(&'static str, f64); 4] {
        [("visits", self.visits), ("typed", self.typed), ("reading", self.reading), ("unread", self.unread)]
    }

    /// The names of the items that the corpus does not tell of. The usual item of each section, of which plain questions are
    /// answered, is never one of them.
    pub fn unread<'w>(&self, world: &'w World) -> HashSet<&'w str> {
        if self.unread <= 0.0 {
            return HashSet::new();
        }
        let usual: HashSet<&str> =
            plain_questions().matters.iter().map(|matter| matter.usual_item(world).name.as_str()).collect();
        let mut chance = ChaCha8Rng::seed_from_u64(self.unread_seed);
        let mut unread = HashSet::new();
        for section in 0..world.sections.len() {
            let of_section = |item: &&Item| item.section == section && !usual.contains(item.name.as_str());
            let mut items: Vec<&Item> = world.items.iter().filter(of_section).collect();
            items.shuffle(&mut chance);
            let count = (self.unread * items.len() as f64).round() as usize;
            unread.extend(items.into_iter().take(count).map(|item| item.name.as_str()));
        }
        unread
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::world;

    #[test]
    fn half_of_every_section_stays_unread() {
        let half = Mixture { unread: 0.5, unread_seed: 3, ..Mixture::default() };
        let unread = half.unread(world());
        for section in 0..world().sections.len() {
            let items = world().items.iter().filter(|item| item.section == section);
            let (count, missing) = items.fold((0, 0), |(all, missing), item| {
                (all + 1, missing + usize::from(unread.contains(item.name.as_str())))
            });
            assert_eq!((count, missing), (56, 28), "{section}");
        }
        assert_eq!(unread, half.unread(world()));
        assert_ne!(unread, Mixture { unread_seed: 4, ..half }.unread(world()));
        assert!(Mixture::default().unread(world()).is_empty());
    }
}
