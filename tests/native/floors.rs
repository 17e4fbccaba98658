//! The floors of the house: which module may import which. `src/lib.rs` tells what each is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Every module with those that it may import, from the ground up. What is not listed it knows nothing of: that `page` never
/// meets a tensor, `llama` no question and `study` no model is decided here.
const MAY_IMPORT: [(&str, &[&str]); 22] = [
    ("pulse", &[]),
    ("disk", &[]),
    ("terminal", &[]),
    ("text", &[]),
    ("library", &[]),
    ("corpus", &["library", "text"]),
    ("models", &[]),
    ("study", &["corpus", "library", "models", "text"]),
    ("llama", &["pulse", "study", "terminal"]),
    ("engine", &["library", "llama", "pulse", "study", "text"]),
    ("evaluate", &["engine", "library", "llama", "pulse", "study", "text"]),
    ("tune", &["engine", "llama", "study"]),
    ("defence", &["corpus", "study", "text", "tune"]),
    ("run", &["defence", "engine", "evaluate", "llama", "pulse", "study", "text", "tune"]),
    ("protocol", &["study"]),
    ("bench", &["engine", "evaluate", "llama", "protocol", "pulse", "run", "study", "tune"]),
    ("trial", &["bench", "engine", "pulse", "run", "study"]),
    ("factory", &["corpus", "disk", "engine", "evaluate", "library", "llama", "models", "pulse", "study", "terminal"]),
    ("host", &["disk", "models"]),
    (
        "worker",
        &["bench", "engine", "evaluate", "llama", "models", "protocol", "pulse", "run", "study", "trial", "tune"],
    ),
    (
        "cli",
        &[
            "bench", "corpus", "defence", "disk", "engine", "evaluate", "factory", "host", "library", "llama",
            "models", "pulse", "run", "study", "terminal", "text", "trial",
        ],
    ),
    ("page", &["corpus", "defence", "library", "models", "protocol", "study", "text"]),
];

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The module at the top that a file belongs to.
fn module(file: &Path) -> String {
    let inside = file.strip_prefix(sources()).unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The modules at the top that a source text names as `crate::module`, comments aside.
fn imported(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        if let Some(several) = rest.strip_prefix('{') {
            let names = several.split('}').next().unwrap_or_default().split(',');
            found.extend(names.map(|name| word(name.trim())));
        } else {
            found.insert(word(rest));
        }
    }
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// The imports of every module, with a file in which each stands.
fn imports() -> BTreeMap<String, BTreeMap<String, PathBuf>> {
    let mut files = Vec::new();
    rust_files(&sources(), &mut files);
    let mut imports: BTreeMap<String, BTreeMap<String, PathBuf>> = BTreeMap::new();
    for file in files {
        let module = module(&file);
        if ["lib", "bin"].contains(&module.as_str()) {
            continue;
        }
        let names = imported(&std::fs::read_to_string(&file).unwrap());
        let others = names.into_iter().filter(|name| *name != module).map(|name| (name, file.clone()));
        imports.entry(module.clone()).or_default().extend(others);
    }
    imports
}

#[test]
fn modules_import_only_what_they_may() {
    for (module, others) in imports() {
        let allowed = MAY_IMPORT.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("{module} is not in the table of floors"));
        for (other, file) in others {
            assert!(allowed.contains(&other.as_str()), "{module} may not import {other}: {}", file.display());
        }
    }
}

/// Each module stands above all that it may import, so that there is no circle.
#[test]
fn the_table_of_floors_goes_one_way() {
    for (place, (module, allowed)) in MAY_IMPORT.iter().enumerate() {
        for other in *allowed {
            let below = MAY_IMPORT[..place].iter().any(|(name, _)| name == other);
            assert!(below, "{module} stands below {other}, or {other} does not exist");
        }
    }
}

/// A line of the table that nothing needs would let an arrow come back unseen.
#[test]
fn no_arrow_of_the_table_is_unused() {
    let imports = imports();
    for (module, allowed) in MAY_IMPORT {
        for other in allowed {
            assert!(
                imports[module].contains_key(*other),
                "{module} no longer imports {other}: take it out of the table"
            );
        }
    }
}

#[test]
fn the_table_names_every_module_and_so_does_the_map_of_the_crate() {
    let lib = std::fs::read_to_string(sources().join("lib.rs")).unwrap();
    let declared: BTreeSet<String> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")).map(word).collect();
    assert_eq!(declared, MAY_IMPORT.iter().map(|(name, _)| (*name).to_owned()).collect());
    for module in &declared {
        let in_map = lib.lines().any(|line| line.starts_with("//! |") && line.contains(&format!("`{module}`")));
        assert!(in_map, "src/lib.rs does not tell what {module} is");
    }
}

/// A feature of `Cargo.toml` that the crate's first page does not explain is a riddle to its reader.
#[test]
fn the_crates_first_page_names_every_feature() {
    let manifest = std::fs::read_to_string(sources().with_file_name("Cargo.toml")).unwrap();
    let features = manifest.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
    let names = features.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let lib = std::fs::read_to_string(sources().join("lib.rs")).unwrap();
    for name in names.filter(|name| *name != "default" && !name.starts_with(['#', ' '])) {
        assert!(lib.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn imports_are_read_from_code_and_not_from_comments() {
    let text =
        "use crate::llama::Llama;\n// use crate::page::X;\nuse crate::{study::Plan, text};\nlet x = crate::tune::loss;";
    assert_eq!(imported(text).into_iter().collect::<Vec<_>>(), ["llama", "study", "text", "tune"]);
}
