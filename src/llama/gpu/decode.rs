//! [`Decoder`]: greedy answers on the device. A token of all answers is one replay of what was recorded once; the host hears of
//! them a few tokens at a time.

use std::ops::ControlFlow;

use cubecl::client::Client;
use cubecl::prelude::CubeElement;
use web_time::Instant;

use super::adapter::Table;
use super::buffer::Buffer;
use super::decode_launch::Tokens;
use super::incomplete;
use super::kernels::decode::{NO_NUMBER, WORDS};
use super::lanes::{Room, Words};
use super::launch::merge;
use super::recording::Recording;
use super::weights::GpuWeights;
use crate::llama::cpu::Group;
use crate::llama::lora::Layout;
use crate::llama::readback::device_error;
use crate::llama::{LlamaConfig, LlamaError};
use crate::pulse::Pulse;

/// Rooms that are kept: batches of one run seldom need more.
const MOST_ROOMS: usize = 3;
/// Rows of prompts are allocated in so many, so that batches of nearly one size share a room.
const ROWS: usize = 256;
/// The most numbers of one buffer: 64 MiB, which every WebGPU device can bind.
const MOST_NUMBERS: usize = 1 << 24;
/// Seconds after which the host looks up, to see whether it is to stop.
const LOOKS_UP: f64 = 0.25;

/// Answers in the making, and what stays on the device between batches of them.
pub struct Decoder {
    config: LlamaConfig,
    weights: GpuWeights,
    rooms: Vec<Furnished>, // the last one used is the last
    matrices: Option<Matrices>,
    asked: Option<(Vec<u32>, Buffer)>,
    records: bool,
    pace: Option<f64>, // seconds for a token of all answers
}

/// What one room has. The recording is dropped before the buffers that it writes.
struct Furnished {
    recording: Option<Recording>,
    lanes: Lanes,
    needed: Option<usize>, // tokens that the last batch needed
}

/// What answers write. `rows` and `lanes` are those of the room.
pub struct Lanes {
    /// How much there is of everything.
    pub room: Room,
    /// Queries, keys and values, `[layers]`, each `[rows + longest · lanes, width]`.
    pub cache: Vec<Buffer>,
    /// The stream before a block, after its attention, mixed values, and what the SwiGLU makes; `[rows]` of each.
    pub x: Buffer,
    pub middle: Buffer,
    pub mixed: Buffer,
    pub act: Buffer,
    /// `[lanes, vocab]`.
    pub logits: Buffer,
    /// What is said of each lane's next row, `[7, lanes]`, and the last row of its prompt, `[lanes]`.
    pub words: Buffer,
    pub lasts: Buffer,
    /// The joint probability of the tokens that were asked for, as bits, and the tokens of the answers, `[1 + longest, lanes]`.
    pub found: Buffer,
}

impl Lanes {
    fn new(client: &Client, config: &LlamaConfig, room: Room) -> Self {
        let [mixed, d] = Group::Output.shape(config);
        let width = Group::Attention.shape(config)[1];
        let of_rows = |width: usize| Buffer::new(client, room.rows * width);
        Self {
            room,
            cache: (0..config.num_hidden_layers).map(|_| Buffer::new(client, room.cached() * width)).collect(),
            x: of_rows(d),
            middle: of_rows(d),
            mixed: of_rows(mixed),
            act: of_rows(config.intermediate_size),
            logits: Buffer::new(client, room.lanes * config.vocab_size),
            words: Buffer::new(client, WORDS * room.lanes),
            lasts: Buffer::new(client, room.lanes),
            found: Buffer::new(client, (1 + room.longest) * room.lanes),
        }
    }

    fn fit(config: &LlamaConfig, room: Room) -> bool {
        let width = Group::Attention.shape(config)[1];
        let inner = config.intermediate_size.max(config.hidden_size);
        let numbers = [[room.cached(), width], [room.rows, inner], [room.lanes, config.vocab_size]];
        // Rows are places of a grid as well, which ends at 65,535.
        numbers.iter().all(|[rows, width]| rows.saturating_mul(*width) <= MOST_NUMBERS) && room.rows < 1 << 16
    }
}

/// The blocks' matrices with an adapter in them, and of which one.
struct Matrices {
    merged: Buffer,
    of: Option<(Layout, Vec<f32>)>,
}

