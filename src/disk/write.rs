//! Writing a file as a whole, or not at all.
//!
//! A file is written under a new name in the same folder, brought to the disk, and put in its place by renaming. So a stop at
//! any moment leaves the old content or the new, and several programs that write to one name leave the whole file of one of
//! them. Only ordinary files are written to: whoever could put a link or a pipe there does not decide what is replaced.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What the name of a file ends with until it is complete. A program that is killed while it writes leaves one behind.
pub const PARTIAL: &str = ".partial";

/// What such a name begins with. It is short, as the name that the file gets may be as long as names can be.
const BEGINNING: &str = ".tenshot-";

/// Why a file is not written. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It would lie in a folder that does not exist.
    #[error("there is no folder {folder}")]
    NoFolder {
        /// The folder.
        folder: String,
    },
    /// There is a folder of that name, or the name is a folder's.
    #[error("it is a folder, and a file is to be written there: add the file's name")]
    Folder,
    /// There is something else of that name, where a folder is needed.
    #[error("{file} is no folder")]
    NoFolderButFile {
        /// What is there.
        file: String,
    },
    /// It is a link.
    #[error("it is a link to {to}: name the file itself, as links are not followed when something is replaced")]
    Link {
        /// Where it leads.
        to: String,
    },
    /// It is a pipe, a device or a socket.
    #[error("it is a pipe or a device, and only ordinary files are written")]
    Special,
    /// The operating system's reason.
    #[error("{}", super::reason(.0))]
    Io(#[from] io::Error),
}

/// Writes a file as a whole. A file that is there keeps its permissions.
///
/// # Errors
///
/// [`WriteError`]; then what was there before still is, and nothing else.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let (folder, old) = place(path)?;
    let mut file = begin(&folder, old.as_ref())?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The new name is part of the folder, which reaches the disk on its own; where folders cannot be opened, it does later.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Whether [`write`] can write there, as far as can be told without writing: to be asked before work of minutes.
///
/// # Errors
///
/// As [`write`].
pub fn check(path: &Path) -> Result<(), WriteError> {
    let (folder, old) = place(path)?;
    begin(&folder, old.as_ref()).map(drop)
}

/// Whether a folder can be written into, or be made: the nearest one on the way that exists can.
///
/// # Errors
///
/// As [`write`].
pub fn check_folder(folder: &Path) -> Result<(), WriteError> {
    let there = folder.ancestors().find(|ancestor| ancestor.symlink_metadata().is_ok());
    let there = there.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !there.is_dir() {
        return Err(WriteError::NoFolderButFile { file: there.display().to_string() });
    }
    begin(there, None).map(drop)
}

/// Writes what could not be written in its place to a new file in the folder for temporary files, and says which.
///
/// # Errors
///
/// [`WriteError`] if that fails, too.
pub fn rescue(bytes: &[u8], ending: &str) -> Result<PathBuf, WriteError> {
    let mut file = tempfile::Builder::new().prefix("tenshot-").suffix(ending).tempfile().map_err(plain)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let (_, path) = file.keep().map_err(|error| error.error)?;
    Ok(path)
}

/// Whether two paths lead to one file, or would if it were there.
pub fn same(a: &Path, b: &Path) -> bool {
    resolved(a) == resolved(b) || identity(a).is_some_and(|a| Some(a) == identity(b))
}

/// The path without links and detours, as far as it exists; what does not exist yet is added as it is.
pub fn resolved(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let known = whole.ancestors().find_map(|there| Some((there, there.canonicalize().ok()?)));
    let added = |(there, known): (&Path, PathBuf)| match whole.strip_prefix(there) {
        Ok(rest) if !rest.as_os_str().is_empty() => known.join(rest),
        _ => known,
    };
    known.map(added).unwrap_or(whole)
}

/// What the file system knows a file by, whatever its names are.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_path_buf()
}

