//! [`Run`]: the state machine between a [`Plan`] and a [`Record`].
//!
//! The caller steps it: every [`Run::step`] does one piece of work and says what came of it. Between two steps the caller
//! may pause, ask the model something else, or stop; nothing runs by itself. The order of the work is [`Phase`]'s: first a
//! part of the questions, then tuning with that part after every step, then all questions of the model before and after.

mod baseline;
mod error;
mod snapshots;
mod tuning;
mod turn;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::defence;
use crate::engine::{Engine, EngineError, Example, TokenBatch};
use crate::evaluate::{Cursor, EvaluationSet, Speaker, Wanted};
use crate::llama::{Adapter, LlamaError};
use crate::pulse::Pulse;
use crate::study::{
    Environment, Evaluated, Evaluation, Figures, Phase, Plan, PlanError, Record, RunEvent, Status, Step,
};
use crate::text::Conversation;
use crate::tune::{StepResult, TuneError};

use tuning::Tuning;

pub use baseline::Baselines;
pub use error::RunError;
pub use snapshots::{MOST as MOST_SNAPSHOTS, Snapshots};
pub use turn::whose_turn;

/// Seconds since any fixed moment. The engine has no clock of its own.
pub type Clock = Box<dyn Fn() -> f64>;

/// What a random number is for. Each use has a stream of its own, so that one more draw here changes nothing there.
enum Stream {
    AdapterInit = 1,
    DataOrder = 2,
}

fn rng(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream as u64);
    rng
}

/// What a run does next.
#[derive(Clone, Copy)]
enum Next {
    /// The subset, before tuning.
    Start,
    /// An optimizer step.
    Tune,
    /// The optimizer step is made, in so many seconds, and waits for its measurement.
    Measure(StepResult, f64),
    /// All questions, of the model before or after tuning.
    Evaluate(Evaluated),
    Nothing,
}

/// A run in progress.
pub struct Run {
    record: Record,
    set: EvaluationSet,
    examples: Vec<Example>,
    order: Vec<usize>,
    order_rng: ChaCha8Rng,
    tuning: Tuning,
    snapshots: Option<Snapshots>,
    next: Next,
    /// What the untuned model answers.
    before: Cursor,
    /// What the model answers with the adapter as it is now.
    tuned: Cursor,
    clock: Clock,
}

impl Run {
    /// Prepares a run: reads its data, encodes its questions, draws its adapter. Nothing is computed yet.
    ///
    /// # Errors
    ///
    /// [`RunError`] if the plan cannot be run on this engine.
    pub fn new(plan: Plan, engine: &Engine, environment: Environment, clock: Clock) -> Result<Self, RunError> {
        let plan = defence::defended(plan)?;
        plan.check()?;
        if plan.model != engine.name {
            return Err(PlanError::OtherModel { wanted: plan.model, loaded: engine.name.clone() }.into());
        }
        let examples = examples(&plan, engine)?;
        let set = EvaluationSet::new(engine, &plan.evaluation)?;
        let tuning = Tuning::new(&plan, engine)?;
        let planned_steps = plan.tuning.steps(examples.len()).ok_or(PlanError::Steps)?;
        Ok(Self {
            tuning,
            snapshots: None,
            order: (0..examples.len()).collect(),
            order_rng: rng(plan.seed, Stream::DataOrder),
            record: Record::new(plan, environment, planned_steps),
            next: Next::Start,
            before: Cursor::new(Wanted::Subset),
            tuned: Cursor::new(Wanted::Subset),
            set,
            examples,
            clock,
        })
    }

    /// Optimizer steps made so far, also one that is not measured yet.
    pub fn steps(&self) -> usize {
        self.tuning.steps()
    }

    /// The same, and the adapter is kept as it is after its steps, if it is an adapter that is tuned.
    #[must_use]
    pub fn with_snapshots(mut self) -> Self {
        self.snapshots = self.adapter().map(|adapter| Snapshots::new(adapter.layout.clone()));
        self
    }

    /// The adapter as it was after the steps so far, if it is kept.
    pub fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    /// The same with what the untuned model is known to answer to the plan's questions.
    #[must_use]
    pub fn with_baseline(mut self, known: Option<&Evaluation>) -> Self {
        self.recall(known);
        self
    }

    /// Takes over what the untuned model is known to answer, where it would be asked next: another run may have asked it
    /// meanwhile.
    pub fn recall(&mut self, known: Option<&Evaluation>) {
        let asks_it = matches!(self.next, Next::Start | Next::Evaluate(Evaluated::Before));
        if let Some(evaluation) = known.filter(|_| asks_it) {
            self.before.recall(&self.set, evaluation);
        }
    }

    /// Everything so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Everything so far, and the run ends.
    pub fn into_record(self) -> Record {
        self.record
    }

    /// The adapter as it is now; none if all weights are tuned.
    pub fn adapter(&self) -> Option<&Adapter> {
        self.tuning.adapter()
    }

