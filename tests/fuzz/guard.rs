//! What an input may not do besides panicking: take more than a second, or more than a gigabyte.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The most bytes that may be allocated at one time.
const MOST_BYTES: usize = 1 << 30;
/// The longest that one input may compute.
const LONGEST: Duration = Duration::from_secs(1);
/// The longest that one input may last on a machine that has other things to do, or while it waits.
const LONGEST_WALL: Duration = Duration::from_secs(30);
/// How often is looked at the time.
const EVERY: Duration = Duration::from_millis(100);

/// Exit code of an input that took too long.
pub const TOO_LONG: i32 = 102;
/// Exit code of an input that took too much memory.
pub const TOO_MUCH: i32 = 103;

/// The system's allocator, with a count.
pub struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// Counts bytes that are about to be allocated. Past the limit the process ends: nothing is allocated on the way out.
fn count(bytes: usize) {
    let now = ALLOCATED.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
    PEAK.fetch_max(now, Ordering::Relaxed);
    if now > MOST_BYTES {
        // What is allocated from here on must not end up here again.
        ALLOCATED.store(0, Ordering::Relaxed);
        let _ = std::io::stderr().write_all(b"more than 1 GiB is allocated\n");
        std::process::exit(TOO_MUCH);
    }
}

// SAFETY: every call is passed on to the system's allocator as it came; counting touches no memory that was allocated.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps to the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps to the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps to the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps to the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The most bytes that were allocated at one time so far.
pub fn peak() -> usize {
    PEAK.load(Ordering::Relaxed)
}

/// The number of the input that is being tried.
static INPUT: AtomicU64 = AtomicU64::new(0);

/// Tells the watch that the next input begins.
pub fn next_input() {
    INPUT.fetch_add(1, Ordering::Relaxed);
}

/// Starts a thread that ends the process when the calling thread works on one input for too long. Where the system tells how
/// long a thread has computed, that counts, so that a busy machine is no fault of the input's.
pub fn watch() {
    let clock = ThreadClock::of_this_thread();
    std::thread::spawn(move || {
        let mut seen = (INPUT.load(Ordering::Relaxed), clock.read(), Instant::now());
        loop {
            std::thread::sleep(EVERY);
            let (input, computed) = (INPUT.load(Ordering::Relaxed), clock.read());
            // This thread may have waited between the two: the time is that of the input only if it is still the same.
            if input != seen.0 || input != INPUT.load(Ordering::Relaxed) {
                seen = (input, computed, Instant::now());
                continue;
            }
            let wall = seen.2.elapsed();
            let too_long = match (seen.1, computed) {
                (Some(before), Some(now)) => now.saturating_sub(before) > LONGEST || wall > LONGEST_WALL,
                _ => wall > LONGEST_WALL,
            };
            if too_long {
                eprintln!("one input takes more than {} s", LONGEST.as_secs());
                std::process::exit(TOO_LONG);
            }
        }
    });
}

/// How long one thread has computed, as Linux tells it.
struct ThreadClock(Option<std::path::PathBuf>);

impl ThreadClock {
    fn of_this_thread() -> Self {
        // The link leads to `<process>/task/<thread>`.
        let task = std::fs::read_link("/proc/thread-self").ok();
        Self(task.map(|task| std::path::Path::new("/proc").join(task).join("schedstat")))
    }

    fn read(&self) -> Option<Duration> {
        let text = std::fs::read_to_string(self.0.as_ref()?).ok()?;
        text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    }
}