/// What is wanted of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The prompts, each of at least one token.
    pub prompts: &'a [Vec<u32>],
    /// How many of their first tokens are the same, fewer than any has.
    pub shared: usize,
    /// Tokens of the longest answer.
    pub longest: usize,
    /// Tokens whose joint probability at the first position is told.
    pub asked: &'a [u32],
}

impl Decoder {
    /// Nothing yet.
    pub fn new(config: &LlamaConfig, weights: &GpuWeights) -> Self {
        let (config, weights) = (config.clone(), weights.clone());
        Self { config, weights, rooms: Vec::new(), matrices: None, asked: None, records: true, pace: None }
    }

    /// The same without recordings: every token is launched kernel by kernel.
    #[must_use]
    pub fn eager(self) -> Self {
        Self { records: false, ..self }
    }

    /// Whether tokens are recorded. They are until a recording is refused.
    pub fn records(&self) -> bool {
        self.records
    }

    /// How many of the prompts can be answered at once; none, if a single one is too much.
    pub fn fitting(&self, batch: Batch<'_>) -> usize {
        let room = |count: usize| with_spare(Room::of(&batch.prompts[..count], batch.shared, batch.longest));
        let mut count = batch.prompts.len();
        while count > 0 && !Lanes::fit(&self.config, room(count)) {
            count /= 2;
        }
        count
    }

    /// Takes an adapter's parameters, or none, into the blocks' matrices.
    pub fn merge(&mut self, adapter: Option<(&Layout, &[f32])>) {
        let client = &self.weights.client;
        let (layout, parameters) = adapter.map_or_else(|| (Layout::nothing(), &[][..]), |(l, p)| (l.clone(), p));
        let fresh = || Matrices { merged: Buffer::new(client, self.weights.places.len), of: None };
        let matrices = self.matrices.get_or_insert_with(fresh);
        if matrices.of.as_ref().is_some_and(|(of, values)| *of == layout && values == parameters) {
            return;
        }
        // A buffer of no bytes cannot be made.
        let values = Buffer::of(client, if parameters.is_empty() { &[0.0] } else { parameters });
        merge(&self.weights, &Table::of(&self.config, &self.weights, &layout), &values, &matrices.merged, None);
        matrices.of = Some((layout, parameters.to_vec()));
    }

    /// Answers of at most so many tokens, each with the one of `stop` that ends it, and the joint probabilities of the tokens that
    /// were asked for. As long as nothing is known of their pace, `tokens_per_read` are computed before the host looks up.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Logits`] if the model computes what is no number, [`LlamaError::Device`] if the device fails, or
    /// [`LlamaError::Cancelled`] if the pulse says so.
    pub async fn answer(
        &mut self,
        batch: Batch<'_>,
        stop: &[u32],
        tokens_per_read: usize,
        pulse: &dyn Pulse,
    ) -> Result<(Vec<Vec<u32>>, Vec<f32>), LlamaError> {
        let mut answers = vec![Vec::new(); batch.prompts.len()];
        let mut begun = Instant::now();
        let mut index = self.begin(batch);
        let (mut made, mut read) = (1, 0);
        let mut shares = Vec::new();
        let ended = |answer: &Vec<u32>| answer.last().is_some_and(|token| stop.contains(token));
        while read < batch.longest {
            if pulse.beat().await == ControlFlow::Break(()) {
                return Err(LlamaError::Cancelled);
            }
            let until = batch.longest.min(read + self.stretch(index, read, tokens_per_read));
            while made < until {
                if self.advance(index)? {
                    made += 1;
                    continue;
                }
                // What the room held cannot be read any more.
                self.records = false;
                self.rooms.clear();
                index = self.begin(batch);
                made = 1;
            }
            let found = self.read(index).await?;
            self.pace = Some(begun.elapsed().as_secs_f64() / (until - read) as f64);
            let lanes = self.rooms[index].lanes.room.lanes;
            for (lane, answer) in answers.iter_mut().enumerate() {
                for row in read..until {
                    if ended(answer) {
                        break;
                    }
                    let token = *found.get((1 + row) * lanes + lane).ok_or_else(incomplete)?;
                    if token == NO_NUMBER {
                        return Err(LlamaError::Logits);
                    }
                    answer.push(token);
                }
            }
            if let [alone] = &answers[..] {
                pulse.heard(alone);
            }
            shares = found;
            read = until;
            begun = Instant::now();
            if answers.iter().all(ended) {
                break;
            }
        }
        self.rooms[index].needed = answers.iter().map(Vec::len).max();
        if read == 0 {
            shares = self.read(index).await?;
        }
        let shares = shares.get(..batch.prompts.len()).ok_or_else(incomplete)?;
        Ok((answers, shares.iter().copied().map(f32::from_bits).collect()))
    }

