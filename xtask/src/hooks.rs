//! What Trunk's hooks (see `Trunk.toml`) do to a site that is being built.

use std::{
    env, fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    engine, files, offline,
    process::{self, Project},
    styles,
};

/// Where some hosts (Netlify, Cloudflare Pages and others) find the headers to send with the site's files.
const HEADERS: &str = "_headers";

/// Set while the site is served to whoever works on it: a page that browsers keep would hide what has just been changed.
pub const NOT_KEPT: &str = "TENSHOT_NOT_KEPT";

/// The folder of the engine and the charts, in the folder where Trunk puts a site together.
const ASSETS: &str = "assets";

/// Trunk's hook in a build: bundles the charts into [`ASSETS`].
///
/// Straight there, and not into a folder of the checkout for Trunk to copy: whatever a build writes into a watched folder
/// would have to be ignored by the watcher, which wants what it ignores to exist.
///
/// # Errors
/// If it is not called by Trunk, or the bundler fails.
pub fn bundle_charts(project: &Project) -> Result<()> {
    let charts = PathBuf::from(given("TRUNK_STAGING_DIR")?).join(ASSETS).join("charts.mjs");
    let mut command = project.command("npm");
    command.args(["run", "--silent", "--prefix", "www", "charts", "--"]);
    command.arg(format!("--outfile={}", charts.display()));
    process::read(&mut command).map(drop)
}

/// Trunk's hook after a build, on the staged files: makes the engine smaller and the style sheets one, and see [`stamp`].
///
/// # Errors
/// If it is not called by Trunk, or the files are not as expected.
pub fn stamp_staged(project: &Project) -> Result<()> {
    let staged = PathBuf::from(given("TRUNK_STAGING_DIR")?);
    engine::merge_same_functions(project, &staged.join(ASSETS).join("worker_bg.wasm"))?;
    leave_out_snippets(&staged.join(ASSETS))?;
    styles::join(&staged)?;
    stamp(&staged, &given("TRUNK_PUBLIC_URL")?)?;
    offline::stamp(&staged, env::var_os(NOT_KEPT).is_none())
}

/// Removes the scripts that Trunk lays beside the engine's, if that one imports none: they are the page's, which has its own. Nobody
/// would fetch them, but they would be kept for use without a network.
fn leave_out_snippets(assets: &Path) -> Result<()> {
    let (worker, snippets) = (assets.join("worker.js"), assets.join("snippets"));
    let text = fs::read_to_string(&worker).with_context(|| format!("reading {}", worker.display()))?;
    if text.contains("snippets/") || !snippets.is_dir() {
        return Ok(());
    }
    fs::remove_dir_all(&snippets).with_context(|| format!("removing {}", snippets.display()))
}

/// What Trunk tells its hooks.
fn given(variable: &str) -> Result<String> {
    env::var(variable).with_context(|| format!("{variable} is not set: this command is called by Trunk's hooks"))
}

/// Renames the folder `assets` to one named by a hash of what is in it, and writes its address and the site's into
/// `index.html` in place of `{{assets}}` and `{{base}}`, and that of the service worker in place of `{{offline}}`.
///
/// Trunk hashes the names of the page's own files, but neither those of a worker nor of copied files. Without this a
/// browser could pair a new page with an old engine from its cache.
fn stamp(staged: &Path, base: &str) -> Result<()> {
    let assets = staged.join(ASSETS);
    let name = format!("assets-{:016x}", hash(&assets)?);
    fs::rename(&assets, staged.join(&name)).with_context(|| format!("renaming {}", assets.display()))?;

    let index = staged.join("index.html");
    let mut html = fs::read_to_string(&index).with_context(|| format!("reading {}", index.display()))?;
    let values = [base.to_owned(), format!("{base}{name}/"), format!("{base}{}", offline::SCRIPT)];
    for (place, value) in ["{{base}}", "{{assets}}", "{{offline}}"].into_iter().zip(values) {
        if html.matches(place).count() != 1 {
            bail!("www/index.html must contain {place} exactly once: the page looks for its files there");
        }
        html = html.replace(place, &value);
    }
    fs::write(staged.join(HEADERS), headers(&html)?).with_context(|| format!("writing {HEADERS}"))?;
    fs::write(&index, html).with_context(|| format!("writing {}", index.display()))
}

/// The page's policy as headers for every file: the scripts that the page and its worker load have it then whoever loads them.
fn headers(html: &str) -> Result<String> {
    let policy = html.split_once("http-equiv").and_then(|(_, rest)| rest.split_once("content=\""));
    let (policy, _) = policy
        .and_then(|(_, rest)| rest.split_once('"'))
        .context("www/index.html must state its Content-Security-Policy in a <meta>")?;
    Ok(format!("/*\n  Content-Security-Policy: {policy}\n  X-Content-Type-Options: nosniff\n"))
}

/// A hash of the names and contents of the files in a folder.
fn hash(folder: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for file in files::all(folder)? {
        hasher.write(file.to_string_lossy().as_bytes());
        let bytes = fs::read(folder.join(&file)).with_context(|| format!("reading {}", file.display()))?;
        hasher.write_usize(bytes.len());
        hasher.write(&bytes);
    }
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = r#"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'self'">
<meta name="tenshot" content="{{base}}" data-assets="{{assets}}" data-offline="{{offline}}">"#;

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
        assert!(html.contains(r#"content="./""#) && html.contains(r#"data-offline="./sw.js""#), "{html}");
        let address = html.split("data-assets=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(folder.path().join(&address).join("snippets/a.js").is_file(), "{address}");
        assert!(!folder.path().join("assets").exists());
        address
    }

    #[test]
    fn scripts_that_the_engine_does_not_import_are_left_out() {
        for (worker, stay) in [("import './snippets/a.js';", true), ("alone", false)] {
            let folder = staged(HTML, worker);
            leave_out_snippets(&folder.path().join("assets")).unwrap();
            assert_eq!(folder.path().join("assets/snippets/a.js").is_file(), stay, "{worker}");
        }
    }

    #[test]
    fn the_address_of_the_assets_changes_with_their_content_and_only_with_it() {
        assert_eq!(stamped("one"), stamped("one"));
        assert_ne!(stamped("one"), stamped("two"));
    }

    #[test]
    fn hosts_that_send_headers_send_the_policy_of_the_page() {
        let folder = staged(HTML, "one");
        stamp(folder.path(), "./").unwrap();
        let headers = fs::read_to_string(folder.path().join(HEADERS)).unwrap();
        assert!(
            headers.starts_with("/*\n  Content-Security-Policy: default-src 'none'; connect-src 'self'\n"),
            "{headers}"
        );
        let without = HTML.replace("http-equiv", "name");
        let error = stamp(staged(&without, "one").path(), "./").unwrap_err();
        assert!(error.to_string().contains("Content-Security-Policy"), "{error}");
    }

    #[test]
    fn a_page_that_does_not_ask_for_its_assets_is_an_error() {
        let error = stamp(staged("<html>", "one").path(), "./").unwrap_err();
        assert!(error.to_string().contains("{{base}}"), "{error}");
    }
}
