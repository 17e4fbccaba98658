//! Reading with a limit, so that no file, pipe or device can fill the memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is more than would be read.
    #[error("it holds more than {}, the most that is read of such a file", size(*.limit))]
    TooLarge {
        /// The most bytes that are read.
        limit: u64,
    },
    /// It is a pipe or a device where a file with an end is needed.
    #[error("it is no ordinary file")]
    Special,
    /// The operating system's reason.
    #[error("{}", super::reason(.0))]
    Io(#[from] io::Error),
}

/// For example `8 MiB`.
fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(bits, _)| bytes >= 1 << bits && bytes.is_multiple_of(1 << bits));
    unit.map_or_else(|| format!("{bytes} bytes"), |(bits, name)| format!("{} {name}", bytes >> bits))
}

/// Reads a file, or a pipe, of at most so many bytes. No more than one byte beyond them is asked for.
///
/// # Errors
///
/// [`ReadError`].
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = File::open(path)?;
    if file.metadata()?.len() > limit {
        return Err(ReadError::TooLarge { limit });
    }
    read_from(file, limit)
}

/// Reads all that comes, if it is at most so many bytes.
///
/// # Errors
///
/// As [`read`].
pub fn read_from(from: impl Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { limit });
    }
    Ok(bytes)
}

/// Reads an ordinary file of any size.
///
/// # Errors
///
/// As [`read`], and [`ReadError::Special`] if it is a pipe, a device or something else that need not end.
pub fn read_regular(path: &Path) -> Result<Vec<u8>, ReadError> {
    // Asked before it is opened: opening a pipe waits for its other end.
    let found = std::fs::metadata(path)?;
    if found.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    if !found.is_file() {
        return Err(ReadError::Special);
    }
    read(path, found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read_regular(&path).unwrap(), b"12345");
        assert!(matches!(read(&path, 4), Err(ReadError::TooLarge { limit: 4 })));
        let mut endless = io::repeat(b'x').take(1 << 20);
        assert!(matches!(read_from(&mut endless, 10), Err(ReadError::TooLarge { .. })));
        assert_eq!(endless.limit(), (1 << 20) - 11, "one byte beyond the limit tells that there is more");
        assert!(matches!(read(folder.path(), 5), Err(ReadError::Io(_) | ReadError::TooLarge { .. })));
        assert!(matches!(read_regular(folder.path()), Err(ReadError::Io(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_without_an_end_are_refused() {
        let zero = Path::new("/dev/zero");
        assert!(matches!(read(zero, 1 << 20), Err(ReadError::TooLarge { .. })));
        assert!(matches!(read_regular(zero), Err(ReadError::Special)));
    }

    #[test]
    fn limits_are_told_in_round_numbers() {
        let told = |limit| ReadError::TooLarge { limit }.to_string();
        assert!(told(8 << 20).contains("8 MiB"), "{}", told(8 << 20));
        assert!(
            told(1 << 10).contains("1 KiB") && told(1 << 32).contains("4 GiB") && told(1_000).contains("1000 bytes")
        );
    }
}
