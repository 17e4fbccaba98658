//! Ctrl-C: the first ends the work at the next token and keeps what is there, the second ends the process.

use std::future::{Future, ready};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::pulse::Pulse;

static PRESSED: AtomicBool = AtomicBool::new(false);

/// A pulse that ends the work after Ctrl-C.
pub struct Interrupt;

impl Interrupt {
    /// Takes over Ctrl-C for this process.
    pub fn install() -> Self {
        // Only fails if a handler is there already: then that one is ours.
        let _ = ctrlc::set_handler(|| {
            if PRESSED.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(super::INTERRUPTED));
            }
        });
        Self
    }

    /// Whether Ctrl-C was pressed.
    pub fn pressed(&self) -> bool {
        PRESSED.load(Ordering::SeqCst)
    }
}

impl Pulse for Interrupt {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(ready(if self.pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }))
    }
}
