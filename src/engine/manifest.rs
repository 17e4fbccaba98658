//! [`Manifest`]: what the files of a model that ships must be.

use sha2::{Digest, Sha256};

use super::EngineError;

/// `manifest.json`: what the files of a bundled model must be.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Manifest {
    /// Every file but this one.
    pub files: Vec<ManifestFile>,
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
    /// [`EngineError::Manifest`] if it is none.
    pub fn from_json(bytes: &[u8]) -> Result<Self, EngineError> {
        serde_json::from_slice(bytes)
            .map_err(|e| EngineError::Manifest { file: "manifest.json".into(), reason: e.to_string() })
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
