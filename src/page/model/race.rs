//! A race, and which runs the buttons mean: those of the race together, or a single one.

use super::{Effect, Model};
use crate::page::race::{ENTRANTS, Lane, Race, ask_half, steps_to_the_next_mark};
use crate::page::run_view::{Pace, RunView};
use crate::protocol::Command;
use crate::study::Plan;

impl Model {
    /// The plans of the next race, in the order of [`ENTRANTS`].
    pub fn race_plans(&self) -> [Plan; 3] {
        ENTRANTS.map(|preset| {
            let mut plan = self.plan_of_preset(preset);
            ask_half(&mut plan.evaluation);
            plan
        })
    }

    /// Where the three of the race stand at what the visitor looks at, or what the next race will be.
    pub fn lanes(&self) -> [Lane; 3] {
        let race = self.race.as_ref();
        let mut plans = self.race_plans().into_iter();
        [0, 1, 2].map(|place| {
            let run = race.and_then(|race| self.runs.get(race.runs()[place]));
            // There are as many plans as lanes.
            let plan = plans.next().unwrap_or_else(|| self.next_plan());
            Lane::of(place, run, &plan, race.and_then(|race| race.at))
        })
    }

    /// The runs of the race that are not over.
    pub fn racing(&self) -> impl Iterator<Item = &RunView> {
        let of_race = |run: &&RunView| self.race.as_ref().is_some_and(|race| race.includes(run.id));
        self.runs.in_progress().filter(of_race)
    }

    /// The share of its training that each run of the race has done, in the mean; none if there is no race.
    pub fn race_share(&self) -> Option<f64> {
        let runs = self.race.as_ref()?.runs();
        let shares = runs.iter().filter_map(|run| Some(self.runs.get(*run)?.record.share()));
        Some(shares.sum::<f64>() / runs.len() as f64)
    }

    /// The runs in progress that the buttons mean: all of the race, else the one on the stage, else the newest.
    pub(super) fn meant(&self) -> Vec<u32> {
        let racing: Vec<u32> = self.racing().map(|run| run.id).collect();
        if racing.is_empty() { self.active().map(|run| run.id).into_iter().collect() } else { racing }
    }

    /// How what the buttons mean goes: if any of it goes on, it does; it has halted when all of it has.
    pub fn pace(&self) -> Option<Pace> {
        let paces: Vec<Pace> = self.meant().into_iter().filter_map(|run| self.runs.get(run)?.pace()).collect();
        let ends = paces.iter().find(|pace| **pace == Pace::Stopping);
        let moves = paces.iter().find(|pace| **pace != Pace::Paused);
        let goes = paces.iter().find(|pace| **pace == Pace::Going);
        ends.or(goes).or(moves).or(paces.first()).copied()
    }

    /// Changes those of the runs that the buttons mean which go at this pace; tells the engine what `command` makes of each.
    pub(super) fn change_pace(
        &mut self,
        from: Pace,
        change: impl Fn(&mut RunView),
        command: impl Fn(u32) -> Command,
    ) -> Vec<Effect> {
        let meant = self.meant().into_iter();
        let at_pace: Vec<u32> = meant.filter(|run| self.runs.get(*run).and_then(RunView::pace) == Some(from)).collect();
        for run in &at_pace {
            if let Some(run) = self.runs.get_mut(*run) {
                change(run);
            }
        }
        at_pace.into_iter().map(|run| Effect::Post(command(run))).collect()
    }

    /// How many steps each halted run of those that the buttons mean makes at one press.
    pub(super) fn steps_of_one_press(&self) -> Vec<(u32, usize)> {
        let meant = self.meant();
        let halted: Vec<&RunView> =
            meant.iter().filter_map(|run| self.runs.get(*run)).filter(|run| run.pace() == Some(Pace::Paused)).collect();
        let records = || halted.iter().map(|run| &*run.record);
        let steps =
            if self.racing().next().is_some() { steps_to_the_next_mark(records()) } else { vec![1; halted.len()] };
        halted.iter().map(|run| run.id).zip(steps).filter(|(_, steps)| *steps > 0).collect()
    }

    /// Begins a race at once: three runs, the first of them on the stage, and side by side when they are over.
    pub(super) fn begin_race(&mut self, now: f64) -> Vec<Effect> {
        let Some(ready) = self.supervisor.ready() else { return Vec::new() };
        let (device, before) = (ready.device.clone(), self.cursor);
        self.awaited = None;
        self.notice = None;
        self.runs.compare_none();
        let plans = self.race_plans();
        let runs = plans
            .each_ref()
            .map(|plan| self.runs.add(|id| RunView::asked_for(id, plan.clone(), device.clone(), false, before, now)));
        self.race = Some(Race::of(runs));
        self.cursor.show(Some(runs[0]));
        let start =
            |(run, plan): (u32, Plan)| Effect::Post(Command::Start { run, plan: Box::new(plan), paused: false });
        runs.into_iter().zip(plans).map(start).collect()
    }

    /// A race of which no run is left is none.
    pub(super) fn forget_empty_race(&mut self) {
        if self.race.as_ref().is_some_and(|race| race.runs().iter().all(|run| self.runs.get(*run).is_none())) {
            self.race = None;
        }
    }
}
