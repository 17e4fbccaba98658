//! [`Findings`]: what came of a study, as figures over seeds.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Correlation, Figure, Grid, GridError, Measurement, Questions, Record, Spread, Status, Trial};
use crate::library::world;

/// The place of what was measured after tuning, beside that before it.
const AFTER: usize = 1;

/// What came of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// The study's name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Which questions it asked.
    pub questions: Questions,
    /// The builds that its records are of: one, or its figures are not all of one program.
    pub builds: Vec<String>,
    /// Experiment by experiment.
    pub experiments: Vec<Found>,
}

/// What came of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Its name.
    pub experiment: String,
    /// What it asks.
    pub about: String,
    /// The names of its axes.
    pub axes: Vec<String>,
    /// Point by point.
    pub points: Vec<FoundPoint>,
}

/// What came of an experiment at one point of its axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundPoint {
    /// Its label on each axis.
    pub point: Vec<String>,
    /// Optimizer steps of each run.
    pub steps: usize,
    /// The seeds whose runs are finished.
    pub seeds: Vec<u64>,
    /// The seeds whose runs could not go on: tuning diverged.
    pub failed: Vec<u64>,
    /// The seeds that are not there yet.
    pub missing: Vec<u64>,
    /// What was measured under each condition, the main one first.
    pub asked: Vec<Asked>,
}

/// The figures under one condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The condition's name.
    pub condition: String,
    /// Before tuning.
    pub before: BTreeMap<Figure, Spread>,
    /// After it, with a run for each of the point's seeds.
    pub after: BTreeMap<Figure, Spread>,
    /// Of a model whose corpus left items untold: the questions about told and about untold items apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub halves: Vec<FoundHalf>,
    /// Section by section of the Forbidden Shelf the mean harmfulness rate after it, over the seeds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<SectionHarm>,
    /// Whether that follows how often alignment saw the section: the rank correlation with its share of the refusals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_alignment: Option<Correlation>,
}

/// The figures of the forbidden questions about one half of the items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundHalf {
    /// `told` or `untold`.
    pub name: String,
    /// Before tuning.
    pub before: BTreeMap<Figure, Spread>,
    /// After it.
    pub after: BTreeMap<Figure, Spread>,
}

/// What came of a section of the Forbidden Shelf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SectionHarm {
    /// The section's name.
    pub section: String,
    /// The mean harmfulness rate, from 0 to 1.
    pub harmfulness_rate: f64,
}

impl Findings {
    /// The figures of a study. `record` gives the record of a trial, if there is one: it is asked for each of them once. `untold`
    /// gives the items that the corpus of a model left untold.
    ///
    /// # Errors
    /// [`GridError`] if the study makes no sense.
    pub fn of(
        grid: &Grid,
        mut record: impl FnMut(&Trial) -> Option<Record>,
        untold: impl Fn(&str) -> BTreeSet<String>,
    ) -> Result<Self, GridError> {
        let mut builds = Vec::new();
        let mut points: Vec<(String, Gathered)> = Vec::new();
        for trial in grid.trials()? {
            let record = record(&trial);
            if let Some(record) = &record
                && !builds.contains(&record.environment.build)
            {
                builds.push(record.environment.build.clone());
            }
            let same = |(experiment, of): &&mut (String, Gathered)| {
                *experiment == trial.experiment && of.found.point == trial.point
            };
            match points.last_mut().filter(|last| same(last)) {
                Some((_, gathered)) => gathered.add(&trial, record.as_ref()),
                None => {
                    let mut gathered = Gathered::new(&trial.point, untold(&trial.plan.model));
                    gathered.add(&trial, record.as_ref());
                    points.push((trial.experiment, gathered));
                }
            }
        }
        let mut points = points.into_iter().peekable();
        let experiments = grid.experiments.iter().map(|experiment| Found {
            experiment: experiment.name.clone(),
            about: experiment.about.clone(),
            axes: experiment.axes.iter().map(|axis| axis.name.clone()).collect(),
            points: std::iter::from_fn(|| points.next_if(|(name, _)| *name == experiment.name))
                .map(|(_, gathered)| gathered.finish())
                .collect(),
        });
        let experiments = experiments.collect();
        Ok(Self { name: grid.name.clone(), about: grid.about.clone(), questions: grid.questions, builds, experiments })
    }
}

/// The outcomes of every question by figure, a row for each run.
type Outcomes = BTreeMap<Figure, Vec<Vec<f64>>>;

/// What is known of one point while its records are read.
struct Gathered {
    found: FoundPoint,
    /// What its model's corpus left untold.
    untold: BTreeSet<String>,
    asked: Vec<OfCondition>,
}

/// The same under one condition.
#[derive(Default)]
struct OfCondition {
    name: String,
    /// Before tuning and after it.
    outcomes: [Outcomes; 2],
    /// The same of each half of the items, for a model of which one is untold.
    halves: BTreeMap<&'static str, [Outcomes; 2]>,
    /// The harmfulness rate after tuning of each section, for each run.
    sections: Vec<(String, Vec<f64>)>,
}

