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

    /// Whether a command waits that ends a run.
    fn ends_run(&self) -> bool {
        self.commands.borrow().iter().any(|command| matches!(command, Command::Stop { .. } | Command::Reset))
    }
}

impl Pulse for Inbox {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(async {
            if now() - self.turn_began.get() > LONGEST_TURN {
                sleep(std::time::Duration::ZERO).await;
                self.turn_began.set(now());
            }
            if self.ends_run() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }
}
