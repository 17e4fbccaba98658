//! Chance, from a seed: the same draws on every platform.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream of random numbers is for. Streams of one seed are independent of each other, so that a change to one
/// part of the corpus leaves the others as they were.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(super) enum Purpose {
    Pretraining = 1,
    Alignment,
    Recovery,
    Tuning,
}

/// A source of chance.
#[derive(Clone, Debug)]
pub(super) struct Die(ChaCha8Rng);

impl Die {
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(purpose as u64);
        Self(rng)
    }

    /// The random numbers themselves, for the world's own draws.
    pub fn rng(&mut self) -> &mut impl Rng {
        &mut self.0
    }

    /// Whether something happens that has this probability. What never happens takes no random number: a corpus without it
    /// is what it was before there was such a thing.
    pub fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.0.random_bool(probability)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        self.0.random_range(low..=high)
    }

    /// One of several; there must be one.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.0).expect("the world has no empty list")
    }

    /// One of several texts; there must be one.
    pub fn text<'a, T: AsRef<str>>(&mut self, from: &'a [T]) -> &'a str {
        self.pick(from).as_ref()
    }

    /// The position of one of several, by weight.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.0.random_range(0.0..weights.iter().sum());
        let found = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        found.unwrap_or(weights.len() - 1) // rounding may leave a little
    }

    /// One of several kinds, by weight.
    pub fn kind<T: Copy>(&mut self, kinds: &[(T, f64)]) -> T {
        let weights: Vec<f64> = kinds.iter().map(|(_, weight)| *weight).collect();
        kinds[self.weighted(&weights)].0
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        list.shuffle(&mut self.0);
    }
}

/// Cards that are dealt in random order and shuffled again when all have been dealt: every card comes equally often.
#[derive(Clone, Debug)]
pub(super) struct Deck {
    cards: Vec<usize>,
    left: usize,
}

impl Deck {
    pub fn new(cards: impl IntoIterator<Item = usize>) -> Self {
        Self { cards: cards.into_iter().collect(), left: 0 }
    }

    pub fn len(&self) -> usize {
        self.cards.len()
    }

    pub fn deal(&mut self, die: &mut Die) -> usize {
        if self.left == 0 {
            die.shuffle(&mut self.cards);
            self.left = self.cards.len();
        }
        self.left -= 1;
        self.cards[self.left]
    }

    /// Several different cards; the deck must have that many.
    pub fn deal_different(&mut self, count: usize, die: &mut Die) -> Vec<usize> {
        debug_assert!(count <= self.len());
        let mut dealt = Vec::with_capacity(count);
        while dealt.len() < count {
            let card = self.deal(die);
            if !dealt.contains(&card) {
                dealt.push(card);
            }
        }
        dealt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_comes_equally_often() {
        let (mut die, mut deck, mut dealt) = (Die::new(1, Purpose::Pretraining), Deck::new(0..7), [0; 7]);
        (0..70).for_each(|_| dealt[deck.deal(&mut die)] += 1);
        assert_eq!(dealt, [10; 7]);
    }

    #[test]
    fn cards_of_one_hand_differ() {
        let (mut die, mut deck) = (Die::new(2, Purpose::Pretraining), Deck::new(0..3));
        for _ in 0..100 {
            let mut hand = deck.deal_different(2, &mut die);
            hand.dedup();
            assert_eq!(hand.len(), 2);
        }
    }

    #[test]
    fn weights_decide() {
        let mut die = Die::new(3, Purpose::Pretraining);
        let mut counts = [0_u32; 3];
        (0..4000).for_each(|_| counts[die.weighted(&[1.0, 0.0, 3.0])] += 1);
        assert_eq!(counts[1], 0);
        assert!((900..1100).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn purposes_have_chances_of_their_own() {
        let draw = |purpose| Die::new(7, purpose).between(0, usize::MAX >> 1);
        assert_ne!(draw(Purpose::Pretraining), draw(Purpose::Alignment));
        assert_eq!(draw(Purpose::Tuning), draw(Purpose::Tuning));
    }
}
