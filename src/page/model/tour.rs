//! What the visitor does with the story.

use super::{Beginning, Effect, Mode, Model};
use crate::corpus::DRAWS;
use crate::page::settings::{QuestionChoice, Settings};
use crate::page::supervisor::EngineState;
use crate::page::tour::{Act, Beat, Shown, main_run, told};

impl Model {
    pub(super) fn act(&mut self, act: Act, now: f64) -> Vec<Effect> {
        match (act, self.settings.beat) {
            (Act::Go(beat), _) => self.go(told().contains(&beat).then_some(beat)),
            (Act::Leave, Some(_)) => {
                self.settings.beat = None;
                // Nothing but the story is on a stage.
                if self.talk.is_some() { self.leave_stage() } else { vec![Effect::Remember] }
            }
            (Act::Next, Some(beat)) => self.go(told().iter().copied().find(|b| *b > beat)),
            (Act::Back, Some(beat)) => self.go(told().iter().copied().rfind(|b| *b < beat)),
            (Act::Run, Some(Beat::Refuses)) => self.ask_in_story(now),
            (Act::Run, Some(beat)) => self.run_in_story(beat, now),
            (act, Some(beat)) => self.look(|m| m.tour.act(beat, act)),
            (_, None) => Vec::new(),
        }
    }

    fn go(&mut self, beat: Option<Beat>) -> Vec<Effect> {
        if beat.is_none() || beat == self.settings.beat {
            return Vec::new();
        }
        self.settings.beat = beat;
        vec![Effect::Remember]
    }

    /// Whether a run can be asked for in the story: nothing else is in progress, and the engine is not beyond help.
    pub fn can_run_in_story(&self) -> bool {
        self.mode() == Mode::Idle && !matches!(self.supervisor.engine, EngineState::Failed(_))
    }

    /// Whether the engine has, or is to have, another model than the one that the story begins with.
    pub fn asks_another_model(&self) -> bool {
        main_run(Beat::Refuses).is_some_and(|run| run.model != self.next_plan().model)
    }

    /// Asks the first beat's question here; if a lesson has brought another model, that of the story is fetched again.
    fn ask_in_story(&mut self, now: f64) -> Vec<Effect> {
        self.tour.asked = true;
        let first = main_run(Beat::Refuses).filter(|_| self.asks_another_model() && self.can_run_in_story());
        first.map_or_else(Vec::new, |run| self.choose_lesson(|s| s.preset.clone_from(&run.preset), now))
    }

    /// Starts the very run that a beat is told with, on the lab's stage as any other.
    fn run_in_story(&mut self, beat: Beat, now: f64) -> Vec<Effect> {
        let Some(wish) = self.tour.next_wish(beat).filter(|_| self.can_run_in_story()) else { return Vec::new() };
        let change = |settings: &mut Settings| {
            settings.preset = wish.preset.to_owned();
            settings.seed = wish.seed;
            settings.draw = (wish.draw != wish.seed % DRAWS).then_some(wish.draw);
            settings.questions = QuestionChoice::HeldOut;
            settings.prefill = false;
        };
        let mut effects = self.choose_lesson(change, now);
        self.tour.wish = Some(wish);
        effects.extend(self.start(Beginning::Run, now));
        effects
    }

    /// The run that the visitor waits for is shown in its beat as soon as it is asked for. Whatever else is started or given up
    /// meanwhile, in the lab below, ends the waiting.
    pub(super) fn follow_wish(&mut self) {
        if self.tour.wish.is_none() || matches!(self.mode(), Mode::Waiting(_)) {
            return;
        }
        let Some(wish) = self.tour.wish.take() else { return };
        let newest = self.runs.in_progress().next_back();
        let Some(id) = newest.filter(|run| wish.is(&run.record.plan)).map(|run| run.id) else { return };
        let recorded = wish.beat.recorded().len();
        let scene = self.tour.scene_mut(wish.beat);
        if wish.beat == Beat::Ordinary {
            scene.chosen = recorded + scene.live.len();
        }
        scene.shown = Shown::Everything;
        scene.live.push(id);
    }
}
