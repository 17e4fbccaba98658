//! Sockets. A thread for each connection, which has one request: what one visitor does, or leaves undone, takes nothing from
//! another. (With a pool, connections that a browser opens in advance could keep threads from requests that wait.)

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::answer::{Answer, Host};
use super::request::{LONGEST_HEAD, read};

/// How long a visitor may take to say what is wanted.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a visitor may take nothing of an answer.
const STALL: Duration = Duration::from_secs(20);

/// How long the rest of a request that was refused may stand still, and how much of it is read.
const FAREWELL: Duration = Duration::from_secs(1);
const LONGEST_REST: u64 = 1 << 20;

/// The most connections at a time. Where there is another one, the oldest ends: it is the least likely to be somebody waiting.
const MOST: usize = 128;

/// How long the server rests when the system has no connection for it.
const REST: Duration = Duration::from_millis(50);

/// A host at an address.
pub struct Server {
    listener: TcpListener,
    host: Arc<Host>,
}

impl Server {
    /// Opens a port; 0 is any that is free.
    ///
    /// # Errors
    ///
    /// If it is taken, or the address is not this machine's.
    pub fn open(host: Host, address: SocketAddr) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address)?, host: Arc::new(host) })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers everybody in threads of its own, until the process ends.
    ///
    /// # Errors
    ///
    /// If there can be no thread.
    pub fn start(self) -> io::Result<()> {
        thread::Builder::new().name("tenshot-serve".into()).spawn(move || self.listen()).map(drop)
    }

    fn listen(&self) {
        let guests = Guests::default();
        for (number, stream) in (0_u64..).zip(self.listener.incoming()) {
            let Ok(stream) = stream else {
                thread::sleep(REST);
                continue;
            };
            let (host, inside) = (Arc::clone(&self.host), guests.clone());
            if !guests.enter(number, &stream) {
                continue;
            }
            let served = thread::Builder::new().spawn(move || {
                // Whoever hangs up, or says nothing, has had what was wanted.
                let _ = converse(stream, &host);
                inside.leave(number);
            });
            if served.is_err() {
                guests.leave(number);
                thread::sleep(REST);
            }
        }
    }
}

/// The connections that are open, the oldest first.
#[derive(Clone, Default)]
struct Guests(Arc<Mutex<VecDeque<(u64, TcpStream)>>>);

impl Guests {
    /// Returns whether there is a handle for one more.
    fn enter(&self, number: u64, stream: &TcpStream) -> bool {
        let Ok(stream) = stream.try_clone() else { return false };
        let mut all = self.all();
        if all.len() >= MOST
            && let Some((_, oldest)) = all.pop_front()
        {
            // It may be gone already.
            let _ = oldest.shutdown(Shutdown::Both);
        }
        all.push_back((number, stream));
        true
    }

    fn leave(&self, number: u64) {
        self.all().retain(|(known, _)| *known != number);
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<(u64, TcpStream)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a request and answers it.
fn converse(mut stream: TcpStream, host: &Host) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    let request = loop {
        match read(&head) {
            Ok(None) => {}
            Ok(Some(request)) => break Ok(request),
            Err(refused) => break Err(refused),
        }
        // The time is for the whole head: one letter now and then does not make it longer.
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        stream.set_read_timeout(Some(left))?;
        let room = LONGEST_HEAD.saturating_sub(head.len()).clamp(1, piece.len());
        match stream.read(&mut piece[..room])? {
            0 => return Ok(()),
            count => head.extend_from_slice(&piece[..count]),
        }
    };
    stream.set_write_timeout(Some(STALL))?;
    send(&mut stream, &host.answer(&request))?;
    if request.is_err() {
        // More of it may be on its way: a connection that is closed before all is read takes the answer with it.
        stream.shutdown(Shutdown::Write)?;
        stream.set_read_timeout(Some(FAREWELL))?;
        io::copy(&mut (&stream).take(LONGEST_REST), &mut io::sink())?;
    }
    Ok(())
}

fn send(stream: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&answer.body)?;
    stream.flush()
}
