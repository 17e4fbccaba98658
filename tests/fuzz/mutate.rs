//! Inputs that are nearly right: a seed from the corpus, changed in a few places.

use rand::{Rng, RngCore};
use rand_chacha::ChaCha8Rng;

use crate::json::Json;

/// What the inputs of a target look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text of no structure that the mutator knows.
    Text,
    /// A JSON text.
    Json,
    /// A JSON text on each line.
    Lines,
    /// Eight bytes with the length of a JSON text, that text, then data.
    Safetensors,
}

/// Numbers at the limits of something.
pub const NUMBERS: [&str; 40] = [
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "8",
    "63",
    "64",
    "127",
    "128",
    "255",
    "256",
    "4096",
    "65535",
    "65536",
    "262144",
    "16777216",
    "16777217",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "0.0",
    "0.5",
    "1e-7",
    "1e19",
    "1e30",
    "1e39",
    "1e308",
    "-1e308",
    "1e309",
    "5e-324",
];

/// Pieces of strings, as JSON writes them.
pub const SNIPPETS: [&str; 14] = [
    "",
    "a",
    " ",
    "\\n",
    "\\u0000",
    "\\u001b[31m",
    "\\ud800",
    "\\ud83d\\ude00",
    "\u{e9}",
    "\u{4e2d}\u{6587}",
    "\u{1f600}",
    "e\u{301}",
    "<|im_end|>",
    "{q}",
];

/// One of several.
pub fn pick<'a, T>(rng: &mut ChaCha8Rng, of: &'a [T]) -> &'a T {
    &of[rng.random_range(0..of.len())]
}

/// A number of changes: mostly one, so that what was right stays right.
fn few(rng: &mut ChaCha8Rng) -> u32 {
    *pick(rng, &[1, 1, 1, 1, 2, 2, 3, 6])
}

/// A seed: its bytes, and the JSON texts in it, taken apart.
#[derive(Clone, Debug)]
pub struct Seed {
    bytes: Vec<u8>,
    trees: Vec<Json>,
}

impl Seed {
    /// Takes a seed apart, as far as it has its form.
    pub fn new(bytes: Vec<u8>, form: Form) -> Self {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        let trees = match form {
            Form::Text => Vec::new(),
            Form::Json => text(&bytes).and_then(|text| Json::parse(&text)).into_iter().collect(),
            Form::Lines => text(&bytes).map(|text| text.lines().filter_map(Json::parse).collect()).unwrap_or_default(),
            Form::Safetensors => {
                header(&bytes).and_then(text).and_then(|text| Json::parse(&text)).into_iter().collect()
            }
        };
        Self { bytes, trees }
    }
}

/// The JSON text of a safetensors file.
fn header(bytes: &[u8]) -> Option<&[u8]> {
    let length = bytes.first_chunk::<8>().map(|length| u64::from_le_bytes(*length))?;
    bytes.get(8..)?.get(..usize::try_from(length).ok()?)
}

/// What inputs are made from.
pub struct Pool {
    /// The corpus.
    corpus: usize,
    /// The corpus, and others that were accepted: they get far, and so may what is made of them.
    accepted: Vec<Seed>,
    /// Those that were refused in a way of their own.
    refused: Vec<Seed>,
}

/// How many inputs of each kind are kept beside the corpus.
const MOST_KEPT: usize = 256;

impl Pool {
    pub fn new(corpus: Vec<Seed>) -> Self {
        Self { corpus: corpus.len(), accepted: corpus, refused: Vec::new() }
    }

    /// Keeps an input to be changed further. The corpus itself stays.
    pub fn keep(&mut self, seed: Seed, is_accepted: bool, rng: &mut ChaCha8Rng) {
        let (kept, from) = if is_accepted { (&mut self.accepted, self.corpus) } else { (&mut self.refused, 0) };
        if kept.len() < from + MOST_KEPT {
            kept.push(seed);
        } else {
            let place = rng.random_range(from..kept.len());
            kept[place] = seed;
        }
    }

