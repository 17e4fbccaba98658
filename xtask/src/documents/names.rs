//! Whatever the documents name is there: files, links, and the tests that guard what ARCHITECTURE.md promises.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::markdown;
use crate::{
    files::{self, MADE},
    process::Project,
};

/// The documents whose names in backticks are checked, too. In the others file names are often those of a user's own files.
const MAPS: [&str; 2] = ["ARCHITECTURE.md", "README.md"];

/// The heading of the column of ARCHITECTURE.md that names tests.
const GUARDS: &str = "guarded by";

/// Endings by which a name without a folder is known to be that of a source file.
const SOURCES: [&str; 6] = ["css", "html", "md", "mjs", "rs", "toml"];

/// Checks all names in the project's documents.
///
/// # Errors
/// If a document cannot be read, or names what is not there; the message lists all of it.
pub fn check(project: &Project) -> Result<()> {
    let sources = Sources::read(&project.root)?;
    let mut wrong = Vec::new();
    for document in sources.files.iter().filter(|file| is_document(file)) {
        let text = read(&project.root, document)?;
        let folder = document.parent().unwrap_or(Path::new(""));
        let name = document.display();
        wrong.extend(sources.dead_links(folder, &text).into_iter().map(|link| format!("{name} links to {link}")));
        if MAPS.iter().any(|map| document == Path::new(map)) {
            wrong.extend(sources.missing_files(&text).into_iter().map(|file| format!("{name} names the file {file}")));
        }
    }
    let guards = markdown::last_column(&read(&project.root, Path::new(MAPS[0]))?, GUARDS);
    if guards.is_empty() {
        bail!("{} has no table with a column \"{GUARDS}\": the tests that it names cannot be checked", MAPS[0]);
    }
    wrong.extend(guards.iter().flat_map(|row| sources.missing_guards(row)));
    if !wrong.is_empty() {
        bail!("documents name what is not there (any more):\n  {}", wrong.join("\n  "));
    }
    println!("{} rows of guards; links and files of all documents", guards.len());
    Ok(())
}

/// Whether a file is a document as readers see it. Templates become documents elsewhere, and their links lead from there.
fn is_document(file: &Path) -> bool {
    let is_template = file.components().any(|part| part.as_os_str() == "templates");
    file.extension().is_some_and(|kind| kind == "md") && !is_template
}

fn read(root: &Path, file: &Path) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("reading {}", file.display()))
}

/// The project's files.
struct Sources {
    /// Relative to the root.
    files: Vec<PathBuf>,
    /// Those in Rust, with their text.
    rust: Vec<(PathBuf, String)>,
}

impl Sources {
    fn read(root: &Path) -> Result<Self> {
        let files = files::sources(root)?;
        let in_rust = files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs"));
        let rust = in_rust.map(|file| Ok((file.clone(), read(root, file)?))).collect::<Result<_>>()?;
        Ok(Self { files, rust })
    }

    /// Links within the repository that lead nowhere.
    fn dead_links(&self, folder: &Path, text: &str) -> Vec<String> {
        let inside = markdown::links(text).into_iter().filter(|link| !link.contains("://") && !link.starts_with('#'));
        inside
            .filter(|link| {
                let file = link.split('#').next().unwrap_or_default();
                !normal(&folder.join(file)).is_some_and(|path| self.has(&path))
            })
            .collect()
    }

    /// What is in backticks and looks like a file or folder of the project, and is none.
    fn missing_files(&self, text: &str) -> Vec<String> {
        let named = markdown::codes(text).into_iter().filter(|code| is_file_name(code));
        named.filter(|name| !self.names(name)).collect()
    }

    /// What a row of the guards names and is not there. A place (a file, or a module) stands before the tests in it.
    fn missing_guards(&self, row: &[String]) -> Vec<String> {
        let mut place: Option<&str> = None;
        let mut missing = Vec::new();
        for code in row {
            if code.contains(' ') {
                // A command.
            } else if code.contains("::") || code.contains(['/', '.']) || self.has(Path::new(code)) {
                place = Some(code);
                if !self.names(code) && self.module(code).next().is_none() {
                    missing.push(format!("{} names the place {code}", MAPS[0]));
                }
            } else if !self.in_place(place).any(|text| has_test(text, code)) {
                let place = place.map_or_else(String::new, |place| format!(" in {place}"));
                missing.push(format!("{} names the test {code}{place}", MAPS[0]));
            }
        }
        missing
    }

