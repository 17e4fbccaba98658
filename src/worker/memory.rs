//! The worker's allocator: the usual one, which also remembers what it could not give, and counts what it has given.
//!
//! A program that gets no memory ends at once, without a panic and so without a message. `www/engine.mjs`, which is told of that
//! end, asks here whether that was the reason.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use wasm_bindgen::prelude::*;

/// The size of the last piece of memory that the browser refused, in bytes.
static REFUSED: AtomicUsize = AtomicUsize::new(0);
/// The memory that is in use, in bytes. WebAssembly's own size also counts gaps between the pieces, which come and go.
static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Remembering = Remembering;

/// The system's allocator, which remembers what it could not give, and counts.
struct Remembering;

impl Remembering {
    fn note(memory: *mut u8, bytes: usize, instead_of: usize) -> *mut u8 {
        if memory.is_null() {
            REFUSED.store(bytes, Ordering::Relaxed);
        } else {
            IN_USE.fetch_add(bytes, Ordering::Relaxed);
            IN_USE.fetch_sub(instead_of, Ordering::Relaxed);
        }
        memory
    }
}

// SAFETY: every call is passed on to the system's allocator as it is, and its answer returned as it is.
unsafe impl GlobalAlloc for Remembering {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        Self::note(unsafe { System.alloc(layout) }, layout.size(), 0)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: see above.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        Self::note(unsafe { System.alloc_zeroed(layout) }, layout.size(), 0)
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see above.
        Self::note(unsafe { System.realloc(memory, layout, size) }, size, layout.size())
    }
}

/// The size of the last piece of memory that the browser refused, in bytes; 0 if there was none.
#[wasm_bindgen]
pub fn refused_memory() -> f64 {
    REFUSED.load(Ordering::Relaxed) as f64
}

/// The memory that the engine has in use, in bytes.
#[wasm_bindgen]
pub fn memory_in_use() -> f64 {
    IN_USE.load(Ordering::Relaxed) as f64
}