    fn pick(&self, rng: &mut ChaCha8Rng) -> &Seed {
        if self.refused.is_empty() || rng.random_ratio(3, 4) {
            pick(rng, &self.accepted)
        } else {
            pick(rng, &self.refused)
        }
    }
}

/// Makes inputs for one target.
pub struct Mutator {
    pub form: Form,
    pub words: Vec<String>,
    /// The longest input.
    pub longest: usize,
}

impl Mutator {
    /// A new input from the pool.
    pub fn make(&self, pool: &Pool, rng: &mut ChaCha8Rng) -> Vec<u8> {
        let seed = pool.pick(rng);
        // Most of a safetensors file is data; the other forms are structure throughout.
        let structure = if self.form == Form::Safetensors { 4 } else { 7 };
        let by_structure = !seed.trees.is_empty() && rng.random_ratio(structure, 8);
        let mut input = if by_structure { self.restructured(seed, rng) } else { seed.bytes.clone() };
        if !by_structure || rng.random_ratio(1, 32) {
            for _ in 0..few(rng) {
                self.scratch(&mut input, pool, rng);
            }
        }
        input.truncate(self.longest);
        input
    }

    /// Changes in the JSON of a seed.
    fn restructured(&self, seed: &Seed, rng: &mut ChaCha8Rng) -> Vec<u8> {
        let mut trees = seed.trees.clone();
        for _ in 0..few(rng) {
            let place = rng.random_range(0..trees.len());
            trees[place].change(rng, &self.words);
            if self.form == Form::Lines && rng.random_ratio(1, 16) {
                trees.push(trees[place].clone());
            }
        }
        let mut text = String::with_capacity(seed.bytes.len());
        for tree in &trees {
            tree.write(&mut text);
            if self.form == Form::Lines {
                text.push('\n');
            }
        }
        if self.form != Form::Safetensors {
            return text.into_bytes();
        }
        let data = header(&seed.bytes).map_or(&[][..], |header| &seed.bytes[8 + header.len()..]);
        let length = if rng.random_ratio(1, 16) { rng.next_u64() } else { text.len() as u64 };
        [&length.to_le_bytes(), text.as_bytes(), data].concat()
    }

    /// One change of bytes.
    fn scratch(&self, input: &mut Vec<u8>, pool: &Pool, rng: &mut ChaCha8Rng) {
        let length = input.len();
        let place = rng.random_range(0..=length);
        let span = place..(place + (1_usize << rng.random_range(0..8))).min(length);
        match rng.random_range(0..12) {
            0 | 1 if place < length => input[place] ^= 1 << rng.random_range(0..8),
            2 if place < length => input[place] = *pick(rng, &[0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b'\n']),
            3 => drop(input.drain(span)),
            4 => {
                let again = input[span].to_vec();
                input.splice(place..place, again);
            }
            5 => {
                // Often enough to be long, never longer than is tried.
                let times = 1_usize << rng.random_range(0..12);
                let times = times.min(self.longest / span.len().max(1));
                let again = input[span].repeat(times);
                input.splice(place..place, again);
            }
            6 => input.truncate(place),
            7 => {
                let other = pool.pick(rng);
                let from = rng.random_range(0..=other.bytes.len());
                input.truncate(place);
                input.extend_from_slice(&other.bytes[from..]);
            }
            8 => drop(input.splice(place..place, pick(rng, &NUMBERS).bytes())),
            9 => drop(input.splice(place..place, pick(rng, &SNIPPETS).bytes())),
            10 => {
                let mut bytes = [0; 8];
                rng.fill_bytes(&mut bytes);
                let count = rng.random_range(1..=8);
                input.splice(place..place, bytes[..count].iter().copied());
            }
            _ if self.words.is_empty() => input.push(b' '),
            _ => {
                let word = pick(rng, &self.words).as_bytes();
                let over = if rng.random() { place..(place + word.len()).min(length) } else { place..place };
                input.splice(over, word.iter().copied());
            }
        }
    }
}
