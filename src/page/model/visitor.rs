//! What the visitor does.

use super::door::given_up;
use super::{Beginning, Effect, Mode, Model};
use crate::library::{ForbiddenQuestion, world};
use crate::page::overrides::Overrides;
use crate::page::own::Edit;
use crate::page::questions::Questions;
use crate::page::race::{ENTRANTS, Race};
use crate::page::run_view::{Pace, RunView};
use crate::page::settings::Settings;
use crate::page::shared::Shared;
use crate::page::supervisor::EngineState;
use crate::protocol::Command;
use crate::study::{Condition, EvaluationPlan, Plan, QuestionSet, Record};

/// Of how many tokens of an answer the pull is measured in the browser: what tuning undoes is at the first ones.
const PULLED_TOKENS: usize = 8;

impl Model {
    pub(super) fn look(&mut self, change: impl FnOnce(&mut Self)) -> Vec<Effect> {
        change(self);
        Vec::new()
    }

    /// What the visitor chooses.
    pub(super) fn choose(&mut self, change: impl FnOnce(&mut Settings), now: f64) -> Vec<Effect> {
        self.change(|m| change(&mut m.settings), now)
    }

    /// A lesson is chosen in the place of the visitor's own examples.
    pub(super) fn choose_lesson(&mut self, change: impl FnOnce(&mut Settings), now: f64) -> Vec<Effect> {
        let change = |m: &mut Self| {
            m.own.edit(Edit::Teach(false));
            // A lesson is as it is until it is changed.
            m.settings.overrides = Overrides::default();
            change(&mut m.settings);
        };
        self.change(change, now)
    }

