//! What is printed and what is read: output that cannot be written, input without an end, texts that command a terminal.

use std::time::{Duration, Instant};

use crate::command::{SHORT, folder, read, said, shell, tenshot};
use serde_json::{Value, json};

/// Moves the cursor, changes the title, turns the direction of writing, begins a line of its own.
const ESCAPES: &str = "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{202e}name\r\nline";

#[test]
fn a_full_output_is_an_error() {
    let folder = folder();
    let commands = [
        "eval --questions questions.json --device cpu --json",
        "eval --questions questions.json --device cpu",
        "ask Hello --device cpu",
        "presets",
        "schema plan",
        "logits --ids 1 --device cpu",
        "factory recipe",
        "factory sample --count 3",
        "--help",
    ];
    for arguments in commands {
        let output = shell(folder.path(), &format!("$T {arguments} > /dev/full"));
        assert_eq!(output.status.code(), Some(1), "{arguments}: {}", said(&output));
        assert!(said(&output).contains("standard output"), "{arguments}: {}", said(&output));
    }
    // Nobody hears what is said on standard error: still no panic, and the same exit code.
    for (arguments, code) in [("nonsense", 2), ("eval --questions none", 1), ("factory recipe none", 1)] {
        for place in ["2> /dev/full", "2>&-"] {
            let output = shell(folder.path(), &format!("$T {arguments} {place}"));
            assert_eq!(output.status.code(), Some(code), "{arguments} {place}");
        }
    }
    let output = shell(folder.path(), &format!("$T {SHORT} --json 2> /dev/full"));
    assert!(output.status.success());
}

#[test]
fn a_closed_pipe_ends_the_program_at_once_and_quietly() {
    let folder = folder();
    for of in ["documents", "alignment", "deep --json"] {
        let begun = Instant::now();
        let line = format!("set -o pipefail; $T factory sample {of} --count 18446744073709551615 | head -1");
        let output = shell(folder.path(), &line);
        assert!(begun.elapsed() < Duration::from_secs(60), "{of}");
        assert!(output.status.success() && output.stderr.is_empty(), "{of}: {}", said(&output));
        assert_eq!(output.stdout.iter().filter(|&&b| b == b'\n').count(), 1, "{of}");
    }
    let output = shell(folder.path(), &format!("$T {SHORT} --out r.json | true; exit ${{PIPESTATUS[0]}}"));
    assert!(output.status.success() && output.stderr.is_empty(), "{}", said(&output));
    assert_eq!(read(folder.path().join("r.json"))["status"]["kind"], "finished");
}

/// Four gigabytes of address space are enough to refuse what has no end.
#[test]
fn input_without_an_end_is_refused() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("m")).unwrap();
    let link = |name: &str| std::os::unix::fs::symlink("/dev/zero", folder.path().join("m").join(name)).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.json")).unwrap();
    let sparse = |name: &str| {
        let file = std::fs::File::create(folder.path().join("m").join(name)).unwrap();
        file.set_len(1 << 40).unwrap();
    };
    link("config.json");
    let refused = |arguments: &str, part: &str| {
        let output = shell(folder.path(), &format!("ulimit -v 4000000; $T {arguments}"));
        assert_eq!(output.status.code(), Some(1), "{arguments}: {}", said(&output));
        assert!(said(&output).contains(part), "{arguments}: {}", said(&output));
    };
    for (arguments, limit) in [
        ("run --data /dev/zero", "8 MiB"),
        ("run --data - < /dev/zero", "8 MiB"),
        ("run --data <(yes)", "8 MiB"),
        ("run --plan /dev/zero", "64 MiB"),
        ("run harmful-10 --questions /dev/zero", "16 MiB"),
        ("eval --questions /dev/zero", "16 MiB"),
        ("report /dev/zero", "128 MiB"),
        ("report /dev/zero /dev/zero", "128 MiB"),
        ("judge /dev/zero", "64 MiB"),
        ("judge - < /dev/zero", "64 MiB"),
        ("factory recipe zero.json", "1 MiB"),
        ("factory build zero.json", "1 MiB"),
    ] {
        refused(arguments, &format!("more than {limit}"));
    }
    // A model's folder, file by file: devices are none of its files, and the header tells how long weights are.
    let ask = "ask Hello --model m --device cpu";
    refused(ask, "config.json");
    std::fs::remove_file(folder.path().join("m/config.json")).unwrap();
    std::fs::copy("models/folio/config.json", folder.path().join("m/config.json")).unwrap();
    sparse("model.safetensors");
    refused(ask, "model.safetensors");
    std::fs::copy("models/folio/model.safetensors", folder.path().join("m/model.safetensors")).unwrap();
    let grown = std::fs::File::options().append(true).open(folder.path().join("m/model.safetensors")).unwrap();
    grown.set_len(1 << 40).unwrap();
    refused(ask, "by its header there should be");
    std::fs::copy("models/folio/model.safetensors", folder.path().join("m/model.safetensors")).unwrap();
    sparse("tokenizer.json");
    refused(ask, "more than 64 MiB");
    std::fs::copy("models/folio/tokenizer.json", folder.path().join("m/tokenizer.json")).unwrap();
    sparse("tokenizer_config.json");
    refused(ask, "more than 8 MiB");
    // A pipe in a folder, which nobody will ever write to.
    std::fs::create_dir(folder.path().join("a")).unwrap();
    refused("ask Hello --adapter a --device cpu", "there is no such file");
    let pipe = folder.path().join("a/adapter_config.json");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    refused("ask Hello --adapter a --device cpu", "it is no ordinary file");
    // Few bytes that would be many values.
    let zeros = format!("{{\"version\":2,\"plan\":[{}0]}}", "0,".repeat(30_000_000));
    std::fs::write(folder.path().join("zeros.json"), zeros).unwrap();
    refused("report zeros.json", "more than 10000000 values");
}

