//! Ctrl-C, and being asked to end by the system or by a terminal that closes: the first time ends the work at the next token
//! and keeps what is there, the second time ends the process at once.

use std::future::{Future, ready};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::signal::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::pulse::Pulse;

static ASKED: AtomicBool = AtomicBool::new(false);
/// The number of the signal that asked, or 0.
static SIGNAL: AtomicUsize = AtomicUsize::new(0);
static INSTALLED: Once = Once::new();

/// What a shell adds to a signal's number where a process tells its end by a number.
const OF_SIGNALS: usize = 128;

/// A pulse that ends the work when the process is asked to end.
pub struct Interrupt;

impl Interrupt {
    /// Takes over the signals for this process.
    pub fn install() -> Self {
        INSTALLED.call_once(|| signals().into_iter().for_each(take_over));
        Self
    }

    /// Whether the process was asked to end.
    pub fn asked(&self) -> bool {
        ASKED.load(Ordering::SeqCst)
    }
}

/// The status that an interrupted process ends with: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
pub fn exit_code() -> ExitCode {
    let signal = match SIGNAL.load(Ordering::SeqCst) {
        0 => SIGINT as usize,
        signal => signal,
    };
    ExitCode::from(u8::try_from(OF_SIGNALS + signal).unwrap_or(u8::MAX))
}

/// The signals that ask for an end. A program that was begun deaf to the end of its terminal, as `nohup` does, stays so.
fn signals() -> Vec<i32> {
    #[cfg(unix)]
    let hangup = Some(signal_hook::consts::signal::SIGHUP).filter(|&signal| !is_ignored(signal));
    #[cfg(not(unix))]
    let hangup = None;
    [Some(SIGINT), Some(SIGTERM), hangup].into_iter().flatten().collect()
}

fn take_over(signal: i32) {
    // In this order: the second signal finds the flag that the first one has set. None of these can fail but for signals that
    // nobody may take over.
    let _ = flag::register_conditional_shutdown(signal, OF_SIGNALS as i32 + signal, &ASKED);
    let _ = flag::register_usize(signal, &SIGNAL, signal as usize);
    let _ = flag::register(signal, &ASKED);
}

#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    let Ok(signal) = Signal::try_from(signal) else { return false };
    // SAFETY: no handler is installed. The signal is ignored as it was before, or taken over right after this.
    let before = unsafe { sigaction(signal, &ignore) };
    before.is_ok_and(|before| matches!(before.handler(), SigHandler::SigIgn))
}

impl Pulse for Interrupt {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(ready(if self.asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }))
    }
}
