//! Stage mode: cues, a reset after which all is as at the beginning, and a booth that looks after itself.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::door::given_up;
use super::{Effect, Mode, Model};
use crate::page::cursor::Cursor;
use crate::page::offline::Offline;
use crate::page::own::Own;
use crate::page::questions::Questions;
use crate::page::run_view::Pace;
use crate::page::runs::Runs;
use crate::page::settings::Stage;
use crate::page::talk::{Cue, Next, Presence, READING, Talk};
use crate::page::tour::{Act, Beat, Shown, Tour, told};
use crate::page::watchdog::Watchdog;
use crate::protocol::{Command, Event};
use crate::study::DEFAULT_WATCH;

impl Model {
    pub(super) fn cue(&mut self, cue: Cue, now: f64) -> Vec<Effect> {
        let Some(talk) = &mut self.talk else {
            return if cue == Cue::Enter { self.enter(now) } else { Vec::new() };
        };
        let wakes = talk.touch(now) && talk.is_booth();
        match cue {
            // Nobody leads visitors away from a booth, and back.
            Cue::Leave if !talk.is_booth() => self.leave_stage(),
            // Whoever comes to a booth finds the beginning, whatever was told by itself.
            _ if wakes => self.rewind(now),
            Cue::Enter | Cue::Touch | Cue::Leave => Vec::new(),
            Cue::Onward { still } => self.onward(still, now),
            Cue::Back => self.act(Act::Back, now),
            Cue::Go(number) => match Beat::of_number(&number.to_string()) {
                Some(beat) => self.act(Act::Go(beat), now),
                None => Vec::new(),
            },
            Cue::Run => self.act(Act::Run, now),
            Cue::Pause if self.pace() == Some(Pace::Paused) => self.resume(now),
            Cue::Pause => self.pause(),
            Cue::Reset => self.clear(now),
        }
    }

    fn enter(&mut self, now: f64) -> Vec<Effect> {
        if self.settings.stage == Stage::Off {
            self.settings.stage = Stage::Talk;
        }
        let talk = Talk::new(&self.settings, now);
        self.settings.beat = self.settings.beat.or(talk.first.beat);
        self.talk = Some(talk);
        vec![Effect::Remember]
    }

    /// The page is as always; what was run on the stage is in the list of runs.
    pub(super) fn leave_stage(&mut self) -> Vec<Effect> {
        self.talk = None;
        self.settings.stage = Stage::Off;
        vec![Effect::Remember]
    }

    fn onward(&mut self, still: bool, now: f64) -> Vec<Effect> {
        match self.next_on_stage() {
            Next::Curve => self.act(Act::Reveal { at_once: still }, now),
            Next::Whole => self.act(Act::Reveal { at_once: true }, now),
            Next::Beat(_) => self.act(Act::Next, now),
            Next::Nothing => Vec::new(),
        }
    }

    /// What the next key does on the stage.
    pub fn next_on_stage(&self) -> Next {
        let Some(beat) = self.settings.beat else { return Next::Nothing };
        match self.tour.shown(beat) {
            Shown::Nothing => Next::Curve,
            Shown::Until(_) => Next::Whole,
            Shown::Everything => match told().iter().find(|next| **next > beat) {
                Some(next) => Next::Beat(next.number()),
                None => Next::Nothing,
            },
        }
    }

    /// All is as when the talk began, whatever goes on; but the engine stays, and forgets what it has tuned.
    fn clear(&mut self, now: f64) -> Vec<Effect> {
        let model = self.next_plan().model;
        self.door.lost(&given_up());
        self.door.clear();
        self.awaited = None;
        self.notice = None;
        self.race = None;
        self.cursor = Cursor::default();
        self.runs = Runs::default();
        self.questions = Questions::new(DEFAULT_WATCH);
        self.own = Own::default();
        self.supervisor.forget_faults();
        let mut effects = self.rewind(now);
        effects.push(Effect::DropRecords);
        let is_ready = self.supervisor.ready().is_some();
        if let Some(talk) = &mut self.talk {
            // At a booth nobody is there until somebody says so.
            talk.touched = None;
        }
        if self.next_plan().model != model {
            effects.extend(self.start_anew(now));
        } else if is_ready {
            self.clearing += 1;
            effects.push(Effect::Post(Command::Reset));
            effects.extend(self.ask_originals());
        }
        effects
    }

    /// The story is at its beginning.
    fn rewind(&mut self, now: f64) -> Vec<Effect> {
        let Some(talk) = &mut self.talk else { return Vec::new() };
        talk.moved = now;
        self.settings = talk.first.clone();
        self.tour = Tour::default();
        vec![Effect::Remember]
    }

    /// The engine has forgotten everything once. Returns whether that was for the stage.
    pub(super) fn has_cleared(&mut self) -> bool {
        let is_for_the_stage = self.clearing > 0;
        self.clearing = self.clearing.saturating_sub(1);
        is_for_the_stage
    }

    /// Whether an event is of what is being cleared away.
    pub(super) fn is_of_before(&self, event: &Event) -> bool {
        let of_work = match event {
            Event::Started { .. }
            | Event::Run { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Answer { .. }
            | Event::Saying { .. }
            | Event::Hushed { .. }
            | Event::Retraced { .. }
            | Event::Dialled { .. }
            | Event::Traced { .. }
            | Event::Diverged { .. }
            | Event::Pulled { .. }
            | Event::Refused { .. } => true,
            Event::Alive { .. }
            | Event::Beat { .. }
            | Event::Loading { .. }
            | Event::Ready { .. }
            | Event::WasReset
            | Event::Benched { .. }
            | Event::Grown { .. }
            | Event::Failed { .. } => false,
        };
        of_work && self.clearing > 0
    }

    /// At a booth: tells the story while nobody is there, and clears away what a visitor has left behind, never in the middle of a run.
    pub(super) fn look_after_booth(&mut self, now: f64) -> Vec<Effect> {
        let goes_on = self.mode() != Mode::Idle && self.pace() != Some(Pace::Paused);
        let Some(talk) = self.talk.as_mut().filter(|talk| talk.is_booth()) else { return Vec::new() };
        if goes_on && talk.touched.is_some() {
            talk.touch(now);
        }
        match talk.presence(now) {
            Presence::Here | Presence::Asked(_) => Vec::new(),
            Presence::Gone => self.clear(now),
            Presence::Alone if now - talk.moved < READING => Vec::new(),
            Presence::Alone => {
                talk.moved = now;
                let mut effects =
                    if self.next_on_stage() == Next::Nothing { self.rewind(now) } else { self.onward(false, now) };
                if effects.is_empty() {
                    // A tick that has no effect is not drawn.
                    effects.push(Effect::Remember);
                }
                effects
            }
        }
    }

    /// Names the state: equal for equal states. What only measures time, or is of the browser, is left out.
    pub fn state(&self) -> String {
        let mut timeless = Self { watchdog: Watchdog::default(), offline: Offline::default(), ..self.clone() };
        if let Some(talk) = &mut timeless.talk {
            (talk.touched, talk.moved) = (None, 0.0);
        }
        let mut hasher = DefaultHasher::new();
        format!("{timeless:?}").hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}
