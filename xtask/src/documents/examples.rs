//! Runs the documents' example commands as they stand there, in an empty folder, with `tenshot` on the path.

use std::{fs, path::Path, process::Command, time::Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::markdown;
use crate::{
    files,
    process::{self, Project},
};

/// The document whose examples come first: the others go on with files that they write.
const README: &str = "README.md";

const LONG_BUILD: &str = "35 minutes; tests/native/factory.rs makes its tiny twin";
const LONG_TUNINGS: &str = "every preset with three seeds takes most of an hour; a stage runs a preset of each kind";
const LONG_STUDY: &str = "hundreds of runs; tests/native/study.rs makes a short study, and an example one experiment";
const TORCH: &str = "needs PyTorch, which no set-up installs";
const NIGHTLY: &str = "needs a nightly toolchain, which no set-up installs; a workflow runs it every night";
const SERVES: &str = "serves until it is ended; tests/native/serve.rs asks it for files";
const STANDS_FOR: &str = "FILE stands for an input that failed";

/// Examples that are not run, and why.
const NOT_RUN: [(&str, &str); 23] = [
    ("tenshot study run paper --out study", LONG_STUDY),
    ("tenshot study run paper --out study --seeds 3", LONG_STUDY),
    ("tenshot study run another-seed --out another-seed", LONG_STUDY),
    ("cargo xtask serve", "is run in a fresh clone, in a stage of its own"),
    ("cargo xtask test", "is what runs this"),
    (
        "cargo xtask bundle",
        "compiles the site and the command line once more; a release is made with it, and it checks itself",
    ),
    ("tenshot serve --open", SERVES),
    ("tenshot serve dist --port 9000", SERVES),
    ("tenshot factory build folio --seed 7", LONG_BUILD),
    ("tenshot factory build folio --ship models", LONG_BUILD),
    ("tenshot factory build folio --seed 7 --ship models", LONG_BUILD),
    ("tenshot factory build folio-ignorant --ship models", LONG_BUILD),
    ("tenshot factory build folio-b --ship models", LONG_BUILD),
    ("tenshot factory tunings", LONG_TUNINGS),
    ("tenshot factory tunings --seeds 1,2,3", LONG_TUNINGS),
    ("tenshot factory sizes BUILD BUILD", "stands for finished builds, which take 35 minutes each"),
    ("cargo install cargo-fuzz --version 0.13.2 --locked", NIGHTLY),
    (
        "cargo +nightly fuzz run tokenizer fuzz/corpus/tokenizer tests/fuzz/corpus/tokenizer -- -timeout=10 -malloc_limit_mb=1024 -rss_limit_mb=4096 -max_len=65536",
        NIGHTLY,
    ),
    ("cargo test --release --test fuzz -- --input FILE tokenizer", STANDS_FOR),
    ("cp FILE tests/fuzz/corpus/tokenizer/what-it-did.json", STANDS_FOR),
    ("python3.11 -m venv /tmp/golden && /tmp/golden/bin/pip install -r tests/golden/requirements.txt", TORCH),
    ("/tmp/golden/bin/python tests/golden/make.py", TORCH),
    ("/tmp/golden/bin/python tests/golden/make.py lora", TORCH),
];

/// Folders of the checkout that examples write into.
const FOLDERS: [&str; 1] = ["src/library/data/tuning"];

/// Where a file comes from that an example takes for granted.
enum Origin {
    Text(&'static str),
    /// A file that an earlier example has written.
    CopyOf(&'static str),
    /// A plan, from those that `tenshot presets --json` prints.
    Preset,
}

/// The files that a user is expected to have.
const GIVEN: [(&str, Origin); 5] = [
    ("mine.jsonl", Origin::Text(include_str!("examples/mine.jsonl"))),
    ("my-questions.json", Origin::Text(include_str!("examples/my-questions.json"))),
    ("my-plan.json", Origin::Preset),
    ("a.json", Origin::CopyOf("harmful.json")),
    ("b.json", Origin::CopyOf("safety.json")),
];

/// Builds the command line, asks it for help on every command, and runs the examples of all documents.
///
/// # Errors
/// If one of them does not succeed; the message has what it printed.
pub fn run(project: &Project) -> Result<()> {
    process::run(project.command("cargo").args(["build", "--release", "--locked"]))?;
    let mut project = project.clone();
    project.add_tools(project.target().join("release"));
    let folder = tempfile::tempdir().context("making a temporary folder")?;
    let place = Place { project: &project, folder: folder.path() };
    for inner in FOLDERS {
        fs::create_dir_all(place.folder.join(inner)).with_context(|| format!("making the folder {inner}"))?;
    }

    let helped = place.help(&[])?;
    println!("help on {helped} commands");
    let mut skipped = Vec::new();
    for (document, line) in examples(&project.root)? {
        match NOT_RUN.iter().find(|(command, _)| *command == line) {
            Some((_, why)) => skipped.push(format!("  {line}   ({document}): {why}")),
            None => place.run(&line).with_context(|| format!("an example of {document}"))?,
        }
    }
    println!("not run:\n{}", skipped.join("\n"));
    Ok(())
}

/// The example commands of all documents, each with the document that has it.
fn examples(root: &Path) -> Result<Vec<(String, String)>> {
    let mut documents = files::sources(root)?;
    documents.retain(|file| file.extension().is_some_and(|kind| kind == "md"));
    documents.sort_by_key(|file| file != Path::new(README));
    let mut found = Vec::new();
    for document in documents {
        let text =
            fs::read_to_string(root.join(&document)).with_context(|| format!("reading {}", document.display()))?;
        let lines = markdown::commands(&text).into_iter().flat_map(|block| block.lines);
        found.extend(lines.map(|line| (document.display().to_string(), line)));
    }
    Ok(found)
}

/// Where the examples are run.
struct Place<'a> {
    project: &'a Project,
    folder: &'a Path,
}

impl Place<'_> {
    /// Runs a line as a shell would.
    fn run(&self, line: &str) -> Result<()> {
        for (file, origin) in &GIVEN {
            if line.split_whitespace().any(|word| word == *file) {
                self.give(file, origin)?;
            }
        }
        let start = Instant::now();
        let output = self.command("sh").args(["-c", line]).output().with_context(|| format!("starting `{line}`"))?;
        println!("{:7.1} s  {line}", start.elapsed().as_secs_f64());
        if !output.status.success() {
            let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
            bail!("`{line}` failed ({}):\n{}", output.status, printed.concat());
        }
        Ok(())
    }

    /// Asks for help on a command and on all of its own, and returns on how many.
    fn help(&self, command: &[String]) -> Result<usize> {
        let text = process::read(self.command("tenshot").arg("help").args(command))?;
        let mut count = 1;
        for name in commands_in(&text) {
            let longer: Vec<_> = command.iter().cloned().chain([name]).collect();
            count += self.help(&longer)?;
        }
        Ok(count)
    }

    /// Writes a file that the example takes for granted, unless it is there.
    fn give(&self, file: &str, origin: &Origin) -> Result<()> {
        let path = self.folder.join(file);
        if path.exists() {
            return Ok(());
        }
        let content = match origin {
            Origin::Text(text) => (*text).to_owned(),
            Origin::CopyOf(other) => fs::read_to_string(self.folder.join(other))
                .with_context(|| format!("{file} should be a copy of {other}, which no example before has written"))?,
            Origin::Preset => {
                let presets = process::read(self.command("tenshot").args(["presets", "--json"]))?;
                let presets: Vec<Value> = serde_json::from_str(&presets).context("reading `tenshot presets --json`")?;
                presets.first().context("`tenshot presets --json` printed no plan")?.to_string()
            }
        };
        fs::write(&path, content).with_context(|| format!("writing {}", path.display()))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.project.command(program);
        command.current_dir(self.folder);
        command
    }
}

/// The names of the commands that a help text lists.
fn commands_in(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_run_is_still_in_a_document() {
        let examples = examples(&Project::open().unwrap().root).unwrap();
        for (command, _) in NOT_RUN {
            assert!(examples.iter().any(|(_, line)| line == command), "no document has `{command}`");
        }
    }

    #[test]
    fn files_that_are_given_are_still_asked_for() {
        let examples = examples(&Project::open().unwrap().root).unwrap();
        for (file, _) in GIVEN {
            assert!(examples.iter().any(|(_, line)| line.contains(file)), "no example takes {file}");
        }
    }

    #[test]
    fn the_readme_comes_first() {
        let examples = examples(&Project::open().unwrap().root).unwrap();
        assert_eq!(examples[0].0, README);
        assert!(examples.iter().any(|(document, _)| document != README));
    }

    #[test]
    fn help_lists_the_commands() {
        let help =
            "Usage\n\nCommands:\n  run   Tune\n          more of it\n  ask   Ask\n  help  Help\n\nOptions:\n  -h\n";
        assert_eq!(commands_in(help), ["run", "ask"]);
    }
}