/// The folder of a file that may be written, and what is known of the file if it is there.
fn place(path: &Path) -> Result<(PathBuf, Option<Metadata>), WriteError> {
    let ends_open = path.as_os_str().as_encoded_bytes().last().is_some_and(|&end| std::path::is_separator(end.into()));
    if ends_open || path.file_name().is_none() {
        return Err(WriteError::Folder);
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(WriteError::NoFolder { folder: folder.display().to_string() });
    }
    let old = match path.symlink_metadata() {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((folder, None)),
        Err(error) => return Err(error.into()),
    };
    if old.is_symlink() {
        let to = fs::read_link(path)?;
        return Err(WriteError::Link { to: to.display().to_string() });
    }
    if old.is_dir() {
        return Err(WriteError::Folder);
    }
    if !old.is_file() {
        return Err(WriteError::Special);
    }
    // Renaming would replace a file that is protected against writing, too.
    File::options().append(true).open(path)?;
    Ok((folder, Some(old)))
}

/// A new file of a name that nobody can foresee, which goes away again unless it is put in its place. It is as open to others
/// as the old one was before anything is written to it: what only its owner may read lies nowhere readable for a moment.
fn begin(folder: &Path, old: Option<&Metadata>) -> Result<NamedTempFile, WriteError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(BEGINNING).suffix(PARTIAL).rand_bytes(12);
    #[cfg(unix)]
    {
        // As any program's new file: the user's mask takes away what it takes away. One that is there is replaced by a file
        // that nobody else can open before it has its permissions, as who has opened a file can read what comes later.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(if old.is_some() { 0o600 } else { 0o666 }));
    }
    let file = builder.tempfile_in(folder).map_err(plain)?;
    if let Some(old) = old {
        keep_access(file.as_file(), old)?;
    }
    Ok(file)
}

/// The new file is as open to others as the old one was, and belongs to the same user where that can be arranged.
fn keep_access(file: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            // Only an administrator can give files away; for others the file becomes theirs, as with any editor.
            let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
        }
    }
    file.set_permissions(old.permissions())
}

