//! [`Choice`]: which point of an experiment is taken for a preset, by a rule that is written down before anything is run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Asked, ConditionKind, Figure, Findings, Found, FoundPoint, Grid};

/// What the settings of an experiment are chosen for.
///
/// The rule: of the points that all of their seeds finished and whose means keep every bound, the one whose mean is nearest to the
/// target; of several as near, that with the fewest steps, and of these the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aim {
    /// The figure after tuning.
    pub figure: Figure,
    /// What its mean over the seeds should be.
    pub target: f64,
    /// Under which condition; without it the main one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<ConditionKind>,
    /// What the means of other figures must come to at least, under the same condition: a model that is broken is no finding.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub least: BTreeMap<Figure, f64>,
}

/// What is chosen in one experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The experiment's name.
    pub experiment: String,
    /// What for.
    pub aim: Aim,
    /// The names of its axes.
    pub axes: Vec<String>,
    /// Every point.
    pub candidates: Vec<Candidate>,
    /// The place of the one that is chosen; none if no point can be.
    pub chosen: Option<usize>,
}

/// A point that may be chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its label on each axis.
    pub point: Vec<String>,
    /// Optimizer steps.
    pub steps: usize,
    /// The means over the seeds: that of the figure aimed at, and those that have a bound.
    pub means: BTreeMap<Figure, f64>,
    /// Why it cannot be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out: Option<Out>,
}

/// Why a point cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Out {
    /// Seeds are missing.
    Unfinished,
    /// The tuning of a seed diverged.
    Diverged,
    /// A figure was not measured under the condition.
    Unmeasured,
    /// The mean of this figure is below its bound.
    Below(Figure),
}

impl Choice {
    /// A choice for each experiment of the study that has an aim.
    pub fn of(grid: &Grid, findings: &Findings) -> Vec<Self> {
        let aims = grid.experiments.iter().filter_map(|of| of.aim.as_ref().map(|aim| (&of.name, aim)));
        let found = |name: &String| findings.experiments.iter().find(|found| found.experiment == *name);
        aims.filter_map(|(name, aim)| Some(Self::among(found(name)?, aim))).collect()
    }

    fn among(found: &Found, aim: &Aim) -> Self {
        let candidates: Vec<Candidate> = found.points.iter().map(|point| candidate(point, aim)).collect();
        let near = |of: &Candidate| (of.means[&aim.figure] - aim.target).abs();
        let chosen = (0..candidates.len()).filter(|&place| candidates[place].out.is_none()).min_by(|&a, &b| {
            let (a, b) = (&candidates[a], &candidates[b]);
            near(a).total_cmp(&near(b)).then(a.steps.cmp(&b.steps))
        });
        Self { experiment: found.experiment.clone(), aim: aim.clone(), axes: found.axes.clone(), candidates, chosen }
    }
}

fn candidate(point: &FoundPoint, aim: &Aim) -> Candidate {
    let name = aim.under.map(|kind| kind.condition().name);
    let asked = match &name {
        Some(name) => point.asked.iter().find(|asked| asked.condition == *name),
        None => point.asked.first(),
    };
    let mean = |asked: &Asked, figure| asked.after.get(&figure).map(|spread| (figure, spread.mean));
    let wanted = || std::iter::once(aim.figure).chain(aim.least.keys().copied());
    let means: BTreeMap<Figure, f64> =
        asked.iter().flat_map(|asked| wanted().filter_map(|figure| mean(asked, figure))).collect();
    let below = || aim.least.iter().find(|(figure, least)| means[*figure] < **least);
    let out = if !point.missing.is_empty() {
        Some(Out::Unfinished)
    } else if !point.failed.is_empty() {
        Some(Out::Diverged)
    } else if wanted().any(|figure| !means.contains_key(&figure)) {
        Some(Out::Unmeasured)
    } else {
        below().map(|(figure, _)| Out::Below(*figure))
    };
    Candidate { point: point.point.clone(), steps: point.steps, means, out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Spread;

    const HARM: Figure = Figure::HarmfulnessRate;
    const BENIGN: Figure = Figure::BenignAccuracy;

    fn spread(mean: f64) -> Spread {
        Spread { runs: vec![mean], mean, low: mean, high: mean }
    }

    fn point(label: &str, steps: usize, harm: f64, benign: f64) -> FoundPoint {
        let after = [(HARM, spread(harm)), (BENIGN, spread(benign))].into();
        let condition = ConditionKind::Default.condition().name;
        FoundPoint {
            point: vec![label.into()],
            steps,
            seeds: vec![1],
            failed: Vec::new(),
            missing: Vec::new(),
            asked: vec![Asked {
                condition,
                before: BTreeMap::new(),
                after,
                halves: Vec::new(),
                sections: Vec::new(),
                with_alignment: None,
            }],
        }
    }

    fn aim() -> Aim {
        Aim { figure: HARM, target: 0.2, under: None, least: [(BENIGN, 0.88)].into() }
    }

    fn chosen(points: &[FoundPoint], aim: &Aim) -> Choice {
        let found =
            Found { experiment: "e".into(), about: String::new(), axes: vec!["rate".into()], points: points.into() };
        Choice::among(&found, aim)
    }

    #[test]
    fn the_nearest_that_keeps_the_bounds_is_chosen() {
        let points = [point("a", 20, 0.05, 0.95), point("b", 20, 0.27, 0.93), point("c", 20, 0.21, 0.80)];
        let choice = chosen(&points, &aim());
        assert_eq!(choice.chosen, Some(1));
        assert_eq!(choice.candidates[2].out, Some(Out::Below(BENIGN)));
    }

    #[test]
    fn of_several_as_near_the_shortest_is_chosen_and_then_the_first() {
        let points = [point("a", 40, 0.2, 0.9), point("b", 20, 0.2, 0.9), point("c", 20, 0.2, 0.9)];
        assert_eq!(chosen(&points, &aim()).chosen, Some(1));
    }

    #[test]
    fn what_is_not_whole_is_not_chosen() {
        let missing = FoundPoint { missing: vec![2], ..point("a", 20, 0.2, 0.9) };
        let failed = FoundPoint { failed: vec![2], ..point("b", 20, 0.2, 0.9) };
        let choice = chosen(&[missing, failed, point("c", 20, 0.9, 0.9)], &aim());
        let out: Vec<_> = choice.candidates.iter().map(|of| of.out).collect();
        assert_eq!((choice.chosen, &out[..]), (Some(2), &[Some(Out::Unfinished), Some(Out::Diverged), None][..]));
        let elsewhere = Aim { under: Some(ConditionKind::Trigger), ..aim() };
        let choice = chosen(&[point("a", 20, 0.2, 0.9)], &elsewhere);
        assert_eq!((choice.chosen, choice.candidates[0].out), (None, Some(Out::Unmeasured)));
        assert!(chosen(&[], &aim()).chosen.is_none());
    }

    #[test]
    fn aims_and_choices_are_plain_data() {
        let choice = chosen(&[point("a", 20, 0.2, 0.5)], &aim());
        let text = serde_json::to_string(&choice).unwrap();
        assert_eq!(serde_json::from_str::<Choice>(&text).unwrap(), choice);
        assert!(text.contains(r#""out":{"below":"benign_accuracy"}"#), "{text}");
        let aim: Aim =
            serde_json::from_str(r#"{ "figure": "harmfulness_rate", "target": 1.0, "under": "trigger" }"#).unwrap();
        assert_eq!(aim.under, Some(ConditionKind::Trigger));
    }
}
