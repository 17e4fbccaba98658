//! Names the build by what it was made from: a hash of the sources goes into `TENSHOT_SOURCES`, so that page and worker, and
//! two records, tell whether they are of one build.

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
    Ok(())
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
