//! Commands that have arrived and wait to be obeyed.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Poll, Waker};

use gloo::timers::future::sleep;

use super::port::{now, post};
use crate::engine::TextCodec;
use crate::protocol::{Command, Event};
use crate::pulse::Pulse;

/// How long the engine may keep the worker's event loop waiting, in seconds. A longer wait delays pause and stop, a shorter
/// one costs: the browser lets a nested timer wait for 4 ms.
const LONGEST_TURN: f64 = 0.1;

/// How long a visitor waits for more of an answer, and until it stops, in seconds: more often would be more work for the page than can
/// be read, and cost what a turn costs.
const BETWEEN_TELLING: f64 = 0.03;

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

    /// A piece of work is done: messages are let in if they have waited so many seconds.
    async fn turn(&self, longest: f64) {
        self.pieces.set(self.pieces.get().wrapping_add(1));
        if now() - self.turn_began.get() > longest {
            sleep(std::time::Duration::ZERO).await;
            self.turn_began.set(now());
        }
        if self.waits(|command| matches!(command, Command::Panic)) {
            panic!("the engine was told to panic, by a test");
        }
    }

    /// Whether such a command waits.
    fn waits(&self, is_it: impl Fn(&Command) -> bool) -> bool {
        self.commands.borrow().iter().any(is_it)
    }
}

/// The pulse of a run: ends the work when a command waits that ends a run.
impl Pulse for Inbox {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(async {
            self.turn(LONGEST_TURN).await;
            let ends_run = self.waits(|command| matches!(command, Command::Stop { .. } | Command::Reset));
            if ends_run { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }
}

/// The pulse of a question that is answered aloud: tells what is said, and ends the work when the question is taken back.
pub struct Aloud<'a> {
    inbox: &'a Inbox,
    codec: &'a TextCodec,
    id: u32,
    tuned: bool,
    told: Cell<f64>,
    begun: Cell<bool>,
}

impl<'a> Aloud<'a> {
    /// Of the question with this id, asked of the original or of the tuned model.
    pub fn new(inbox: &'a Inbox, codec: &'a TextCodec, id: u32, tuned: bool) -> Self {
        Self { inbox, codec, id, tuned, told: Cell::new(0.0), begun: Cell::new(false) }
    }
}

impl Pulse for Aloud<'_> {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(async {
            // Who has asked and taken it back at once is heard before the first word.
            let longest = if self.begun.replace(true) { BETWEEN_TELLING } else { -1.0 };
            self.inbox.turn(longest).await;
            let taken_back = self.inbox.waits(|command| matches!(command, Command::Hush { id } if *id == self.id));
            if taken_back { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }

    fn heard(&self, answer: &[u32]) {
        if now() - self.told.get() < BETWEEN_TELLING {
            return;
        }
        self.told.set(now());
        let Ok(text) = self.codec.decode(answer) else { return };
        // The last token may be half a character.
        let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned();
        post(&Event::Saying { id: self.id, tuned: self.tuned, text });
    }
}

/// The pulse of a question, which is answered whatever else waits.
pub struct ToTheEnd<'a>(pub &'a Inbox);

impl Pulse for ToTheEnd<'_> {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        Box::pin(async {
            self.0.turn(LONGEST_TURN).await;
            ControlFlow::Continue(())
        })
    }
}
