//! Where the batches come from. Each depends on the seed and the number of its step alone, so that a training which was
//! stopped goes on with the very batches that it would have seen.

use std::cell::RefCell;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Rows;
use super::tokenizer::SPECIAL_TOKENS;
use crate::corpus::{Content, Documents, Lesson, Mixture};
use crate::engine::{Example, TextCodec, TextError};
use crate::factory::FactoryError;
use crate::library::World;

/// The batches of a training.
pub trait Source {
    /// The batch of a step, counted from 0.
    ///
    /// # Errors
    ///
    /// [`FactoryError`] if a text cannot be encoded.
    fn rows(&self, step: u64) -> Result<Rows, FactoryError>;
}

/// How many documents may wait for the next step before a batch counts as full.
const WAITING: usize = 8;
/// How many documents of a step may be longer than a row: more mean that rows are too short for this world.
const PATIENCE: usize = 200;
/// Steps that share a stream of documents. A training that goes on reads again from the beginning of its block.
const BLOCK: u64 = 1000;

/// The pretraining stream: fresh documents in every step, and none left out but those longer than a row.
///
/// Of a conversation the answers are learned, of a plain document every token.
pub struct Stream<'a> {
    world: &'a World,
    mixture: Mixture,
    codec: &'a TextCodec,
    seed: u64,
    rows: usize,
    context: usize,
    reader: RefCell<Option<Reader<'a>>>,
}

/// A place in a block's documents.
struct Reader<'a> {
    /// The step that it can read next.
    next: u64,
    documents: Documents<'a>,
    /// Documents that did not fit into the steps before: they come first, so that long ones are read as often as short ones.
    waiting: Vec<Example>,
}

impl<'a> Stream<'a> {
    /// Documents of a world for batches of so many rows of so many tokens.
    pub fn new(
        world: &'a World,
        mixture: &Mixture,
        codec: &'a TextCodec,
        seed: u64,
        rows: usize,
        context: usize,
    ) -> Self {
        Self { world, mixture: *mixture, codec, seed, rows, context, reader: RefCell::new(None) }
    }

    fn reader(&self, block: u64) -> Reader<'a> {
        let documents = Documents::new(self.world, &self.mixture, mix(self.seed, block));
        Reader { next: block * BLOCK, documents, waiting: Vec::new() }
    }

    fn read(&self, reader: &mut Reader<'_>) -> Result<Rows, FactoryError> {
        let mut rows = Rows::new(self.rows, self.context);
        let waiting = std::mem::take(&mut reader.waiting);
        reader.waiting.extend(waiting.into_iter().filter(|document| !rows.place(document.clone())));
        let mut too_long = 0;
        for document in &mut reader.documents {
            let document = encode(&document.content, self.codec)?;
            if document.ids.len() > self.context {
                too_long += 1;
            } else if !rows.place(document.clone()) {
                reader.waiting.push(document);
            }
            if reader.waiting.len() >= WAITING || too_long == PATIENCE {
                break;
            }
        }
        reader.next += 1;
        Ok(rows)
    }
}

impl Source for Stream<'_> {
    fn rows(&self, step: u64) -> Result<Rows, FactoryError> {
        let block = step / BLOCK;
        let mut reader = match self.reader.take() {
            Some(reader) if reader.next == step && !step.is_multiple_of(BLOCK) => reader,
            _ => self.reader(block),
        };
        while reader.next < step {
            self.read(&mut reader)?;
        }
        let rows = self.read(&mut reader)?;
        self.reader.replace(Some(reader));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::world;

    fn codec() -> TextCodec {
        let file = |name| std::fs::read(format!("{}/models/folio/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        TextCodec::new(&file("tokenizer.json"), &file("tokenizer_config.json"), 1_536).unwrap()
    }

    fn stream(codec: &TextCodec, context: usize) -> Stream<'_> {
        Stream::new(world(), &Mixture::default(), codec, 5, 2, context)
    }

    /// Packing favours no kind of document: what does not fit waits.
    #[test]
    fn every_document_is_read_once() {
        let (codec, steps) = (codec(), 60);
        let stream = stream(&codec, 192);
        let mut read: Vec<Vec<u32>> = Vec::new();
        for step in 0..steps {
            read.extend(stream.rows(step).unwrap().documents().map(|document| document.ids.clone()));
        }
        let documents = Documents::new(world(), &Mixture::default(), mix(5, 0))
            .map(|document| encode(&document.content, &codec).unwrap());
        let fitting = documents.filter(|document| document.ids.len() <= 192).map(|document| document.ids);
        let mut drawn: Vec<Vec<u32>> = fitting.take(read.len() + WAITING).collect();
        for document in &read {
            let place = drawn.iter().position(|other| other == document).expect("it is read once, and not left out");
            drawn.remove(place);
        }
        assert_eq!(drawn.len(), WAITING);
    }

    #[test]
    fn a_step_is_the_same_wherever_the_reading_begins() {
        let codec = codec();
        let (whole, block) = (stream(&codec, 192), BLOCK);
        let wanted: Vec<Rows> =
            (0..7).chain([block - 1, block, block + 1]).map(|step| whole.rows(step).unwrap()).collect();
        for (step, rows) in [(0, 0), (6, 6), (3, 3), (block, 8), (block + 1, 9)] {
            assert_eq!(stream(&codec, 192).rows(step).unwrap(), wanted[rows], "{step}");
        }
        assert_ne!(wanted[0], wanted[8]);
    }

    #[test]
    fn rows_that_are_too_short_stay_empty() {
        let codec = codec();
        assert_eq!(stream(&codec, 4).rows(0).unwrap().documents().count(), 0);
    }
}
