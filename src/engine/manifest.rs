//! [`Manifest`]: what the files of a model that ships must be.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::EngineError;
use crate::llama::{at_most, is_beside, plain, quoted};

/// The largest `manifest.json` that is read, in bytes; real ones have about a thousand.
pub const LARGEST_MANIFEST: usize = 1 << 20;

/// The most names of unread items, and the longest of them in bytes: the Library's have half as many letters.
const MOST_UNREAD: usize = 4_096;
const LONGEST_NAME: usize = 100;

/// `manifest.json`: what the files of a bundled model must be.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Manifest {
    /// Every file but this one.
    pub files: Vec<ManifestFile>,
    /// The items of the Forbidden Shelf whose making the model's corpus did not tell; none if the manifest says nothing. They
    /// are compared with the items that are asked about, and nothing else: a name that this Library does not have means
    /// nothing.
    #[serde(default)]
    pub unread: BTreeSet<String>,
}

/// One file of a bundled model.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct ManifestFile {
    /// Its name.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// Reads a `manifest.json`.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoManifest`] if it is none, names a file twice, or one that is not beside it, or more or longer unread
    /// items than a Library has.
    pub fn from_json(bytes: &[u8]) -> Result<Self, EngineError> {
        let bad = |reason: String| EngineError::NoManifest { reason };
        at_most("it", bytes, LARGEST_MANIFEST).map_err(bad)?;
        let manifest: Self = serde_json::from_slice(bytes).map_err(|e| bad(plain(&e.to_string())))?;
        let mut names = BTreeSet::new();
        for ManifestFile { path, .. } in &manifest.files {
            if !is_beside(path) {
                return Err(bad(format!("it names {}, which is no file beside it", quoted(path))));
            }
            if !names.insert(path) {
                return Err(bad(format!("it names {} twice", quoted(path))));
            }
        }
        if manifest.unread.len() > MOST_UNREAD {
            return Err(bad(format!(
                "it names {} unread items, and at most {MOST_UNREAD} can be",
                manifest.unread.len()
            )));
        }
        if let Some(name) = manifest.unread.iter().find(|name| name.is_empty() || name.len() > LONGEST_NAME) {
            return Err(bad(format!("it names the unread item {}, which is no name of an item", quoted(name))));
        }
        Ok(manifest)
    }

    /// Checks a file against the manifest.
    ///
    /// # Errors
    ///
    /// [`EngineError::Manifest`] if its size or its hash differs, or it is not listed.
    pub fn check(&self, file: &str, bytes: &[u8]) -> Result<(), EngineError> {
        let differs = |reason: String| Err(EngineError::Manifest { file: file.into(), reason });
        let Some(listed) = self.files.iter().find(|f| f.path == file) else {
            return differs("it is not listed".into());
        };
        if listed.bytes != bytes.len() as u64 {
            return differs(format!("{} bytes instead of {}", bytes.len(), listed.bytes));
        }
        let hash: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        if hash != listed.sha256 {
            return differs("its SHA-256 differs".into());
        }
        Ok(())
    }
}
