//! The engine's WebAssembly, made smaller.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    offline::sha256,
    process::{self, Project},
};

/// Merges functions that are the same: of generic code for many types there are thousands. All else that wasm-opt can do takes
/// minutes on a file of this size, and the result is larger when compressed. What was made is kept in the target folder, so that
/// only another engine takes the time, most of a minute.
///
/// # Errors
/// If wasm-opt fails, or a file cannot be read or written.
pub fn merge_same_functions(project: &Project, file: &Path) -> Result<()> {
    merge(project, file, &project.target().join("xtask").join("engine"))
}

/// The same; what was made is kept in `folder`.
fn merge(project: &Project, file: &Path, folder: &Path) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let made = folder.join(format!("{}.wasm", sha256(&bytes)));
    if !made.is_file() {
        // The last one is enough.
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let unfinished = folder.join("unfinished");
        let mut command = project.command("wasm-opt");
        command.args(["--duplicate-function-elimination", "--output"]).arg(&unfinished).arg(file);
        process::run(&mut command)?;
        fs::rename(&unfinished, &made).with_context(|| format!("naming {}", made.display()))?;
    }
    fs::copy(&made, file).map(drop).with_context(|| format!("writing {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("worker_bg.wasm");
        fs::write(&file, "engine").unwrap();
        fs::write(folder.path().join(format!("{}.wasm", sha256(b"engine"))), "smaller").unwrap();
        merge(&Project::at(folder.path().to_owned()), &file, folder.path()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "smaller");
    }
}
