//! The style sheets of the built page as one file. They are many, as each is about one part of the page; before anything is
//! painted, a visitor has to wait for all of them, and on a slow connection for each.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::offline::sha256;

/// How a line of the page begins that names a style sheet of the page, as Trunk writes it.
const LINK: &str = "<link rel=\"stylesheet\" href=\"./";

/// How many digits of the content's hash are in the file's name.
const DIGITS: usize = 16;

/// Puts the style sheets that the page names, in their order, into one file with a name that changes with its content.
///
/// # Errors
/// If the page names none, or one that is not there.
pub fn join(staged: &Path) -> Result<()> {
    let index = staged.join("index.html");
    let html = fs::read_to_string(&index).with_context(|| format!("reading {}", index.display()))?;
    let (mut styles, mut lines) = (String::new(), Vec::new());
    let mut place = None;
    for line in html.lines() {
        let Some(name) = sheet(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let file = staged.join(name);
        styles += &fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        styles.push('\n');
        // Nothing else names it: the page of the lesson has copies without a hash.
        fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
        place.get_or_insert(lines.len());
    }
    let Some(place) = place else { bail!("index.html names no style sheet as Trunk does, with {LINK}") };
    let name = format!("styles-{}.css", &sha256(styles.as_bytes())[..DIGITS]);
    lines.insert(place, format!("    {LINK}{name}\">"));
    fs::write(staged.join(&name), styles).with_context(|| format!("writing {name}"))?;
    fs::write(&index, lines.join("\n") + "\n").with_context(|| format!("writing {}", index.display()))
}

/// The name of the style sheet that a line of the page names.
fn sheet(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix(LINK)?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page after its style sheets were joined, and the name and content of the file.
    fn joined(second: &str) -> (String, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write(
            "index.html",
            "<head>\n  <script src=\"./a.js\"></script>\n    <link rel=\"stylesheet\" href=\"./b-1.css\" integrity=\"sha384-x\"/>\n    <link rel=\"stylesheet\" href=\"./a-2.css\"/>\n  <link rel=\"icon\" href=\"./i.svg\">\n</head>\n",
        );
        write("b-1.css", "b {}");
        write("a-2.css", second);
        write("tokens.css", "of another page");
        join(folder.path()).unwrap();
        let html = fs::read_to_string(folder.path().join("index.html")).unwrap();
        let name = html.split(LINK).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let styles = fs::read_to_string(folder.path().join(&name)).unwrap();
        let left = [name.as_str(), "tokens.css", "b-1.css", "a-2.css"].map(|name| folder.path().join(name).exists());
        assert_eq!(left, [true, true, false, false]);
        (html, name, styles)
    }

    #[test]
    fn the_page_names_one_style_sheet_in_the_place_of_all() {
        let (html, name, styles) = joined("a {}");
        assert_eq!(styles, "b {}\na {}\n");
        let between = html.split("a.js").nth(1).unwrap().split("i.svg").next().unwrap();
        assert!(between.contains(&name) && html.matches("stylesheet").count() == 1, "{html}");
        assert!(html.starts_with("<head>\n") && html.ends_with("</head>\n"), "{html}");
    }

    #[test]
    fn its_name_changes_with_its_content_and_only_with_it() {
        assert_eq!(joined("a {}").1, joined("a {}").1);
        assert_ne!(joined("a {}").1, joined("c {}").1);
    }

    #[test]
    fn a_page_without_style_sheets_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), "<html>").unwrap();
        assert!(join(folder.path()).unwrap_err().to_string().contains("names no style sheet"));
    }
}
