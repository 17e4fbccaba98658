//! The file `_headers` of a built site: headers that a host sends with every file, in the form that Netlify, Cloudflare Pages and
//! others read. `cargo xtask stamp` writes it.

/// A header: its name and its value.
pub type Header = (String, String);

/// The line after which headers for all files stand.
const FOR_ALL: &str = "/*";

/// The most headers that are sent.
const MOST: usize = 32;

/// Headers that say how an answer is sent, which is not the site's to say.
const OURS: [&str; 6] =
    ["connection", "content-encoding", "content-length", "content-type", "etag", "transfer-encoding"];

/// The headers for all files. What is none is passed over: such a file was not made for this host.
pub fn headers(text: &str) -> Vec<Header> {
    let mut found = Vec::new();
    let mut is_for_all = false;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with([' ', '\t']) {
            is_for_all = line.trim_end() == FOR_ALL;
        } else if is_for_all && found.len() < MOST {
            found.extend(header(line.trim()));
        }
    }
    found
}

fn header(line: &str) -> Option<Header> {
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    let is_name = !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-');
    let is_value = !value.is_empty() && value.bytes().all(|letter| letter == b' ' || letter.is_ascii_graphic());
    let is_ours = OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours));
    (is_name && is_value && !is_ours).then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_for_all_files_are_read() {
        let text =
            "/*\n  Content-Security-Policy: default-src 'none'; img-src 'self' data:\n  X-A: b\n/other\n  X-B: c\n";
        let expected = [("Content-Security-Policy", "default-src 'none'; img-src 'self' data:"), ("X-A", "b")];
        assert_eq!(headers(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_no_header_is_passed_over() {
        for text in [
            "  X-A: b",
            "/*\nX-A: b",
            "/*\n  no header",
            "/*\n  X A: b",
            "/*\n  X-A:",
            "/*\n  X-A: ä",
            "/*\n  Content-Length: 7",
        ] {
            assert_eq!(headers(text), [], "{text:?}");
        }
        assert_eq!(headers(&format!("/*\n{}", "  X-A: b\n".repeat(1_000))).len(), MOST);
    }
}
