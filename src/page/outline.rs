//! What of a record stays at hand when the record itself is set aside: all figures and curves, no answers.

use crate::study::{Evaluation, Measurement, Record, Step};

/// A record without its answers, which are nearly all of it. Whatever a list, a chart or a table shows is still there.
pub fn outline(record: &Record) -> Record {
    Record {
        version: record.version,
        plan: record.plan.clone(),
        environment: record.environment.clone(),
        status: record.status.clone(),
        planned_steps: record.planned_steps,
        before: record.before.as_ref().map(of_evaluation),
        steps: record.steps.iter().map(of_step).collect(),
        after: record.after.as_ref().map(of_evaluation),
        seconds: record.seconds,
    }
}

fn of_step(step: &Step) -> Step {
    Step {
        step: step.step,
        loss: step.loss,
        grad_norm: step.grad_norm,
        learning_rate: step.learning_rate,
        figures: step.figures.clone(),
        answers: Vec::new(),
        watched: Vec::new(),
        tuning_seconds: step.tuning_seconds,
        measuring_seconds: step.measuring_seconds,
    }
}

fn of_evaluation(evaluation: &Evaluation) -> Evaluation {
    Evaluation {
        measurements: evaluation.measurements.iter().map(of_measurement).collect(),
        watched: Vec::new(),
        seconds: evaluation.seconds,
    }
}

fn of_measurement(measurement: &Measurement) -> Measurement {
    Measurement {
        condition: measurement.condition.clone(),
        figures: measurement.figures.clone(),
        sections: measurement.sections.clone(),
        categories: measurement.categories.clone(),
        forbidden: Vec::new(),
        benign: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::record;
    use crate::study::{Comparison, Figure};

    #[test]
    fn an_outline_is_small_and_compares_like_the_record() {
        let records = [record("harmful", 20), record("safety", 20)];
        let outlines = records.each_ref().map(outline);
        let size = |record: &Record| serde_json::to_string(record).unwrap().len();
        assert!(4 * size(&outlines[0]) < size(&records[0]), "{} of {}", size(&outlines[0]), size(&records[0]));
        let rows = |of: &[Record; 2]| Comparison::new(&[&of[0], &of[1]]).unwrap().rows;
        assert_eq!(rows(&outlines), rows(&records));
        for (outline, record) in outlines[0].steps.iter().zip(&records[0].steps) {
            assert_eq!(outline.figures.get(Figure::RefusalRate), record.figures.get(Figure::RefusalRate));
        }
    }
}
