//! What is said to a request.

use std::borrow::Cow;
use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::headers::{Header, headers};
use super::request::{Method, Refused, Request};
use super::site::Site;

/// Where the site says which headers to send.
const HEADERS: &str = "_headers";

/// What a visitor keeps without asking again: the folder's name changes with its content.
const NAMED_BY_CONTENT: &str = "assets-";

/// A site and how it is given out.
#[derive(Clone, Debug)]
pub struct Host {
    site: Site,
    headers: Vec<Header>,
    /// Only this machine can reach it.
    is_local: bool,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, with its words.
    pub status: &'static str,
    /// The headers.
    pub headers: Vec<Header>,
    /// What follows them.
    pub body: Cow<'static, [u8]>,
}

impl Host {
    /// A site that is reached at this address.
    pub fn new(site: Site, address: IpAddr) -> Self {
        let listed = site.read(HEADERS).unwrap_or_default();
        let headers = headers(&String::from_utf8_lossy(&listed));
        Self { site, headers, is_local: address.is_loopback() }
    }

    /// What is said to a request, or to what was none.
    pub fn answer(&self, request: &Result<Request, Refused>) -> Answer {
        match request {
            Err(Refused::Broken) => said("400 Bad Request", "this is not HTTP"),
            Err(Refused::TooLong) => said("431 Request Header Fields Too Large", "the request is too long"),
            Err(Refused::Method) => {
                let mut answer = said("405 Method Not Allowed", "there are only files here");
                answer.headers.push(header("Allow", "GET, HEAD"));
                answer
            }
            Ok(request) if self.is_local && !request.host.as_deref().is_none_or(is_this_machine) => {
                // A page elsewhere whose name was made to lead here would otherwise read what is meant for this machine alone.
                said("421 Misdirected Request", "this is not the host of that name")
            }
            Ok(request) => self.file(request).unwrap_or_else(|| said("404 Not Found", "there is no such file")),
        }
    }

    fn file(&self, request: &Request) -> Option<Answer> {
        let name = request.name.as_deref().filter(|name| *name != HEADERS)?;
        let body = self.site.read(name)?;
        let mark = mark(&body);
        let keep = if name.starts_with(NAMED_BY_CONTENT) { "public, max-age=31536000, immutable" } else { "no-cache" };
        let mut headers = self.headers.clone();
        headers.extend([
            header("Content-Type", content_type(name)),
            header("Cache-Control", keep),
            header("ETag", &mark),
        ]);
        if request.if_none_match.as_deref().is_some_and(|marks| has(marks, &mark)) {
            return Some(Answer { status: "304 Not Modified", headers, body: Cow::Borrowed(&[]) });
        }
        headers.push(header("Content-Length", &body.len().to_string()));
        let body = if request.method == Method::Head { Cow::Borrowed(&[][..]) } else { body };
        Some(Answer { status: "200 OK", headers, body })
    }
}

/// An answer in words.
fn said(status: &'static str, words: &'static str) -> Answer {
    let headers = vec![
        header("Content-Type", "text/plain; charset=utf-8"),
        header("Cache-Control", "no-store"),
        header("Content-Length", &words.len().to_string()),
    ];
    Answer { status, headers, body: Cow::Borrowed(words.as_bytes()) }
}

fn header(name: &str, value: &str) -> Header {
    (name.to_owned(), value.to_owned())
}

/// What tells one content of a file from another.
fn mark(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let digits: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// Whether a visitor's copies are of that mark. Proxies call a mark weak (`W/`) when they compress what it is of.
fn has(marks: &str, mark: &str) -> bool {
    marks.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == mark)
}

/// Whether a name, with or without a port, can only be this machine's.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" | "md" | "ftl" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::read;
    use super::*;

    fn host(address: &str) -> (tempfile::TempDir, Host) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("assets-1")).unwrap();
        for (name, text) in
            [("index.html", "the page"), ("_headers", "/*\n  X-Fence: 'self'\n"), ("assets-1/a.wasm", "wasm")]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let site = Site::folder(folder.path()).unwrap();
        (folder, Host::new(site, address.parse().unwrap()))
    }

    fn ask(host: &Host, head: &str) -> Answer {
        host.answer(&read(format!("{head}\r\n\r\n").as_bytes()).map(|request| request.expect("a whole head")))
    }

    fn value<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
        answer.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn files_have_their_types_their_marks_and_the_sites_headers() {
        let (_folder, host) = host("127.0.0.1");
        let page = ask(&host, "GET / HTTP/1.1\r\nHost: localhost:8080");
        assert_eq!((page.status, &*page.body), ("200 OK", &b"the page"[..]));
        assert_eq!(value(&page, "Content-Type"), Some("text/html; charset=utf-8"));
        assert_eq!((value(&page, "X-Fence"), value(&page, "Cache-Control")), (Some("'self'"), Some("no-cache")));
        let engine = ask(&host, "HEAD /assets-1/a.wasm HTTP/1.1");
        assert_eq!(
            (value(&engine, "Content-Type"), value(&engine, "Content-Length")),
            (Some("application/wasm"), Some("4"))
        );
        assert!(engine.body.is_empty() && value(&engine, "Cache-Control").unwrap().contains("immutable"));
    }

    #[test]
    fn a_copy_that_is_still_right_is_not_sent_again() {
        let (_folder, host) = host("127.0.0.1");
        let mark = value(&ask(&host, "GET / HTTP/1.1"), "ETag").unwrap().to_owned();
        for marks in [mark.clone(), format!("\"other\", W/{mark}"), "*".to_owned()] {
            let again = ask(&host, &format!("GET / HTTP/1.1\r\nIf-None-Match: {marks}"));
            assert_eq!((again.status, again.body.len()), ("304 Not Modified", 0), "{marks}");
        }
        assert_eq!(ask(&host, "GET / HTTP/1.1\r\nIf-None-Match: \"other\"").status, "200 OK");
    }

    #[test]
    fn what_is_not_there_or_not_for_visitors_is_refused() {
        let (_folder, host) = host("127.0.0.1");
        for target in ["/none", "/_headers", "/../Cargo.toml", "/assets-1", "/assets-1/", "/%69ndex.html"] {
            assert_eq!(ask(&host, &format!("GET {target} HTTP/1.1")).status, "404 Not Found", "{target}");
        }
        let posted = ask(&host, "POST / HTTP/1.1");
        assert_eq!((posted.status, value(&posted, "Allow")), ("405 Method Not Allowed", Some("GET, HEAD")));
    }

    #[test]
    fn a_name_from_elsewhere_does_not_lead_to_this_machine() {
        let (_folder, local) = host("127.0.0.1");
        for name in ["localhost:8080", "LOCALHOST", "127.0.0.1", "127.0.0.1:1", "[::1]:8080"] {
            assert_eq!(ask(&local, &format!("GET / HTTP/1.1\r\nHost: {name}")).status, "200 OK", "{name}");
        }
        for name in ["example.org", "localhost.example.org", "127.0.0.1.example.org:80", "", "192.168.0.7"] {
            assert_eq!(
                ask(&local, &format!("GET / HTTP/1.1\r\nHost: {name}")).status,
                "421 Misdirected Request",
                "{name}"
            );
        }
        let (_folder, open) = host("0.0.0.0");
        assert_eq!(ask(&open, "GET / HTTP/1.1\r\nHost: booth.local").status, "200 OK");
    }
}