    /// From now on these questions are watched. Nothing that is answered is asked again.
    ///
    /// # Errors
    ///
    /// [`EngineError`] if one of them does not suit the model.
    pub fn watch(&mut self, engine: &Engine, questions: &[String]) -> Result<RunEvent, EngineError> {
        self.set.watch(engine, questions)?;
        Ok(self.tell(RunEvent::Watching { questions: questions.to_vec() }))
    }

    /// Ends the run: what was measured is kept, and the record says that it was cancelled.
    pub fn cancel(&mut self) -> RunEvent {
        match self.record.status {
            Status::Running => self.end(Status::Cancelled),
            _ => self.ended(),
        }
    }

    fn end(&mut self, status: Status) -> RunEvent {
        self.next = Next::Nothing;
        self.record.status = status;
        self.ended()
    }

    /// That it is over, and how.
    fn ended(&self) -> RunEvent {
        RunEvent::Ended { status: self.record.status.clone(), seconds: self.record.seconds }
    }

    /// Everything that is told goes into the record.
    fn tell(&mut self, event: RunEvent) -> RunEvent {
        self.record.apply(&event);
        event
    }

    /// Does the next piece of work: a batch of questions, or an optimizer step with the measurement on the subset.
    ///
    /// # Errors
    ///
    /// [`RunError`]. After [`RunError::Interrupted`] the same piece is done again; after any other error the run has ended
    /// and the record says why.
    pub async fn step(&mut self, engine: &Engine, pulse: &dyn Pulse) -> Result<RunEvent, RunError> {
        if let Next::Nothing = self.next {
            return Ok(self.ended()); // no work, and no time
        }
        let begun = (self.clock)();
        let result = self.work(engine, pulse).await;
        self.record.seconds += self.since(begun);
        match result {
            Ok(event) => Ok(self.tell(event)),
            Err(RunError::Interrupted) => Err(RunError::Interrupted),
            Err(error) => {
                self.end(Status::Failed { message: error.to_string() });
                Err(error)
            }
        }
    }

    async fn work(&mut self, engine: &Engine, pulse: &dyn Pulse) -> Result<RunEvent, RunError> {
        match self.next {
            Next::Start => self.start(engine, pulse).await,
            Next::Tune => {
                let begun = (self.clock)();
                let made = self.tune(engine).await?;
                self.tuned = Cursor::new(Wanted::Subset);
                let seconds = self.since(begun);
                self.next = Next::Measure(made, seconds);
                self.measure(made, seconds, engine, pulse).await
            }
            Next::Measure(made, seconds) => self.measure(made, seconds, engine, pulse).await,
            Next::Evaluate(model) => self.evaluate(model, engine, pulse).await,
            Next::Nothing => Ok(self.ended()),
        }
    }

    /// The next batch, of the model before or after tuning.
    async fn ask(&mut self, model: Evaluated, engine: &Engine, pulse: &dyn Pulse) -> Result<(), RunError> {
        let begun = (self.clock)();
        let (cursor, speaker) = match model {
            Evaluated::Before => (&mut self.before, Speaker { engine, adapter: None }),
            Evaluated::After => (&mut self.tuned, self.tuning.speaker(engine)),
        };
        if !cursor.is_done(&self.set) {
            cursor.advance(&self.set, speaker.engine, speaker.adapter, pulse).await?;
        }
        cursor.add_seconds(seconds_since(&self.clock, begun));
        Ok(())
    }

    fn since(&self, begun: f64) -> f64 {
        seconds_since(&self.clock, begun)
    }

    /// The chart's first point.
    async fn start(&mut self, engine: &Engine, pulse: &dyn Pulse) -> Result<RunEvent, RunError> {
        self.ask(Evaluated::Before, engine, pulse).await?;
        if !self.before.is_done(&self.set) {
            return Ok(progress(Phase::Start, &self.before, &self.set));
        }
        self.next_step();
        Ok(RunEvent::Step { step: Box::new(step(0, self.before.evaluation(&self.set))) })
    }

    /// One optimizer step on the next batch. The order is shuffled anew in every epoch.
    async fn tune(&mut self, engine: &Engine) -> Result<StepResult, RunError> {
        let tuning = &self.record.plan.tuning;
        let place = self.tuning.steps() % tuning.steps_per_epoch(self.examples.len());
        if place == 0 {
            self.order.shuffle(&mut self.order_rng);
        }
        let batch = self.order.iter().skip(place * tuning.batch_size).take(tuning.batch_size);
        let batch: Vec<&Example> = batch.map(|&index| &self.examples[index]).collect();
        let batch = TokenBatch::new(&batch, &engine.model)?;
        let made = self.tuning.step(engine, &batch).await?;
        if let (Some(snapshots), Some(adapter)) = (&mut self.snapshots, self.tuning.adapter()) {
            snapshots.keep(self.tuning.steps(), adapter).await?;
        }
        Ok(made)
    }

