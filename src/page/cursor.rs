//! [`Cursor`]: what the visitor looks at.

/// Which run, which of its steps, which answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The run on the stage.
    pub run: Option<u32>,
    /// The entry of its steps; none: the newest.
    pub step: Option<usize>,
    /// The book on the shelf that is being read, by its place: with other questions another one stands there.
    pub book: Option<usize>,
}

impl Cursor {
    /// Looks at this run, at its newest step; none: at an empty stage.
    pub fn show(&mut self, run: Option<u32>) {
        self.run = run;
        self.step = None;
    }

    /// Which entry of so many steps that is; none if there is no step yet.
    pub fn entry(&self, steps: usize) -> Option<usize> {
        let newest = steps.checked_sub(1)?;
        Some(self.step.map_or(newest, |step| step.min(newest)))
    }
}
