//! Commands that have arrived and wait to be obeyed.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Poll, Waker};

use gloo::timers::future::sleep;

use super::port::now;
use crate::protocol::Command;
use crate::pulse::Pulse;

/// How long the engine may keep the worker's event loop waiting, in seconds. A longer wait delays pause and stop, a shorter
/// one costs: the browser lets a nested timer wait for 4 ms.
const LONGEST_TURN: f64 = 0.1;

/// The commands in the order of their arrival.
#[derive(Default)]
pub struct Inbox {
    commands: RefCell<VecDeque<Command>>,
    waker: Cell<Option<Waker>>,
    turn_began: Cell<f64>,
    pieces: Cell<u32>,
}

impl Inbox {
    /// Adds a command and wakes whoever waits for one.
    pub fn push(&self, command: Command) {
        self.commands.borrow_mut().push_back(command);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The next command, if there is one.
    pub fn try_next(&self) -> Option<Command> {
        self.commands.borrow_mut().pop_front()
    }

    /// The next command.
    pub async fn next(&self) -> Command {
        let command = poll_fn(|context| match self.try_next() {
            Some(command) => Poll::Ready(command),
            None => {
                self.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        });
        let command = command.await;
        self.turn_began.set(now());
        command
    }

    /// How many pieces of work were done so far.
    pub fn pieces(&self) -> u32 {
        self.pieces.get()
    }

    /// A piece of work is done: messages are let in if they have waited long enough.
    async fn turn(&self) {
        self.pieces.set(self.pieces.get().wrapping_add(1));
        if now() - self.turn_began.get() > LONGEST_TURN {
            sleep(std::time::Duration::ZERO).await;
            self.turn_began.set(now());
        }
        if self.waits(|command| matches!(command, Command::Panic)) {
            panic!("the engine was told to panic, by a test");
        }
    }

    /// Whether such a command waits.
    fn waits(&self, is_it: fn(&Command) -> bool) -> bool {
        self.commands.borrow().iter().any(is_it)
    }
}

/// The pulse of a run: ends the work when a command waits that ends a run.
impl Pulse for Inbox {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(async {
            self.turn().await;
            let ends_run = self.waits(|command| matches!(command, Command::Stop { .. } | Command::Reset));
            if ends_run { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }
}

/// The pulse of a question, which is answered whatever else waits.
pub struct ToTheEnd<'a>(pub &'a Inbox);

impl Pulse for ToTheEnd<'_> {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(async {
            self.0.turn().await;
            ControlFlow::Continue(())
        })
    }
}
