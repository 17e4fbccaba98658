//! What programs do: they ask through the door, and are told what came of it.

use super::{Beginning, Effect, Mode, Model};
use crate::page::door::desk::{Awaited, FIRST_ASK, Reply, Ticket};
use crate::page::door::refusal::{Code, Refusal};
use crate::page::door::request::{Request, Tuned, Wanted};
use crate::page::supervisor::EngineState;
use crate::protocol::{BenchRow, Command, ErrorCode, WorkerError};
use crate::study::{Golden, Plan, Status, presets};

/// The most runs at the same time that programs may have: each keeps memory of the device.
const MOST_RUNS: usize = 4;

/// Why nothing comes of what the engine was at when a visitor or a program wanted a fresh one.
pub(super) fn given_up() -> Refusal {
    Refusal::new(Code::Cancelled, "The engine was started anew.")
}

impl Model {
    /// A program asks for something.
    pub(super) fn serve(&mut self, ticket: Ticket, request: Request, now: f64) -> Vec<Effect> {
        let device = request.device().filter(|device| *device != self.settings.device);
        let lesson = self.lesson_of_another_model(&request);
        if device.is_some() || lesson.is_some() {
            if self.mode() != Mode::Idle || self.door.has_work() {
                let message =
                    "Another device or model needs a fresh engine, and this one is at work: wait for its end.";
                return self.refuse(ticket, Refusal::new(Code::Busy, message));
            }
            self.settings.device = device.unwrap_or(self.settings.device);
            self.door.waiting.push((ticket, request));
            return match lesson {
                Some(preset) => self.choose(|s| s.preset = preset, now),
                None => self.start_anew(now).into_iter().chain([Effect::Remember]).collect(),
            };
        }
        match &self.supervisor.engine {
            EngineState::Ready(_) => self.perform(ticket, request, now),
            EngineState::Failed(problem) => {
                let refusal = problem.into();
                self.refuse(ticket, refusal)
            }
            EngineState::Starting(_) | EngineState::Loading(_) => {
                self.door.waiting.push((ticket, request));
                Vec::new()
            }
        }
    }

    /// A preset for the model that a request is about, if the page has another one. A plan for a model that no preset has is left to the
    /// engine, which refuses it.
    fn lesson_of_another_model(&self, request: &Request) -> Option<String> {
        let model = match request {
            Request::Run { wanted: Wanted::Plan(plan), .. } => plan.model.clone(),
            Request::Run { wanted: Wanted::Settings(change), .. } => self.plan_of(&change.apply(&self.settings)).model,
            Request::Check { .. } => Golden::bundled().plan.model.clone(),
            Request::Ready | Request::Ask { .. } | Request::Bench { .. } => return None,
        };
        let other = model != self.next_plan().model;
        presets().iter().find(|preset| other && preset.model == model).map(|preset| preset.name.to_owned())
    }

    /// The engine is ready for those that have waited for it.
    pub(super) fn serve_waiting(&mut self, now: f64) -> Vec<Effect> {
        let waiting = std::mem::take(&mut self.door.waiting);
        waiting.into_iter().flat_map(|(ticket, request)| self.serve(ticket, request, now)).collect()
    }

    /// What a program asks for makes no sense, or cannot be.
    pub(super) fn refuse(&mut self, ticket: Ticket, refusal: Refusal) -> Vec<Effect> {
        self.door.refuse(ticket, refusal);
        Vec::new()
    }

    fn perform(&mut self, ticket: Ticket, request: Request, now: f64) -> Vec<Effect> {
        match request {
            Request::Ready => {
                if let Some(ready) = self.supervisor.ready().cloned() {
                    self.door.reply(ticket, Reply::Ready(ready));
                }
                Vec::new()
            }
            Request::Run { wanted, .. } => {
                let plan = match wanted {
                    Wanted::Plan(plan) => *plan,
                    Wanted::Settings(change) => self.plan_of(&change.apply(&self.settings)),
                };
                self.begin_for(ticket, plan, false, now)
            }
            Request::Check { .. } => self.begin_for(ticket, Golden::bundled().plan.clone(), true, now),
            Request::Ask { question, run } => self.ask_for(ticket, question, run),
            Request::Bench { steps, answers } => {
                if self.mode() == Mode::Running || self.door.bench.is_some() {
                    let message = "Speed is measured while nothing else is computed: wait for its end.";
                    return self.refuse(ticket, Refusal::new(Code::Busy, message));
                }
                self.door.bench = Some(ticket);
                vec![Effect::Post(Command::Bench { steps, answers })]
            }
        }
    }

    fn begin_for(&mut self, ticket: Ticket, plan: Plan, check: bool, now: f64) -> Vec<Effect> {
        if self.door.bench.is_some() || self.runs.in_progress().count() >= MOST_RUNS {
            let message = format!("A benchmark is in progress, or {MOST_RUNS} runs are: wait for their end.");
            return self.refuse(ticket, Refusal::new(Code::Busy, message));
        }
        if let Err(error) = plan.check() {
            let message = format!("The plan cannot be run: {error}.");
            return self.refuse(ticket, Refusal::new(Code::Engine(ErrorCode::Plan), message));
        }
        let effects = self.asking_anew(|m| m.begin_plan(plan, Beginning::Run, now));
        if let Some(run) = self.door.last {
            self.door.runs.push(Awaited { ticket, run, check });
        }
        effects
    }

