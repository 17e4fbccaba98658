//! The head of a request.

use httparse::Status;

/// The longest head that is read, in bytes. Browsers' have about one KiB.
pub const LONGEST_HEAD: usize = 16 << 10;

/// The most header lines. Browsers have about twenty.
const MOST_HEADERS: usize = 64;

/// What a visitor wants of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The file.
    Get,
    /// What would be said of it.
    Head,
}

/// What of a request matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The file or only its headers.
    pub method: Method,
    /// The file's name in the site, with `/`; none if there can be no file of that name.
    pub name: Option<String>,
    /// The address at which the visitor believes to be.
    pub host: Option<String>,
    /// The marks of the copies that the visitor has.
    pub if_none_match: Option<String>,
}

/// Why a request is not answered with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is no HTTP.
    Broken,
    /// Its head is too long.
    TooLong,
    /// It wants something else than a file.
    Method,
}

/// Reads a request from what has come of it so far; none if that is not all of its head.
///
/// # Errors
///
/// [`Refused`].
pub fn read(bytes: &[u8]) -> Result<Option<Request>, Refused> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(Status::Complete(_)) => {}
        Ok(Status::Partial) if bytes.len() < LONGEST_HEAD => return Ok(None),
        Ok(Status::Partial) | Err(httparse::Error::TooManyHeaders) => return Err(Refused::TooLong),
        Err(_) => return Err(Refused::Broken),
    }
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        _ => return Err(Refused::Method),
    };
    let value = |name: &str| {
        let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok()).map(|value| value.trim().to_owned())
    };
    Ok(Some(Request {
        method,
        name: request.path.and_then(name),
        host: value("host"),
        if_none_match: value("if-none-match"),
    }))
}

/// The name of the file that an address means. Letters, digits, `.`, `-`, `_` and single `/` alone, and no part that begins with a
/// dot: the site's files have such names, and none of them leads out of a folder on any system.
fn name(target: &str) -> Option<String> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = if path.is_empty() { "index.html".to_owned() } else { path.to_owned() };
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"._-".contains(&letter))
    };
    path.split('/').all(is_plain).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_read() {
        let head = b"GET /a/b.js?v=1 HTTP/1.1\r\nHost: localhost:80\r\nIF-NONE-MATCH: \"x\"\r\nAccept: */*\r\n\r\n";
        let request = read(head).unwrap().unwrap();
        assert_eq!((request.method, request.name.as_deref()), (Method::Get, Some("a/b.js")));
        assert_eq!((request.host.as_deref(), request.if_none_match.as_deref()), (Some("localhost:80"), Some("\"x\"")));
        for end in 0..head.len() {
            assert_eq!(read(&head[..end]), Ok(None), "{end}");
        }
        assert_eq!(read(b"HEAD / HTTP/1.0\r\n\r\n").unwrap().unwrap().name.as_deref(), Some("index.html"));
    }

    #[test]
    fn what_is_no_request_for_a_file_is_refused() {
        assert_eq!(read(b"POST / HTTP/1.1\r\n\r\n"), Err(Refused::Method));
        assert_eq!(read(b"\x16\x03\x01 a browser that wants TLS"), Err(Refused::Broken));
        assert_eq!(read(&[b"GET /".as_slice(), &[b'a'; LONGEST_HEAD]].concat()), Err(Refused::TooLong));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(MOST_HEADERS + 1));
        assert_eq!(read(many.as_bytes()), Err(Refused::TooLong));
    }

    #[test]
    fn no_name_leads_out_of_the_site() {
        for target in [
            "/../secret",
            "/a/../../secret",
            "//etc/passwd",
            "/a//b",
            "/./a",
            "/.git/config",
            "/a/.b",
            "/%2e%2e/secret",
            "/a%2fb",
            "/C:/secret",
            "/a\\..\\b",
            "/a\0b",
            "/a/",
            "a",
            "http://other/a",
            "*",
            "/a:b",
            "/ä",
        ] {
            assert_eq!(name(target), None, "{target}");
        }
        for (target, file) in [("/", "index.html"), ("/?a=../b", "index.html"), ("/a-1/b_2.c.d#e", "a-1/b_2.c.d")] {
            assert_eq!(name(target).as_deref(), Some(file));
        }
    }
}
