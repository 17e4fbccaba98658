//! The process that starts the others, two at a time, and tells what ended one of them.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::child::{PANICKED, corpus};
use crate::guard::{TOO_LONG, TOO_MUCH};
use crate::proof::PROOFS;
use crate::table::{TARGETS, Target};

/// How many processes there are at a time.
const AT_ONCE: usize = 2;
/// After so many failures a target is given up.
const MOST_FAILURES: usize = 5;
/// How often a target may be slow with an input that is quick by itself. A machine that is one of several on a computer can be
/// stopped for seconds, and its system takes that for computing; an input that is slow is so each time.
const MOST_PAUSES: usize = 2;
/// How many shorter inputs are tried to find one that fails in the same way.
const SHORTER: usize = 200;
/// How many, if each of them may take a second.
const SHORTER_OF_SLOW: usize = 20;

/// What is said of an input that took too long.
const SLOW: &str = "it takes more than a second";

/// Tries all targets, or those that are named, and prints how each went.
pub fn run(words: &[&str]) -> ExitCode {
    let names: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let chosen: Vec<&Target> =
        TARGETS.iter().filter(|target| names.is_empty() || names.contains(&target.name)).collect();
    let unknown = names.iter().find(|name| TARGETS.iter().all(|target| target.name != **name));
    if let Some(name) = unknown {
        let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("fuzz: there is no target {name}; there are {}", known.join(", "));
        return ExitCode::FAILURE;
    }
    // `cargo test --list` asks for nothing that is here.
    if words.contains(&"--list") {
        return ExitCode::SUCCESS;
    }
    for target in &chosen {
        has_its_files(target);
    }
    guards_tell();
    let (effort, seed) = (setting("TENSHOT_FUZZ_EFFORT", 1.0_f64), setting("TENSHOT_FUZZ_SEED", 1_u64));
    println!("fuzz: {} targets, effort {effort}, seed {seed}", chosen.len());
    println!(
        "{:<17}{:>10}{:>10}{:>9}{:>9}{:>11}{:>9}",
        "target", "inputs", "accepted", "refusals", "seconds", "slowest ms", "MiB"
    );
    let (next, totals) = (AtomicUsize::new(0), Mutex::new((0, 0)));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(target) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let inputs = ((target.inputs as f64 * effort) as u64).max(corpus(target).len() as u64);
                    let (tried, failures) = all_of(target, seed, inputs);
                    let mut totals = totals.lock().expect("no thread panics with it");
                    *totals = (totals.0 + tried, totals.1 + failures);
                }
            });
        }
    });
    let (tried, failures) = *totals.lock().expect("no thread panics with it");
    println!("fuzz: {tried} inputs, {failures} failures");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    match std::env::var(name) {
        Err(_) => default,
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, and must be a number")),
    }
}

/// A target without its libFuzzer file would not be run at night.
fn has_its_files(target: &Target) {
    assert!(!corpus(target).is_empty(), "{} has no corpus", target.name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let file = format!("targets/{}.rs", target.name);
    assert!(root.join(&file).is_file(), "fuzz/{file} is missing");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("fuzz/Cargo.toml can be read");
    assert!(manifest.contains(&format!("\"{file}\"")), "fuzz/Cargo.toml does not name {file}");
}

/// That the guards tell what they are for.
fn guards_tell() {
    let file = folder().join(format!("proof-{}", std::process::id()));
    std::fs::write(&file, "input").unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    for (target, expected) in &PROOFS {
        let told = again(target, &file);
        let is_told = told.as_ref().is_some_and(|told| told.starts_with(expected));
        assert!(is_told, "{} was told as {told:?}", target.name);
    }
    let _ = std::fs::remove_file(&file); // nobody needs it any more
}

/// Where inputs are left.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    std::fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    folder
}

/// All inputs of a target: how many were tried, how many failed. After a failure those after it are tried by another process,
/// with another seed.
fn all_of(target: &Target, mut seed: u64, inputs: u64) -> (u64, usize) {
    let folder = folder();
    let state = folder.join(format!("{}-{}.input", target.name, std::process::id()));
    let begun = Instant::now();
    let (mut tried, mut failures, mut pauses, mut report) = (0, 0, 0, String::new());
    while tried < inputs {
        let numbers = [seed, tried, inputs].map(|number| number.to_string());
        let mut command = this_program();
        let output = command.args(["--child", target.name]).args(&numbers).arg(&state).output();
        let output = output.expect("this program can be started");
        let Some(failure) = failure(&output) else {
            report += &finished(target, &output, begun);
            tried = inputs;
            break;
        };
        let (number, input) = noted(&state);
        tried = number + 1;
        let (told, repeated) = told(target, seed, &failure, &input, &folder);
        report += &told;
        let is_pause = failure == SLOW && !repeated && pauses < MOST_PAUSES;
        if is_pause {
            pauses += 1;
            report += "  that is taken for a pause of the machine, and is not counted\n";
        } else {
            failures += 1;
        }
        if failures == MOST_FAILURES {
            report += &format!("{:<17} is given up after {failures} failures\n", target.name);
            break;
        }
        seed = seed.wrapping_add(1_000_003);
    }
    print!("{report}"); // at once: another target prints, too
    let _ = std::fs::remove_file(&state); // it may never have been made
    (tried, failures)
}

