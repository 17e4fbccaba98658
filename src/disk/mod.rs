//! Files as a whole: read up to a limit, written entirely or not at all, compared by what they are and not by their names.
//!
//! Command line and factory write with this alone. It knows nothing of what is in a file.

mod read;
mod write;

pub use read::{ReadError, read, read_from, read_regular};
pub use write::{PARTIAL, WriteError, check, check_folder, rescue, resolved, same, write};

/// The operating system's message for the cases that a user meets often, without its number.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "permission was denied".into(),
        std::io::ErrorKind::StorageFull => "there is no space left on the disk".into(),
        std::io::ErrorKind::ReadOnlyFilesystem => "the disk can only be read".into(),
        _ => error.to_string(),
    }
}
