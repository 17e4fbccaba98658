//! [`Baselines`]: what a model answered before any tuning, kept so that no further run need ask it again.

use crate::study::{Evaluation, EvaluationPlan, Plan, Record};

/// Full evaluations of untuned models: one for each model, conditions, questions, device and build.
#[derive(Default)]
pub struct Baselines(Vec<Baseline>);

struct Baseline {
    model: String,
    device: String,
    build: String,
    plan: EvaluationPlan,
    evaluation: Evaluation,
}

impl Baselines {
    /// What is known of a plan's model, on this device and build.
    pub fn find(&self, plan: &Plan, device: &str, build: &str) -> Option<&Evaluation> {
        let is_it = |known: &&Baseline| {
            (&known.model[..], &known.device[..], &known.build[..]) == (&plan.model, device, build)
                && known.plan.measures_the_same(&plan.evaluation)
        };
        self.0.iter().find(is_it).map(|known| &known.evaluation)
    }

    /// Keeps what a run measured before tuning, if it came to that.
    pub fn keep(&mut self, record: &Record) {
        let environment = &record.environment;
        let known = self.find(&record.plan, &environment.device.name, &environment.build).is_some();
        let Some(evaluation) = record.before.as_ref().filter(|_| !known) else { return };
        self.0.push(Baseline {
            model: record.plan.model.clone(),
            device: environment.device.name.clone(),
            build: environment.build.clone(),
            plan: record.plan.evaluation.clone(),
            evaluation: evaluation.clone(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::QuestionSet;
    use crate::study::testing::record;

    #[test]
    fn a_baseline_is_of_one_model_prompt_question_set_device_and_build() {
        let mut baselines = Baselines::default();
        let known = record("harmful", 20);
        baselines.keep(&known);
        baselines.keep(&known);
        assert_eq!(baselines.0.len(), 1);
        let (device, build) = (&known.environment.device.name, &known.environment.build);
        let find = |change: fn(&mut Plan)| {
            let mut plan = record("safety", 10).plan;
            change(&mut plan);
            baselines.find(&plan, device, build).is_some()
        };
        assert!(find(|_| {}), "data, seed and tuning do not matter");
        assert!(find(|plan| plan.evaluation.watch = vec![]));
        assert!(!find(|plan| plan.model = "other".into()));
        assert!(!find(|plan| plan.evaluation.ask(QuestionSet::Development)));
        assert!(!find(|plan| plan.evaluation.begin_answers(&[1])));
        assert!(!find(|plan| plan.evaluation.max_new_tokens = 9));
        assert_eq!(baselines.find(&known.plan, "other", build), None);
        assert_eq!(baselines.find(&known.plan, device, "other"), None);
    }
}