    fn ask_for(&mut self, ticket: Ticket, question: String, tuned: Tuned) -> Vec<Effect> {
        let run = match tuned {
            Tuned::Nobody => None,
            Tuned::Shown => self.shown_run().filter(|run| run.can_be_asked()).map(|run| run.id),
            Tuned::Of(id) => {
                let Some(run) = self.runs.get(id) else {
                    return self.refuse(ticket, Refusal::new(Code::NoRun, format!("There is no run {id}.")));
                };
                if !run.can_be_asked() {
                    let message = format!("What run {id} tuned is not in the engine any more.");
                    return self.refuse(ticket, Refusal::new(Code::NoRun, message).of_run(id));
                }
                Some(id)
            }
        };
        let condition = run.and_then(|run| self.runs.get(run)?.record.plan.evaluation.main().cloned());
        let condition = condition.unwrap_or_else(|| self.condition());
        self.door.asks.push(ticket);
        vec![Effect::Post(Command::Ask { id: FIRST_ASK + ticket, run, question, condition, aloud: false })]
    }

    /// The answers to a program's question.
    pub(super) fn answered(&mut self, id: u32, original: String, tuned: Option<String>) -> Vec<Effect> {
        if let Some(ticket) = self.asked(id) {
            self.door.reply(ticket, Reply::Answer { original, tuned });
        }
        Vec::new()
    }

    /// There will be no answer to a program's question.
    pub(super) fn unanswered(&mut self, id: u32, error: &WorkerError) -> Vec<Effect> {
        if let Some(ticket) = self.asked(id) {
            self.door.refuse(ticket, error.into());
        }
        Vec::new()
    }

    /// Who asked the question of this number; nobody if it was given up meanwhile.
    fn asked(&mut self, id: u32) -> Option<Ticket> {
        let place = self.door.asks.iter().position(|ticket| FIRST_ASK + ticket == id)?;
        Some(self.door.asks.remove(place))
    }

    pub(super) fn benched(&mut self, rows: Vec<BenchRow>) -> Vec<Effect> {
        if let Some(ticket) = self.door.bench.take() {
            self.door.reply(ticket, Reply::Rows(rows));
        }
        Vec::new()
    }

    /// While speed is measured nothing else can fail.
    pub(super) fn bench_failed(&mut self, error: &WorkerError) {
        if let Some(ticket) = self.door.bench.take() {
            self.door.refuse(ticket, error.into());
        }
    }

    /// Whatever has just happened: programs whose runs are over are told, and the door knows how the last run ended.
    pub(super) fn settle(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.note_outcome();
        for awaited in std::mem::take(&mut self.door.runs) {
            if self.ended(awaited.run).is_none() {
                self.door.runs.push(awaited);
                continue;
            }
            effects.extend(self.tell(awaited));
        }
        effects.extend(self.door.replies().into_iter().map(|replied| Effect::Reply(Box::new(replied))));
        effects
    }

    /// How a run ended; none if it has not.
    fn ended(&self, id: u32) -> Option<Result<(), Refusal>> {
        let Some(run) = self.runs.get(id) else {
            return Some(Err(Refusal::new(Code::Cancelled, "The run was given up before its first step.")));
        };
        match &run.record.status {
            Status::Running if run.pace().is_some() => None,
            Status::Finished => Some(Ok(())),
            Status::Running | Status::Cancelled => {
                Some(Err(Refusal::new(Code::Cancelled, "The run was stopped.").of_run(id)))
            }
            Status::Failed { message } => Some(Err(self.failure(message).of_run(id))),
        }
    }

    fn note_outcome(&mut self) {
        if let Some(run) = self.door.last.filter(|_| self.door.outcome.is_none()) {
            self.door.outcome = self.ended(run);
        }
    }

    /// Why a run failed: what the page was told last has the same message.
    fn failure(&self, message: &str) -> Refusal {
        let failed = match &self.supervisor.engine {
            EngineState::Failed(problem) => Some(problem),
            _ => None,
        };
        let mut told = [self.notice.as_ref(), self.supervisor.recovered_from.as_ref(), failed].into_iter().flatten();
        let known = told.find(|problem| problem.message == message);
        known.map_or_else(|| Refusal::new(Code::Cancelled, message), Refusal::from)
    }

    /// Tells a program what came of its run. A check that comes to its end leaves nothing behind.
    fn tell(&mut self, Awaited { ticket, run, check }: Awaited) -> Vec<Effect> {
        let ended = self.ended(run).unwrap_or(Ok(()));
        let record = self.runs.get(run).map(|run| run.record.clone());
        let checked = check && ended.is_ok();
        match (ended, record) {
            (Err(refusal), _) => self.door.refuse(ticket, refusal),
            (Ok(()), Some(record)) if check => {
                let verdict = Golden::bundled().compare(&record);
                let found = if verdict.ok { Ok(()) } else { Err(wrong(&verdict.place)) };
                self.door.outcome = Some(found);
                self.door.verdict = Some(verdict.clone());
                self.door.reply(ticket, Reply::Verdict(verdict));
            }
            (Ok(()), Some(record)) => self.door.reply(ticket, Reply::Record(record)),
            (Ok(()), None) => {}
        }
        if checked { self.discard(run) } else { Vec::new() }
    }
}

fn wrong(place: &str) -> Refusal {
    Refusal::new(Code::WrongNumbers, format!("This device computes wrong numbers: {place} is not what it should be."))
}
