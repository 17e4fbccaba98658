//! A small static file server for the tests: like a static host, and below a sub-path.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context, Result};

/// The longest head of a request. Ours are far shorter.
const LONGEST_HEAD: u64 = 64 * 1024;
/// How long a connection may stay silent. A browser opens connections in advance and may never use them.
const SILENCE: Duration = Duration::from_secs(60);

/// Serves a folder until it is dropped.
///
/// Each connection has a thread and serves one request: with a pool of threads and connections that are kept open, one that
/// a browser opened in advance could keep a thread from the requests that wait for it.
pub struct Server {
    /// The address of the folder, ending in `/`.
    pub url: String,
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `folder` below `prefix` (which begins and ends with `/`) at a free port of this machine.
    ///
    /// # Errors
    /// If there is no free port.
    pub fn start(folder: &Path, prefix: &'static str) -> Result<Self> {
        Self::serve(Files { folder: folder.to_owned(), compressed: None, prefix })
    }

    /// The same, and as most static hosts do it: who can read gzip gets the file that is of this name in `compressed`, if there is
    /// one.
    ///
    /// # Errors
    /// If there is no free port.
    pub fn compressed(folder: &Path, compressed: &Path, prefix: &'static str) -> Result<Self> {
        Self::serve(Files { folder: folder.to_owned(), compressed: Some(compressed.to_owned()), prefix })
    }

    fn serve(files: Files) -> Result<Self> {
        let prefix = files.prefix;
        let listener = TcpListener::bind("127.0.0.1:0").context("opening a port for the tests")?;
        let address = listener.local_addr().context("opening a port for the tests")?;
        let stopped = Arc::new(AtomicBool::new(false));
        let (files, stop) = (Arc::new(files), stopped.clone());
        let listening = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), files) = (stream, files.clone()) else { continue };
                // A browser that hangs up in the middle is no error of the server's.
                thread::spawn(move || answer(stream, &files).ok());
            }
        });
        Ok(Self { url: format!("http://{address}{prefix}"), address, stopped, listening: Some(listening) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // A last connection, so that the listening thread looks at the flag; connections under way end by themselves.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(listening) = self.listening.take().filter(|_| woken) {
            // A thread that panicked has printed its message; there is nothing left to stop.
            let _ = listening.join();
        }
    }
}

/// What is served.
struct Files {
    folder: PathBuf,
    /// A folder of the same files with gzip; some may be missing.
    compressed: Option<PathBuf>,
    /// Where the folder is; begins and ends with `/`.
    prefix: &'static str,
}

impl Files {
    /// The file's content for who reads gzip or does not, and whether it is that.
    fn read(&self, file: &Path, gzip: bool) -> Option<(Vec<u8>, bool)> {
        let name = file.strip_prefix(&self.folder).ok()?;
        let compressed = self.compressed.as_ref().filter(|_| gzip).and_then(|folder| fs::read(folder.join(name)).ok());
        compressed.map(|bytes| (bytes, true)).or_else(|| Some((fs::read(file).ok()?, false)))
    }
}

/// Whether a line of a request's head says that gzip can be read.
fn reads_gzip(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, value)| {
        name.eq_ignore_ascii_case("accept-encoding") && value.split(',').any(|kind| kind.trim() == "gzip")
    })
}

/// Reads a request and answers it: `GET` and `HEAD` of a file, 404 for everything else.
fn answer(mut stream: TcpStream, files: &Files) -> std::io::Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    let mut head = BufReader::new(stream.try_clone()?.take(LONGEST_HEAD));
    let mut request = String::new();
    head.read_line(&mut request)?;
    let (mut line, mut gzip) = (String::new(), false);
    while head.read_line(&mut line)? > 2 {
        gzip |= reads_gzip(&line);
        line.clear();
    }
    let mut words = request.split_whitespace();
    let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let file = locate(url, &files.folder, files.prefix).filter(|_| matches!(method, "GET" | "HEAD"));
    let found = file.and_then(|path| Some((content_type(&path), files.read(&path, gzip)?)));
    let (status, kind, (body, gzip)) = match found {
        None => ("404 Not Found", "text/plain; charset=utf-8", (b"not found".to_vec(), false)),
        Some((kind, body)) => ("200 OK", kind, body),
    };
    let encoding = if gzip { "Content-Encoding: gzip\r\n" } else { "" };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{encoding}Content-Length: {}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    stream.flush()
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
    fn who_reads_gzip_gets_what_there_is_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let compressed = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.css"), "plain").unwrap();
        fs::write(folder.path().join("b.png"), "picture").unwrap();
        fs::write(compressed.path().join("a.css"), "zipped").unwrap();
        let server = Server::compressed(folder.path(), compressed.path(), "/").unwrap();
        let asked = |line: &str, path: &str| get(&server, &format!("{path} HTTP/1.1\r\n{line}\r\nX-Rest:"));
        let answer = asked("accept-encoding: br, gzip", "/a.css");
        assert!(answer.contains("Content-Encoding: gzip") && answer.ends_with("zipped"), "{answer}");
        for (line, path, end) in
            [("Accept-Encoding: br", "/a.css", "plain"), ("Accept-Encoding: gzip", "/b.png", "picture")]
        {
            let answer = asked(line, path);
            assert!(!answer.contains("Content-Encoding") && answer.ends_with(end), "{answer}");
        }
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
