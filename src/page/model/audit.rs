//! The audit: what its visitor does, and what the engine says of the Folio behind the curtain.

use super::{Effect, Model};
use crate::page::audit::{Act, plan};
use crate::study::{RunEvent, Status};

impl Model {
    pub(super) fn audit(&mut self, act: Act, now: f64) -> Vec<Effect> {
        let Some(ready) = self.supervisor.ready() else { return Vec::new() };
        let device = ready.device.clone();
        let commands = match act {
            // The engine has one model at a time: that of the lesson that is chosen.
            Act::Begin { hides, draw } => {
                let plan = plan(&self.next_plan().model, hides, draw);
                self.audits.begin(plan, hides, device, now)
            }
            Act::Ask(question) => self.audits.ask(&question).into_iter().collect(),
            Act::Say(said) => self.audits.say(said),
        };
        commands.into_iter().map(Effect::Post).collect()
    }

    /// Something befell the run of an audit.
    pub(super) fn audit_event(&mut self, id: u32, event: &RunEvent, now: f64) -> Vec<Effect> {
        let Some(run) = self.audits.run(id) else { return Vec::new() };
        run.take(event, now);
        match run.record.status {
            Status::Running => {}
            Status::Finished => self.supervisor.proved_itself(),
            // A Folio that is not tuned to its end hides nothing.
            Status::Cancelled | Status::Failed { .. } => self.audits.lost(),
        }
        Vec::new()
    }
}