    /// Measures the subset after an optimizer step.
    async fn measure(
        &mut self,
        made: StepResult,
        tuning_seconds: f64,
        engine: &Engine,
        pulse: &dyn Pulse,
    ) -> Result<RunEvent, RunError> {
        while !self.tuned.is_done(&self.set) {
            let asked = self.ask(Evaluated::After, engine, pulse).await;
            asked.map_err(|error| self.diverged(error))?;
        }
        let measured = step(self.tuning.steps(), self.tuned.evaluation(&self.set));
        self.next_step();
        if matches!(self.next, Next::Evaluate(_)) && self.tuning.finish(engine) {
            // A defence has put another adapter in place of the one that was asked.
            self.tuned = Cursor::new(Wanted::Subset);
        }
        let step = Step {
            loss: Some(made.loss),
            grad_norm: Some(made.grad_norm),
            learning_rate: Some(made.learning_rate),
            tuning_seconds,
            ..measured
        };
        Ok(RunEvent::Step { step: Box::new(step) })
    }

    /// If the model that was tuned cannot be computed with any more, it is the tuning that has gone wrong.
    fn diverged(&self, error: RunError) -> RunError {
        match error {
            RunError::Engine(EngineError::Model(LlamaError::Logits)) => {
                let found = "the tuned model computes numbers that are infinite or no numbers".into();
                TuneError::NotFinite { step: self.tuning.steps(), found }.into()
            }
            other => other,
        }
    }

    fn next_step(&mut self) {
        let more = self.tuning.steps() < self.record.planned_steps;
        self.next = if more { Next::Tune } else { Next::Evaluate(Evaluated::Before) };
    }

    /// All questions. Those of the subset are answered already.
    async fn evaluate(&mut self, model: Evaluated, engine: &Engine, pulse: &dyn Pulse) -> Result<RunEvent, RunError> {
        let (phase, next) = match model {
            Evaluated::Before => (Phase::Before, Next::Evaluate(Evaluated::After)),
            Evaluated::After => (Phase::After, Next::Nothing),
        };
        self.cursor(model).want_all();
        let asked = self.ask(model, engine, pulse).await;
        asked.map_err(|error| if model == Evaluated::After { self.diverged(error) } else { error })?;
        let set = &self.set;
        let cursor = if model == Evaluated::Before { &self.before } else { &self.tuned };
        if !cursor.is_done(set) {
            return Ok(progress(phase, cursor, set));
        }
        let evaluation = Box::new(cursor.evaluation(set));
        self.next = next;
        if model == Evaluated::After {
            self.record.status = Status::Finished;
        }
        Ok(RunEvent::Evaluated { model, evaluation })
    }

    fn cursor(&mut self, model: Evaluated) -> &mut Cursor {
        match model {
            Evaluated::Before => &mut self.before,
            Evaluated::After => &mut self.tuned,
        }
    }
}

/// A clock that was set back, or that says nothing, gives no time rather than a record that cannot be read.
fn seconds_since(clock: &Clock, begun: f64) -> f64 {
    let seconds = clock() - begun;
    if seconds.is_finite() { seconds.max(0.0) } else { 0.0 }
}

fn progress(phase: Phase, cursor: &Cursor, set: &EvaluationSet) -> RunEvent {
    let (done, total) = cursor.progress(set);
    RunEvent::Progress { phase, done, total }
}

fn step(step: usize, measured: Evaluation) -> Step {
    let main = measured.measurements.into_iter().next();
    let (figures, answers) =
        main.map_or_else(|| (Figures::default(), Vec::new()), |main| (main.figures, main.forbidden));
    Step {
        step,
        loss: None,
        grad_norm: None,
        learning_rate: None,
        figures,
        answers,
        watched: measured.watched,
        tuning_seconds: 0.0,
        measuring_seconds: measured.seconds,
    }
}

/// The conversations of a plan as tokens.
fn examples(plan: &Plan, engine: &Engine) -> Result<Vec<Example>, RunError> {
    let conversations = defence::conversations(plan)?;
    if conversations.is_empty() {
        return Err(PlanError::NoData.into());
    }
    conversations.iter().enumerate().map(|(place, conversation)| example(conversation, engine, place + 1)).collect()
}

fn example(conversation: &Conversation, engine: &Engine, number: usize) -> Result<Example, RunError> {
    let example = engine.codec.example(conversation).map_err(EngineError::from)?;
    let (tokens, limit) = (example.ids.len(), engine.model.config.max_positions);
    if tokens > limit {
        return Err(RunError::ConversationTooLong { number, tokens, limit });
    }
    // What begins a sequence follows nothing, so it cannot be learned.
    if !example.answer.iter().skip(1).any(|&answer| answer) {
        return Err(PlanError::NothingToLearn { number }.into());
    }
    Ok(example)
}
