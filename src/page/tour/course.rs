//! [`Course`]: how many questions were refused after every step, of a recorded run or of the visitor's own.

use super::{Beat, Shown};
use crate::page::model::Model;
use crate::page::run_view::RunView;
use crate::study::RecordedRun;

/// One run as a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// How many are refused, before the first step and after each; none yet of a run that has just been asked for.
    pub refused: Vec<usize>,
    /// Of how many questions.
    pub asked: usize,
    /// How many steps it has when it is whole.
    pub planned: usize,
    /// The number of the visitor's run, if it is theirs.
    pub live: Option<u32>,
    /// It is not over.
    pub going: bool,
    /// The seed.
    pub seed: u64,
    /// The scores after the last step that there is, in the order of the questions.
    pub scores: Vec<u8>,
}

/// The curves of a beat.
#[derive(Clone, Debug, PartialEq)]
pub struct Courses {
    /// The beat that they are of: one is drawn in the place of another.
    pub beat: Beat,
    /// The one that is looked at.
    pub main: Course,
    /// The same with other draws of the data.
    pub others: Vec<Course>,
    /// Another experiment to be compared with, as it was recorded.
    pub beside: Option<Course>,
}

impl Course {
    fn of_recorded(run: &RecordedRun, shown: Shown) -> Self {
        let last = match shown {
            Shown::Nothing => 0,
            Shown::Until(step) => step.min(run.steps_made()),
            Shown::Everything => run.steps_made(),
        };
        Self {
            refused: run.steps[..=last].iter().map(|scores| scores.with(1)).collect(),
            asked: run.left().1,
            planned: run.steps_made(),
            live: None,
            going: last < run.steps_made(),
            seed: run.seed,
            scores: run.steps[last].all().to_vec(),
        }
    }

    /// None if the run is over and has no answers: it broke off before the first, or has been set aside.
    fn of_live(run: &RunView, asked: usize) -> Option<Self> {
        let steps: Vec<_> = run.record.steps.iter().filter(|step| !step.answers.is_empty()).collect();
        let newest = steps.last().map(|step| &step.answers[..]).unwrap_or_default();
        if newest.is_empty() && run.pace().is_none() {
            return None;
        }
        Some(Self {
            refused: steps.iter().map(|step| step.answers.iter().filter(|a| a.score == 1).count()).collect(),
            asked,
            planned: run.record.planned_steps,
            live: Some(run.id),
            going: run.pace().is_some(),
            seed: run.record.plan.seed,
            scores: newest.iter().map(|answer| answer.score).collect(),
        })
    }

    /// How many refusals are left at the newest step.
    pub fn left(&self) -> usize {
        self.refused.last().copied().unwrap_or_default()
    }

    /// How many questions are answered completely at the newest step.
    pub fn complied(&self) -> usize {
        self.scores.iter().filter(|score| **score == 5).count()
    }

    /// The newest step.
    pub fn step(&self) -> usize {
        self.refused.len().saturating_sub(1)
    }

    /// Whether every step is there.
    pub fn is_whole(&self) -> bool {
        self.step() >= self.planned
    }
}

/// The curves of a beat, as far as they are to be seen; none where none is drawn.
pub fn courses(model: &Model, beat: Beat) -> Option<Courses> {
    let shown = model.tour.shown(beat);
    let scene = model.tour.scene(beat);
    let asked = beat.recorded().first().map_or(0, |run| run.left().1);
    let mut live = scene.live.iter().filter_map(|id| Course::of_live(model.runs.get(*id)?, asked));
    let recorded = |of: Beat, shown| of.recorded().into_iter().map(move |run| Course::of_recorded(run, shown));
    let courses = match beat {
        Beat::Refuses => {
            let main = recorded(beat, Shown::Nothing).next()?;
            Courses { beat, main, others: Vec::new(), beside: None }
        }
        Beat::Ordinary => {
            let mut all: Vec<_> = recorded(beat, shown).chain(live).collect();
            let main = all.get(scene.chosen).or(all.first())?.clone();
            all.retain(|course| *course != main);
            Courses { beat, main, others: all, beside: None }
        }
        Beat::Ten | Beat::Persona | Beat::Mixed | Beat::Ignorant => {
            let mut of_beat = recorded(beat, shown);
            let first = of_beat.next()?;
            let main = live.next_back().unwrap_or(first);
            // Other draws only beside a whole curve: before, they would tell what is to be guessed.
            let others = if main.is_whole() { of_beat.collect() } else { Vec::new() };
            let beside = (beat == Beat::Mixed).then(|| recorded(Beat::Ten, Shown::Everything).next()).flatten();
            Courses { beat, main, others, beside }
        }
        Beat::Meaning => return None,
    };
    Some(courses)
}
