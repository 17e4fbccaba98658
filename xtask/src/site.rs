//! The static site: built and served by Trunk (see `Trunk.toml` and `www/index.html`).

use std::{
    env, fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{self, Project},
    size,
};

/// Where the static site is.
pub const DIST: &str = "dist";

/// Builds the site, serves it, and rebuilds it when a source file changes, until it is interrupted.
///
/// # Errors
/// If Trunk cannot be started or fails.
pub fn serve(project: &Project, port: u16, open: bool) -> Result<()> {
    println!("Tenshot will be at http://127.0.0.1:{port}/ (release build: minutes the first time, seconds later)");
    let mut command = trunk(project);
    command.args(["serve", "--address", "127.0.0.1", "--port"]).arg(port.to_string());
    if open {
        command.arg("--open");
    }
    process::replace(&mut command)
}

/// Builds the site into [`DIST`] and checks its size.
///
/// # Errors
/// If the build fails or a visitor would have to download too much.
pub fn build(project: &Project, public_url: &str) -> Result<()> {
    process::run(trunk(project).args(["build", "--public-url", public_url]))?;
    size::check(project, &project.path(DIST))
}

/// Trunk, which else would ask crates.io for a newer version of itself at every start, and refuse `NO_COLOR=1`.
fn trunk(project: &Project) -> Command {
    let mut command = project.command("trunk");
    command.env("TRUNK_SKIP_VERSION_CHECK", "true");
    match env::var_os("NO_COLOR") {
        Some(value) if !value.is_empty() => command.env("NO_COLOR", "true"),
        _ => command.env_remove("NO_COLOR"),
    };
    command
}

/// Trunk's hook after a build, on the staged files: see [`stamp`].
///
/// # Errors
/// If it is not called by Trunk, or the files are not as expected.
pub fn stamp_staged() -> Result<()> {
    let set = |name| env::var(name).with_context(|| format!("{name} is not set: `stamp` is called by Trunk's hook"));
    stamp(&PathBuf::from(set("TRUNK_STAGING_DIR")?), &set("TRUNK_PUBLIC_URL")?)
}

/// Renames the folder `assets` to one named by a hash of what is in it, and writes its address and the site's into
/// `index.html` in place of `{{assets}}` and `{{base}}`.
///
/// Trunk hashes the names of the page's own files, but neither those of a worker nor of copied files. Without this a
/// browser could pair a new page with an old engine from its cache.
fn stamp(staged: &Path, base: &str) -> Result<()> {
    let assets = staged.join("assets");
    let name = format!("assets-{:016x}", hash(&assets)?);
    fs::rename(&assets, staged.join(&name)).with_context(|| format!("renaming {}", assets.display()))?;

    let index = staged.join("index.html");
    let mut html = fs::read_to_string(&index).with_context(|| format!("reading {}", index.display()))?;
    for (place, value) in [("{{base}}", base.to_owned()), ("{{assets}}", format!("{base}{name}/"))] {
        if html.matches(place).count() != 1 {
            bail!("www/index.html must contain {place} exactly once: the page looks for its files there");
        }
        html = html.replace(place, &value);
    }
    fs::write(&index, html).with_context(|| format!("writing {}", index.display()))
}

/// A hash of the names and contents of the files in a folder.
fn hash(folder: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for file in files(folder)? {
        hasher.write(file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().as_bytes());
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        hasher.write_usize(bytes.len());
        hasher.write(&bytes);
    }
    Ok(hasher.finish())
}

/// All files in a folder and the folders in it, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = r#"<meta name="tenshot" content="{{base}}" data-assets="{{assets}}">"#;

    fn staged(html: &str, worker: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("assets/snippets")).unwrap();
        fs::write(folder.path().join("assets/worker.js"), worker).unwrap();
        fs::write(folder.path().join("assets/snippets/a.js"), "a").unwrap();
        fs::write(folder.path().join("index.html"), html).unwrap();
        folder
    }

    /// The address of the assets in a stamped page, which must be a folder that is there.
    fn stamped(worker: &str) -> String {
        let folder = staged(HTML, worker);
        stamp(folder.path(), "./").unwrap();
        let html = fs::read_to_string(folder.path().join("index.html")).unwrap();
        assert!(html.contains(r#"content="./""#), "{html}");
        let address = html.split("data-assets=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(folder.path().join(&address).join("snippets/a.js").is_file(), "{address}");
        assert!(!folder.path().join("assets").exists());
        address
    }

    #[test]
    fn the_address_of_the_assets_changes_with_their_content_and_only_with_it() {
        assert_eq!(stamped("one"), stamped("one"));
        assert_ne!(stamped("one"), stamped("two"));
    }

    #[test]
    fn a_page_that_does_not_ask_for_its_assets_is_an_error() {
        let error = stamp(staged("<html>", "one").path(), "./").unwrap_err();
        assert!(error.to_string().contains("{{base}}"), "{error}");
    }
}