/// What a process that came to its end said of itself.
fn finished(target: &Target, output: &Output, begun: Instant) -> String {
    let told = String::from_utf8_lossy(&output.stdout);
    let told: Vec<u64> = told.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [count, accepted, refusals, slowest, peak] = told[..] else {
        panic!("{} said nothing that is understood: {output:?}", target.name)
    };
    format!(
        "{:<17}{count:>10}{accepted:>10}{refusals:>9}{:>9.1}{:>11.1}{:>9}\n",
        target.name,
        begun.elapsed().as_secs_f64(),
        slowest as f64 / 1e3,
        peak >> 20
    )
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().expect("this program has a path"))
}

/// What ended a process, in a few words; none if it came to its end.
fn failure(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match output.status.code() {
        Some(0) => None,
        Some(PANICKED) => {
            // "thread 'fuzz' (17) panicked at src/a.rs:1:2:", and the message in the next line.
            let told = text.split_once("panicked at ").map_or(&*text, |(_, told)| told);
            let told: Vec<&str> = told.lines().take(2).collect();
            Some(format!("panic: {}", told.join(" ")))
        }
        Some(TOO_LONG) => Some(SLOW.into()),
        Some(TOO_MUCH) => Some("it allocates more than a gigabyte".into()),
        _ if text.contains("overflowed its stack") => Some("the stack overflows".into()),
        _ => Some(format!("{}: {first}", output.status)),
    }
}

/// The input that a child was trying, and how many it had tried before.
fn noted(state: &Path) -> (u64, Vec<u8>) {
    let file = std::fs::read(state).unwrap_or_default();
    let number =
        |at: usize| file.get(at..).and_then(|rest| rest.first_chunk::<8>()).map_or(0, |n| u64::from_le_bytes(*n));
    let input = file.get(16..).unwrap_or_default();
    (number(0), input[..input.len().min(usize::try_from(number(8)).unwrap_or(usize::MAX))].to_vec())
}

/// What happened with which input, and a shorter one that does the same; and whether the input fails by itself, too.
fn told(target: &Target, seed: u64, failure: &str, input: &[u8], folder: &Path) -> (String, bool) {
    let file = folder.join(format!("{}-{:016x}", target.name, hash(input)));
    let mut report = format!(
        "FAILED {}: {failure}\n  seed {seed}, {} bytes: {}\n  again: cargo test --release --test fuzz -- --input {} {}\n",
        target.name,
        input.len(),
        file.display(),
        file.display(),
        target.name
    );
    if let Err(error) = std::fs::write(&file, input) {
        return (report + &format!("  the input could not be written: {error}\n"), true);
    }
    let Some(repeated) = again(target, &file) else {
        return (report + "  alone the input does no harm: it needs those before it\n", false);
    };
    let tries = if repeated == failure && failure != SLOW { SHORTER } else { SHORTER_OF_SLOW };
    let shorter = shortened(target, input.to_vec(), &repeated, tries, &file.with_extension("try"));
    let file = file.with_extension("short");
    if std::fs::write(&file, &shorter).is_ok() {
        let beginning: String = String::from_utf8_lossy(&shorter).chars().take(300).collect();
        report += &format!("  {} bytes do the same: {}\n  {beginning:?}\n", shorter.len(), file.display());
    }
    (report, true)
}

/// What a file does by itself.
fn again(target: &Target, file: &Path) -> Option<String> {
    let file = file.display().to_string();
    let output = this_program().args(["--input", &file, target.name]).output();
    failure(&output.expect("this program can be started"))
}

/// Takes parts out as long as the rest fails in the same way.
fn shortened(target: &Target, mut input: Vec<u8>, like: &str, tries: usize, file: &Path) -> Vec<u8> {
    let mut piece = input.len().div_ceil(2);
    let mut left = tries;
    while piece > 0 && left > 0 {
        let mut from = 0;
        while from < input.len() && left > 0 {
            let mut shorter = input.clone();
            shorter.drain(from..(from + piece).min(input.len()));
            left -= 1;
            if std::fs::write(file, &shorter).is_ok() && again(target, file).as_deref() == Some(like) {
                input = shorter;
            } else {
                from += piece;
            }
        }
        piece /= 2;
    }
    let _ = std::fs::remove_file(file); // nobody needs it any more
    input
}

fn hash(input: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    hasher.finish()
}
