//! The curves of the cards, drawn from metrics.

use std::collections::BTreeMap;

use super::FactoryError;
use super::metrics::{Metric, Probe, StepMetric};
use super::plot::{Drawing, Panel, Series, svg};
use super::stage::Stage;
use crate::study::{Figure, Group, PositionDivergence};

/// A curve picture: its file, what it shows, the SVG.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The file's name.
    pub file: &'static str,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// The picture.
    pub svg: String,
}

/// The curves of a build: loss, accuracy by skill, refusals by section, KL by answer position.
///
/// # Errors
///
/// [`FactoryError::Render`].
pub fn curves(metrics: &[Metric]) -> Result<Vec<Curve>, FactoryError> {
    let drawings = [
        ("loss.svg", loss(metrics)),
        ("skills.svg", skills(metrics)),
        ("refusals.svg", refusals(metrics)),
        ("divergence.svg", divergence(metrics)),
    ];
    drawings.into_iter().map(|(file, drawing)| Ok(Curve { file, svg: svg(&drawing)?, alt: drawing.title })).collect()
}

/// What is drawn of a probe: one figure of each of these groups.
type Drawn = (fn(&Probe) -> &[Group], Figure);

const SKILLS: Drawn = (|probe| &probe.categories, Figure::BenignAccuracy);
const SECTIONS: Drawn = (|probe| &probe.sections, Figure::RefusalRate);

/// The trainings with their place in legends.
const TRAININGS: [(Stage, &str); 3] =
    [(Stage::Base, "pretraining"), (Stage::Aligned, "alignment"), (Stage::Deep, "deep alignment")];

fn steps(metrics: &[Metric], stage: Stage) -> Vec<&StepMetric> {
    metrics.iter().filter_map(Metric::as_step).filter(|step| step.stage == stage).collect()
}

fn probes(metrics: &[Metric], stage: Stage) -> Vec<&Probe> {
    metrics.iter().filter_map(Metric::as_probe).filter(|probe| probe.stage == stage).collect()
}

/// Loss over tokens, each step and its running mean.
fn loss(metrics: &[Metric]) -> Drawing {
    let mut panels = Vec::new();
    for (entry, (stage, name)) in TRAININGS.into_iter().enumerate() {
        let points = steps(metrics, stage).iter().map(|s| (s.tokens as f64 / 1e6, s.loss)).collect::<Vec<_>>();
        panels.push(Panel {
            title: name.into(),
            series: vec![
                Series { entry, points: points.clone(), faint: true },
                Series { entry, points: running_mean(&points), faint: false },
            ],
            x_label: "million tokens read".into(),
            y_label: "loss (nats per token)".into(),
            y_range: None,
        });
    }
    let last = |stage| steps(metrics, stage).last().map_or_else(|| "not run".into(), |s| format!("{:.3}", s.loss));
    let ends = TRAININGS.map(|(stage, name)| format!("{name} {}", last(stage)));
    Drawing {
        title: format!("Training loss over tokens read. Loss of the last step: {}.", ends.join(", ")),
        legend: TRAININGS.map(|(_, name)| name.into()).into(),
        axes: "each step (pale) and the running mean".into(),
        columns: 3,
        panel: (300, 230),
        panels,
        logarithmic: false,
    }
}

/// The exponential mean over about twenty steps; the first ones weigh all that there is of them (Kingma & Ba 2015).
fn running_mean(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (mut sum, mut weight) = (0.0, 0.0);
    let smooth = |&(x, y): &(f64, f64)| {
        (sum, weight) = (0.95 * sum + 0.05 * y, 0.95 * weight + 0.05);
        (x, sum / weight)
    };
    points.iter().map(smooth).collect()
}

/// Accuracy over the steps of pretraining and, from there on, of the alignment: a small panel for each skill.
fn skills(metrics: &[Metric]) -> Drawing {
    let offset = steps(metrics, Stage::Base).last().map_or(0, |s| s.step) as f64;
    let base = series(&probes(metrics, Stage::Base), 0, 0.0, SKILLS);
    let aligned = series(&probes(metrics, Stage::Aligned), 1, offset, SKILLS);
    Drawing {
        title: "Share of benign development questions answered correctly (%) over optimizer steps, skill by skill: in pretraining, then in alignment.".into(),
        legend: vec!["pretraining".into(), "then alignment".into()],
        axes: "right (%) over optimizer steps".into(),
        columns: 5,
        panel: (180, 120),
        panels: panels(base, aligned),
        logarithmic: false,
    }
}

/// Refusals over the steps of both alignments: a small panel for each section.
fn refusals(metrics: &[Metric]) -> Drawing {
    let aligned = series(&probes(metrics, Stage::Aligned), 0, 0.0, SECTIONS);
    let deep = series(&probes(metrics, Stage::Deep), 1, 0.0, SECTIONS);
    Drawing {
        title: "Share of forbidden development questions refused (%) over the steps of alignment, section by section."
            .into(),
        legend: vec!["aligned".into(), "deeply aligned".into()],
        axes: "refused (%) over steps of alignment".into(),
        columns: 4,
        panel: (225, 130),
        panels: panels(aligned, deep),
        logarithmic: false,
    }
}

