//! `tenshot study`: a study that was stopped goes on, damage costs one run, and figures are of the weights that made them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::command::{HANGS, folder, said, tenshot};

/// Two points and two seeds of one step each, on the development questions.
fn grid(points: &Value) -> Value {
    json!({
        "version": 1, "name": "short", "about": "A test.", "seeds": 2, "questions": "development",
        "experiments": [{
            "name": "rates", "about": "Which rate?", "preset": "harmful-10",
            "set": { "tuning.epochs": 1, "tuning.batch_size": 10, "evaluation.max_new_tokens": 8 },
            "axes": [{ "name": "rate", "points": points }],
        }],
    })
}

fn short() -> Value {
    grid(&json!([
        { "label": "low", "set": { "tuning.learning_rate": 1e-4 } },
        { "label": "high", "set": { "tuning.learning_rate": 3e-3 } },
    ]))
}

const RUN: &str = "study run grid.json --out out --device cpu";

fn begun(grid: &Value) -> tempfile::TempDir {
    let folder = folder();
    std::fs::write(folder.path().join("grid.json"), grid.to_string()).unwrap();
    folder
}

fn records(folder: &Path) -> Vec<PathBuf> {
    let ids = ["low/seed-1", "low/seed-2", "high/seed-1", "high/seed-2"];
    ids.map(|id| folder.join("out/records/rates").join(format!("{id}.json"))).into()
}

