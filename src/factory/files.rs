//! Files of a build: written whole or not at all, read with the factory's errors, and known by their hash.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::FactoryError;
use crate::disk;

pub use disk::PARTIAL;

/// Writes a file so that a stop at any moment leaves either the old content or the new: see [`disk::write`]. Folders on the
/// way are made.
///
/// # Errors
///
/// [`FactoryError::NoSpace`] or [`FactoryError::Write`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FactoryError> {
    let failed = |error: disk::WriteError| FactoryError::write(path, bytes.len() as u64, &error);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| failed(error.into()))?;
    disk::write(path, bytes).map_err(failed)
}

/// Writes plain data as indented JSON, as [`write`] does.
///
/// # Errors
///
/// As [`write`].
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), FactoryError> {
    let mut text = serde_json::to_string_pretty(value).expect("plain data with text keys");
    text.push('\n');
    write(path, text.as_bytes())
}

/// Reads an ordinary file.
///
/// # Errors
///
/// [`FactoryError::Read`].
pub fn read(path: &Path) -> Result<Vec<u8>, FactoryError> {
    disk::read_regular(path).map_err(|error| FactoryError::read(path, &error))
}

/// Reads a JSON file.
///
/// # Errors
///
/// [`FactoryError::Read`] or [`FactoryError::Content`].
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, FactoryError> {
    serde_json::from_slice(&read(path)?).map_err(|error| FactoryError::content(path, error))
}

/// Removes a folder and all that is in it; none is fine, too.
///
/// # Errors
///
/// [`FactoryError::Write`].
pub fn remove_folder(path: &Path) -> Result<(), FactoryError> {
    if !path.exists() {
        return Ok(());
    }
    fs::remove_dir_all(path).map_err(|error| FactoryError::write(path, 0, &error.into()))
}

/// Removes what a program that was killed while it wrote has left in a folder.
///
/// # Errors
///
/// [`FactoryError`].
pub fn remove_partial(folder: &Path) -> Result<(), FactoryError> {
    if !folder.exists() {
        return Ok(());
    }
    for name in list(folder)?.into_iter().filter(|name| name.ends_with(PARTIAL)) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|error| FactoryError::write(&path, 0, &error.into()))?;
    }
    Ok(())
}

/// The files in a folder and its folders, sorted, as paths from the folder with `/` between their parts.
///
/// # Errors
///
/// [`FactoryError::Read`].
pub fn list(folder: &Path) -> Result<Vec<String>, FactoryError> {
    let mut found = Vec::new();
    gather(folder, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn gather(folder: &Path, prefix: &str, found: &mut Vec<String>) -> Result<(), FactoryError> {
    let failed = |error: std::io::Error| FactoryError::read(folder, &error.into());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{name}/"), found)?;
        } else {
            found.push(name);
        }
    }
    Ok(())
}

/// The SHA-256 of bytes, in lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/file.json");
        write_json(&path, &[1, 2]).unwrap();
        write_json(&path, &[3]).unwrap();
        assert_eq!(read_json::<Vec<u8>>(&path).unwrap(), [3]);
        assert_eq!(list(folder.path()).unwrap(), ["a/b/file.json"]);
    }

    /// What a stop in the middle of writing leaves behind: the old file, and a neighbour that the next sitting removes.
    #[test]
    fn a_stop_while_writing_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inside/weights");
        remove_partial(&folder.path().join("inside")).unwrap();
        write(&path, b"old").unwrap();
        fs::write(folder.path().join("inside/.tenshot-abc.partial"), b"ha").unwrap();
        assert_eq!(read(&path).unwrap(), b"old");
        write(&path, b"new").unwrap();
        assert_eq!(read(&path).unwrap(), b"new");
        remove_partial(folder.path()).unwrap();
        assert_eq!(list(folder.path()).unwrap(), ["inside/weights"]);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"x").unwrap();
        assert!(matches!(write(&path, b"x"), Err(FactoryError::Write { .. })));
        assert_eq!(list(folder.path()).unwrap(), ["taken/inside"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_of_its_own() {
        use std::io::Write;
        let full = fs::File::options().write(true).open("/dev/full");
        let error = full.and_then(|mut file| file.write_all(b"x")).unwrap_err();
        let error = FactoryError::write(Path::new("base.ckpt"), 1, &error.into());
        assert!(matches!(error, FactoryError::NoSpace { .. }), "{error}");
    }

    #[test]
    fn broken_json_names_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stage.json");
        write(&path, b"{").unwrap();
        let error = read_json::<Vec<u8>>(&path).unwrap_err().to_string();
        assert!(error.contains("stage.json") && error.contains("--remake"), "{error}");
    }

    #[test]
    fn hashes_are_sha_256() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
    }
}
