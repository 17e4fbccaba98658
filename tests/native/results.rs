//! A finished run is not lost: mistakes are told before anything is computed, and what fails afterwards costs nothing else.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::command::{SHORT, folder, names, read, said, shell, tenshot};

/// Targets that cannot be written are told before the run, and nothing is left behind.
#[test]
fn a_target_that_cannot_be_written_is_told_before_the_run() {
    let folder = folder();
    let inside = |name: &str| folder.path().join(name);
    std::fs::create_dir(inside("taken")).unwrap();
    std::fs::create_dir(inside("half")).unwrap();
    std::fs::create_dir(inside("half/adapter_config.json")).unwrap();
    std::fs::write(inside("file"), b"precious").unwrap();
    std::os::unix::fs::symlink("file", inside("link")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(inside("pipe")).status().unwrap().success());
    let before = names(folder.path());
    let cases = [
        ("--out none/r.json", "there is no folder none"),
        ("--out .", "it is a folder"),
        ("--out taken", "it is a folder"),
        ("--out new/", "it is a folder"),
        ("--out file/r.json", "there is no folder file"),
        ("--out link", "it is a link to file"),
        ("--out pipe", "pipe or a device"),
        ("--out tune.jsonl", "--data reads"),
        ("--out ./taken/../questions.json", "--questions reads"),
        ("--save-adapter file", "file is no folder"),
        ("--save-adapter file/a", "file is no folder"),
        ("--save-adapter half", "it is a folder"),
        ("--out a --save-adapter a", "each other's way"),
        ("--out taken/adapter_config.json --save-adapter taken", "each other's way"),
        ("--out - --json", "both go to standard output"),
    ];
    for (options, part) in cases {
        let output = tenshot(folder.path(), &format!("{SHORT} {options}"));
        let error = said(&output);
        assert_eq!(output.status.code(), Some(1), "{options}: {error}");
        assert!(error.contains(part) && !error.contains("panicked"), "{options}: {error}");
        assert!(output.stdout.is_empty(), "{options}: it was computed all the same");
        assert_eq!(names(folder.path()), before, "{options}");
    }
    assert_eq!(std::fs::read(inside("file")).unwrap(), b"precious");
    // Other commands that write.
    let cases = [
        ("factory tunings --out none/t.json --device cpu", "there is no folder none"),
        ("factory tunings --out t.json --records file --device cpu", "file is no folder"),
        ("factory sizes taken --out taken/new.json", "would be lost"),
        ("factory sizes taken --out link", "it is a link"),
        ("factory tuning-sets --out none", "there is no folder none"),
        ("factory build tiny --out file --device cpu", "file is no folder"),
        ("factory build tiny --out b --ship file/models --device cpu", "file is no folder"),
    ];
    for (arguments, part) in cases {
        let output = tenshot(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments}: {}", said(&output));
        assert!(said(&output).contains(part), "{arguments}: {}", said(&output));
        assert_eq!(names(folder.path()), before, "{arguments}");
    }
}

#[test]
fn the_model_that_is_run_is_not_overwritten() {
    let folder = folder();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/folio");
    std::fs::create_dir(folder.path().join("m")).unwrap();
    for name in names(&model) {
        std::fs::copy(model.join(&name), folder.path().join("m").join(&name)).unwrap();
    }
    for name in ["config.json", "tokenizer.json", "model.safetensors", "manifest.json"] {
        let output = tenshot(folder.path(), &format!("{SHORT} --model m --out m/{name}"));
        assert!(said(&output).contains("--model reads"), "{}", said(&output));
        assert!(std::fs::read(model.join(name)).unwrap() == std::fs::read(folder.path().join("m").join(name)).unwrap());
    }
    assert!(tenshot(folder.path(), &format!("{SHORT} --model m --out m/record.json")).status.success());
}

