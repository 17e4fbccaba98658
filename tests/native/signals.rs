//! A run that is asked to end keeps what it has measured, and one that is killed has lost a second at most.
//!
//! `TENSHOT_SIGNAL_MOMENTS` says at how many moments each signal is sent, 4 unless it is set.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::{Rng, SeedableRng};

use crate::command::{HANGS, SHORT, folder, names, read, said, tenshot};

/// Some seconds with every phase of a run.
const RUN: &str =
    "run --data tune.jsonl --questions questions.json --epochs 60 --prefill 1,2,4,8 --device cpu --out r.json";

/// The program, which minds signals even if whoever started the tests does not.
fn start(folder: &Path, arguments: &str) -> Child {
    with_signals(folder, "--default-signal=HUP,INT,TERM", arguments)
}

fn with_signals(folder: &Path, how: &str, arguments: &str) -> Child {
    let mut command = Command::new("env");
    command.args([how, env!("CARGO_BIN_EXE_tenshot")]).args(arguments.split_whitespace()).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}

fn end(mut child: Child) -> ExitStatus {
    drop(child.stdin.take());
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(begun.elapsed() < HANGS, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn wait_until(what: &str, mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < HANGS, "{what}: it does not come to that");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether a process has taken a signal over.
fn minds(child: &Child, signal: Signal) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    caught & (1 << (signal as u64 - 1)) != 0
}

fn status(folder: &Path) -> String {
    read(folder.join("r.json"))["status"]["kind"].as_str().unwrap().to_owned()
}

/// That the record can be read, and that the report says how the run ended.
fn assert_readable(folder: &Path, how: &str) {
    let report = tenshot(folder, "report r.json");
    let text = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(report.status.success(), "{how}: {}", said(&report));
    match status(folder).as_str() {
        "running" => assert!(text.contains("was not finished"), "{how}: {text}"),
        "cancelled" => assert!(text.contains(", cancelled"), "{how}: {text}"),
        other => assert_eq!(other, "finished", "{how}"),
    }
}

/// Whatever the moment, from the one on at which the program minds signals or has written its first record.
#[test]
fn a_record_can_be_read_after_a_signal_at_any_moment() {
    let moments = std::env::var("TENSHOT_SIGNAL_MOMENTS").map_or(4, |moments| moments.parse().unwrap());
    let whole = folder();
    let begun = Instant::now();
    assert!(end(start(whole.path(), RUN)).success());
    let length = begun.elapsed();
    let mut die = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGKILL] {
        let (mut ended, mut kinds) = (0, std::collections::BTreeMap::new());
        for moment in 0..moments {
            let folder = folder();
            let child = start(folder.path(), RUN);
            wait_until("the run begins", || match signal {
                Signal::SIGKILL => folder.path().join("r.json").exists(),
                signal => minds(&child, signal),
            });
            // The first moment is the very first, the others are spread over the run.
            let part = if moment == 0 { 0.0 } else { (f64::from(moment) + die.random::<f64>()) / f64::from(moments) };
            std::thread::sleep(length.mul_f64(part));
            send(&child, signal);
            let (exit, how) = (end(child), format!("{signal} after {part:.3} of {length:?}"));
            assert_readable(folder.path(), &how);
            let kind = status(folder.path());
            *kinds.entry(kind.clone()).or_insert(0) += 1;
            match kind.as_str() {
                "finished" => assert!(exit.success() || exit.signal() == Some(9), "{how}: {exit}"),
                "cancelled" => assert_eq!(exit.code(), Some(128 + signal as i32), "{how}"),
                _ => assert_eq!(exit.signal(), Some(9), "{how}"),
            }
            ended += 1;
            // A signal that nobody can mind may leave an unfinished file, and nothing else does.
            let left = names(folder.path()).iter().filter(|name| name.ends_with(".partial")).count();
            assert!(left <= usize::from(signal == Signal::SIGKILL), "{how}");
        }
        println!("{signal}: {ended} of {moments} records readable, {kinds:?}");
    }
}

#[test]
fn the_record_grows_with_the_run() {
    let folder = folder();
    let child = start(folder.path(), "run identity-10 --device cpu --out r.json");
    let record = folder.path().join("r.json");
    wait_until("the first record", || record.exists());
    assert_eq!(status(folder.path()), "running");
    let steps = || read(&record)["steps"].as_array().unwrap().len();
    wait_until("the first step", || steps() > 1);
    send(&child, Signal::SIGKILL);
    assert_eq!(end(child).signal(), Some(9));
    assert!(steps() > 1);
    assert_readable(folder.path(), "killed");
    let comparison = tenshot(folder.path(), "report r.json r.json");
    assert!(String::from_utf8_lossy(&comparison.stdout).contains("Record 1 is of a run that was not finished"));
    let summary = tenshot(folder.path(), "report r.json --json");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&summary.stdout).unwrap()["status"], "running");
}

/// Both signals wait while the process stands still; the second one then leaves no time for anything.
#[test]
fn the_second_signal_ends_the_process_at_once() {
    let folder = folder();
    let child = start(folder.path(), RUN);
    wait_until("the first record", || folder.path().join("r.json").exists());
    for signal in [Signal::SIGSTOP, Signal::SIGINT, Signal::SIGTERM, Signal::SIGCONT] {
        send(&child, signal);
    }
    let code = end(child).code();
    assert!([Some(130), Some(143)].contains(&code), "{code:?}");
    assert_eq!(status(folder.path()), "running");
    assert_readable(folder.path(), "ended at once");
}

#[test]
fn a_run_that_was_begun_deaf_to_the_end_of_its_terminal_goes_on() {
    let folder = folder();
    let child = with_signals(folder.path(), "--ignore-signal=HUP", &format!("{SHORT} --out r.json"));
    wait_until("the run begins", || minds(&child, Signal::SIGTERM));
    send(&child, Signal::SIGHUP);
    assert!(end(child).success());
    assert_eq!(status(folder.path()), "finished");
}

/// While a command waits for its input there is nothing to keep.
#[test]
fn a_command_that_waits_for_input_can_be_interrupted() {
    let folder = folder();
    for arguments in ["judge -", "run --data - --device cpu --out r.json"] {
        let mut child = start(folder.path(), arguments);
        let stdin = child.stdin.take();
        std::thread::sleep(Duration::from_millis(300));
        assert!(child.try_wait().unwrap().is_none(), "{arguments} does not wait");
        send(&child, Signal::SIGINT);
        assert_eq!(end(child).signal(), Some(Signal::SIGINT as i32), "{arguments}");
        drop(stdin);
    }
    assert!(!folder.path().join("r.json").exists());
}

#[test]
fn other_commands_end_with_the_code_of_the_signal() {
    let folder = folder();
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        // Long enough not to be over when the signal comes, however late that is on a busy machine.
        let child = start(folder.path(), "eval --device cpu --prefill 1,2,3,4,5,6,7,8");
        wait_until("the first question", || minds(&child, signal));
        send(&child, signal);
        assert_eq!(end(child).code(), Some(code), "{signal}");
    }
}
