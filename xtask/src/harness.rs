//! The page used at random by its own address (`?fuzz=SEED`), in both languages, and with texts that are not its own: what
//! `tests/browser/harness.spec.mjs` does in seconds, for as long as wanted.

use anyhow::{Result, bail};

use crate::{process, process::Project, site, test};

/// The file of the browser tests that does it.
const SPEC: &str = "harness.spec.mjs";

/// Builds the site and uses it for so many minutes in each language.
///
/// # Errors
/// If that is no time, the site cannot be built, or the page reports an error, goes away or is dead.
pub fn run(project: &Project, minutes: f64, seed: u32) -> Result<()> {
    if !(minutes.is_finite() && minutes > 0.0) {
        bail!("--minutes is a time greater than 0, for instance 5");
    }
    site::build(project, "./")?;
    let (seconds, seed) = ((60.0 * minutes).ceil().to_string(), seed.to_string());
    test::in_browser(project, |command| {
        command.env("TENSHOT_FUZZ_SECONDS", seconds).env("TENSHOT_FUZZ_SEED", seed);
        process::run(command.args(["npx", "--no-install", "playwright", "test", SPEC]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spec_is_there_and_reads_what_it_is_told() {
        let project = Project::open().unwrap();
        let spec = std::fs::read_to_string(project.path("tests/browser").join(SPEC)).unwrap();
        assert!(spec.contains("TENSHOT_FUZZ_SECONDS") && spec.contains("TENSHOT_FUZZ_SEED"));
    }
}
