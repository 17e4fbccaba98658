//! How each stage went, and all of them together.

use std::env;

use anyhow::{Result, bail};
use comfy_table::{CellAlignment, Table, presets};

/// What a stage that did not fail has to say.
pub enum Outcome {
    Passed,
    /// It cannot be run here: why.
    Skipped(&'static str),
    /// It cannot be run here either, and all that it tests is tested in another way: why. No failure, on CI neither.
    LeftOut(&'static str),
}

/// The stages so far.
#[derive(Default)]
pub struct Summary {
    rows: Vec<[String; 3]>,
    passed: usize,
    skipped: usize,
    failed: Vec<&'static str>,
    /// Whether a stage that is skipped has failed: who relies on all tests must not miss that some were not run.
    strict: bool,
}

impl Summary {
    /// On CI, where `CI` is set, nothing may be skipped.
    pub fn new() -> Self {
        Self { strict: env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false"), ..Self::default() }
    }

    /// Whether a stage has failed.
    pub fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Notes a stage that is not run because another failed.
    pub fn leave_out(&mut self, name: &str) {
        self.add(name, "not run", "");
    }

    /// Notes how a stage went.
    pub fn record(&mut self, name: &'static str, outcome: Result<Outcome>, seconds: f64) {
        let seconds = format!("{seconds:.1}");
        match outcome {
            Ok(Outcome::Passed) => {
                self.passed += 1;
                self.add(name, "passed", &seconds);
            }
            Ok(Outcome::Skipped(why)) if self.strict => {
                println!("failed: skipped, which is not allowed on CI: {why}");
                self.failed.push(name);
                self.add(name, &format!("FAILED, skipped on CI: {why}"), "");
            }
            Ok(Outcome::Skipped(why) | Outcome::LeftOut(why)) => {
                println!("skipped: {why}");
                self.skipped += 1;
                self.add(name, &format!("skipped: {why}"), "");
            }
            Err(error) => {
                println!("failed: {error:#}");
                self.failed.push(name);
                self.add(name, "FAILED", &seconds);
            }
        }
    }

    /// Prints all stages.
    ///
    /// # Errors
    /// If one has failed.
    pub fn close(self) -> Result<()> {
        let mut table = Table::new();
        table.load_preset(presets::ASCII_BORDERS_ONLY_CONDENSED).set_header(["stage", "result", "seconds"]);
        table.add_rows(self.rows);
        if let Some(seconds) = table.column_mut(2) {
            seconds.set_cell_alignment(CellAlignment::Right);
        }
        println!("\n{table}\nstages: {} passed, {} failed, {} skipped", self.passed, self.failed.len(), self.skipped);
        if !self.failed.is_empty() {
            bail!("failed: {}", self.failed.join("; "));
        }
        Ok(())
    }

    fn add(&mut self, name: &str, result: &str, seconds: &str) {
        self.rows.push([name, result, seconds].map(str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_stage_fails_the_whole() {
        let mut summary = Summary::default();
        summary.record("good", Ok(Outcome::Passed), 1.0);
        summary.record("absent", Ok(Outcome::Skipped("no tool")), 0.0);
        assert!(!summary.has_failed());
        summary.record("bad", Err(anyhow::anyhow!("broken")), 2.0);
        assert_eq!((summary.passed, summary.skipped, summary.has_failed()), (1, 1, true));
        assert_eq!(summary.close().unwrap_err().to_string(), "failed: bad");
    }

    #[test]
    fn a_skipped_stage_fails_the_whole_on_ci_alone() {
        for strict in [false, true] {
            let mut summary = Summary { strict, ..Summary::default() };
            summary.record("absent", Ok(Outcome::Skipped("no tool")), 0.0);
            assert_eq!(summary.close().is_err(), strict);
        }
    }

    #[test]
    fn what_is_left_out_fails_nothing() {
        for strict in [false, true] {
            let mut summary = Summary { strict, ..Summary::default() };
            summary.record("second browser", Ok(Outcome::LeftOut("it is not here")), 0.0);
            assert_eq!((summary.skipped, summary.has_failed()), (1, false));
            assert!(summary.close().is_ok());
        }
    }
}
