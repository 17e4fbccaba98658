//! `tenshot serve` as a booth has it: the program is started, asked for files by browsers good and bad, and ended.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::command::{HANGS, said, tenshot};

/// A folder beside a secret, with a page, an engine and the headers of a site.
fn site() -> tempfile::TempDir {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("dist");
    std::fs::create_dir_all(folder.join("assets-1")).unwrap();
    std::fs::write(outer.path().join("secret"), "secret").unwrap();
    for (name, text) in [
        ("index.html", "the page"),
        ("_headers", "/*\n  Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\n"),
        ("assets-1/engine.mjs", "engine"),
        ("assets-1/worker_bg.wasm", "wasm"),
        ("manifest.webmanifest", "{}"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::os::unix::fs::symlink(outer.path().join("secret"), folder.join("link")).unwrap();
    outer
}

/// The program that serves, and where.
struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Serving {
    fn start(folder: &Path, arguments: &str) -> Self {
        // It minds signals even if whoever started the tests does not.
        let mut command = Command::new("env");
        command.args(["--default-signal=INT,TERM", env!("CARGO_BIN_EXE_tenshot"), "serve", "--port", "0"]);
        command.args(arguments.split_whitespace()).current_dir(folder);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("Tenshot is at http://").and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("it says {line:?}")).parse().unwrap();
        Self { child, address }
    }

    /// What is answered to a request.
    fn ask(&self, head: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(HANGS)).unwrap();
        write!(stream, "{head}\r\n\r\n").unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    }

    fn end(mut self, signal: Signal) -> Option<i32> {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
        let begun = Instant::now();
        while begun.elapsed() < HANGS {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn files_come_with_their_types_and_the_sites_headers() {
    let outer = site();
    let serving = Serving::start(outer.path(), "dist");
    for (target, kind, body) in [
        ("/", "text/html; charset=utf-8", "the page"),
        ("/?lang=zh&seed=7", "text/html; charset=utf-8", "the page"),
        ("/assets-1/engine.mjs", "text/javascript; charset=utf-8", "engine"),
        ("/assets-1/worker_bg.wasm", "application/wasm", "wasm"),
        ("/manifest.webmanifest", "application/manifest+json", "{}"),
    ] {
        let answer = serving.ask(&format!("GET {target} HTTP/1.1\r\nHost: localhost"));
        let (head, came) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{target}: {head}");
        assert!(head.contains(&format!("\r\nContent-Type: {kind}\r\n")), "{target}: {head}");
        assert!(head.contains("\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())), "{target}: {head}");
        assert_eq!(came, body);
        let only_head = serving.ask(&format!("HEAD {target} HTTP/1.1\r\nHost: localhost"));
        assert_eq!(only_head, format!("{head}\r\n\r\n"), "HEAD says what GET says, without the file");
    }
}

#[test]
fn nothing_but_the_sites_files_is_given_out() {
    let outer = site();
    let serving = Serving::start(outer.path(), "dist");
    for target in
        ["/none", "/../secret", "/assets-1/../../secret", "/..%2fsecret", "//secret", "/link", "/_headers", "/."]
    {
        let answer = serving.ask(&format!("GET {target} HTTP/1.1"));
        assert!(answer.starts_with("HTTP/1.1 404 ") && !answer.contains("\r\n\r\nsecret"), "{target}: {answer}");
    }
    for (head, status) in [
        ("POST / HTTP/1.1\r\nContent-Length: 0", "405"),
        ("GET / HTTP/1.1\r\nHost: evil.example", "421"),
        ("nonsense", "400"),
        (&format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(20_000)), "431"),
    ] {
        let answer = serving.ask(head);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {answer}");
    }
}

#[test]
fn those_who_say_nothing_or_hang_up_harm_nobody() {
    let outer = site();
    let serving = Serving::start(outer.path(), "dist");
    // More than there may be at a time: silent, with half a request, gone in the middle.
    let mut kept = Vec::new();
    for number in 0..400 {
        let mut stream = TcpStream::connect(serving.address).unwrap();
        match number % 3 {
            0 => kept.push(stream),
            1 => {
                // The oldest are sent away.
                let _ = stream.write_all(b"GET / HT");
                kept.push(stream);
            }
            _ => drop(stream),
        }
        if number % 100 == 0 {
            assert!(serving.ask("GET / HTTP/1.1").ends_with("the page"), "{number}");
        }
    }
    assert!(serving.ask("GET / HTTP/1.1").ends_with("the page"));
}

#[test]
fn asking_it_to_end_is_no_failure() {
    let outer = site();
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let serving = Serving::start(outer.path(), "dist");
        assert!(serving.ask("GET / HTTP/1.1").ends_with("the page"));
        assert_eq!(serving.end(signal), Some(0), "{signal}");
    }
}

#[test]
fn what_cannot_be_served_is_told_with_what_to_do() {
    let outer = site();
    let refused = |arguments: &str| {
        let output = tenshot(outer.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments}");
        said(&output)
    };
    assert!(refused("serve .").contains("has no index.html"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    assert!(refused(&format!("serve dist --port {port}")).contains("--port takes another port"));
    if !cfg!(feature = "site") {
        assert!(refused("serve").contains("cargo xtask bundle"));
    }
}

#[test]
fn a_whole_network_is_served_when_it_is_wanted() {
    let outer = site();
    let serving = Serving::start(outer.path(), "dist --host 0.0.0.0");
    assert!(serving.address.ip().is_loopback(), "the address that is told can be opened here");
    assert!(serving.ask("GET / HTTP/1.1\r\nHost: booth.local:8080").ends_with("the page"));
}

/// The page that is a part of the program, if it was built so (`cargo xtask bundle`).
#[cfg(feature = "site")]
#[test]
fn the_page_in_the_program_is_served_with_its_models() {
    let empty = tempfile::tempdir().unwrap();
    let serving = Serving::start(empty.path(), "");
    assert!(serving.ask("GET / HTTP/1.1").contains("<title>Tenshot"));
    for model in ["folio", "folio-base", "folio-deep", "folio-ignorant", "folio-b"] {
        let head = serving.ask(&format!("HEAD /models/{model}/model.safetensors HTTP/1.1"));
        assert!(head.starts_with("HTTP/1.1 200 "), "{model}: {head}");
    }
}
