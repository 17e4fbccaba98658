//! [`Tour`]: the story that leads a first visitor, beat by beat. Each is told with a recorded run, and in its place with the
//! visitor's own as soon as there is one.

mod beat;
mod course;
mod sketch;

use std::sync::OnceLock;

pub use beat::{Beat, told};
pub use course::{Course, Courses, courses};
pub use sketch::{Curve, NARROW, Sketch, WIDE};

use crate::study::{Plan, Recorded, RecordedRun, presets};

/// The recorded runs that the page is built with.
pub fn recorded() -> &'static Recorded {
    static RECORDED: OnceLock<Recorded> = OnceLock::new();
    const TEXT: &str = include_str!("../../www/recorded/runs.json");
    // A test reads them; a page without them has a story without them.
    RECORDED.get_or_init(|| Recorded::read(TEXT).unwrap_or_default())
}

/// About so many pieces a curve is drawn in, however many steps it has.
const PIECES: usize = 36;

/// What the visitor does with the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Goes to a beat, or comes back to the story.
    Go(Beat),
    /// To the next one.
    Next,
    /// To the one before.
    Back,
    /// Leaves the story for the lab.
    Leave,
    /// Guesses how many refusals are left.
    Guess(usize),
    /// Sees what came of it.
    Reveal {
        /// Without a drawing that takes time: motion is unwelcome.
        at_once: bool,
    },
    /// A little more of the curve is drawn.
    Advance,
    /// Runs it in this tab.
    Run,
    /// Sees the recorded run again.
    ShowRecorded,
    /// Looks at this one of several draws.
    Choose(usize),
}

/// How much of a recorded run is to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// What was before it.
    #[default]
    Nothing,
    /// Its steps up to this one.
    Until(usize),
    /// All of it.
    Everything,
}

/// What the visitor has done in a beat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// How many refusals they think are left.
    pub guess: Option<usize>,
    /// How much they have seen of what came of it.
    pub shown: Shown,
    /// Which of several draws they look at.
    pub chosen: usize,
    /// Their own runs, the newest last.
    pub live: Vec<u32>,
}

/// A run that the visitor waits for, to be seen in a beat.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// In which.
    pub beat: Beat,
    /// Of which preset.
    pub preset: &'static str,
    /// With which seed.
    pub seed: u64,
    /// On which draw of the data.
    pub draw: u64,
}

/// What the visitor has done in the story. It is forgotten with the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tour {
    scenes: [Scene; Beat::ALL.len()],
    /// The visitor wants the first beat's question asked here.
    pub asked: bool,
    /// The run that they wait for.
    pub wish: Option<Wish>,
}

impl Tour {
    /// What was done in a beat.
    pub fn scene(&self, beat: Beat) -> &Scene {
        &self.scenes[beat as usize]
    }

    /// The same, to be changed.
    pub fn scene_mut(&mut self, beat: Beat) -> &mut Scene {
        &mut self.scenes[beat as usize]
    }

    /// How much of a beat's recorded run is to be seen: all of it, where there is nothing to be guessed.
    pub fn shown(&self, beat: Beat) -> Shown {
        if beat.is_guessed() { self.scene(beat).shown } else { Shown::Everything }
    }

    /// Takes in what the visitor does within a beat; what concerns the page as a whole is not done here.
    pub fn act(&mut self, beat: Beat, act: Act) {
        let steps = beat.recorded().first().map_or(0, |run| run.steps_made());
        let asked = beat.recorded().first().map_or(0, |run| run.left().1);
        let scene = self.scene_mut(beat);
        match act {
            // Who has seen what came of it guesses no longer.
            Act::Guess(left) if scene.shown == Shown::Nothing => scene.guess = Some(left.min(asked)),
            Act::Reveal { at_once: true } => scene.shown = Shown::Everything,
            Act::Reveal { at_once: false } if scene.shown == Shown::Nothing => scene.shown = Shown::Until(0),
            Act::Advance => {
                if let Shown::Until(step) = scene.shown {
                    let next = step + (steps / PIECES).max(1);
                    scene.shown = if next < steps { Shown::Until(next) } else { Shown::Everything };
                }
            }
            Act::ShowRecorded => {
                scene.live.clear();
                scene.chosen = 0;
                if beat == Beat::Refuses {
                    self.asked = false;
                }
            }
            Act::Choose(draw) => scene.chosen = draw,
            _ => {}
        }
    }

    /// The run that shows a beat once more, or of several draws one more: none that is recorded.
    pub fn next_wish(&self, beat: Beat) -> Option<Wish> {
        let recorded = beat.recorded();
        let first = recorded.first()?;
        // What the lab can run: a preset of that model.
        let info = presets().iter().find(|info| info.name == first.preset && info.model == first.model)?;
        let (seed, draw) = match beat {
            Beat::Ordinary => {
                let last = recorded.iter().map(|run| run.seed).max().unwrap_or_default();
                let seed = last + 1 + self.scene(beat).live.len() as u64;
                (seed, seed)
            }
            _ => (first.seed, first.draw),
        };
        Some(Wish { beat, preset: info.name, seed, draw })
    }
}

impl Wish {
    /// Whether a plan is the one that is waited for.
    pub fn is(&self, plan: &Plan) -> bool {
        let info = presets().iter().find(|info| info.name == self.preset);
        info.is_some_and(|info| {
            let wished = info.plan_on(self.seed, self.draw);
            (&wished.name, wished.seed, &wished.data) == (&plan.name, plan.seed, &plan.data)
        })
    }
}

/// The run that a beat is told with.
pub fn main_run(beat: Beat) -> Option<&'static RecordedRun> {
    beat.recorded().into_iter().next()
}

#[cfg(test)]
mod tests;
