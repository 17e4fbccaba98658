//! [`Kept`]: records that the visitor keeps in this browser, beyond the visit.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::study::{Figure, ImportError, LARGEST_RECORD, Record};

/// What is said of a record in the list, so that the list needs none of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The plan's name.
    pub name: String,
    /// The seed.
    pub seed: u64,
    /// When the run began, as an ISO 8601 date and time.
    pub started: String,
    /// On which device.
    pub device: String,
    /// The refusal rate before tuning under the main condition.
    pub before: Option<f64>,
    /// The same after it.
    pub after: Option<f64>,
}

impl About {
    /// What is said of this record.
    pub fn of(record: &Record) -> Self {
        let rate = |of: &Option<crate::study::Evaluation>| of.as_ref()?.main()?.figures.number(Figure::RefusalRate);
        Self {
            name: record.plan.name.clone(),
            seed: record.plan.seed,
            started: record.environment.started.clone(),
            device: record.environment.device.name.clone(),
            before: rate(&record.before),
            after: rate(&record.after),
        }
    }
}

/// A record in the browser's keeping.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRecord {
    /// Its number there.
    pub id: u32,
    /// What is said of it.
    pub about: About,
}

/// Why a record is not shown or not kept; the page has the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The browser does not keep it, for this reason.
    Browser(String),
    /// It is not there any more: another window has forgotten it.
    Gone,
    /// The file is too large for a record.
    TooLarge {
        /// The most megabytes.
        most: usize,
    },
    /// The file is no record, for this reason.
    NoRecord(String),
}

impl From<ImportError> for Fault {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::TooLarge => Self::TooLarge { most: LARGEST_RECORD >> 20 },
            error => Self::NoRecord(error.to_string()),
        }
    }
}

/// What is kept, as the page knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// All of it, the newest first.
    pub records: Vec<KeptRecord>,
    /// What went wrong last.
    pub fault: Option<Fault>,
    /// The runs of this visit that are kept, by their numbers and when they began, each with the number of its record. On a stage
    /// the numbers begin anew.
    of_visit: BTreeMap<(u32, String), u32>,
    /// Those that the browser is about to keep.
    pending: BTreeSet<(u32, String)>,
}

/// An entry of the list as the browser tells it.
#[derive(Deserialize)]
struct Entry {
    id: u32,
    about: String,
}

impl Kept {
    /// Takes in the browser's list, `[{"id": 3, "about": "…"}]`, the newest last. What is said of a record by another build may not
    /// be readable: it is listed without words, so that it can be shown or forgotten.
    pub fn read(&mut self, list: &str) {
        let entries: Vec<Entry> = serde_json::from_str(list).unwrap_or_default();
        let record =
            |entry: Entry| KeptRecord { id: entry.id, about: serde_json::from_str(&entry.about).unwrap_or_default() };
        self.records = entries.into_iter().rev().map(record).collect();
        self.of_visit.retain(|_, kept| self.records.iter().any(|record| record.id == *kept));
    }

    /// The browser is asked to keep a run of this visit, which began then. Returns whether it is to be asked: a second click is too
    /// much.
    pub fn asks(&mut self, run: u32, started: &str) -> bool {
        !self.has(run, started) && self.pending.insert((run, started.to_owned()))
    }

    /// A run of this visit, which began then, is kept under this number.
    pub fn keeps(&mut self, run: u32, started: &str, id: u32) {
        let run = (run, started.to_owned());
        self.pending.remove(&run);
        self.of_visit.insert(run, id);
        self.fault = None;
    }

    /// Something went wrong, with a run that was to be kept or else.
    pub fn fails(&mut self, fault: Fault) {
        self.pending.clear();
        self.fault = Some(fault);
    }

    /// Whether a run of this visit, which began then, is kept.
    pub fn has(&self, run: u32, started: &str) -> bool {
        self.of_visit.contains_key(&(run, started.to_owned()))
    }

    /// The runs of this visit that this record is of, each with when it began.
    pub fn runs_of(&self, id: u32) -> impl Iterator<Item = &(u32, String)> {
        self.of_visit.iter().filter(move |(_, kept)| **kept == id).map(|(run, _)| run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::import_record;
    use crate::study::testing::record;

    #[test]
    fn the_list_says_what_a_run_was() {
        let about = About::of(&record("harmful", 4));
        assert_eq!((about.name.as_str(), about.seed, about.before, about.after), ("harmful", 1, Some(1.0), Some(0.0)));
        let mut begun = record("harmful", 4);
        (begun.before, begun.after) = (None, None);
        assert_eq!((About::of(&begun).before, About::of(&begun).after), (None, None));
    }

    #[test]
    fn the_newest_is_first_and_what_is_not_understood_stays_in_the_list() {
        let about = About::of(&record("safety", 4));
        let entry = |id: u32, about: String| serde_json::json!({ "id": id, "about": about });
        let list = [
            entry(1, serde_json::to_string(&about).unwrap()),
            entry(4, "of a later build".into()),
            entry(9, r#"{"name": "mine", "more": 3}"#.into()),
        ];
        let mut kept = Kept::default();
        kept.keeps(2, "then", 4);
        kept.keeps(3, "then", 5);
        kept.read(&serde_json::to_string(&list).unwrap());
        let names: Vec<_> = kept.records.iter().map(|record| (record.id, record.about.name.as_str())).collect();
        assert_eq!(names, [(9, "mine"), (4, ""), (1, "safety")]);
        assert_eq!(kept.records[2].about, about);
        let has = [(2, "then"), (3, "then"), (2, "later")].map(|(run, started)| kept.has(run, started));
        assert_eq!(
            has,
            [true, false, false],
            "another window has forgotten the second; the third is a run after a reset"
        );
        for broken in ["", "[", "{}", "[3]"] {
            kept.read(broken);
            assert_eq!(kept.records, []);
        }
    }

    #[test]
    fn a_run_is_kept_once() {
        let mut kept = Kept::default();
        assert_eq!([kept.asks(1, "then"), kept.asks(1, "then"), kept.asks(2, "then")], [true, false, true]);
        kept.keeps(1, "then", 7);
        assert!(!kept.asks(1, "then") && kept.runs_of(7).eq([&(1, "then".to_owned())]));
        kept.fails(Fault::Browser("The disk is full.".to_owned()));
        assert!(kept.asks(2, "then"), "once more");
    }

    #[test]
    fn faults_have_reasons() {
        let fault = |file: &[u8]| Fault::from(import_record(file).unwrap_err());
        assert_eq!(fault(&vec![b' '; LARGEST_RECORD + 1]), Fault::TooLarge { most: 32 });
        assert!(matches!(fault(b"{}"), Fault::NoRecord(reason) if reason.contains("no version")));
    }
}
