//! A small static file server for the tests: like a static host, and below a sub-path.

use std::{
    fs::File,
    path::{Component, Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
};

use anyhow::{Result, anyhow};
use tiny_http::{Header, Method, Request, Response};

/// Chromium opens up to six connections to a host.
const THREADS: usize = 6;

/// Serves a folder until it is dropped.
pub struct Server {
    /// The address of the folder, ending in `/`.
    pub url: String,
    server: Arc<tiny_http::Server>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Serves `folder` below `prefix` (which begins and ends with `/`) at a free port of this machine.
    ///
    /// # Errors
    /// If there is no free port.
    pub fn start(folder: &Path, prefix: &'static str) -> Result<Self> {
        let server =
            tiny_http::Server::http("127.0.0.1:0").map_err(|error| anyhow!("opening a port for the tests: {error}"))?;
        let server = Arc::new(server);
        let url = format!("http://{}{prefix}", server.server_addr());
        let threads = (0..THREADS)
            .map(|_| {
                let (server, folder) = (server.clone(), folder.to_owned());
                thread::spawn(move || {
                    for request in server.incoming_requests() {
                        answer(request, &folder, prefix);
                    }
                })
            })
            .collect();
        Ok(Self { url, server, threads })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has printed its message; there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

fn answer(request: Request, folder: &Path, prefix: &str) {
    let file = locate(request.url(), folder, prefix).filter(|_| matches!(request.method(), Method::Get | Method::Head));
    let opened = file.and_then(|path| Some((content_type(&path), File::open(&path).ok()?)));
    // A browser that hangs up in the middle is no error of the server's.
    let _ = match opened {
        None => request.respond(Response::from_string("not found").with_status_code(404)),
        Some((kind, file)) => {
            let kind = Header::from_bytes("Content-Type", kind).expect("both are ASCII");
            let fresh = Header::from_bytes("Cache-Control", "no-cache").expect("both are ASCII");
            request.respond(Response::from_file(file).with_header(kind).with_header(fresh))
        }
    };
}

/// The file that a request asks for, if it is one below the folder.
fn locate(url: &str, folder: &Path, prefix: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.strip_prefix(prefix)?;
    let relative = Path::new(path);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(relative);
    let file = if file.is_dir() { file.join("index.html") } else { file };
    file.is_file().then_some(file)
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" | "md" | "ftl" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Read, Write},
        net::TcpStream,
    };

    use super::*;

    fn get(server: &Server, path: &str) -> String {
        let host = server.url.trim_start_matches("http://").split('/').next().unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn it_serves_the_folder_below_its_prefix_and_nothing_else() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("dist");
        fs::create_dir(&folder).unwrap();
        fs::write(outer.path().join("secret"), "secret").unwrap();
        fs::write(folder.join("index.html"), "the page").unwrap();
        fs::write(folder.join("a.wasm"), "wasm").unwrap();
        let server = Server::start(&folder, "/sub/").unwrap();
        assert!(get(&server, "/sub/").contains("the page"));
        assert!(get(&server, "/sub/a.wasm?v=1").contains("Content-Type: application/wasm"));
        for missing in ["/", "/a.wasm", "/sub/b.wasm", "/sub/../secret", "/sub//etc/passwd"] {
            assert!(get(&server, missing).starts_with("HTTP/1.1 404"), "{missing}");
        }
    }
}
