//! What `tenshot serve` is asked, and the site's file of headers.

use std::path::{Component, Path};

use tenshot::host::{headers, read};

use super::Verdict;

/// A request's head, and a file of headers: no name leads out of a folder, and no header breaks its line.
pub fn serve(data: &[u8]) -> Verdict {
    for (name, value) in headers(&String::from_utf8_lossy(data)) {
        assert!(!name.is_empty() && !value.is_empty(), "{name:?}: {value:?}");
        assert!(!format!("{name}{value}").contains(char::is_control), "{name:?}: {value:?}");
    }
    let request = read(data).map_err(|refused| format!("{refused:?}"))?.ok_or("more has to come")?;
    let name = request.name.ok_or("there is no file of that name")?;
    assert!(Path::new(&name).components().all(|part| matches!(part, Component::Normal(_))), "{name}");
    assert!(!name.contains(['\\', ':', '%', '\0']), "{name}");
    Ok(())
}
