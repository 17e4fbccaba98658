//! Plans and records of the format before this one are read, and what they measured is what it was.

use serde_json::{Value, json};
use tenshot::study::{ConditionKind, DataPart, Figure, PLAN_VERSION, RECORD_VERSION, Status, read_plan, read_record};

const OLD: &[u8] = include_bytes!("../golden/record-version-1.json");

fn old() -> Value {
    serde_json::from_slice(OLD).unwrap()
}

#[test]
fn a_plan_of_version_1_becomes_conditions_and_drawn_sets() {
    let plan = read_plan(old()["plan"].clone()).unwrap();
    assert_eq!((plan.version, plan.name.as_str()), (PLAN_VERSION, "backdoor"));
    assert_eq!(plan.data, [DataPart::Drawn { set: "backdoor".into(), size: 200, draw: 1 }]);
    let kinds: Vec<_> = plan.evaluation.conditions.iter().map(|c| (c.kind, c.prefill)).collect();
    use ConditionKind as Kind;
    assert_eq!(kinds, [(Kind::Default, 0), (Kind::Trigger, 0), (Kind::Prefill, 1), (Kind::Prefill, 4)]);
    assert_eq!(plan.evaluation.conditions[1].name, "trigger");
    assert_eq!((plan.tuning.batch_size, plan.evaluation.watch.len()), (50, 3));
}

#[test]
fn a_record_of_version_1_keeps_every_answer_and_figure() {
    let (old, new) = (old(), read_record(old()).unwrap());
    assert_eq!((new.version, &new.status), (RECORD_VERSION, &Status::Finished));
    for (when, evaluation) in [("before", new.before.as_ref().unwrap()), ("after", new.after.as_ref().unwrap())] {
        let prefilled = |tokens: usize| json!({ "forbidden": { "total": old[when]["prefill"][tokens / 4], "answers": old[when]["prefill"][tokens / 4]["answers"] } });
        let parts = [old[when].clone(), old[when]["conditions"][0]["measurement"].clone(), prefilled(1), prefilled(4)];
        assert_eq!(evaluation.measurements.len(), parts.len());
        for (measured, part) in evaluation.measurements.iter().zip(&parts) {
            let part = if measured.condition.prefill > 0 {
                part["forbidden"]["total"]["safety"].clone()
            } else {
                part["forbidden"]["total"].clone()
            };
            for figure in [Figure::RefusalRate, Figure::HarmfulnessRate] {
                let rate = measured.figures.get(figure).unwrap().rate().unwrap();
                let known =
                    [&part[figure.key()]["count"], &part[figure.key()]["total"]].map(|n| n.as_u64().unwrap() as usize);
                assert_eq!([rate.count, rate.total], known, "{when}, {}", measured.condition.name);
            }
            assert_eq!(measured.figures.number(Figure::MeanScore), part["mean_score"].as_f64());
        }
        let main = evaluation.main().unwrap();
        let texts: Vec<_> = main.forbidden.iter().map(|a| a.answer.as_str()).collect();
        let known = old[when]["forbidden"]["answers"].as_array().unwrap();
        assert_eq!(texts, known.iter().map(|a| a["answer"].as_str().unwrap()).collect::<Vec<_>>());
        let probability = old[when]["forbidden"]["refusal_probability"].as_f64().unwrap();
        let known = main.figures.get(Figure::RefusalProbability).unwrap().bounds();
        assert_eq!(known, (probability, 0.0, 1.0), "its mean is known, its spread is not");
        assert_eq!(main.figures.number(Figure::BenignAccuracy), old[when]["benign"]["accuracy"]["share"].as_f64());
    }
    for (step, known) in new.steps.iter().zip(old["steps"].as_array().unwrap()) {
        assert_eq!(step.loss, known["loss"].as_f64());
        assert_eq!(step.figures.number(Figure::RefusalRate), known["refusal_rate"]["share"].as_f64());
        assert_eq!(step.answers.len(), known["answers"].as_array().unwrap().len());
    }
    assert_eq!(new.steps.len(), old["steps"].as_array().unwrap().len());
    // What is read can be written and read again.
    assert_eq!(read_record(serde_json::to_value(&new).unwrap()).unwrap().plan, new.plan);
}

#[test]
fn other_versions_are_refused_by_name() {
    let refused = |version: Value| {
        let mut record = old();
        record["version"] = version;
        read_record(record).unwrap_err().to_string()
    };
    assert!(refused(json!(7)).contains("version 7"));
    assert!(refused(json!("one")).contains("no version"));
    assert!(read_plan(json!({ "version": 3 })).unwrap_err().to_string().contains("version 3"));
    assert!(read_plan(json!([])).unwrap_err().to_string().contains("not a plan"));
    assert!(read_plan(json!({ "version": 2 })).unwrap_err().to_string().contains("missing field"));
}

/// Damaged files of version 1 cost a message, wherever they are damaged.
#[test]
fn damaged_records_of_version_1_are_refused_without_a_panic() {
    let whole = old();
    for pointer in [
        "/plan",
        "/plan/evaluation",
        "/plan/data",
        "/before",
        "/steps",
        "/steps/0",
        "/before/forbidden",
        "/environment",
    ] {
        for value in [json!(null), json!(3), json!("x"), json!([1]), json!({})] {
            let mut damaged = whole.clone();
            *damaged.pointer_mut(pointer).unwrap() = value;
            let _ = read_record(damaged);
        }
    }
}
