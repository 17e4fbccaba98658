//! [`Pulse`]: how long computations stay interruptible without threads.

use std::future::{Future, ready};
use std::ops::ControlFlow;
use std::pin::Pin;

/// Called between pieces of work of a few milliseconds. In the browser it lets messages in; everywhere it can end the work.
pub trait Pulse {
    /// Whether to go on. May wait, for example for the event loop.
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>>;

    /// What an answer that is computed alone has come to, in tokens: as often as there is more of it. Of several answers at once
    /// nothing is told.
    fn heard(&self, answer: &[u32]) {
        let _ = answer;
    }
}

/// Goes on without a pause.
pub struct Steady;

impl Pulse for Steady {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(ready(ControlFlow::Continue(())))
    }
}
