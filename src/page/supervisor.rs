//! How it stands with the worker, and what to do when it breaks: a fault costs one worker, never the page.

use crate::protocol::{ErrorCode, Fallback, Measured, WorkerError};
use crate::study::DeviceInfo;

/// How often a broken worker is replaced without asking.
pub const AUTOMATIC_RESTARTS: u32 = 2;

/// How it stands with the worker.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineState {
    /// Its code is on the way.
    Starting(Arrived),
    /// The model is on the way.
    Loading(Arrived),
    /// The model is on the device.
    Ready(Ready),
    /// It is gone, and the visitor decides what next.
    Failed(Problem),
}

/// How much of something has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Arrived {
    /// Bytes so far.
    pub done: f64,
    /// Of how many, where known.
    pub total: Option<f64>,
}

impl Arrived {
    /// The share that has come, where that is known.
    pub fn share(self) -> Option<f64> {
        self.total.filter(|total| *total > 0.0).map(|total| (self.done / total).min(1.0))
    }
}

/// What is known of an engine that is ready.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// The device in use.
    pub device: DeviceInfo,
    /// Why the CPU was taken, if the visitor left the choice to the engine.
    pub fallback: Option<Fallback>,
    /// What was measured of both devices, if the choice was between two.
    pub measured: Option<Measured>,
    /// The number of weights.
    pub parameters: f64,
}

/// Something went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The page has a text for it.
    pub code: ErrorCode,
    /// The English original with the details.
    pub message: String,
}

impl From<WorkerError> for Problem {
    fn from(error: WorkerError) -> Self {
        Self { code: error.code, message: error.message }
    }
}

/// The worker's state, and what became of its predecessors.
#[derive(Clone, Debug, PartialEq)]
pub struct Supervisor {
    /// The worker's state.
    pub engine: EngineState,
    /// The last fault for which a worker was replaced.
    pub recovered_from: Option<Problem>,
    restarts: u32,
}

impl Default for Supervisor {
    fn default() -> Self {
        Self { engine: EngineState::Starting(Arrived::default()), recovered_from: None, restarts: 0 }
    }
}

impl Supervisor {
    /// The worker is broken. Returns whether a fresh one is to be started now; otherwise the visitor is asked.
    pub fn broke(&mut self, problem: Problem) -> bool {
        let again = self.restarts < AUTOMATIC_RESTARTS && is_worth_another_try(problem.code);
        if again {
            self.restarts += 1;
            self.engine = EngineState::Starting(Arrived::default());
            self.recovered_from = Some(problem);
        } else {
            self.engine = EngineState::Failed(problem);
            self.recovered_from = None;
        }
        again
    }

    /// The visitor asks for a fresh worker.
    pub fn start_anew(&mut self) {
        *self = Self::default();
    }

    /// What broke before is not spoken of any more.
    pub fn forget_faults(&mut self) {
        self.restarts = 0;
        self.recovered_from = None;
    }

    /// A run came to its end: whatever broke before, it works now.
    pub fn proved_itself(&mut self) {
        self.restarts = 0;
    }

    /// Whether it is gone, and the visitor decides what next.
    pub fn has_failed(&self) -> bool {
        matches!(self.engine, EngineState::Failed(_))
    }

    /// The device, once it is open.
    pub fn ready(&self) -> Option<&Ready> {
        match &self.engine {
            EngineState::Ready(ready) => Some(ready),
            _ => None,
        }
    }
}

/// A broken file or a missing GPU stays so; a lost device or a panic may pass.
fn is_worth_another_try(code: ErrorCode) -> bool {
    match code {
        ErrorCode::DeviceLost | ErrorCode::Memory | ErrorCode::Silent | ErrorCode::Panic => true,
        ErrorCode::Protocol | ErrorCode::NotFinite | ErrorCode::TooLong => true,
        ErrorCode::Network | ErrorCode::Model | ErrorCode::NoGpu | ErrorCode::Plan | ErrorCode::Build => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: ErrorCode) -> Problem {
        Problem { code, message: "details".to_owned() }
    }

    #[test]
    fn two_panics_are_survived_and_the_third_is_shown() {
        let mut supervisor = Supervisor::default();
        assert!(supervisor.broke(problem(ErrorCode::Panic)));
        assert_eq!(supervisor.recovered_from, Some(problem(ErrorCode::Panic)));
        assert!(supervisor.broke(problem(ErrorCode::Panic)));
        assert!(!supervisor.broke(problem(ErrorCode::Panic)));
        assert_eq!(supervisor.engine, EngineState::Failed(problem(ErrorCode::Panic)));
    }

    #[test]
    fn a_finished_run_or_the_visitor_clears_the_count() {
        let mut supervisor = Supervisor::default();
        for clear in [Supervisor::proved_itself, Supervisor::start_anew] {
            assert!(supervisor.broke(problem(ErrorCode::DeviceLost)));
            assert!(supervisor.broke(problem(ErrorCode::DeviceLost)));
            clear(&mut supervisor);
        }
        assert!(supervisor.broke(problem(ErrorCode::DeviceLost)));
    }

    #[test]
    fn a_broken_model_is_not_fetched_again() {
        assert!(!Supervisor::default().broke(problem(ErrorCode::Model)));
        assert!(!Supervisor::default().broke(problem(ErrorCode::NoGpu)));
    }
}
