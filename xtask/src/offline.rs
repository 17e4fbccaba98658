//! What the service worker (`www/sw.js`) keeps for use without a network: a list of the built site's files with their hashes.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files;

/// The service worker. At the root: it looks after what is below its own address.
pub const SCRIPT: &str = "sw.js";

/// Where the list goes in it.
const PLACE: &str = "{{kept}}";

/// The model that every visit begins with.
pub const MODEL: &str = "models/folio/";

/// How many digits of a file's hash the engine puts into a model's address (src/worker/fetch.rs).
const DIGITS: usize = 16;

/// When a visitor's browser asks for a file of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Before the first training step.
    First,
    /// At every visit, but later than that: what belongs to an installed page.
    Always,
    /// When a visitor chooses it.
    Chosen,
    /// Never: it is for whoever looks after the host, or reads about the models.
    Never,
}

/// When a file is asked for. A kind of file that nobody has thought of is needed at once, so that it is counted and kept.
pub fn needed(path: &str) -> Needed {
    let never = path.ends_with(".md") || path.ends_with("/manifest.json") || path.starts_with("models/curves/");
    match path {
        "_headers" | "fonts/OFL.txt" | SCRIPT => Needed::Never,
        _ if never => Needed::Never,
        "manifest.webmanifest" => Needed::Always,
        // The lesson for a class, and the colours that it shares with the page.
        "tokens.css" => Needed::Always,
        _ if path.starts_with("teach") => Needed::Always,
        _ if path.starts_with("icons/") => Needed::Always,
        _ if path.starts_with("models/") && !path.starts_with(MODEL) => Needed::Chosen,
        _ => Needed::First,
    }
}

/// What is written into the script.
#[derive(Serialize)]
struct Kept {
    /// The build's name; none, if nothing is to be kept.
    build: String,
    needed: BTreeMap<String, String>,
    later: BTreeMap<String, String>,
}

/// Writes the list of a site's files into its service worker; an empty one if `keep` is not set: such a worker removes itself
/// and what others have kept.
///
/// # Errors
/// If a file cannot be read, or the script has no place for the list.
pub fn stamp(site: &Path, keep: bool) -> Result<()> {
    let script = site.join(SCRIPT);
    let text = fs::read_to_string(&script).with_context(|| format!("reading {}", script.display()))?;
    if text.matches(PLACE).count() != 1 {
        bail!("www/{SCRIPT} must contain {PLACE} exactly once: the list of files goes there");
    }
    let mut kept = Kept { build: String::new(), needed: BTreeMap::new(), later: BTreeMap::new() };
    if keep {
        list(site, &mut kept)?;
        // Another script is another build, too.
        let all = serde_json::to_string(&kept)? + &text;
        kept.build = sha256(all.as_bytes())[..DIGITS].to_owned();
    }
    let list = serde_json::to_string_pretty(&kept)?;
    fs::write(&script, text.replace(PLACE, &list)).with_context(|| format!("writing {}", script.display()))
}

fn list(site: &Path, kept: &mut Kept) -> Result<()> {
    for file in files::all(site)? {
        let path = file.to_string_lossy().replace('\\', "/");
        let into = match needed(&path) {
            Needed::First | Needed::Always => &mut kept.needed,
            Needed::Chosen => &mut kept.later,
            Needed::Never => continue,
        };
        let bytes = fs::read(site.join(&file)).with_context(|| format!("reading {path}"))?;
        let hash = sha256(&bytes);
        let address = match path.as_str() {
            "index.html" => "./".to_owned(),
            _ => model_file(site, &path, &hash)?.unwrap_or(path),
        };
        into.insert(address, hash);
    }
    Ok(())
}

#[derive(Deserialize)]
struct Manifest {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: String,
    sha256: String,
}

/// The address at which the engine asks for a file of a model.
fn model_file(site: &Path, path: &str, hash: &str) -> Result<Option<String>> {
    let Some((folder, name)) = path.rsplit_once('/').filter(|_| path.starts_with("models/")) else { return Ok(None) };
    let manifest = site.join(folder).join("manifest.json");
    let text = fs::read(&manifest).with_context(|| format!("reading {}", manifest.display()))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).with_context(|| format!("reading {}", manifest.display()))?;
    match manifest.files.into_iter().find(|listed| listed.path == name) {
        Some(listed) if listed.sha256 == hash => Ok(Some(format!("{path}?{}", &hash[..DIGITS]))),
        Some(_) => bail!("{path} is not the file of its manifest"),
        None => Ok(None),
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "const { build } = {{kept}};";

    fn site(page: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let weights = sha256(b"weights");
        for (name, text) in [
            ("sw.js", TEXT),
            ("index.html", page),
            ("_headers", ""),
            ("assets-1/engine.mjs", "engine"),
            ("fonts/OFL.txt", ""),
            ("models/folio/README.md", ""),
            ("models/folio/weights", "weights"),
            ("models/folio/manifest.json", &format!(r#"{{"files": [{{"path": "weights", "sha256": "{weights}"}}]}}"#)),
            ("models/deep/weights", "weights"),
            ("models/deep/manifest.json", r#"{"files": []}"#),
            ("models/curves/loss.svg", ""),
        ] {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        folder
    }

    fn stamped(page: &str, keep: bool) -> serde_json::Value {
        let folder = site(page);
        stamp(folder.path(), keep).unwrap();
        let script = fs::read_to_string(folder.path().join(SCRIPT)).unwrap();
        serde_json::from_str(script.trim_start_matches("const { build } = ").trim_end_matches(';')).unwrap()
    }

    #[test]
    fn the_list_has_what_a_visit_asks_for_at_the_addresses_where_it_does() {
        let kept = stamped("the page", true);
        let names = |part: &str| kept[part].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let weights = format!("models/folio/weights?{}", &sha256(b"weights")[..16]);
        assert_eq!(names("needed"), ["./", "assets-1/engine.mjs", &weights]);
        assert_eq!(names("later"), ["models/deep/weights"]);
        assert_eq!(kept["needed"]["./"], sha256(b"the page"));
    }

    #[test]
    fn every_change_is_another_build() {
        assert_eq!(stamped("the page", true), stamped("the page", true));
        assert_ne!(stamped("the page", true)["build"], stamped("another page", true)["build"]);
    }

    #[test]
    fn a_site_that_is_not_to_be_kept_has_an_empty_list() {
        assert_eq!(stamped("the page", false), serde_json::json!({ "build": "", "needed": {}, "later": {} }));
    }

    #[test]
    fn a_model_that_is_not_its_manifests_is_an_error() {
        let folder = site("the page");
        fs::write(folder.path().join("models/folio/weights"), "others").unwrap();
        let error = stamp(folder.path(), true).unwrap_err().to_string();
        assert!(error.contains("models/folio/weights"), "{error}");
    }

    #[test]
    fn a_file_that_nobody_has_thought_of_is_counted_and_kept() {
        assert_eq!(needed("records/new.bin"), Needed::First);
    }
}