fn findings(folder: &Path) -> Value {
    let output = tenshot(folder, "study report out --json");
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_study_is_made_once_and_damage_costs_one_run() {
    let folder = begun(&short());
    let folder = folder.path();
    let first = tenshot(folder, RUN);
    assert!(first.status.success(), "{}", said(&first));
    assert!(said(&first).contains("4 runs, of which 0 are there"), "{}", said(&first));
    let made: Vec<Vec<u8>> = records(folder).iter().map(|path| std::fs::read(path).unwrap()).collect();
    let before = findings(folder);
    let point = &before["experiments"][0]["points"][1];
    assert_eq!((&point["point"], &point["seeds"], &point["missing"]), (&json!(["high"]), &json!([1, 2]), &json!([])));
    let after = &point["asked"][0]["after"]["harmfulness_rate"];
    assert_eq!(after["runs"].as_array().unwrap().len(), 2);
    assert!(
        before["experiments"][0]["points"][0]["asked"][0]["before"]["refusal_rate"]["mean"].as_f64().unwrap() > 0.9
    );

    // One is damaged, one is of another plan, one is gone.
    std::fs::write(&records(folder)[0], &made[0][..made[0].len() / 2]).unwrap();
    std::fs::copy(&records(folder)[3], &records(folder)[2]).unwrap();
    std::fs::remove_file(&records(folder)[1]).unwrap();
    let told = tenshot(folder, "study report out");
    assert!(told.status.success() && said(&told).contains("low/seed-1.json"), "{}", said(&told));
    assert!(String::from_utf8_lossy(&told.stdout).contains("0, 2 missing"));
    let again = tenshot(folder, &format!("{RUN} --jobs 1"));
    assert!(again.status.success(), "{}", said(&again));
    for part in ["4 runs, of which 1 are there", "low/seed-1.json", "high/seed-1.json is of another plan"] {
        assert!(said(&again).contains(part), "{part}: {}", said(&again));
    }
    // The same figures, whatever runs beside it; what was whole is untouched.
    assert_eq!(findings(folder), before);
    assert_eq!(std::fs::read(&records(folder)[3]).unwrap(), made[3]);
}

#[test]
fn a_study_that_was_stopped_goes_on() {
    let folder = begun(&short());
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenshot"));
    command.args(RUN.split(' ')).args(["--jobs", "1"]).current_dir(folder.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !records(folder.path())[0].exists() {
        assert!(begun.elapsed() < HANGS, "no run is finished");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let there = records(folder.path()).iter().filter(|path| path.exists()).count();
    assert!(there < 4);
    let rest = tenshot(folder.path(), RUN);
    assert!(rest.status.success(), "{}", said(&rest));
    assert!(said(&rest).contains(&format!("4 runs, of which {there} are there")), "{}", said(&rest));
    assert!(records(folder.path()).iter().all(|path| path.exists()));
}

/// Tuning that diverges is what comes of a plan: it is kept, told, and not made again.
#[test]
fn a_run_that_diverges_is_a_finding() {
    let set = json!({ "tuning.learning_rate": 1e3, "tuning.weight_decay": 1e3, "tuning.epochs": 9, "lora.alpha": 1e6 });
    let folder = begun(&grid(&json!([{ "label": "wild", "set": set }])));
    let first = tenshot(folder.path(), RUN);
    assert!(first.status.success() && said(&first).contains("diverged"), "{}", said(&first));
    let again = tenshot(folder.path(), RUN);
    assert!(said(&again).contains("2 runs, of which 2 are there"), "{}", said(&again));
    assert_eq!(findings(folder.path())["experiments"][0]["points"][0]["failed"], json!([1, 2]));
}

#[test]
fn other_weights_are_another_study() {
    let folder = begun(&short());
    let run = format!("{RUN} --only rates --seeds 1");
    assert!(tenshot(folder.path(), &run).status.success());
    let about = folder.path().join("out/study.json");
    let mut text: Value = serde_json::from_slice(&std::fs::read(&about).unwrap()).unwrap();
    text["models"]["folio"] = "0".repeat(64).into();
    std::fs::write(&about, text.to_string()).unwrap();
    let refused = tenshot(folder.path(), &run);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("another folio"), "{}", said(&refused));
}

#[test]
fn what_cannot_be_run_is_told_before_anything_is_made() {
    let mut wrong = short();
    wrong["experiments"][0]["set"] = json!({ "tuning.speed": 3 });
    let folder = begun(&wrong);
    std::fs::write(folder.path().join("text.json"), "no grid").unwrap();
    for (arguments, part) in [
        (RUN, "tuning.speed cannot be set to 3"),
        ("study run nothing --out out", "no study nothing, and no file"),
        ("study run text.json --out out", "not the JSON expected"),
        ("study run paper --out out --only walks", "has no experiment walks"),
        ("study report nowhere", "nowhere/study.json"),
        ("study grid nothing", "no study nothing"),
    ] {
        let output = tenshot(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments}: {}", said(&output));
        assert!(said(&output).contains(part), "{arguments}: {}", said(&output));
        assert!(!folder.path().join("out").exists(), "{arguments}");
    }
    let listed = tenshot(folder.path(), "study grid");
    assert!(String::from_utf8_lossy(&listed.stdout).contains("paper"));
    let printed = tenshot(folder.path(), "study grid paper");
    assert!(serde_json::from_slice::<Value>(&printed.stdout).unwrap()["experiments"].is_array());
}

/// The rule reads the records alone, and says which point it takes and why not the others.
#[test]
fn a_study_chooses_by_its_aim() {
    let mut grid = short();
    grid["experiments"][0]["aim"] =
        json!({ "figure": "refusal_rate", "target": 1.0, "least": { "benign_accuracy": 0.0 } });
    let folder = begun(&grid);
    let folder = folder.path();
    let run = tenshot(folder, RUN);
    assert!(run.status.success(), "{}", said(&run));
    let output = tenshot(folder, "study choose out --json");
    let choice = serde_json::from_slice::<Value>(&output.stdout).unwrap();
    let mean = |place: usize| choice[0]["candidates"][place]["means"]["refusal_rate"].as_f64().unwrap();
    let nearest = usize::from((mean(1) - 1.0).abs() < (mean(0) - 1.0).abs());
    assert_eq!(choice[0]["chosen"], json!(nearest), "{choice}");
    let output = tenshot(folder, "study choose out");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Chosen: ") && text.contains("benign accuracy"), "{text}");
    let output = tenshot(folder, "study report out --html out/report.html");
    assert!(output.status.success(), "{}", said(&output));
    let page = std::fs::read_to_string(folder.join("out/report.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("development questions"), "{page}");
    let output = tenshot(folder, "study report out --html out/study.json");
    assert!(said(&output).contains("would be lost"), "{}", said(&output));
    // A run that is missing takes its point out.
    let records = records(folder);
    for record in &records[2 * nearest..2 * nearest + 2] {
        std::fs::remove_file(record).unwrap();
    }
    let output = tenshot(folder, "study choose out");
    assert!(String::from_utf8(output.stdout).unwrap().contains("not finished"));
}