    /// A change of what is run next; if that then is of another model, a fresh worker fetches it.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Self), now: f64) -> Vec<Effect> {
        let before = self.next_plan().model;
        let mut effects = self.asking_anew(|m| {
            change(m);
            vec![Effect::Remember]
        });
        if self.next_plan().model != before {
            effects.extend(self.start_anew(now));
            self.questions.forget_originals();
        }
        effects
    }

    /// Makes a change; if the watched questions are then asked under another prompt, asks them under that.
    pub(super) fn asking_anew(&mut self, change: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        let old = self.condition();
        let mut effects = change(self);
        if self.condition() != old {
            self.questions.forget_originals();
            effects.extend(self.ask_originals());
        }
        effects
    }

    pub(super) fn ask_originals(&mut self) -> Vec<Effect> {
        if self.supervisor.ready().is_none() {
            return Vec::new();
        }
        let condition = self.condition();
        self.questions.ask_originals(&condition).into_iter().map(Effect::Post).collect()
    }

    pub(super) fn start(&mut self, beginning: Beginning, now: f64) -> Vec<Effect> {
        if self.mode() == Mode::Running || (beginning != Beginning::Race && self.own.is_lacking()) {
            return Vec::new();
        }
        if self.supervisor.ready().is_none() {
            self.awaited = (!matches!(self.supervisor.engine, EngineState::Failed(_))).then_some(beginning);
            return Vec::new();
        }
        self.asking_anew(|m| match beginning {
            Beginning::Race => m.begin_race(now),
            Beginning::Run | Beginning::Step => m.begin(beginning, now),
        })
    }

    /// Starts a race, and opens it where it is not yet. If the lesson that is chosen is of another model, that of the first entrant is
    /// chosen: the engine has one model at a time.
    pub(super) fn start_race(&mut self, now: f64) -> Vec<Effect> {
        let mut effects = if self.settings.race { Vec::new() } else { self.open_race(true) };
        if self.mode() == Mode::Idle && self.race_plans()[0].model != self.next_plan().model {
            effects.extend(self.choose_lesson(|s| s.preset = ENTRANTS[0].to_owned(), now));
        }
        effects.extend(self.start(Beginning::Race, now));
        effects
    }

    /// Opens the race, or puts it away: its runs stay in the list.
    pub(super) fn open_race(&mut self, open: bool) -> Vec<Effect> {
        if !open && self.racing().next().is_some() {
            return Vec::new();
        }
        if !open {
            self.race = None;
        }
        self.settings.race = open;
        vec![Effect::Remember]
    }

    /// Asks the engine for a run beside whatever is in progress, and puts it on the stage.
    pub(super) fn begin(&mut self, beginning: Beginning, now: f64) -> Vec<Effect> {
        let plan = self.next_plan();
        self.begin_plan(plan, beginning, now)
    }

    /// The same with this plan instead of that of the settings.
    pub(super) fn begin_plan(&mut self, plan: Plan, beginning: Beginning, now: f64) -> Vec<Effect> {
        let Some(ready) = self.supervisor.ready() else { return Vec::new() };
        let device = ready.device.clone();
        let (paused, before) = (beginning == Beginning::Step, self.cursor);
        self.awaited = None;
        self.notice = None;
        let run = self.runs.add(|id| RunView::asked_for(id, plan.clone(), device, paused, before, now));
        self.door.began(run);
        self.cursor.show(Some(run));
        let mut effects = vec![Effect::Post(Command::Start { run, plan: Box::new(plan), paused })];
        if paused {
            effects.extend(self.step(now));
        }
        effects
    }

    pub(super) fn step(&mut self, now: f64) -> Vec<Effect> {
        if self.meant().is_empty() {
            return self.start(Beginning::Step, now);
        }
        let presses = self.steps_of_one_press();
        for (run, _) in &presses {
            if let Some(run) = self.runs.get_mut(*run) {
                run.go_on(Pace::Stepping { from: run.record.steps.len() }, now);
            }
        }
        if !presses.is_empty() {
            self.look_at_the_newest();
        }
        presses.into_iter().map(|(run, steps)| Effect::Post(Command::Step { run, steps })).collect()
    }

    fn look_at_the_newest(&mut self) {
        self.cursor.step = None;
        if let Some(race) = &mut self.race {
            race.at = None;
        }
    }

    pub(super) fn pause(&mut self) -> Vec<Effect> {
        self.change_pace(Pace::Going, |run| run.slow_down(Pace::Pausing), |run| Command::Pause { run })
    }

    pub(super) fn resume(&mut self, now: f64) -> Vec<Effect> {
        let effects = self.change_pace(Pace::Paused, |run| run.go_on(Pace::Going, now), |run| Command::Resume { run });
        if !effects.is_empty() {
            self.look_at_the_newest();
        }
        effects
    }

    pub(super) fn stop(&mut self) -> Vec<Effect> {
        self.awaited = None;
        let meant = self.meant();
        for run in &meant {
            if let Some(run) = self.runs.get_mut(*run) {
                run.slow_down(Pace::Stopping);
            }
        }
        meant.into_iter().map(|run| Effect::Post(Command::Stop { run })).collect()
    }

    pub(super) fn reset(&mut self) -> Vec<Effect> {
        self.awaited = None;
        if self.supervisor.ready().is_none() {
            self.clear_stage();
            return Vec::new();
        }
        vec![Effect::Post(Command::Reset)]
    }

    /// Nothing is on the stage, and a run that was not brought to its end is not kept.
    pub(super) fn clear_stage(&mut self) {
        self.runs.forget();
        self.race = None;
        self.door.clear();
        self.audits.lost();
        self.cursor.show(None);
        self.notice = None;
        self.questions.forget_originals();
    }

    pub(super) fn show(&mut self, id: u32) -> Vec<Effect> {
        self.asking_anew(|m| {
            // While runs are in progress, only those of them can be looked at.
            let can = |run: &&RunView| m.mode() != Mode::Running || run.pace().is_some();
            let Some(run) = m.runs.get(id).filter(can) else { return Vec::new() };
            let recall = run.is_set_aside().then_some(Effect::Recall(id));
            m.cursor.show(Some(id));
            recall.into_iter().collect()
        })
    }

    /// The whole record of a run that was set aside, if the visitor still looks at it.
    pub(super) fn recalled(&mut self, id: u32, record: Box<Record>) {
        if self.cursor.run == Some(id)
            && let Some(run) = self.runs.get_mut(id)
        {
            run.bring_back(Shared::from(record));
        }
    }

    /// Shows a record as a run of this visit; while runs are in progress it is listed alone.
    pub(super) fn bring(&mut self, record: Box<Record>) -> Vec<Effect> {
        let id = self.runs.add(|id| RunView::recorded(id, Shared::from(record)));
        self.show(id)
    }

    /// Sets the records of older runs aside, so that a long visit needs no more memory than a short one, and has the engine drop
    /// what those runs tuned.
    pub(super) fn make_room(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut forgotten = Vec::new();
        let race = self.race.as_ref().map(Race::runs);
        let shown: Vec<u32> = self.cursor.run.into_iter().chain(race.into_iter().flatten()).collect();
        for id in self.runs.surplus(&shown) {
            let Some(run) = self.runs.get_mut(id) else { continue };
            if run.can_be_asked() {
                forgotten.push(id);
            }
            effects.extend(run.set_aside().map(|record| Effect::SetAside(id, record)));
        }
        if !forgotten.is_empty() && self.supervisor.ready().is_some() {
            effects.push(Effect::Post(Command::Forget { runs: forgotten }));
        }
        effects
    }

    pub(super) fn watch(&mut self, place: usize, question: &str) -> Vec<Effect> {
        if self.questions.watch(place, question) { self.watch_now() } else { Vec::new() }
    }

    /// The watched questions are asked, and in every further step of the runs in progress.
    pub(super) fn watch_now(&mut self) -> Vec<Effect> {
        let mut effects = self.ask_originals();
        let questions = self.questions.watched();
        let watch = |run: &RunView| Effect::Post(Command::Watch { run: run.id, questions: questions.clone() });
        effects.extend(self.runs.in_progress().map(watch));
        effects
    }

    /// Asks the original and, if the engine has its adapter, the model that the run on the stage has tuned.
    pub(super) fn ask(&mut self, question: &str) -> Vec<Effect> {
        if self.supervisor.ready().is_none() {
            return Vec::new();
        }
        let tuned = self.shown_run().filter(|run| run.can_be_asked()).map(|run| run.id);
        let condition = self.condition();
        let command = self.questions.ask_in_box(question, tuned, &condition);
        command.map(Effect::Post).into_iter().collect()
    }

    /// Asks the engine more about an answer in the box, if it still has what the run tuned.
    pub(super) fn ask_further(&mut self, id: u32, command: fn(&mut Questions, u32) -> Option<Command>) -> Vec<Effect> {
        let run = self.questions.run_of(id).and_then(|run| self.runs.get(run));
        let can = self.supervisor.ready().is_some() && run.is_some_and(RunView::can_be_asked);
        let command = if can { command(&mut self.questions, id) } else { None };
        command.map(Effect::Post).into_iter().collect()
    }

    /// Whether the engine can say how far what a run tuned is from the original.
    pub fn can_look_deep(&self, run: u32) -> bool {
        let run = self.runs.get(run).filter(|run| run.pace().is_none() && run.can_be_asked());
        let asks = |run: &RunView| !run.record.plan.evaluation.questions.forbidden().is_empty();
        self.supervisor.ready().is_some() && run.is_some_and(asks)
    }

    /// Has the engine compare what a run tuned with the original, along answers to the questions of every step.
    pub(super) fn look_deep(&mut self, id: u32) -> Vec<Effect> {
        if !self.can_look_deep(id) {
            return Vec::new();
        }
        let Some(run) = self.runs.get_mut(id) else { return Vec::new() };
        let Some((condition, forbidden)) = along(&run.record.plan.evaluation) else { return Vec::new() };
        let questions = QuestionSet::Inline { forbidden, benign: Vec::new() };
        let command = Command::Diverge { run: id, condition, questions };
        if run.depth.begin() { vec![Effect::Post(command)] } else { Vec::new() }
    }

    /// Has the engine measure how hard the tokens of complete answers pull at both models' weights. Each token is a pass of its own, so
    /// few answers are taken: of the questions of every step, which go by section, as many as there are sections.
    pub(super) fn pull(&mut self, id: u32) -> Vec<Effect> {
        if !self.can_look_deep(id) {
            return Vec::new();
        }
        let Some(run) = self.runs.get_mut(id) else { return Vec::new() };
        let Some((condition, asked)) = along(&run.record.plan.evaluation) else { return Vec::new() };
        let every = (asked.len() / world().sections.len()).max(1);
        let forbidden = asked.into_iter().step_by(every).collect();
        let questions = QuestionSet::Inline { forbidden, benign: Vec::new() };
        let command = Command::Pull { run: id, condition, questions, tokens: PULLED_TOKENS };
        if run.pull.begin() { vec![Effect::Post(command)] } else { Vec::new() }
    }

    /// A fresh worker, at the visitor's wish.
    pub(super) fn start_anew(&mut self, now: f64) -> Vec<Effect> {
        self.abandon("The engine was started anew.", now);
        self.door.lost(&given_up());
        self.supervisor.start_anew();
        self.notice = None;
        vec![Effect::Spawn]
    }
}

/// How the questions of every step are asked, and which they are.
fn along(evaluation: &EvaluationPlan) -> Option<(Condition, Vec<ForbiddenQuestion>)> {
    let all = evaluation.questions.forbidden().iter().enumerate();
    let asked = all.filter(|(place, _)| evaluation.in_subset(*place)).map(|(_, asked)| asked.clone());
    Some((evaluation.main()?.clone(), asked.collect()))
}
