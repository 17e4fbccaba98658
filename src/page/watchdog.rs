//! [`Watchdog`]: notices an engine that is dead without having said so, or alive and getting nowhere.
//!
//! Two times are measured. The engine sends a beat every few seconds as long as its event loop turns: without one, its worker is
//! gone, or stuck in a loop. And with each beat it says how many pieces of work it has done: while there is work and that number
//! stands still, what it waits for may never come, such as a readback from a device that is gone.
//!
//! A slow engine must not be taken for a dead one, so only time counts in which the page itself was awake and in sight: browsers
//! slow down the timers of a page in a hidden tab, or stop all of it, and a laptop may have slept.

use crate::protocol::Event;

/// The longest time between two looks that counts, in milliseconds. The page looks twice a second; where more time has passed,
/// the page was not awake.
const LONGEST_LOOK: f64 = 1_000.0;

/// How long the engine may be without a beat, in milliseconds. Between two beats lies at most one optimizer step on the CPU; but on
/// a busy machine an emulated graphics device has kept the worker from its event loop for more than a minute.
const WITHOUT_BEAT: f64 = 180_000.0;

/// How long a piece of work may take before the visitor is told, in milliseconds.
const SLOW: f64 = 60_000.0;

/// How long a piece of work may take, in milliseconds. The longest are those in which an emulated graphics device compiles its
/// kernels.
const WITHOUT_PROGRESS: f64 = 300_000.0;

/// What the engine is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing: nobody waits for it.
    None,
    /// Its code is on the way, over a connection that may be slow: it cannot beat yet.
    Starting,
    /// Somebody waits for what it does.
    Some,
}

/// How the engine looks from here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// What it is at takes long.
    Slow,
    /// Its event loop does not turn any more.
    Dead,
    /// It gets no further.
    Stuck,
}

/// The two times, and the last look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watchdog {
    looked: Option<f64>,
    without_beat: f64,
    without_progress: f64,
    pieces: u32,
    mood: Mood,
}

impl Watchdog {
    /// The engine tells something.
    pub fn heard(&mut self, event: &Event) {
        self.without_beat = 0.0;
        let got_on = match event {
            Event::Beat { pieces } => std::mem::replace(&mut self.pieces, *pieces) != *pieces,
            _ => true,
        };
        if got_on {
            self.without_progress = 0.0;
            self.mood = Mood::Well;
        }
    }

    /// Another engine, or another piece of work.
    pub fn begin_anew(&mut self) {
        *self = Self { looked: self.looked, ..Self::default() };
    }

    /// Looks at the engine, at `now` in milliseconds. `awake`: the page is in sight.
    pub fn look(&mut self, work: Work, awake: bool, now: f64) -> Mood {
        let since = self.looked.replace(now).map_or(0.0, |before| now - before);
        let time = if awake { since.clamp(0.0, LONGEST_LOOK) } else { 0.0 };
        if work == Work::None {
            self.begin_anew();
            return self.mood;
        }
        self.without_progress += time;
        self.without_beat += time;
        self.mood = match work {
            Work::Some if self.without_beat > WITHOUT_BEAT => Mood::Dead,
            Work::Some if self.without_progress > WITHOUT_PROGRESS => Mood::Stuck,
            _ if self.without_progress > SLOW => Mood::Slow,
            _ => Mood::Well,
        };
        self.mood
    }

    /// How the engine looked last.
    pub fn mood(&self) -> Mood {
        self.mood
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: f64 = 500.0;

    /// Looks twice a second for so many seconds; the engine beats every two, with a count of pieces that `pieces` gives.
    fn watch(dog: &mut Watchdog, seconds: usize, work: Work, mut pieces: impl FnMut(usize) -> Option<u32>) -> Mood {
        let from = dog.looked.unwrap_or_default();
        let mut mood = Mood::Well;
        for look in 1..=2 * seconds {
            if look % 4 == 0
                && let Some(pieces) = pieces(look)
            {
                dog.heard(&Event::Beat { pieces });
            }
            mood = dog.look(work, true, from + LOOK * look as f64);
        }
        mood
    }

    fn gets_on(look: usize) -> Option<u32> {
        Some(look as u32)
    }

    #[test]
    fn an_engine_that_beats_and_gets_on_is_well_for_hours() {
        let mut dog = Watchdog::default();
        assert_eq!(watch(&mut dog, 7_200, Work::Some, gets_on), Mood::Well);
    }

    #[test]
    fn an_engine_without_a_beat_is_dead() {
        let mut dog = Watchdog::default();
        watch(&mut dog, 10, Work::Some, gets_on);
        assert_eq!(watch(&mut dog, 55, Work::Some, |_| None), Mood::Well);
        assert_eq!(watch(&mut dog, 115, Work::Some, |_| None), Mood::Slow);
        assert_eq!(watch(&mut dog, 15, Work::Some, |_| None), Mood::Dead);
    }

    #[test]
    fn an_engine_that_beats_and_gets_nowhere_is_slow_and_then_stuck() {
        let mut dog = Watchdog::default();
        assert_eq!(watch(&mut dog, 90, Work::Some, |_| Some(7)), Mood::Slow);
        assert_eq!(watch(&mut dog, 200, Work::Some, |_| Some(7)), Mood::Slow);
        let mut late = dog.clone();
        assert_eq!(watch(&mut late, 5, Work::Some, |_| Some(8)), Mood::Well, "it was only slow");
        assert_eq!(watch(&mut dog, 20, Work::Some, |_| Some(7)), Mood::Stuck);
    }

    #[test]
    fn an_engine_that_nobody_waits_for_is_left_alone() {
        let mut dog = Watchdog::default();
        assert_eq!(watch(&mut dog, 7_200, Work::None, |_| None), Mood::Well);
        assert_eq!(watch(&mut dog, 50, Work::Some, |_| None), Mood::Well, "waiting begins with the work");
    }

    #[test]
    fn a_script_on_the_way_may_take_its_time() {
        let mut dog = Watchdog::default();
        assert_eq!(watch(&mut dog, 7_200, Work::Starting, |_| None), Mood::Slow);
    }

    #[test]
    fn time_in_which_the_page_slept_or_was_hidden_does_not_count() {
        let mut dog = Watchdog::default();
        dog.look(Work::Some, true, 0.0);
        assert_eq!(dog.look(Work::Some, true, 9e9), Mood::Well, "a laptop was closed");
        for minute in 1..=50 {
            // What browsers leave a page that has been hidden for long: one look a minute.
            assert_eq!(dog.look(Work::Some, false, 9e9 + 60_000.0 * f64::from(minute)), Mood::Well);
        }
        assert_eq!(watch(&mut dog, 190, Work::Some, |_| None), Mood::Dead, "back in sight it is watched again");
    }
}
