//! What is drawn later, a part at a time, each in a task of its own: in one task the page would keep the browser from everything else for
//! hundreds of milliseconds.

use std::collections::VecDeque;

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

/// Something that is done when it is its turn.
type Part = Box<dyn FnOnce()>;

/// Who waits for a turn. Invariant: as long as anybody waits, a turn is on its way.
#[derive(Default)]
struct Queue {
    /// In this order.
    waiting: VecDeque<Part>,
    /// Those that the last turn has brought: they come before the others, so that the page is drawn from its head to its foot.
    brought: Vec<Part>,
    is_going: bool,
    /// All have had their turn once: the page is there.
    is_over: bool,
}

impl Queue {
    fn next(&mut self) -> Option<Part> {
        for part in std::mem::take(&mut self.brought).into_iter().rev() {
            self.waiting.push_front(part);
        }
        let next = self.waiting.pop_front();
        self.is_going = next.is_some();
        self.is_over |= next.is_none();
        next
    }
}

/// The turns of the page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Turns(StoredValue<Queue, LocalStorage>);

impl Turns {
    /// Those of the page that is being drawn, for the views in it.
    pub fn provide() -> Self {
        let turns = Self(StoredValue::new_local(Queue::default()));
        provide_context(turns);
        turns
    }

    /// Does this when all who wait have had their turn, or before them if it is wanted while somebody has theirs.
    fn wait(self, part: impl FnOnce() + 'static) {
        let sleeps = self.0.try_update_value(|queue| {
            queue.brought.push(Box::new(part));
            !std::mem::replace(&mut queue.is_going, true)
        });
        if sleeps == Some(true) {
            self.go();
        }
    }

    /// Whether the page is drawn: what comes later is what a visitor has asked for, and waits for nobody.
    fn are_over(self) -> bool {
        self.0.with_value(|queue| queue.is_over)
    }

    /// The next turn, in a task of its own.
    fn go(self) {
        let turn = move || {
            let Some(part) = self.0.try_update_value(Queue::next).flatten() else { return };
            part();
            self.go();
        };
        Timeout::new(0, turn).forget();
    }
}

/// What is drawn when it is its turn, or at once when the page is there.
#[component]
pub fn InTurn(children: ChildrenFn) -> impl IntoView {
    let turns = expect_context::<Turns>();
    let come = RwSignal::new(turns.are_over());
    let has_asked = StoredValue::new(false);
    move || {
        // Only now is its place in the page being drawn: what stands before it has asked for its turn before it.
        if !come.get_untracked() && !has_asked.get_value() {
            has_asked.set_value(true);
            turns.wait(move || {
                // Who has left meanwhile needs no turn.
                let _ = come.try_set(true);
            });
        }
        come.get().then(|| children())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn what_a_turn_brings_comes_before_what_waited_already() {
        let done = Arc::new(Mutex::new(Vec::new()));
        let part = |name: &'static str| -> Part {
            let done = done.clone();
            Box::new(move || done.lock().unwrap().push(name))
        };
        let mut queue = Queue { brought: vec![part("head"), part("lab"), part("foot")], ..Queue::default() };
        queue.next().unwrap()();
        queue.next().unwrap()();
        queue.brought = vec![part("controls"), part("stage")];
        while let Some(next) = queue.next() {
            next();
        }
        assert_eq!(*done.lock().unwrap(), ["head", "lab", "controls", "stage", "foot"]);
        assert!(!queue.is_going && queue.is_over, "nobody waits");
    }
}
