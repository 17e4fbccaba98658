//! The files of a folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

/// Folders of the checkout that are made by a build or an installation, and are no part of the sources.
pub const MADE: [&str; 5] = ["dist", "factory", "node_modules", "target", "test-results"];

/// All files in a folder and the folders in it, sorted, as paths from there.
///
/// # Errors
/// If a folder cannot be read.
pub fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    but(folder, |_| false)
}

/// The sources in the checkout: all files, but not the hidden ones and those that are [`MADE`].
///
/// # Errors
/// If a folder cannot be read.
pub fn sources(root: &Path) -> Result<Vec<PathBuf>> {
    // The factory's folder is at the root; its sources have the same name elsewhere.
    but(root, |path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with('.') || (MADE.contains(&name) && (name != "factory" || path == Path::new("factory")))
    })
}

fn but(folder: &Path, skipped: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let from_here = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_owned();
    let mut files = Vec::new();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(|entry| entry.depth() == 0 || !skipped(&from_here(entry.path()))) {
        let entry = entry.with_context(|| format!("reading {}", folder.display()))?;
        if !entry.file_type().is_dir() {
            files.push(from_here(entry.path()));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_made_is_no_source() {
        let root = tempfile::tempdir().unwrap();
        for name in ["src/factory/a.rs", "factory/b", "www/node_modules/c", "target/d", ".git/e", "f.md"] {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        assert_eq!(sources(root.path()).unwrap(), [Path::new("f.md"), Path::new("src/factory/a.rs")]);
        assert_eq!(all(root.path()).unwrap().len(), 6);
    }
}
