//! [`Runs`]: the runs that the page knows, in their order, and which of them stand side by side.

use super::cursor::Cursor;
use super::run_view::RunView;
use crate::study::MOST_COMPARED;

/// Of how many runs, the newest, every answer stays at hand, and in the engine what they tuned. A record is up to 1.2 MB.
pub const AT_HAND: usize = 8;

/// The runs of this visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Runs {
    all: Vec<RunView>,
    compared: Vec<u32>,
    next: u32,
}

impl Default for Runs {
    fn default() -> Self {
        Self { all: Vec::new(), compared: Vec::new(), next: 1 }
    }
}

impl Runs {
    /// All of them, in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &RunView> {
        self.all.iter()
    }

    /// The run of this number.
    pub fn get(&self, id: u32) -> Option<&RunView> {
        self.all.iter().find(|run| run.id == id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: u32) -> Option<&mut RunView> {
        self.all.iter_mut().find(|run| run.id == id)
    }

    /// Those that are not over.
    pub fn in_progress(&self) -> impl DoubleEndedIterator<Item = &RunView> {
        self.all.iter().filter(|run| run.pace().is_some())
    }

    /// Adds the run that is made with this number, and returns the number.
    pub fn add(&mut self, make: impl FnOnce(u32) -> RunView) -> u32 {
        let id = self.next;
        self.next += 1;
        self.all.push(make(id));
        id
    }

    /// Takes away a run that the engine does not begin. Returns what the visitor looked at before it was asked for.
    pub fn withdraw(&mut self, id: u32) -> Option<Cursor> {
        let before = self.get(id)?.not_begun()?;
        self.discard(id);
        let known = before.run.filter(|run| self.get(*run).is_some());
        Some(Cursor { run: known, ..before })
    }

    /// Takes away a run in which nothing came to pass: it has no number either.
    pub fn discard(&mut self, id: u32) {
        self.all.retain(|run| run.id != id);
        self.compared.retain(|compared| *compared != id);
        if self.next == id + 1 {
            self.next = id;
        }
    }

    /// The engine is gone: runs in progress break off, and nobody has an adapter any more.
    pub fn break_off(&mut self, why: &str, now: f64) {
        for run in &mut self.all {
            run.break_off(why.to_owned(), now);
        }
    }

    /// The engine has forgotten everything: runs in progress are not kept, and nobody has an adapter any more.
    pub fn forget(&mut self) {
        self.all.retain(|run| run.pace().is_none());
        self.all.iter_mut().for_each(RunView::forget);
    }

    /// Whether the record of any run is set aside.
    pub fn any_set_aside(&self) -> bool {
        self.all.iter().any(RunView::is_set_aside)
    }

    /// The runs whose records are to be set aside: those before the newest that are over and neither shown nor compared.
    pub fn surplus(&self, shown: &[u32]) -> Vec<u32> {
        let over = self.all.iter().rev().filter(|run| run.pace().is_none()).skip(AT_HAND);
        let is_unused =
            |run: &&RunView| !run.is_set_aside() && !shown.contains(&run.id) && !self.compared.contains(&run.id);
        over.filter(is_unused).map(|run| run.id).collect()
    }

    /// The runs side by side, each with its place, in the order of choice.
    pub fn compared(&self) -> impl Iterator<Item = (usize, &RunView)> {
        self.compared.iter().enumerate().filter_map(|(place, id)| Some((place, self.get(*id)?)))
    }

    /// The place of a run beside others.
    pub fn place(&self, id: u32) -> Option<usize> {
        self.compared.iter().position(|compared| *compared == id)
    }

    /// Whether one more run can be put beside the others.
    pub fn has_place(&self) -> bool {
        self.compared.len() < MOST_COMPARED
    }

    /// No runs are side by side.
    pub fn compare_none(&mut self) {
        self.compared.clear();
    }

    /// Puts a run that is over beside others, or takes it away.
    pub fn compare(&mut self, id: u32, on: bool) {
        self.compared.retain(|compared| *compared != id);
        let is_over = self.get(id).is_some_and(|run| run.pace().is_none());
        if on && is_over && self.has_place() {
            self.compared.push(id);
        }
    }
}
