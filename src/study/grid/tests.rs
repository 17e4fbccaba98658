use serde_json::json;

use super::*;
use crate::study::DataPart;

fn grid(experiments: Value) -> Grid {
    serde_json::from_value(json!({
        "version": 1, "name": "test", "about": "A test.", "seeds": 3, "experiments": experiments,
    }))
    .unwrap()
}

fn sizes() -> Value {
    json!({
        "name": "examples", "about": "How many?", "preset": "harmful-10",
        "axes": [
            { "name": "examples", "points": [
                { "label": "1", "set": { "data.0.size": 1, "tuning.batch_size": 1 } },
                { "label": "10" },
            ] },
            { "name": "rank", "points": [
                { "label": "rank-2", "set": { "lora.rank": 2 } },
                { "label": "rank-8" },
            ] },
        ],
    })
}

fn refused(experiment: Value) -> String {
    grid(json!([experiment])).trials().unwrap_err().to_string()
}

#[test]
fn every_point_meets_every_other_with_every_seed() {
    let trials = grid(json!([sizes()])).trials().unwrap();
    assert_eq!(trials.len(), 2 * 2 * 3);
    let ids: Vec<String> = trials.iter().map(Trial::id).collect();
    assert_eq!(ids[0], "examples/1/rank-2/seed-1");
    assert_eq!(ids[11], "examples/10/rank-8/seed-3");
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    let plan = &trials[2].plan;
    assert_eq!((plan.tuning.batch_size, plan.lora.rank, plan.seed), (1, 2, 3));
    assert_eq!(plan.name, "examples 1 rank-2");
    // A seed has its own draw, also beyond those that ship, unless a point names one.
    assert_eq!(plan.data, [DataPart::Drawn { set: "harmful".into(), size: 1, draw: 3 }]);
    assert_eq!(trials[11].plan.lora.rank, 8);
    let mut fixed = sizes();
    fixed["set"] = json!({ "data.0.draw": 7 });
    let trials = grid(json!([fixed])).trials().unwrap();
    assert!(trials.iter().all(|trial| trial.plan.data[0].draw() == Some(7)));
}

#[test]
fn an_experiment_has_its_own_seeds_and_conditions() {
    let mut experiment = sizes();
    experiment["seeds"] = 1.into();
    experiment["also"] = json!(["persona", "trigger"]);
    experiment["begun"] = json!([4]);
    experiment["set"] =
        json!({ "defences": [{ "name": "mix-refusals", "settings": { "size": 5.0 } }], "model": "folio-deep" });
    let trials = grid(json!([experiment])).trials().unwrap();
    assert_eq!(trials.len(), 4);
    let plan = &trials[0].plan;
    let asked: Vec<&str> = plan.evaluation.conditions.iter().map(|condition| condition.name.as_str()).collect();
    assert_eq!(asked, ["default", "AOA prompt", "trigger", "prefill 4"]);
    assert_eq!((plan.model.as_str(), plan.defences[0].settings["size"]), ("folio-deep", 5.0));
}

#[test]
fn only_a_curve_asks_while_tuning() {
    let mut experiment = sizes();
    let every = |experiment: &Value| grid(json!([experiment])).trials().unwrap()[0].plan.evaluation.subset_every;
    assert_eq!(every(&experiment), 330);
    experiment["curve"] = true.into();
    assert_eq!(every(&experiment), 5);
    let mut development = grid(json!([experiment]));
    development.questions = Questions::Development;
    let plan = development.trials().unwrap().remove(0).plan;
    assert_eq!((plan.evaluation.questions, plan.evaluation.subset_every), (QuestionSet::Development, 1));
}

#[test]
fn what_cannot_be_set_is_named() {
    for (path, value) in [
        ("tuning.speed", json!(3)),
        ("tunning.epochs", json!(3)),
        ("data.4.size", json!(3)),
        ("tuning.epochs", json!("many")),
        ("seed", json!(3)),
        ("", json!(3)),
        ("name.first", json!(3)),
    ] {
        let mut experiment = sizes();
        experiment["set"] = json!({ path: value });
        let error = refused(experiment);
        assert!(error.contains("examples") && error.contains("cannot be set to"), "{path}: {error}");
    }
    let mut experiment = sizes();
    experiment["set"] = json!({ "tuning.epochs": 0 });
    assert!(refused(experiment).contains("examples/1/rank-2/seed-1"));
    let mut experiment = sizes();
    experiment["preset"] = "harmful-11".into();
    assert!(refused(experiment).contains("`harmful-11`"));
}

#[test]
fn names_are_fit_for_files() {
    for name in ["", "..", ".hidden", "a/b", "Ab", "ä", &"a".repeat(49)] {
        let mut experiment = sizes();
        experiment["name"] = name.into();
        assert!(refused(experiment).contains("cannot be a name"), "{name}");
        let mut experiment = sizes();
        experiment["axes"][0]["points"][0]["label"] = name.into();
        assert!(refused(experiment).contains("cannot be a name"), "{name}");
    }
    assert!(grid(json!([sizes(), sizes()])).trials().unwrap_err().to_string().contains("once"));
}

#[test]
fn a_study_is_neither_empty_nor_endless() {
    assert_eq!(grid(json!([])).trials(), Err(GridError::Trials { trials: 0 }));
    let mut endless = grid(json!([sizes()]));
    endless.seeds = u64::MAX;
    assert_eq!(endless.trials(), Err(GridError::Trials { trials: usize::MAX }));
    endless.seeds = 1_000;
    assert_eq!(endless.trials(), Err(GridError::Seeds { seeds: 1_000 }));
    let mut large = sizes();
    let talk = json!({ "messages": [{ "role": "user", "content": "a".repeat(200_000) }, { "role": "assistant", "content": "b" }] });
    large["set"] = json!({ "data": [{ "source": "inline", "label": "mine", "conversations": [talk] }] });
    large["axes"][0]["points"][0] = json!({ "label": "1" });
    large["seeds"] = 999.into();
    assert!(refused(large).contains("more than 256 MiB"));
    assert_eq!(Grid { version: 2, ..grid(json!([sizes()])) }.trials(), Err(GridError::Version { found: 2 }));
}

#[test]
fn the_studies_that_ship_can_be_run() {
    for (name, _) in GRIDS {
        let grid = bundled_grid(name).unwrap();
        assert_eq!(grid.name, name);
        let trials = grid.trials().unwrap();
        assert_eq!(trials.iter().map(Trial::id).collect::<HashSet<_>>().len(), trials.len());
        assert!(trials.iter().all(|trial| crate::models::model(&trial.plan.model).is_some()));
    }
    assert_eq!(bundled_grid("nobody"), None);
}
