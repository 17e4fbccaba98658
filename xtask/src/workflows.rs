//! Tests of the workflows: what runs with the project's rights is named exactly, and published is only what was tested.

use std::{fs, path::PathBuf};

use crate::process::Project;

fn workflows() -> Vec<(String, String)> {
    let folder = Project::open().unwrap().path(".github/workflows");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read =
        |file: &PathBuf| (file.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(file).unwrap());
    files.iter().map(read).collect()
}

fn workflow(name: &str) -> String {
    workflows().into_iter().find(|(file, _)| file == name).unwrap().1
}

/// What is wrong with a line that names an action. A tag can be moved to other code, a hash cannot.
fn fault(line: &str) -> Option<&'static str> {
    let action = line.trim_start().trim_start_matches("- ").strip_prefix("uses:")?.trim();
    if action.starts_with("./") {
        return None; // of this very commit
    }
    let (action, comment) = action.split_once(" # ").unwrap_or((action, ""));
    let hash = action.split_once('@').map_or("", |(_, version)| version);
    if hash.len() != 40 || !hash.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f')) {
        return Some("it is not named by the hash of a commit");
    }
    let is_version = comment.strip_prefix('v').is_some_and(|version| version.split('.').count() == 3);
    (!is_version).then_some("no comment says which version that is")
}

#[test]
fn every_action_is_named_by_the_hash_of_a_commit() {
    let hash = "0123456789abcdef0123456789abcdef01234567";
    assert_eq!(fault(&format!("      - uses: a/b@{hash} # v1.2.3")), None);
    assert_eq!(fault("    uses: ./.github/workflows/ci.yml"), None);
    for line in ["- uses: a/b@v4", "- uses: a/b", "- uses: a/b@0123 # v1.2.3", &format!("- uses: a/b@{hash} # v4")] {
        assert!(fault(line).is_some(), "{line}");
    }
    for (file, text) in workflows() {
        for line in text.lines() {
            assert_eq!(fault(line), None, "{file}: {line}");
        }
    }
}

/// Rights are given to a job that needs them, never to all of a workflow.
#[test]
fn no_workflow_may_write_as_a_whole() {
    for (file, text) in workflows() {
        let whole = text.split("\npermissions:").nth(1).and_then(|rest| rest.split("\njobs:").next());
        let whole = whole.unwrap_or_else(|| panic!("{file} does not say what it may do"));
        assert!(whole.trim_start().starts_with("contents: read\n") && !whole.contains("write"), "{file}: {whole}");
        for checkout in text.split("uses: actions/checkout@").skip(1) {
            assert!(checkout.split("- ").next().unwrap().contains("persist-credentials: false"), "{file}: {checkout}");
        }
    }
}

#[test]
fn the_site_is_published_only_after_the_tests_of_the_very_commit() {
    let site = workflow("site.yml");
    let starts = site.split("\non:").nth(1).unwrap().split("\npermissions:").next().unwrap();
    let starts: Vec<_> = starts.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).collect();
    assert_eq!(starts, ["  workflow_run:"]);
    assert!(site.contains("conclusion == 'success' && github.event.workflow_run.event == 'push'"));
    assert!(site.contains("ref: ${{ github.event.workflow_run.head_sha }}"));
}

#[test]
fn a_release_is_made_after_the_tests_and_signed() {
    let release = workflow("release.yml");
    assert!(release.contains("needs: tests") && release.contains("needs: build"));
    assert!(release.contains("uses: actions/attest-build-provenance@") && release.contains("sha256sum --check"));
    assert!(!release.contains("actions/cache@"), "a release is made of its sources alone");
}

#[test]
fn advisories_are_asked_for_every_week_and_fuzzing_goes_on_every_night() {
    for (file, what) in [
        ("advisories.yml", "cargo xtask advisories"),
        ("fuzz.yml", "fuzz run"),
        ("fuzz.yml", "cargo xtask fuzz"),
        ("fuzz.yml", "cargo xtask lighthouse"),
    ] {
        let text = workflow(file);
        assert!(text.contains("schedule:\n    - cron: ") && text.contains(what), "{file}");
    }
}

/// Every libFuzzer target is in the nightly workflow.
#[test]
fn every_fuzz_target_is_run_at_night() {
    let night = workflow("fuzz.yml");
    let words: Vec<_> = night.split_whitespace().collect();
    let folder = Project::open().unwrap().path("fuzz/targets");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(words.contains(&name.as_str()), "{name}");
    }
}
