//! The files of a built site.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::disk;
use crate::models::embedded::embedded;

/// The largest file that is given out: several times the engine.
const LARGEST: u64 = 256 << 20;

/// The files that are a part of the program, by name: those of the folder that `TENSHOT_SITE` named when it was compiled
/// (`build.rs`), but for the models' files, which the program has anyway.
#[cfg(feature = "site")]
static PACKED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/site.rs"));
#[cfg(not(feature = "site"))]
static PACKED: &[(&str, &[u8])] = &[];

/// Where the files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// In the program.
    Packed,
    /// In a folder; without links on its way.
    Folder(PathBuf),
}

/// Why there is nothing to serve.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// No folder was named, and the program has no site in it.
    #[error(
        "This program was built without the page. Name a folder with the built site (`cargo xtask build` makes dist/, and each release has one): tenshot serve dist. `cargo xtask bundle` builds a program with the page in it."
    )]
    NotPacked,
    /// There is no page in the folder.
    #[error("{folder} has no index.html: it is no built site. `cargo xtask build` makes one in dist/.")]
    NoPage {
        /// The folder.
        folder: String,
    },
    /// The folder is one of sources.
    #[error("{folder} has the page's sources and not the built site. `cargo xtask build` makes it in dist/.")]
    Sources {
        /// The folder.
        folder: String,
    },
}

impl Site {
    /// The site in the program.
    ///
    /// # Errors
    ///
    /// [`SiteError::NotPacked`].
    pub fn packed() -> Result<Self, SiteError> {
        if PACKED.is_empty() { Err(SiteError::NotPacked) } else { Ok(Self::Packed) }
    }

    /// The site in a folder.
    ///
    /// # Errors
    ///
    /// [`SiteError`] if there is none.
    pub fn folder(folder: &Path) -> Result<Self, SiteError> {
        let name = || folder.display().to_string();
        let found = folder.canonicalize().map(Self::Folder).map_err(|_| SiteError::NoPage { folder: name() })?;
        let page = found.read("index.html").ok_or_else(|| SiteError::NoPage { folder: name() })?;
        // A page that was not built names no files yet.
        if page.windows(7).any(|text| text == b"{{base}") {
            return Err(SiteError::Sources { folder: name() });
        }
        Ok(found)
    }

    /// The content of a file, if the site has it. Links that lead out of the folder are not followed.
    pub fn read(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        match self {
            Self::Packed => {
                let packed = PACKED.iter().find(|(packed, _)| *packed == name).map(|(_, bytes)| *bytes);
                packed.or_else(|| of_model(name)).map(Cow::Borrowed)
            }
            Self::Folder(folder) => {
                let file = folder.join(name).canonicalize().ok()?;
                let is_there = file.starts_with(folder) && file.is_file();
                is_there.then(|| disk::read(&file, LARGEST).ok()).flatten().map(Cow::Owned)
            }
        }
    }
}

/// A file of a model that ships.
fn of_model(name: &str) -> Option<&'static [u8]> {
    let (model, file) = name.strip_prefix("models/")?.split_once('/')?;
    let files = embedded(model)?;
    match file {
        "config.json" => Some(files.config),
        "tokenizer.json" => Some(files.tokenizer),
        "tokenizer_config.json" => Some(files.tokenizer_config),
        "model.safetensors" => Some(files.weights),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_built_page_is_no_site() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| Site::folder(path).unwrap_err().to_string();
        assert!(refused(folder.path()).contains("has no index.html"));
        assert!(refused(&folder.path().join("none")).contains("has no index.html"));
        std::fs::write(folder.path().join("index.html"), "<meta content=\"{{base}}\">").unwrap();
        assert!(refused(folder.path()).contains("sources"));
        std::fs::write(folder.path().join("index.html"), "the page").unwrap();
        assert_eq!(&*Site::folder(folder.path()).unwrap().read("index.html").unwrap(), b"the page");
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out_of_the_folder() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("dist");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("index.html"), "the page").unwrap();
        std::fs::write(outer.path().join("secret"), "secret").unwrap();
        std::os::unix::fs::symlink(outer.path().join("secret"), folder.join("out")).unwrap();
        std::os::unix::fs::symlink(folder.join("index.html"), folder.join("in")).unwrap();
        let site = Site::folder(&folder).unwrap();
        assert_eq!((site.read("out"), site.read("none")), (None, None));
        assert!(site.read("in").is_some());
    }

    #[test]
    fn files_of_models_are_those_of_the_program() {
        assert!(of_model("models/folio/model.safetensors").is_some_and(|bytes| bytes.len() > 1_000_000));
        assert_eq!((of_model("models/none/config.json"), of_model("models/folio/README.md")), (None, None));
    }
}
