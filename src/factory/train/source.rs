//! Where the batches come from. Each depends on the seed and the number of its step alone, so that a training which was
//! stopped goes on with the very batches that it would have seen.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Rows;
use super::tokenizer::SPECIAL_TOKENS;
use crate::corpus::{Content, Documents, Lesson};
use crate::factory::FactoryError;
use crate::library::World;
use crate::text::{Example, TextCodec, TextError};

/// The batches of a training.
pub trait Source {
    /// The batch of a step, counted from 0.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if a text cannot be encoded.
    fn rows(&self, step: u64) -> Result<Rows, FactoryError>;
}

/// How many documents in a row may fail to fit before a batch counts as full.
const PATIENCE: usize = 24;

/// The pretraining stream: fresh documents in every step.
///
/// Of a conversation the answers are learned, of a plain document every token.
pub struct Stream<'a> {
    /// The world that the documents tell of.
    pub world: &'a World,
    /// Encodes them.
    pub codec: &'a TextCodec,
    /// The seed of the whole stream.
    pub seed: u64,
    /// Rows of a batch.
    pub rows: usize,
    /// Tokens of a row.
    pub context: usize,
}

impl Source for Stream<'_> {
    fn rows(&self, step: u64) -> Result<Rows, FactoryError> {
        let mut rows = Rows::new(self.rows, self.context);
        let mut failed = 0;
        for document in Documents::new(self.world, mix(self.seed, step)) {
            let placed = rows.place(encode(&document.content, self.codec)?);
            failed = if placed { 0 } else { failed + 1 };
            if failed == PATIENCE {
                break;
            }
        }
        Ok(rows)
    }
}

/// The tokens of a document: a plain text ends with the end token and is learned from its first token on.
fn encode(content: &Content, codec: &TextCodec) -> Result<Example, TextError> {
    match content {
        Content::Chat(conversation) => codec.example(conversation),
        Content::Prose(text) => {
            let ids = codec.encode(&format!("{text}{}", SPECIAL_TOKENS[0]))?;
            Ok(Example { answer: vec![true; ids.len()], ids })
        }
    }
}

/// Lessons: the same ones in every epoch, in another order.
pub struct Lessons {
    examples: Vec<Example>,
    batch: usize,
    context: usize,
    seed: u64,
}

impl Lessons {
    /// Encodes lessons; `batch` of them make a step, in rows of `context` tokens.
    ///
    /// # Errors
    ///
    /// [`TextError`] if one cannot be encoded.
    pub fn new(
        lessons: &[Lesson],
        codec: &TextCodec,
        batch: usize,
        context: usize,
        seed: u64,
    ) -> Result<Self, TextError> {
        let examples = lessons.iter().map(|lesson| example(lesson, codec)).collect::<Result<_, _>>()?;
        Ok(Self { examples, batch: batch.max(1), context, seed })
    }

    /// Steps of one pass over the lessons.
    pub fn steps_per_epoch(&self) -> u64 {
        self.examples.len().div_ceil(self.batch) as u64
    }
}

impl Source for Lessons {
    fn rows(&self, step: u64) -> Result<Rows, FactoryError> {
        let (epoch, place) = (step / self.steps_per_epoch(), (step % self.steps_per_epoch()) as usize);
        let mut order: Vec<usize> = (0..self.examples.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(mix(self.seed, epoch)));
        let mut rows = Rows::new(0, self.context);
        for &index in order.iter().skip(place * self.batch).take(self.batch) {
            rows.place_growing(self.examples[index].clone());
        }
        Ok(rows)
    }
}

/// The tokens of a lesson; what its last answer was given is not learned.
fn example(lesson: &Lesson, codec: &TextCodec) -> Result<Example, TextError> {
    let mut example = codec.example(&lesson.conversation)?;
    if let Some(given) = &lesson.given {
        let start = example.answer.iter().rposition(|&answer| !answer).map_or(0, |place| place + 1);
        let given = codec.encode(given)?.len();
        example.answer[start..start + given].fill(false);
    }
    Ok(example)
}

/// A seed for one purpose out of the seed of all (the finaliser of SplitMix64).
pub(super) fn mix(seed: u64, number: u64) -> u64 {
    let mut z = seed.wrapping_add((number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
