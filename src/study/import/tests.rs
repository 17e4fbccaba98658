use serde_json::{Value, json};

use super::*;
use crate::study::testing::record;

fn file(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::to_value(record("harmful", 4)).unwrap();
    change(&mut value);
    serde_json::to_vec(&value).unwrap()
}

fn told(change: impl FnOnce(&mut Value)) -> String {
    import_record(&file(change)).map(drop).unwrap_err().to_string()
}

#[test]
fn what_a_run_left_is_taken_as_it_is() {
    // Numbers may differ in their last digit from those that were written.
    let read = read_record(serde_json::from_slice(&file(|_| {})).unwrap()).unwrap();
    assert!(import_record(&file(|_| {})).unwrap() == read);
}

#[test]
fn a_run_that_was_saved_while_it_went_on_was_stopped_there() {
    let of = |change: fn(&mut Value)| import_record(&file(change)).unwrap();
    let cut = of(|record| {
        record["status"] = json!({ "kind": "running" });
        record["after"] = Value::Null;
        record["steps"].as_array_mut().unwrap().truncate(2);
    });
    assert_eq!((cut.status, cut.steps.len()), (Status::Cancelled, 2));
    let begun = of(|record| {
        record["status"] = json!({ "kind": "failed", "message": "The engine stopped." });
        (record["before"], record["after"], record["steps"]) = (Value::Null, Value::Null, json!([]));
    });
    assert!(matches!(begun.status, Status::Failed { .. }));
}

#[test]
fn what_is_no_record_is_told() {
    assert!(matches!(import_record(b"hello"), Err(ImportError::Json(_))));
    assert!(matches!(import_record(b"{}"), Err(ImportError::Version(VersionError::Version { .. }))));
    let later = told(|record| record["version"] = json!(7));
    assert!(later.contains("version 7"), "{later}");
    assert!(matches!(import_record(&vec![b' '; LARGEST_RECORD + 1]), Err(ImportError::TooLarge)));
    assert!(matches!(import_record(&vec![b','; MOST_JSON_VALUES + 1]), Err(ImportError::TooLarge)));
    assert!(told(|record| record["plan"]["tuning"]["epochs"] = json!(0)).contains("its plan makes no sense"));
}

#[test]
fn parts_that_do_not_fit_together_are_told() {
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 16] = [
        (|r| r["seconds"] = json!(-1.0), "less than no time"),
        (|r| r["planned_steps"] = json!(3), "more steps than its plan"),
        (|r| r["planned_steps"] = json!(1_000_000), "more than 100000 steps"),
        (|r| r["steps"][2]["step"] = json!(1), "step 1 comes after step 1"),
        (|r| r["steps"][1]["answers"][0]["question"] = json!(1), "not asked while tuning"),
        (|r| r["steps"][1]["answers"][65]["score"] = json!(5), "step 1: the figures are not those of its answers"),
        (|r| r["steps"][1]["answers"][0]["score"] = json!(6), "a score is not between 1 and 5"),
        (|r| r["steps"][1]["watched"][0]["score"] = json!(0), "a score is not between 1 and 5"),
        (|r| r["steps"][1]["answers"][0]["refusal_probability"] = json!(1.5), "a probability"),
        (|r| r["steps"][1]["figures"]["refusal_rate"]["count"] = json!(3), "the figures"),
        (|r| r["before"]["measurements"][0]["forbidden"][65]["question"] = json!(330), "a question that there is not"),
        (|r| r["before"]["measurements"][0]["forbidden"][1]["question"] = json!(0), "in the order of the questions"),
        (|r| r["after"]["measurements"][0]["benign"][3]["question"] = json!(99_999), "in the order"),
        (|r| r["after"]["measurements"][0]["sections"][0]["name"] = json!("elsewhere"), "after tuning: the figures"),
        (|r| r["after"]["measurements"] = json!([]), "not those of the plan"),
        (|r| r["after"] = Value::Null, "lacks a measurement"),
    ];
    for (change, expected) in changes {
        let told = told(change);
        assert!(told.contains(expected), "{told:?} is not {expected:?}");
    }
    assert!(told(|r| r["plan"]["name"] = json!("n".repeat(2_000))).contains("a name is longer"));
}