    /// The Rust sources of a place, or all of them.
    fn in_place<'a>(&'a self, place: Option<&'a str>) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        match place {
            None => Box::new(self.rust.iter().map(|(_, text)| text.as_str())),
            Some(place) if place.contains("::") => Box::new(self.module(place)),
            Some(place) => Box::new(
                self.rust.iter().filter(move |(file, _)| file.starts_with(place)).map(|(_, text)| text.as_str()),
            ),
        }
    }

    /// The sources of a module, such as `study::preset`, and of what is in it.
    fn module<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + 'a {
        let folder = Path::new("src").join(name.replace("::", "/"));
        let file = folder.with_extension("rs");
        self.rust
            .iter()
            .filter(move |(path, _)| *path == file || path.starts_with(&folder))
            .map(|(_, text)| text.as_str())
    }

    /// Whether a file or folder of this name, in which `*` stands for anything, is anywhere in the project.
    fn names(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        self.files.iter().any(|file| {
            file.ancestors().any(|path| {
                let path = path.to_string_lossy().replace('\\', "/");
                matches(name, &path) || matches(&format!("*/{name}"), &path)
            })
        }) || MADE.iter().any(|made| Path::new(name).starts_with(made))
    }

    /// Whether there is this very file or folder.
    fn has(&self, path: &Path) -> bool {
        self.files.iter().any(|file| file.starts_with(path))
    }
}

/// Whether something in backticks is the name of a file or folder of the project, and no code, address or command.
fn is_file_name(code: &str) -> bool {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "._-/*".contains(letter);
    let source = Path::new(code).extension().is_some_and(|kind| SOURCES.iter().any(|source| kind == *source));
    code.chars().all(letters) && (source || (code.contains('/') && !code.starts_with(['/', '.'])))
}

/// A path without `.` and `..`, if it stays in the project.
fn normal(path: &Path) -> Option<PathBuf> {
    use std::path::Component::{CurDir, Normal, ParentDir};
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Normal(name) => normal.push(name),
            CurDir => {}
            ParentDir if normal.pop() => {}
            _ => return None,
        }
    }
    Some(normal)
}

/// Whether a text is what a pattern says, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| matches(rest, &text[at..]))
}

/// Whether a source has a test of this name; a name that ends in `*` is the beginning of one.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(at, line)| {
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        let function = function.and_then(|rest| rest.split(['(', '<']).next());
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        function.is_some_and(|function| matches(name, function))
            && above.into_iter().any(|line| line.starts_with("#[") && line.contains("test"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Sources {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Sources::read(root.path()).unwrap()
    }

    fn row(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn a_renamed_test_is_found_out() {
        let test = "#[test]\nfn one_plan() {}\n// A helper.\nfn helper() {}\n";
        let sources =
            sources(&[("tests/native/run.rs", test), ("src/study/preset.rs", "    #[test]\n    fn steps() {}\n")]);
        assert_eq!(
            sources.missing_guards(&row(&["tests/native/run.rs", "one_plan", "study::preset", "steps"])),
            [""; 0]
        );
        assert_eq!(sources.missing_guards(&row(&["one_*"])), [""; 0]);
        let renamed =
            sources.missing_guards(&row(&["tests/native/run.rs", "one", "helper", "steps", "study::presets"]));
        assert_eq!(renamed.len(), 4, "{renamed:?}");
        assert!(renamed[0].ends_with("names the test one in tests/native/run.rs"), "{renamed:?}");
        assert!(renamed[3].ends_with("names the place study::presets"), "{renamed:?}");
    }

    #[test]
    fn files_are_named_from_the_root_or_by_their_end() {
        let sources = sources(&[("src/llama/lora.rs", ""), ("www/charts/entry.mjs", "")]);
        let text =
            "`src/llama/`, `llama/lora.rs`, `lora.rs`, `www/charts/*.mjs`, `dist/`, `/a/b`, `a / b`, `mine.json`";
        assert_eq!(sources.missing_files(text), [""; 0]);
        assert_eq!(sources.missing_files("`src/lama/`, `ora.rs`, `www/*.css`"), ["src/lama/", "ora.rs", "www/*.css"]);
    }

    #[test]
    fn links_are_followed_from_the_document_that_has_them() {
        let sources = sources(&[("docs/a.md", ""), ("README.md", "")]);
        let text = "[a](a.md#part) [b](../README.md) [c](https://example.org) [d](#here) [e](b.md) [f](../../x)";
        assert_eq!(sources.dead_links(Path::new("docs"), text), ["b.md", "../../x"]);
    }
}
