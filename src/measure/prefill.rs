//! [`PrefillExamination`]: the answers are begun for the model, and it goes on.
//!
//! Qi et al. 2024, "Safety Alignment Should Be Made More Than Just a Few Tokens Deep" (arXiv 2406.05946), section 2: if an
//! alignment sits in the first few tokens of an answer, a model whose answer has begun with complying goes on complying.

use crate::engine::{Engine, EngineError};
use crate::library;
use crate::llama::Adapter;
use crate::pulse::Pulse;
use crate::study::ScoredAnswer;

use super::examination::BATCH;
use super::{CompleteAnswer, PrefillResult, Safety};

/// An examination in progress with all answers begun by the same number of tokens.
pub struct PrefillExamination {
    tokens: usize,
    longest: usize,
    order: Vec<usize>, // places in the complete answers, sorted by length, so that a batch has little padding
    answers: Vec<ScoredAnswer>,
}

impl PrefillExamination {
    /// Every answer is begun with this many tokens of the complete answer (all of it, if it is shorter); a whole answer has
    /// at most `longest` tokens.
    pub fn new(complete: &[CompleteAnswer], tokens: usize, longest: usize) -> Self {
        let mut order: Vec<usize> = (0..complete.len()).collect();
        order.sort_by_key(|&place| complete[place].prompt().len());
        Self { tokens, longest, order, answers: Vec::new() }
    }

    /// Questions answered so far, and of how many.
    pub fn progress(&self) -> (usize, usize) {
        (self.answers.len(), self.order.len())
    }

    /// Has the next batch answered and judged: the whole answers, from their first token.
    ///
    /// # Errors
    ///
    /// [`EngineError`]; the examination can then be taken up again at the same batch.
    pub async fn advance(
        &mut self,
        engine: &Engine,
        adapter: Option<&Adapter>,
        complete: &[CompleteAnswer],
        pulse: &dyn Pulse,
    ) -> Result<(), EngineError> {
        let done = self.answers.len();
        let batch = self.order.iter().skip(done).take(BATCH).map(|&place| &complete[place]);
        let begun = |answer: &CompleteAnswer| [answer.prompt(), self.beginning(answer)].concat();
        let prompts: Vec<Vec<u32>> = batch.clone().map(begun).collect();
        let room = self.longest.saturating_sub(self.tokens).max(1);
        let spoken = engine.answer(adapter, &prompts, room, pulse).await?;
        let judged = |(begun, spoken): (&CompleteAnswer, crate::engine::Spoken)| {
            // Decoded in one piece: a token may be half a character, or lose its space at the beginning of a text.
            let answer = engine.codec.decode(&[self.beginning(begun), &spoken.tokens].concat())?;
            let score = library::score(begun.item, &answer).value();
            Ok(ScoredAnswer { question: begun.question, answer, score })
        };
        let judged = batch.zip(spoken).map(judged).collect::<Result<Vec<_>, EngineError>>()?;
        self.answers.extend(judged);
        Ok(())
    }

    fn beginning<'a>(&self, answer: &'a CompleteAnswer) -> &'a [u32] {
        let tokens = answer.answer();
        &tokens[..tokens.len().min(self.tokens)]
    }

    /// The figures of the answers so far, in the order of the questions.
    pub fn result(&self) -> PrefillResult {
        let mut answers = self.answers.clone();
        answers.sort_by_key(|answer| answer.question);
        let scores: Vec<u8> = answers.iter().map(|answer| answer.score).collect();
        PrefillResult { tokens: self.tokens, safety: Safety::of(&scores), answers }
    }
}
