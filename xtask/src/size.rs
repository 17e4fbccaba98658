//! How many bytes a visitor downloads before the first training step.

use std::path::Path;

use anyhow::{Context, Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use serde::Deserialize;

use crate::{
    offline::{self, Needed},
    process::{self, Project},
};

/// The most that may go over the wire before the first step, with brotli.
const BUDGET: u64 = 6_700_000;

/// Node.js brings brotli and gzip; in Rust they would have to be compiled with optimisation first.
const SCRIPT: &str = include_str!("sizes.mjs");

#[derive(Clone, Debug, Deserialize)]
struct File {
    /// Below the site's root, with `/`.
    path: String,
    raw: u64,
    brotli: u64,
    gzip: u64,
}

/// Prints the sizes of the site's files, raw and compressed, and their sum up to the first step.
///
/// # Errors
/// If that sum is above the budget.
pub fn check(project: &Project, site: &Path) -> Result<()> {
    let memory = project.target().join("xtask").join("sizes.json");
    let mut command = project.command("node");
    command.args(["--input-type=module", "--eval", SCRIPT, "--"]).arg(site).arg(memory);
    let printed = process::read(&mut command)?;
    let files: Vec<File> = serde_json::from_str(&printed).context("reading the sizes of the site's files")?;
    let first = total("until the first step", &files, &[Needed::First]);
    let kept = total("kept for use without a network", &files, &[Needed::First, Needed::Always]);
    let brotli = first.brotli;
    println!("{}", table(&files, &[first, kept]));
    if brotli > BUDGET {
        bail!("{} go over the wire before the first step; the budget is {}", bytes(brotli), bytes(BUDGET));
    }
    Ok(())
}

/// When a visitor downloads the file, if not before the first step.
fn when(path: &str) -> &'static str {
    match offline::needed(path) {
        Needed::First => "",
        Needed::Always => "later",
        Needed::Chosen => "if chosen",
        Needed::Never if path == offline::SCRIPT => "later",
        Needed::Never => "never",
    }
}

/// The sum of the files that are asked for at these times.
fn total(name: &str, files: &[File], times: &[Needed]) -> File {
    let mut total = File { path: name.to_owned(), raw: 0, brotli: 0, gzip: 0 };
    for file in files.iter().filter(|file| times.contains(&offline::needed(&file.path))) {
        total.raw += file.raw;
        total.brotli += file.brotli;
        total.gzip += file.gzip;
    }
    total
}

fn table(files: &[File], totals: &[File]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_BORDERS_ONLY_CONDENSED).set_header(["file", "raw", "gzip", "brotli", ""]);
    let rows = files.iter().map(|file| (file, when(&file.path))).chain(totals.iter().map(|total| (total, "")));
    for (file, when) in rows {
        table.add_row([file.path.clone(), bytes(file.raw), bytes(file.gzip), bytes(file.brotli), when.to_owned()]);
    }
    for column in table.column_iter_mut().skip(1).take(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..1_000_000 => format!("{} kB", count.div_ceil(1000)),
        _ => format!("{:.2} MB", count as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_first_step_needs_is_counted() {
        let file = |path: &str| File { path: path.to_owned(), raw: 10, brotli: 1, gzip: 2 };
        let paths = ["index.html", "assets-0/worker_bg.wasm", "models/folio/model.safetensors"];
        let later = ["models/deep/model.safetensors", "models/folio/README.md", "icons/icon-192.png", "sw.js"];
        let files: Vec<_> = paths.iter().chain(&later).map(|path| file(path)).collect();
        let first = total("first", &files, &[Needed::First]);
        assert_eq!((first.raw, first.brotli, first.gzip), (30, 3, 6));
        assert_eq!(total("kept", &files, &[Needed::First, Needed::Always]).raw, 40);
        assert_eq!(later.map(when), ["if chosen", "never", "later", "later"]);
    }

    #[test]
    fn sizes_are_readable() {
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(123_456), "124 kB");
        assert_eq!(bytes(2_930_000), "2.93 MB");
    }

    #[test]
    fn every_file_is_measured() {
        let project = Project::open().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        std::fs::create_dir_all(site.join("a")).unwrap();
        std::fs::write(site.join("a/b.txt"), "b".repeat(1000)).unwrap();
        let mut command = project.command("node");
        command
            .args(["--input-type=module", "--eval", SCRIPT, "--"])
            .arg(&site)
            .arg(folder.path().join("new/memory.json"));
        for _again in 0..2 {
            let files: Vec<File> = serde_json::from_str(&process::read(&mut command).unwrap()).unwrap();
            assert_eq!((files.len(), files[0].path.as_str(), files[0].raw), (1, "a/b.txt", 1000));
            assert!(files[0].brotli < 50 && files[0].gzip < 50, "{files:?}");
        }
    }
}
