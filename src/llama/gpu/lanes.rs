//! What the kernels of answers read of a batch of prompts: a row for each token of the prompts, and a lane for each answer.

use super::kernels::decode::WORDS;

/// Rows and lanes come in so many, as the tiles of products want them.
const STEP: usize = 16;

/// How much a batch needs, or something has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Rows of prompts: what they begin with once, then the rest of each.
    pub rows: usize,
    /// Answers.
    pub lanes: usize,
    /// Tokens of the longest answer.
    pub longest: usize,
}

impl Room {
    /// What prompts need that have their first `shared` tokens in common.
    pub fn of(prompts: &[Vec<u32>], shared: usize, longest: usize) -> Self {
        let own: usize = prompts.iter().map(|prompt| prompt.len() - shared).sum();
        Self {
            rows: (shared + own).next_multiple_of(STEP),
            lanes: prompts.len().next_multiple_of(STEP),
            longest: longest.max(1),
        }
    }

    /// Whether there is room for another.
    pub fn holds(self, other: Self) -> bool {
        self.lanes == other.lanes && self.rows >= other.rows && self.longest >= other.longest
    }

    /// Rows of the cache: those of the prompts, and one for each token of each answer.
    pub fn cached(self) -> usize {
        self.rows + self.lanes * self.longest
    }
}

/// The words of prompts and of their answers' first tokens.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// [`WORDS`] for each row of the prompts, `[7, rows]`.
    pub prompts: Vec<u32>,
    /// The same of the answers' first tokens, `[7, lanes]`, but for these, which are not known yet.
    pub answers: Vec<u32>,
    /// The last row of each prompt, `[lanes]`.
    pub lasts: Vec<u32>,
}

impl Words {
    /// Of prompts that have their first `shared` tokens in common, of the room that they need; `first` is the row of the cache
    /// that the first answer's first token fills. Rows beyond the last attend to themselves, lanes beyond the last at their own answer.
    pub fn new(prompts: &[Vec<u32>], shared: usize, room: Room, first: usize) -> Self {
        let mut of_prompts = Table::new(room.rows);
        let mut answers = Table::new(room.lanes);
        let mut lasts = vec![0; room.lanes];
        let common = prompts.first().map_or(&[][..], |prompt| &prompt[..shared]);
        for (row, &token) in common.iter().enumerate() {
            of_prompts.set(row, [token, row as u32, row as u32, 0, 0, row as u32 + 1, 0]);
        }
        let mut row = shared;
        for (lane, prompt) in prompts.iter().enumerate() {
            let start = row as u32;
            for (place, &token) in prompt.iter().enumerate().skip(shared) {
                let at = row as u32;
                of_prompts.set(row, [token, place as u32, at, shared as u32, start, at + 1, 0]);
                row += 1;
            }
            lasts[lane] = row as u32 - 1;
            answers.set(lane, [0, prompt.len() as u32, (first + lane) as u32, shared as u32, start, row as u32, 1]);
        }
        for row in row..room.rows {
            of_prompts.set(row, [0, 0, row as u32, 0, row as u32, row as u32 + 1, 0]);
        }
        for lane in prompts.len()..room.lanes {
            answers.set(lane, [0, 0, (first + lane) as u32, 0, 0, 0, 1]);
        }
        Self { prompts: of_prompts.words, answers: answers.words, lasts }
    }
}

/// Words by kind and row.
struct Table {
    words: Vec<u32>, // [7, rows]
    rows: usize,
}

impl Table {
    fn new(rows: usize) -> Self {
        Self { words: vec![0; WORDS * rows], rows }
    }

    /// A row's words, in the order that the kernels say.
    fn set(&mut self, row: usize, words: [u32; WORDS]) {
        for (kind, word) in words.into_iter().enumerate() {
            self.words[kind * self.rows + row] = word;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_attend_to_what_all_begin_with_and_at_their_own() {
        let prompts = [vec![5, 6, 7, 8], vec![5, 6, 9]];
        let room = Room::of(&prompts, 2, 3);
        assert_eq!(room, Room { rows: 16, lanes: 16, longest: 3 });
        assert_eq!(room.cached(), 64);
        let words = Words::new(&prompts, 2, room, 100);
        let row = |words: &[u32], row: usize| -> Vec<u32> { words.iter().skip(row).step_by(16).copied().collect() };
        let rows: Vec<Vec<u32>> = (0..6).map(|at| row(&words.prompts, at)).collect();
        assert_eq!(rows[0], [5, 0, 0, 0, 0, 1, 0]);
        assert_eq!(rows[1], [6, 1, 1, 0, 0, 2, 0], "what all begin with attends to itself");
        assert_eq!(rows[2], [7, 2, 2, 2, 2, 3, 0]);
        assert_eq!(rows[3], [8, 3, 3, 2, 2, 4, 0]);
        assert_eq!(rows[4], [9, 2, 4, 2, 4, 5, 0], "each prompt at its own");
        assert_eq!(rows[5], [0, 0, 5, 0, 5, 6, 0], "a row of nothing");
        assert_eq!(words.lasts[..3], [3, 4, 0]);
        assert_eq!(row(&words.answers, 0), [0, 4, 100, 2, 2, 4, 1]);
        assert_eq!(row(&words.answers, 1), [0, 3, 101, 2, 4, 5, 1]);
        assert_eq!(row(&words.answers, 2), [0, 0, 102, 0, 0, 0, 1], "a lane of nothing");
    }

    #[test]
    fn what_holds_more_holds_less() {
        let room = Room { rows: 64, lanes: 16, longest: 20 };
        let holds = |rows, lanes, longest| room.holds(Room { rows, lanes, longest });
        assert!(holds(64, 16, 20) && holds(16, 16, 1));
        assert!(!holds(65, 16, 20) && !holds(64, 16, 21) && !holds(64, 32, 20) && !holds(16, 1, 1));
    }
}