/// Of a run whose results cannot be written the table is shown all the same, and each failure is told.
#[test]
fn the_table_and_the_record_outlive_what_fails_afterwards() {
    let folder = folder();
    // The adapter does not fit below the limit of 64 kB, the record does.
    let limited = format!("trap '' XFSZ; ulimit -f 64; exec $T {SHORT} --out r.json --save-adapter a");
    let output = shell(folder.path(), &limited);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("adapter_model.safetensors cannot be written"), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("harmfulness rate"));
    assert_eq!(read(folder.path().join("r.json"))["status"]["kind"], "finished");
    assert!(names(&folder.path().join("a")).iter().all(|name| !name.ends_with(".partial")));
    // Neither does the finished record: what was written on the way stays readable.
    let limited = format!("trap '' XFSZ; ulimit -f 5; exec $T {SHORT} --out full.json");
    let output = shell(folder.path(), &limited);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("full.json cannot be written"), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("harmfulness rate"));
    assert_eq!(read(folder.path().join("full.json"))["status"]["kind"], "running");
    // Standard output is full: the record is there, and it is an error.
    let output = shell(folder.path(), &format!("$T {SHORT} --out table.json --save-adapter b > /dev/full"));
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("standard output"), "{}", said(&output));
    assert_eq!(read(folder.path().join("table.json"))["status"]["kind"], "finished");
    assert_eq!(names(&folder.path().join("b")), ["adapter_config.json", "adapter_model.safetensors"]);
}

#[test]
fn a_record_can_go_to_standard_output() {
    let folder = folder();
    let output = tenshot(folder.path(), &format!("{SHORT} --out -"));
    let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record["status"]["kind"], "finished");
    assert!(said(&output).contains("harmfulness rate"), "the table stands beside it");
    assert_eq!(names(folder.path()), ["questions.json", "tune.jsonl"]);
}

/// Each of several runs with one target succeeds, and what is there in the end is the whole record of one of them.
#[test]
fn runs_with_one_target_do_not_lose_each_others_record() {
    let folder = folder();
    for _ in 0..4 {
        let spawn =
            |seed: u32| crate::command::command(folder.path(), &format!("{SHORT} --seed {seed} --out r.json")).spawn();
        let children: Vec<_> = (1..=4).map(|seed| spawn(seed).unwrap()).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let record = read(folder.path().join("r.json"));
        assert!((1..=4).contains(&record["plan"]["seed"].as_u64().unwrap()), "{record}");
        assert!(tenshot(folder.path(), "report r.json").status.success());
        assert_eq!(names(folder.path()), ["questions.json", "r.json", "tune.jsonl"]);
    }
}

#[test]
fn a_record_keeps_the_permissions_of_the_file_that_it_replaces() {
    let folder = folder();
    let path = folder.path().join("r.json");
    let planted = folder.path().join("precious");
    std::fs::write(&planted, b"precious").unwrap();
    std::os::unix::fs::symlink(&planted, folder.path().join("r.json.partial")).unwrap();
    std::fs::write(&path, b"old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(tenshot(folder.path(), &format!("{SHORT} --out r.json")).status.success());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(read(&path)["status"]["kind"], "finished");
    assert_eq!(std::fs::read(&planted).unwrap(), b"precious");
}

/// The folder of the record was removed while the run went on.
#[test]
fn a_record_whose_place_is_gone_is_kept_elsewhere() {
    let folder = folder();
    let place = folder.path().join("place");
    std::fs::create_dir(&place).unwrap();
    let mut command = crate::command::command(
        folder.path(),
        &format!("{} --out place/r.json", SHORT.replace("--epochs 2", "--epochs 20")),
    );
    let child = command.env("TMPDIR", folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !place.join("r.json").exists() {
        assert!(begun.elapsed() < crate::command::HANGS);
        std::thread::sleep(Duration::from_millis(1));
    }
    std::fs::remove_dir_all(&place).unwrap();
    let output = crate::command::ended(child, crate::command::HANGS).expect("it hangs");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("The record is in"), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("harmfulness rate"));
    let rescued = names(folder.path()).into_iter().find(|name| name.starts_with("tenshot-")).unwrap();
    assert_eq!(read(folder.path().join(rescued))["status"]["kind"], "finished");
}