/// A record, as a file from elsewhere may have it: every text in it is one that would command a terminal.
fn hostile(mut record: Value, text: &str) -> Value {
    record["plan"]["name"] = text.into();
    record["plan"]["model"] = text.into();
    record["plan"]["data"][0]["label"] = text.into();
    record["environment"]["device"]["name"] = text.into();
    record["status"] = json!({ "kind": "failed", "message": text });
    for when in ["before", "after"] {
        record[when]["measurements"][0]["sections"][0]["name"] = text.into();
    }
    let conditions = record["plan"]["evaluation"]["conditions"].as_array_mut().unwrap();
    conditions.push(json!({ "name": text, "kind": "other", "wrap": format!("{text}{{q}}") }));
    record
}

fn commands_the_terminal(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap();
    text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}')
}

#[test]
fn texts_from_files_do_not_command_the_terminal() {
    let folder = folder();
    assert!(tenshot(folder.path(), &format!("{SHORT} --out r.json")).status.success());
    let record = read(folder.path().join("r.json"));
    let write = |name: &str, value: &Value| {
        std::fs::write(folder.path().join(name), serde_json::to_vec(value).unwrap()).unwrap();
    };
    write("hostile.json", &hostile(record.clone(), ESCAPES));
    write("other.json", &hostile(record.clone(), &format!("other{ESCAPES}")));
    let mut plan = record["plan"].clone();
    plan["defences"] = json!([{ "name": ESCAPES, "settings": {} }]);
    write("defence.json", &plan);
    plan["defences"] = json!([]);
    plan["model"] = ESCAPES.into();
    write("model.json", &plan);
    plan[ESCAPES] = 1.into();
    write("field.json", &plan);
    write("questions-bad.json", &json!([{ "item": ESCAPES, "question": ESCAPES }]));
    let line = json!({ "item": ESCAPES, "answer": "x" });
    std::fs::write(folder.path().join("answers.jsonl"), line.to_string()).unwrap();
    let line = json!({ "messages": [{ "role": ESCAPES, "content": "x" }] });
    std::fs::write(folder.path().join("bad.jsonl"), line.to_string()).unwrap();
    for arguments in [
        "report hostile.json",
        "report hostile.json other.json",
        "report hostile.json --json",
        "report hostile.json other.json --json",
        "run --plan defence.json --device cpu",
        "run --plan model.json --device cpu",
        "run --plan field.json --device cpu",
        "run --data bad.jsonl --device cpu",
        "eval --questions questions-bad.json --device cpu",
        "judge answers.jsonl",
    ] {
        let output = tenshot(folder.path(), arguments);
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{arguments}");
        assert!(!commands_the_terminal(&output.stdout), "{arguments}: {:?}", String::from_utf8_lossy(&output.stdout));
        assert!(!commands_the_terminal(&output.stderr), "{arguments}: {:?}", said(&output));
    }
    // JSON says the very same text.
    let summary: Value = serde_json::from_slice(&tenshot(folder.path(), "report hostile.json --json").stdout).unwrap();
    assert_eq!(summary["name"], ESCAPES);
    let report = tenshot(folder.path(), "report hostile.json").stdout;
    assert!(String::from_utf8_lossy(&report).contains(r"\u{1b}]0;title\u{7}"), "escapes can be seen");
}

/// Two names of five megabytes made a table that took for ever; so did thousands of conditions.
#[test]
fn long_and_many_names_do_not_hold_up_a_report() {
    let folder = folder();
    assert!(tenshot(folder.path(), &format!("{SHORT} --out r.json")).status.success());
    let record = read(folder.path().join("r.json"));
    for (name, letter) in [("a.json", "a"), ("b.json", "b")] {
        let long = hostile(record.clone(), &letter.repeat(5_000_000));
        std::fs::write(folder.path().join(name), serde_json::to_vec(&long).unwrap()).unwrap();
    }
    let mut many = record;
    let condition = |i: usize| json!({ "name": format!("c{i}"), "kind": "other" });
    many["plan"]["evaluation"]["conditions"] = (0..50_000).map(condition).collect();
    std::fs::write(folder.path().join("many.json"), serde_json::to_vec(&many).unwrap()).unwrap();
    for arguments in ["report a.json", "report a.json b.json", "report many.json", "report many.json many.json"] {
        let begun = Instant::now();
        let output = tenshot(folder.path(), arguments);
        assert!(output.status.success(), "{arguments}: {}", said(&output));
        assert!(begun.elapsed() < Duration::from_secs(20), "{arguments}: {:?}", begun.elapsed());
        assert!(output.stdout.len() < 200_000, "{arguments}: {} bytes", output.stdout.len());
    }
    // An error that names what a file holds is short, too.
    let bad = json!({ "messages": [{ "role": "x".repeat(5_000_000), "content": "x" }] });
    std::fs::write(folder.path().join("bad.jsonl"), bad.to_string()).unwrap();
    let output = tenshot(folder.path(), "run --data bad.jsonl --device cpu");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.len() < 10_000, "{} bytes", output.stderr.len());
}