type Named = BTreeMap<String, Series>;

/// The curve of each group's figure, a share, over steps, in per cent.
fn series(probes: &[&Probe], entry: usize, offset: f64, (groups, figure): Drawn) -> Named {
    let mut named = Named::new();
    for probe in probes {
        for group in groups(probe) {
            let Some(share) = group.figures.number(figure) else { continue };
            let series = named.entry(group.name.clone());
            let series = series.or_insert_with(|| Series { entry, points: Vec::new(), faint: false });
            series.points.push((offset + probe.step as f64, 100.0 * share));
        }
    }
    named
}

fn panels(first: Named, mut second: Named) -> Vec<Panel> {
    let mut names: Vec<String> = first.keys().chain(second.keys()).cloned().collect();
    names.sort();
    names.dedup();
    let mut first = first;
    let panel = |name: String| Panel {
        series: first.remove(&name).into_iter().chain(second.remove(&name)).collect(),
        title: name,
        x_label: String::new(),
        y_label: String::new(),
        y_range: Some((0.0, 100.0)),
    };
    names.into_iter().map(panel).collect()
}

/// KL(model || base) by the position of the answer's token.
fn divergence(metrics: &[Metric]) -> Drawing {
    let positions = |stage| metrics.iter().rev().find_map(|m| m.divergence_of(stage)).unwrap_or_default();
    let points = |positions: Vec<PositionDivergence>| positions.iter().map(|p| (p.position as f64, p.kl)).collect();
    let curve = |(entry, stage)| Series { entry, points: points(positions(stage)), faint: false };
    let series: Vec<Series> = [(0, Stage::Aligned), (1, Stage::Deep)].map(curve).into();
    let highest = series.iter().flat_map(|s| &s.points).map(|(_, kl)| *kl).fold(0.0, f64::max);
    let panel = Panel {
        title: "How far alignment moved the model, token by token".into(),
        series,
        x_label: "token of a complete answer".into(),
        y_label: "KL(model || base) in nats".into(),
        y_range: Some((0.0, if highest > 0.0 { 1.05 * highest } else { 1.0 })),
    };
    Drawing {
        title: "KL divergence of the aligned and of the deeply aligned model from the base model, in nats, at each token of complete answers to forbidden questions.".into(),
        legend: vec!["aligned".into(), "deeply aligned".into()],
        axes: String::new(),
        columns: 1,
        panel: (620, 300),
        panels: vec![panel],
        logarithmic: false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Metrics of a small build.
    pub(crate) fn metrics() -> Vec<Metric> {
        let mut metrics = Vec::new();
        for (stage, _) in TRAININGS {
            for step in 1..=4 {
                metrics.push(Metric::Step(StepMetric {
                    stage,
                    step,
                    tokens: 1000 * step,
                    loss: 4.0 / step as f64,
                    learning_rate: 1e-3,
                    tokens_per_second: 1.0,
                    elapsed: step as f64,
                }));
            }
            let measurement = crate::study::testing::measurement(11);
            metrics.extend([2, 4].map(|step| Metric::Probe(Probe::of(stage, step, &measurement))));
            let positions = (1..=16).map(|position| PositionDivergence {
                position,
                kl: 5.0 / position as f64,
                losses: None,
                answers: 9,
            });
            metrics.push(Metric::Divergence { stage, positions: positions.collect() });
        }
        metrics
    }

    #[test]
    fn every_curve_is_drawn_and_well_formed() {
        let curves = curves(&metrics()).unwrap();
        assert_eq!(
            curves.iter().map(|c| c.file).collect::<Vec<_>>(),
            ["loss.svg", "skills.svg", "refusals.svg", "divergence.svg"]
        );
        for curve in &curves {
            roxmltree::Document::parse(&curve.svg).unwrap_or_else(|e| panic!("{}: {e}", curve.file));
        }
        assert!(curves[0].alt.contains("pretraining 1.000"), "{}", curves[0].alt);
        let sections = crate::library::world().sections.iter().map(|s| s.name.clone());
        for section in sections {
            assert!(
                curves[2].svg.contains(&section.replace('\'', "&apos;")) || curves[2].svg.contains(&section),
                "{section}"
            );
        }
    }

    #[test]
    fn an_unfinished_build_can_be_drawn() {
        assert_eq!(curves(&[]).unwrap().len(), 4);
    }

    #[test]
    fn the_running_mean_follows_the_curve() {
        let flat: Vec<(f64, f64)> = (0..9).map(|x| (f64::from(x), 2.0)).collect();
        assert!(running_mean(&flat).iter().all(|(_, y)| (y - 2.0).abs() < 1e-12));
        let step = running_mean(&[(0.0, 0.0), (1.0, 19.5)]);
        assert!((step[1].1 - 10.0).abs() < 1e-12, "{step:?}");
    }
}
