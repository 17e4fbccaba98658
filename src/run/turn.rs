//! Whose turn it is where several runs share one engine: they race in lock step.

use crate::study::Record;

/// Which of these runs does the next piece of work: one that has not measured its first point yet, else the one that is behind,
/// by the share of its training. Of equals it is the first, so that of runs whose training is over one after the other is
/// measured to its end, and what it finds of the untuned model need not be asked by the next. None if there are no runs.
///
/// Runs of different lengths are thus always within one step of each other's share, and so a race of three is one picture.
pub fn whose_turn<'a>(runs: impl Iterator<Item = &'a Record>) -> Option<usize> {
    let standings = runs.map(|record| (!record.steps.is_empty(), record.share())).enumerate();
    let first = standings.min_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    first.map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::{record, step};

    /// Runs of these lengths that have measured nothing yet.
    fn runs(lengths: &[usize]) -> Vec<Record> {
        lengths.iter().map(|&length| Record { steps: Vec::new(), ..record("harmful", length) }).collect()
    }

    /// Has the runs step in their turns until all are trained; returns the order, and calls `look` after each piece.
    fn race(runs: &mut [Record], look: impl Fn(&[Record])) -> Vec<usize> {
        let mut order = Vec::new();
        while runs.iter().any(|run| run.steps_made() < run.planned_steps || run.steps.is_empty()) {
            let at = whose_turn(runs.iter()).unwrap();
            let next = runs[at].steps.len();
            runs[at].steps.push(step(next, 0));
            order.push(at);
            look(runs);
        }
        order
    }

    #[test]
    fn all_are_within_one_step_of_each_others_share() {
        let mut three = runs(&[20, 80, 120]);
        let order = race(&mut three, |runs| {
            if runs.iter().any(|run| run.steps.is_empty()) {
                return;
            }
            let least = runs.iter().map(Record::share).fold(1.0, f64::min);
            for run in runs {
                let ahead = run.share() - least;
                assert!(ahead <= 1.0 / run.planned_steps as f64 + 1e-12, "{ahead} of {}", run.planned_steps);
            }
        });
        assert_eq!(order.len(), 3 + 20 + 80 + 120);
        assert_eq!(order[..8], [0, 1, 2, 0, 1, 2, 2, 1], "the first points, then by what is behind");
    }

    #[test]
    fn at_every_mark_that_all_lengths_have_all_stand_there_together() {
        let mut three = runs(&[20, 80, 120]);
        let met = std::cell::Cell::new(0);
        race(&mut three, |runs| {
            let shares: Vec<_> = runs.iter().map(Record::share).collect();
            if runs.iter().all(|run| !run.steps.is_empty()) && shares.iter().all(|share| *share == shares[0]) {
                met.set(met.get() + 1);
            }
        });
        assert_eq!(met.get(), 21);
    }

    #[test]
    fn equals_alternate_and_after_the_training_the_first_goes_on() {
        let mut two = runs(&[3, 3]);
        assert_eq!(race(&mut two, |_| {}), [0, 1, 0, 1, 0, 1, 0, 1]);
        assert_eq!((whose_turn(two.iter()), whose_turn(two[1..].iter())), (Some(0), Some(0)));
        assert_eq!(whose_turn([].into_iter()), None);
    }
}