    /// How many tokens to compute before the host looks up: as many as the last batch of this room needed, then a few more each
    /// time; but no more than fit into a moment.
    fn stretch(&self, index: usize, read: usize, tokens_per_read: usize) -> usize {
        let wanted = match self.rooms[index].needed {
            Some(needed) if read == 0 => needed.max(1),
            _ => tokens_per_read.max(1),
        };
        let affordable = self.pace.map_or(wanted, |pace| (LOOKS_UP / pace) as usize);
        wanted.min(affordable).max(1)
    }

    /// Finds a room, puts the prompts into it, and launches their tokens. Returns the room's place.
    fn begin(&mut self, batch: Batch<'_>) -> usize {
        let client = self.weights.client.clone();
        let needed = Room::of(batch.prompts, batch.shared, batch.longest);
        let index = self.room(needed);
        let lanes = &self.rooms[index].lanes;
        let words = Words::new(batch.prompts, batch.shared, needed, lanes.room.rows);
        lanes.words.write(&client, &words.answers);
        lanes.lasts.write(&client, &words.lasts);
        if self.asked.as_ref().is_none_or(|(tokens, _)| tokens != batch.asked) {
            let tokens = if batch.asked.is_empty() { &[0] } else { batch.asked };
            self.asked = Some((batch.asked.to_vec(), Buffer::of(&client, tokens)));
        }
        let asked = self.asked.as_ref().map(|(_, buffer)| buffer);
        if let (Some(tokens), Some(asked)) = (self.tokens(&self.rooms[index].lanes), asked) {
            tokens.prompts(&Buffer::of(&client, &words.prompts), needed.rows, asked, batch.asked.len());
        }
        index
    }

    /// The place of a room that holds so much, furnished if there is none.
    fn room(&mut self, needed: Room) -> usize {
        let room = match self.rooms.iter().position(|known| known.lanes.room.holds(needed)) {
            Some(known) => self.rooms.remove(known),
            None => {
                let room = with_spare(needed);
                // A smaller one for as many answers is not needed any more.
                self.rooms.retain(|known| !room.holds(known.lanes.room));
                if self.rooms.len() == MOST_ROOMS {
                    self.rooms.remove(0);
                }
                let lanes = Lanes::new(&self.weights.client, &self.config, room);
                Furnished { recording: None, lanes, needed: None }
            }
        };
        self.rooms.push(room);
        self.rooms.len() - 1
    }

    fn tokens<'a>(&'a self, lanes: &'a Lanes) -> Option<Tokens<'a>> {
        let matrices = &self.matrices.as_ref()?.merged;
        Some(Tokens { config: &self.config, weights: &self.weights, matrices, lanes })
    }

    /// One more token of each answer; the second one of a room is recorded. Returns whether it was not refused.
    fn advance(&mut self, index: usize) -> Result<bool, LlamaError> {
        let room = &self.rooms[index];
        if let Some(recording) = room.recording.as_ref().filter(|recording| recording.is_here()) {
            recording.replay()?;
            return Ok(true);
        }
        let Some(tokens) = self.tokens(&room.lanes) else { return Ok(true) };
        tokens.next();
        if !self.records || room.recording.is_some() {
            return Ok(true);
        }
        let Ok(recording) = Recording::of(&self.weights.client, || tokens.next()) else { return Ok(false) };
        self.rooms[index].recording = Some(recording);
        Ok(true)
    }

    /// What a room's answers have come to.
    async fn read(&self, index: usize) -> Result<Vec<u32>, LlamaError> {
        let found = self.rooms[index].lanes.found.handle();
        let read = self.weights.client.read_async(vec![found]).await.map_err(device_error)?;
        Ok(read.first().map(|bytes| u32::from_bytes(bytes).to_vec()).unwrap_or_default())
    }
}

/// A room with space for prompts that are a little longer.
fn with_spare(room: Room) -> Room {
    Room { rows: room.rows.next_multiple_of(ROWS), ..room }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rooms: Vec<Room> = self.rooms.iter().map(|room| room.lanes.room).collect();
        f.debug_struct("Decoder").field("rooms", &rooms).field("records", &self.records).finish_non_exhaustive()
    }
}