/// The operating system's error, without the name of the unfinished file, which means nothing to the user.
fn plain(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return io::Error::other("no file can be made there");
    }
    let inner = error.get_ref().and_then(|inner| inner.source()).and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.and_then(io::Error::raw_os_error).map_or(error, io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        check(&path).unwrap();
        assert!(names(folder.path()).is_empty(), "a check leaves nothing behind");
        write(&path, b"a long content").unwrap();
        check(&path).unwrap();
        write(&path, b"short").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"short");
        assert_eq!(names(folder.path()), ["file"]);
        let longest = folder.path().join("n".repeat(255));
        write(&longest, b"x").unwrap();
    }

    #[test]
    fn what_is_no_ordinary_file_is_refused_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::create_dir(inside("folder")).unwrap();
        let refused = |path: PathBuf| {
            let [checked, written] = [check(&path), write(&path, b"x")].map(|r| r.unwrap_err().to_string());
            assert_eq!(checked, written, "what writing finds is found before");
            written
        };
        assert!(refused(inside("folder")).contains("it is a folder"));
        assert!(refused(PathBuf::from(".")).contains("it is a folder"));
        assert!(refused(inside("new/")).contains("it is a folder"));
        assert!(refused(inside("none/file")).contains("there is no folder"));
        assert_eq!(names(folder.path()), ["folder"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_pipes_and_devices_are_neither_followed_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::write(inside("precious"), b"precious").unwrap();
        for (name, to) in [("link", inside("precious")), ("nowhere", inside("absent"))] {
            std::os::unix::fs::symlink(to, inside(name)).unwrap();
            let error = write(&inside(name), b"x").unwrap_err();
            assert!(matches!(error, WriteError::Link { .. }), "{error}");
            assert!(inside(name).is_symlink());
        }
        let made = std::process::Command::new("mkfifo").arg(inside("pipe")).status().unwrap();
        assert!(made.success());
        let socket = std::os::unix::net::UnixListener::bind(inside("socket")).unwrap();
        // No device of /dev: a mistake of ours would replace it, if an administrator runs the tests.
        for special in [inside("pipe"), inside("socket")] {
            assert!(matches!(check(&special), Err(WriteError::Special)), "{}", special.display());
            assert!(matches!(write(&special, b"x"), Err(WriteError::Special)), "{}", special.display());
        }
        drop(socket);
        assert_eq!(fs::read(inside("precious")).unwrap(), b"precious");
        assert!(!inside("absent").exists());
    }

    /// A link that was planted under the name of an unfinished file had its target overwritten.
    #[cfg(unix)]
    #[test]
    fn a_planted_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::write(inside("precious"), b"precious").unwrap();
        std::os::unix::fs::symlink(inside("precious"), inside("r.json.partial")).unwrap();
        write(&inside("r.json"), b"record").unwrap();
        assert_eq!(fs::read(inside("precious")).unwrap(), b"precious");
        assert_eq!(fs::read(inside("r.json")).unwrap(), b"record");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay_and_new_files_have_the_usual_ones() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        fs::write(inside("usual"), b"x").unwrap();
        write(&inside("new"), b"x").unwrap();
        assert_eq!(mode(&inside("new")), mode(&inside("usual")));
        for wanted in [0o600, 0o640, 0o644] {
            fs::set_permissions(inside("new"), fs::Permissions::from_mode(wanted)).unwrap();
            write(&inside("new"), b"y").unwrap();
            assert_eq!(mode(&inside("new")), wanted);
        }
    }

    /// The content was written first, and for that long could be read by everybody.
    #[cfg(unix)]
    #[test]
    fn permissions_are_there_before_the_content() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record.json");
        fs::write(&path, b"x").unwrap();
        for wanted in [0o600, 0o640, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
            let (folder, old) = place(&path).unwrap();
            let begun = begin(&folder, old.as_ref()).unwrap().as_file().metadata().unwrap();
            assert_eq!((begun.permissions().mode() & 0o7777, begun.len()), (wanted, 0));
        }
    }

    #[test]
    fn many_writers_of_one_file_never_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let contents: Vec<Vec<u8>> = (b'a'..b'i').map(|letter| vec![letter; 100_000]).collect();
        std::thread::scope(|scope| {
            for content in &contents {
                scope.spawn(|| (0..25).for_each(|_| write(&path, content).unwrap()));
            }
            for _ in 0..200 {
                assert!(fs::read(&path).map_or(true, |read| contents.contains(&read)));
            }
        });
        assert!(contents.contains(&fs::read(&path).unwrap()));
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn one_file_is_known_by_all_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::write(inside("a"), b"x").unwrap();
        fs::write(inside("b"), b"x").unwrap();
        fs::create_dir(inside("folder")).unwrap();
        fs::hard_link(inside("a"), inside("hard")).unwrap();
        assert!(same(&inside("a"), &inside("folder/../a")));
        assert!(same(&inside("new"), &inside("folder/../new")));
        assert!(!same(&inside("a"), &inside("b")) && !same(&inside("a"), &inside("new")));
        assert!(same(&inside("none/a"), &inside("folder/../none/a")) && !same(&inside("none/a"), &inside("none/b")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(inside("a"), inside("soft")).unwrap();
            assert!(same(&inside("a"), &inside("soft")) && same(&inside("hard"), &inside("a")));
        }
    }

    #[test]
    fn a_folder_that_can_be_made_is_told_from_one_that_cannot() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::write(inside("file"), b"x").unwrap();
        check_folder(folder.path()).unwrap();
        check_folder(&inside("new/and/newer")).unwrap();
        check_folder(Path::new("new")).unwrap();
        for taken in ["file", "file/new"] {
            assert!(check_folder(&inside(taken)).unwrap_err().to_string().contains("is no folder"), "{taken}");
        }
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn where_nothing_can_be_written_is_told_without_the_unfinished_files_name() {
        let error = check(Path::new("/proc/record.json")).unwrap_err().to_string();
        assert!(!error.contains("tenshot-"), "{error}");
        assert!(check_folder(Path::new("/proc/adapter")).is_err());
    }

    #[test]
    fn what_cannot_be_written_in_its_place_is_rescued() {
        let path = rescue(b"record", ".json").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"record");
        assert_eq!(path.extension().unwrap(), "json");
        fs::remove_file(path).unwrap();
    }
}
