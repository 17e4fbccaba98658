//! Names the build by what it was made from: a hash of the sources goes into `TENSHOT_SOURCES`, so that page and worker, and
//! two records, tell whether they are of one build. With the feature `site` it also lists the files of a built site, which become a
//! part of the program.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Everything that decides what the program does: code, data, dependencies, the bundled models.
const SOURCES: [&str; 5] = ["Cargo.lock", "Cargo.toml", "build.rs", "models", "src"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = BTreeMap::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        collect(&root, Path::new(source), &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    println!("cargo::rustc-env=TENSHOT_SOURCES={:016x}", hasher.finish());
    println!("cargo::rerun-if-env-changed={SITE}");
    if env::var_os("CARGO_FEATURE_SITE").is_some() {
        pack(&root)?;
    }
    Ok(())
}

/// Names the folder of the built site.
const SITE: &str = "TENSHOT_SITE";

/// Of each model the files that the program has anyway (`src/models/embedded.rs`).
const EMBEDDED: [&str; 4] = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

/// Writes the table of the site's files for `src/host/site.rs`.
fn pack(root: &Path) -> io::Result<()> {
    let Some(site) = env::var_os(SITE).map(PathBuf::from).filter(|site| site.join("index.html").is_file()) else {
        println!(
            "cargo::error=the feature `site` needs a built site: {SITE} names its folder; `cargo xtask bundle` does all of it"
        );
        return Ok(());
    };
    println!("cargo::rerun-if-changed={}", site.display());
    let mut files = BTreeMap::new();
    collect(&site, Path::new(""), &mut files)?;
    let mut table = String::from("&[\n");
    for (name, content) in files {
        let is_embedded =
            EMBEDDED.iter().any(|file| name.starts_with("models/") && name.ends_with(&format!("/{file}")));
        if is_embedded && fs::read(root.join(&name)).is_ok_and(|ours| ours == content) {
            continue;
        }
        table += &format!("    ({name:?}, include_bytes!({:?})),\n", site.join(&name));
    }
    table += "]\n";
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("site.rs"), table)
}

/// The contents of all files at and below a path, by their paths with `/`, so that every platform has the same hash.
fn collect(root: &Path, path: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let full = root.join(path);
    if full.is_dir() {
        for entry in fs::read_dir(full)? {
            collect(root, &path.join(entry?.file_name()), files)?;
        }
    } else {
        files.insert(path.to_string_lossy().replace('\\', "/"), fs::read(full)?);
    }
    Ok(())
}