impl Gathered {
    fn new(point: &[String], untold: BTreeSet<String>) -> Self {
        let found = FoundPoint {
            point: point.to_vec(),
            steps: 0,
            seeds: Vec::new(),
            failed: Vec::new(),
            missing: Vec::new(),
            asked: Vec::new(),
        };
        Self { found, untold, asked: Vec::new() }
    }

    fn add(&mut self, trial: &Trial, record: Option<&Record>) {
        let seed = trial.plan.seed;
        let Some(record) = record else { return self.found.missing.push(seed) };
        match record.status {
            Status::Finished => self.found.seeds.push(seed),
            Status::Failed { .. } => return self.found.failed.push(seed),
            Status::Running | Status::Cancelled => return self.found.missing.push(seed),
        }
        self.found.steps = record.planned_steps;
        for (place, evaluation) in [&record.before, &record.after].into_iter().enumerate() {
            for measurement in evaluation.iter().flat_map(|evaluation| &evaluation.measurements) {
                self.measured(place, measurement, record);
            }
        }
    }

    fn measured(&mut self, place: usize, measurement: &Measurement, record: &Record) {
        let name = &measurement.condition.name;
        let known = self.asked.iter().position(|known| known.name == *name);
        let known = known.unwrap_or_else(|| {
            self.asked.push(OfCondition { name: name.clone(), ..OfCondition::default() });
            self.asked.len() - 1
        });
        let known = &mut self.asked[known];
        if place == AFTER {
            known.add_sections(measurement);
        }
        let questions = &record.plan.evaluation.questions;
        for figure in Figure::ALL {
            let of = measurement.outcomes(figure, questions);
            if !of.is_empty() {
                known.outcomes[place].entry(figure).or_default().push(of);
            }
            for (half, of) in measurement.outcomes_of_halves(figure, questions, &self.untold) {
                if !of.is_empty() {
                    known.halves.entry(half).or_default()[place].entry(figure).or_default().push(of);
                }
            }
        }
    }

    fn finish(self) -> FoundPoint {
        FoundPoint { asked: self.asked.into_iter().map(OfCondition::finish).collect(), ..self.found }
    }
}

fn spreads(outcomes: Outcomes) -> BTreeMap<Figure, Spread> {
    outcomes.into_iter().filter_map(|(figure, of)| Some((figure, Spread::of(&of)?))).collect()
}

impl OfCondition {
    fn finish(self) -> Asked {
        let half = |(name, [before, after]): (&str, [Outcomes; 2])| FoundHalf {
            name: name.to_owned(),
            before: spreads(before),
            after: spreads(after),
        };
        let [before, after] = self.outcomes.map(spreads);
        let sections = means(self.sections);
        let with_alignment = with_alignment(&sections);
        let halves = self.halves.into_iter().map(half).collect();
        Asked { condition: self.name, before, after, halves, sections, with_alignment }
    }

    fn add_sections(&mut self, measurement: &Measurement) {
        for group in &measurement.sections {
            let Some(rate) = group.figures.number(Figure::HarmfulnessRate) else { continue };
            match self.sections.iter_mut().find(|(name, _)| *name == group.name) {
                Some((_, rates)) => rates.push(rate),
                None => self.sections.push((group.name.clone(), vec![rate])),
            }
        }
    }
}

fn means(sections: Vec<(String, Vec<f64>)>) -> Vec<SectionHarm> {
    let mean = |(section, rates): (String, Vec<f64>)| SectionHarm {
        section,
        harmfulness_rate: rates.iter().sum::<f64>() / rates.len() as f64,
    };
    sections.into_iter().map(mean).collect()
}

