//! Whether a server has a page and everything that the page names.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use ureq::Agent;

/// Endings of files that name others.
const KINDS: [&str; 10] = ["css", "html", "js", "json", "mjs", "png", "safetensors", "svg", "wasm", "woff2"];

/// What stands before the address of a file in a script.
const IMPORTS: [&str; 3] = ["URL", "from", "import"];

/// What the page asks for in the folder of its assets (src/page/browser.rs).
const ASSETS: [&str; 2] = ["engine.mjs", "charts.mjs"];

/// The list of the model's files, which the engine asks for one after the other (src/worker/fetch.rs).
const MODEL: &str = "models/folio/manifest.json";

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, asked for files.
pub struct Client {
    agent: Agent,
    /// The address of the site, ending in `/`.
    site: String,
}

impl Client {
    pub fn new(site: String) -> Self {
        let config = Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
        // The site is on this machine, whatever proxy leads out of it.
        Self { agent: config.proxy(None).build().into(), site }
    }

    /// The file's content, if the server has it.
    ///
    /// # Errors
    /// If there is no server, or it breaks off.
    pub fn get(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let url = format!("{}{path}", self.site);
        let mut answer = self.agent.get(&url).call().with_context(|| format!("asking for {url}"))?;
        if answer.status() != 200 {
            return Ok(None);
        }
        let body = answer.body_mut().with_config().limit(u64::MAX).read_to_vec();
        body.map(Some).with_context(|| format!("reading {url}"))
    }

    /// Asks for the page, for everything that it names, for everything that is named there, and so on, and for the files
    /// of the site that were built. Returns how many files there are.
    ///
    /// # Errors
    /// If one of them is not served; the message names them all.
    pub fn check(&self, built: &[PathBuf]) -> Result<usize> {
        let mut waiting = vec![(String::new(), "the address".to_owned()), (MODEL.to_owned(), "the engine".to_owned())];
        for file in built {
            waiting.push((file.to_string_lossy().replace('\\', "/"), "the build".to_owned()));
        }
        let (mut seen, mut missing) = (BTreeSet::new(), Vec::new());
        while let Some((path, by)) = waiting.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            match self.get(&path)? {
                None => missing.push(format!("{path} (named by {by})")),
                Some(content) => {
                    let named = named(if path.is_empty() { "index.html" } else { &path }, &content)?;
                    waiting.extend(named.into_iter().map(|file| (file, path.clone())));
                }
            }
        }
        if !missing.is_empty() {
            bail!("{} does not serve\n  {}", self.site, missing.join("\n  "));
        }
        Ok(seen.len())
    }
}

/// The files that a file names, as paths from the site's root.
fn named(path: &str, content: &[u8]) -> Result<Vec<String>> {
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let text = || String::from_utf8_lossy(content);
    let names = match kind(path) {
        "html" => in_page(&text()),
        "css" => addresses(&without(&text(), "/*", "*/")).map(str::to_owned).collect(),
        "js" | "mjs" => in_script(&text()),
        "json" if path.ends_with("/manifest.json") => {
            in_manifest(content).with_context(|| format!("reading {path}"))?
        }
        _ => Vec::new(),
    };
    Ok(names.iter().filter_map(|name| resolve(folder, name)).collect())
}

/// What the page names itself, and what it looks for at the addresses in its `<meta>` elements.
fn in_page(html: &str) -> Vec<String> {
    let html = without(html, "<!--", "-->");
    let mut names: Vec<_> = addresses(&html).map(str::to_owned).collect();
    let mut words = words(&html);
    if words.any(|word| word == "data-assets")
        && let Some(folder) = words.next()
    {
        names.extend(ASSETS.iter().map(|file| format!("{folder}{file}")));
    }
    names
}

/// What a script imports. Other words in it that look like addresses are names of something else.
fn in_script(script: &str) -> Vec<String> {
    let imported = words(script).zip(words(script).skip(1)).filter(|(before, _)| IMPORTS.contains(before));
    imported.filter(|(_, name)| name.starts_with('.') && is_address(name)).map(|(_, name)| name.to_owned()).collect()
}

#[derive(Deserialize)]
struct Manifest {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: String,
}

fn in_manifest(content: &[u8]) -> Result<Vec<String>> {
    let manifest: Manifest = serde_json::from_slice(content)?;
    Ok(manifest.files.into_iter().map(|file| file.path).collect())
}

/// The words of a text that are relative addresses of files.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    words(text).filter(|word| is_address(word))
}

fn is_address(word: &str) -> bool {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    let has_name = kind(word).len() + 1 < word.len();
    KINDS.contains(&kind(word)) && has_name && word.chars().all(letters) && !word.starts_with('/')
}

/// What stands between quotes, brackets, spaces and the like.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let between = |letter: char| letter.is_whitespace() || "\"'`()<>=,;".contains(letter);
    text.split(between).filter(|word| !word.is_empty())
}

fn kind(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, kind)| kind)
}

/// A text without what stands between two marks.
fn without(text: &str, begin: &str, end: &str) -> String {
    let mut parts = text.split(begin);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once(end).map_or("", |(_, rest)| rest))
}

/// An address in a file of this folder, from the site's root.
fn resolve(folder: &Path, address: &str) -> Option<String> {
    let mut path = Vec::new();
    for part in folder.join(address).components() {
        match part {
            Component::Normal(name) => path.push(name.to_string_lossy().into_owned()),
            Component::CurDir => {}
            Component::ParentDir => path.pop().map(drop)?,
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path.join("/"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::server::Server;

    const PAGE: &str = r#"<!-- not here.js --><link rel="preload" href="fonts/a.woff2"><script src=./boot.mjs></script>
        <meta name="tenshot" content="./" data-assets="./assets-1/"><title>1.5 of a.b</title>"#;

    #[test]
    fn a_page_names_its_files_and_those_it_asks_for_later() {
        let expected = ["fonts/a.woff2", "boot.mjs", "assets-1/engine.mjs", "assets-1/charts.mjs"];
        assert_eq!(named("index.html", PAGE.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn files_are_named_from_where_they_are_named() {
        let script = br#"import a from './b.js'; import("../c.mjs"); "./d.js": e; from "d.js"; from "../../out.js""#;
        assert_eq!(named("assets/a.js", script).unwrap(), ["assets/b.js", "c.mjs"]);
        assert_eq!(named("s/a.css", b"/* x.css */ src: url(fonts/a.woff2)").unwrap(), ["s/fonts/a.woff2"]);
        let manifest = br#"{"version": 1, "files": [{"path": "model.safetensors", "bytes": 1}]}"#;
        assert_eq!(named("models/folio/manifest.json", manifest).unwrap(), ["models/folio/model.safetensors"]);
    }

    #[test]
    fn a_file_that_is_named_and_not_served_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("index.html", PAGE);
        write("fonts/a.woff2", "");
        write("boot.mjs", "import './deep.js'");
        write("assets-1/engine.mjs", "");
        write("assets-1/charts.mjs", "");
        write(MODEL, r#"{"files": [{"path": "config.json"}]}"#);
        let server = Server::start(folder.path(), "/sub/").unwrap();
        let client = Client::new(server.url.clone());
        let error = client.check(&[PathBuf::from("icon.svg")]).unwrap_err().to_string();
        for missing in ["deep.js (named by boot.mjs)", "models/folio/config.json", "icon.svg (named by the build)"] {
            assert!(error.contains(missing), "{error}");
        }
        assert_eq!(error.lines().count(), 4, "{error}");
        write("deep.js", "");
        write("models/folio/config.json", "");
        assert_eq!(client.check(&[]).unwrap(), 8);
    }
}
