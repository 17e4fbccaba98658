//! One plan on one device in one build has one outcome: everything in which two of its runs differ.

use std::{collections::HashMap, fmt};

use super::journal::Run;

/// Two runs of one plan that differ.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// Preset and seed.
    pub name: String,
    /// In what.
    pub fact: String,
    /// The first run of this plan that has the fact.
    pub first: Seen,
    /// The one that differs from it.
    pub other: Seen,
}

/// What came of a run.
#[derive(Debug, PartialEq)]
pub struct Seen {
    /// When it was exported, in seconds since the beginning.
    pub at: f64,
    pub value: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, fact, first, other } = self;
        write!(f, "{name}, {fact}: {} at {:.0} s, {} at {:.0} s", first.value, first.at, other.value, other.at)
    }
}

/// What was compared.
#[derive(Debug, Default, PartialEq)]
pub struct Comparison {
    /// Different plans.
    pub plans: usize,
    /// Facts that had been there before: each was compared with the first one.
    pub compared: usize,
    pub differences: Vec<Difference>,
}

/// Compares all runs. One that was stopped has the facts of its beginning, and these are those of a whole one.
pub fn compare(runs: &[Run]) -> Comparison {
    let mut known: HashMap<&str, HashMap<&str, (f64, &str)>> = HashMap::new();
    let mut comparison = Comparison::default();
    for run in runs {
        let known = known.entry(&run.of).or_default();
        for (fact, value) in &run.facts {
            let Some((at, first)) = known.get(fact.as_str()) else {
                known.insert(fact, (run.at, value));
                continue;
            };
            comparison.compared += 1;
            if first != value {
                comparison.differences.push(Difference {
                    name: run.name.clone(),
                    fact: fact.clone(),
                    first: Seen { at: *at, value: (*first).to_owned() },
                    other: Seen { at: run.at, value: value.clone() },
                });
            }
        }
    }
    comparison.plans = known.len();
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(at: f64, of: &str, facts: &[(&str, &str)]) -> Run {
        let facts = facts.iter().map(|(fact, value)| ((*fact).to_owned(), (*value).to_owned())).collect();
        Run { at, name: format!("plan {of}"), of: of.to_owned(), facts }
    }

    #[test]
    fn a_stopped_run_is_the_beginning_of_a_whole_one() {
        let stopped = [("planned steps", "20"), ("step 1, loss", "2.5")];
        let whole = [("planned steps", "20"), ("step 1, loss", "2.5"), ("step 2, loss", "2.25"), ("before", "ab")];
        let other = [("planned steps", "20"), ("step 1, loss", "9")];
        // Two that end in the same moment are compared, too.
        let runs = [run(1.0, "a", &stopped), run(1.0, "a", &whole), run(3.0, "b", &other), run(4.0, "a", &whole)];
        assert_eq!(compare(&runs), Comparison { plans: 2, compared: 6, differences: Vec::new() });
    }

    #[test]
    fn the_smallest_difference_is_found_and_says_where() {
        let facts = |loss| [("step 1, loss", "2.5"), ("step 2, loss", loss)];
        let runs =
            [run(1.0, "a", &facts("2.25")), run(2.0, "a", &facts("2.25")), run(3.0, "a", &facts("2.2500000000000004"))];
        let [difference] = &compare(&runs).differences[..] else { panic!("one differs") };
        assert_eq!(difference.to_string(), "plan a, step 2, loss: 2.25 at 1 s, 2.2500000000000004 at 3 s");
    }
}