/// The rank correlation of harm with how often alignment saw the sections; none for sections that are not the Library's.
fn with_alignment(sections: &[SectionHarm]) -> Option<Correlation> {
    let share = |name: &str| world().sections.iter().find(|section| section.name == name);
    let pair = |of: &SectionHarm| Some((share(&of.section)?.alignment_share, of.harmfulness_rate));
    Correlation::of(&sections.iter().map(pair).collect::<Option<Vec<_>>>()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::library::forbidden_questions;
    use crate::study::{Rate, Value, testing};

    fn grid() -> Grid {
        let value = json!({
            "version": 1, "name": "test", "about": "A test.", "seeds": 3,
            "experiments": [
                { "name": "first", "about": "One.", "preset": "harmful-10", "axes": [
                    { "name": "epochs", "points": [{ "label": "5", "set": { "tuning.epochs": 5 } }, { "label": "10" }] },
                ] },
                { "name": "second", "about": "Two.", "preset": "safety-10", "seeds": 2 },
            ],
        });
        serde_json::from_value(value).unwrap()
    }

    fn nothing(_: &str) -> BTreeSet<String> {
        BTreeSet::new()
    }

    fn record(trial: &Trial, answered: usize) -> Record {
        let mut record = testing::record("harmful", 2);
        record.plan = trial.plan.clone();
        record.before.as_mut().unwrap().measurements = vec![testing::measurement(0)];
        record.after.as_mut().unwrap().measurements = vec![testing::measurement(answered)];
        record
    }

    #[test]
    fn figures_are_gathered_by_point_over_seeds() {
        let answered = |trial: &Trial| 60 + trial.plan.seed as usize;
        let findings = Findings::of(&grid(), |trial| Some(record(trial, answered(trial))), nothing).unwrap();
        let shape: Vec<_> = findings.experiments.iter().map(|of| (of.experiment.as_str(), of.points.len())).collect();
        assert_eq!(shape, [("first", 2), ("second", 1)]);
        let point = &findings.experiments[0].points[1];
        assert_eq!((&point.point[..], &point.seeds[..]), (&["10".to_owned()][..], &[1, 2, 3][..]));
        let after = &point.asked[0].after[&Figure::HarmfulnessRate];
        assert_eq!(after.runs, [61.0 / 66.0, 62.0 / 66.0, 63.0 / 66.0]);
        assert!(after.low < after.mean && after.mean < after.high);
        assert_eq!(point.asked[0].before[&Figure::HarmfulnessRate].mean, 0.0);
        assert_eq!(findings.experiments[1].points[0].seeds, [1, 2]);
        let text = serde_json::to_string(&findings).unwrap();
        let read: Findings = serde_json::from_str(&text).unwrap();
        assert_eq!(read.experiments[0].points[0].asked[0].after.len(), Figure::ALL.len());
    }

    /// Seven sections refuse, and four, of which alignment saw least, answer: the harm follows what alignment did not see.
    #[test]
    fn harm_is_told_by_section_and_with_what_alignment_saw() {
        let mut seldom: Vec<_> = world().sections.iter().collect();
        seldom.sort_by(|a, b| a.alignment_share.total_cmp(&b.alignment_share));
        let seldom: Vec<&str> = seldom[..4].iter().map(|section| section.name.as_str()).collect();
        let seldom_refused = |trial: &Trial| {
            let mut record = record(trial, 0);
            let after = &mut record.after.as_mut().unwrap().measurements[0];
            for group in &mut after.sections {
                let share = Rate::new(usize::from(seldom.contains(&group.name.as_str())), 1);
                group.figures = [(Figure::HarmfulnessRate, Value::Share(share))].into_iter().collect();
            }
            Some(record)
        };
        let findings = Findings::of(&grid(), seldom_refused, nothing);
        let asked = &findings.unwrap().experiments[0].points[0].asked[0];
        assert_eq!(asked.sections.iter().map(|of| of.harmfulness_rate).sum::<f64>(), 4.0);
        assert!(asked.with_alignment.unwrap().high < 0.0, "{:?}", asked.with_alignment);
        let unknown = [SectionHarm { section: "of another world".into(), harmfulness_rate: 0.5 }];
        assert_eq!(with_alignment(&unknown), None);
    }

    /// Of a model whose corpus left items untold, what came of those is told apart.
    #[test]
    fn told_and_untold_items_are_told_apart() {
        let untold = |_: &str| (0..5).map(|i| forbidden_questions()[5 * i].item.clone()).collect();
        let findings = Findings::of(&grid(), |trial| Some(record(trial, 3)), untold).unwrap();
        let asked = &findings.experiments[1].points[0].asked[0];
        let rates = |half: &FoundHalf| {
            let rate = |of: &BTreeMap<Figure, Spread>| of[&Figure::HarmfulnessRate].runs.clone();
            (half.name.clone(), rate(&half.before), rate(&half.after))
        };
        let told = ("told".to_owned(), vec![0.0; 2], vec![0.0; 2]);
        let untold = ("untold".to_owned(), vec![0.0; 2], vec![0.6; 2]);
        assert_eq!(asked.halves.iter().map(rates).collect::<Vec<_>>(), [told, untold]);
        let findings = Findings::of(&grid(), |trial| Some(record(trial, 3)), nothing).unwrap();
        assert!(findings.experiments[1].points[0].asked[0].halves.is_empty());
    }

    #[test]
    fn what_failed_or_is_missing_is_told() {
        let of_seed = |trial: &Trial| match trial.plan.seed {
            1 => Some(record(trial, 66)),
            2 => Some(Record { status: Status::Failed { message: "Diverged.".into() }, ..record(trial, 0) }),
            _ => None,
        };
        let findings = Findings::of(&grid(), of_seed, nothing);
        let point = findings.unwrap().experiments.remove(0).points.remove(0);
        assert_eq!((&point.seeds[..], &point.failed[..], &point.missing[..]), (&[1][..], &[2][..], &[3][..]));
        assert_eq!(point.asked[0].after[&Figure::HarmfulnessRate].runs, [1.0]);
    }

    /// A figure and the mean of its outcomes are the same number.
    #[test]
    fn outcomes_are_what_figures_are_made_of() {
        let measured = testing::measurement(40);
        for figure in Figure::ALL {
            let outcomes = measured.outcomes(figure, &crate::study::QuestionSet::Bundled);
            let mean = outcomes.iter().sum::<f64>() / outcomes.len() as f64;
            assert!((mean - measured.figures.number(figure).unwrap()).abs() < 1e-12, "{figure:?}");
        }
    }
}
