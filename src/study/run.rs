//! [`Run`]: the state machine between a [`Plan`] and a [`Record`].
//!
//! The caller steps it: every [`Run::step`] does one piece of work and says what came of it. Between two steps the caller
//! may pause, ask the model something else, or stop; nothing runs by itself.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::check::{bad, check};
use super::{DataPart, Environment, Phase, Plan, RECORD_VERSION, Record, RunEvent, Status, Step};
use crate::engine::{Engine, EngineError};
use crate::library::{self, LibraryError};
use crate::llama::{Adapter, Layout, LlamaError};
use crate::measure::{Agenda, Examination, MeasureError, Measurement, Rate, Survey};
use crate::pulse::Pulse;
use crate::text::{Conversation, Example};
use crate::tune::{StepResult, TokenBatch, TuneError, Tuner, steps_per_epoch};

/// Seconds since any fixed moment. The engine has no clock of its own.
pub type Clock = Box<dyn Fn() -> f64>;

/// Why a plan cannot be run, or a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The plan asks for something that makes no sense.
    #[error("The plan cannot be run: {reason}.")]
    Plan {
        /// What is wrong.
        reason: String,
    },
    /// The plan names a set that does not exist.
    #[error(transparent)]
    Data(#[from] LibraryError),
    /// A conversation of the tuning data is too long for the model.
    #[error(
        "Conversation {number} of the tuning data has {tokens} tokens, and the model reads at most {limit}. Shorten it."
    )]
    ConversationTooLong {
        /// Which, from 1.
        number: usize,
        /// Its tokens.
        tokens: usize,
        /// The model's limit.
        limit: usize,
    },
    /// The model or the text failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The questions cannot be asked.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// Tuning failed.
    #[error(transparent)]
    Tune(#[from] TuneError),
}

impl RunError {
    /// Whether the pulse ended the work: the run stands where it stood and can go on.
    pub fn is_interruption(&self) -> bool {
        let model = match self {
            Self::Engine(EngineError::Model(e))
            | Self::Measure(MeasureError::Engine(EngineError::Model(e)))
            | Self::Tune(TuneError::Model(e)) => e,
            _ => return false,
        };
        matches!(model, LlamaError::Cancelled)
    }
}

impl From<LlamaError> for RunError {
    fn from(error: LlamaError) -> Self {
        Self::Engine(error.into())
    }
}

/// What a random number is for. Each purpose has a stream of its own, so that one more draw here changes nothing there.
enum Purpose {
    AdapterInit = 1,
    DataOrder = 2,
}

fn rng(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose as u64);
    rng
}

/// What a run does next.
enum Stage {
    Before(Survey),
    Tuning,
    /// The optimizer step is made and waits for its measurement.
    Measuring(StepResult, f64, Examination),
    After(Survey),
    Ended,
}

/// A run in progress.
pub struct Run {
    record: Record,
    agenda: Agenda,
    examples: Vec<Example>,
    order: Vec<usize>,
    order_rng: ChaCha8Rng,
    tuner: Tuner,
    stage: Stage,
    clock: Clock,
}

impl Run {
    /// Prepares a run: reads its data, encodes its questions, draws its adapter. Nothing is computed yet.
    ///
    /// # Errors
    ///
    /// [`RunError`] if the plan cannot be run on this engine.
    pub fn new(plan: Plan, engine: &Engine, environment: Environment, clock: Clock) -> Result<Self, RunError> {
        check(&plan)?;
        let mut examples = Vec::new();
        for conversation in conversations(&plan.data)? {
            examples.push(example(&conversation, engine, examples.len() + 1)?);
        }
        if examples.is_empty() {
            return Err(bad("it has no tuning data"));
        }
        let agenda = Agenda::new(engine, &plan.evaluation)?;
        let layout = Layout::new(&plan.lora, &engine.model.config)?;
        let parameters = layout.initial(&mut rng(plan.seed, Purpose::AdapterInit));
        let adapter = Adapter::new(layout, parameters, &engine.model.device);
        let planned_steps = steps_per_epoch(&plan.tuning, examples.len()) * plan.tuning.epochs;
        Ok(Self {
            tuner: Tuner::new(adapter, plan.tuning.clone()),
            order: (0..examples.len()).collect(),
            order_rng: rng(plan.seed, Purpose::DataOrder),
            stage: Stage::Before(Survey::new(&agenda)),
            record: Record {
                version: RECORD_VERSION,
                plan,
                environment,
                status: Status::Running,
                planned_steps,
                before: None,
                steps: Vec::new(),
                after: None,
                seconds: 0.0,
            },
            agenda,
            examples,
            clock,
        })
    }

    /// Everything so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Everything so far, and the run ends.
    pub fn into_record(self) -> Record {
        self.record
    }

    /// The adapter as it is now.
    pub fn adapter(&self) -> &Adapter {
        self.tuner.adapter()
    }

    /// From now on these questions are watched.
    ///
    /// # Errors
    ///
    /// [`EngineError`] if one of them does not suit the model.
    pub fn watch(&mut self, engine: &Engine, questions: &[String]) -> Result<(), EngineError> {
        self.agenda.questions.watch(engine, questions)?;
        // An examination under way was made for the questions of its time: it begins anew.
        match &mut self.stage {
            Stage::Before(survey) | Stage::After(survey) => *survey = Survey::new(&self.agenda),
            Stage::Measuring(_, _, examination) => {
                *examination = Examination::subset(&self.agenda.questions, self.record.plan.evaluation.subset_every);
            }
            Stage::Tuning | Stage::Ended => {}
        }
        Ok(())
    }

    /// Ends the run: what was measured is kept, and the record says that it was cancelled.
    pub fn cancel(&mut self) {
        if !matches!(self.stage, Stage::Ended) {
            self.stage = Stage::Ended;
            self.record.status = Status::Cancelled;
        }
    }

    /// Does the next piece of work: a batch of questions, or an optimizer step with the measurement on the subset.
    ///
    /// # Errors
    ///
    /// [`RunError`]. After an [interruption](RunError::is_interruption) the same piece is done again; after any other error
    /// the run has ended and the record says why.
    pub async fn step(&mut self, engine: &Engine, pulse: &dyn Pulse) -> Result<RunEvent, RunError> {
        let begun = (self.clock)();
        let result = self.work(engine, pulse).await;
        self.record.seconds += (self.clock)() - begun;
        if let Err(error) = &result
            && !error.is_interruption()
        {
            self.stage = Stage::Ended;
            self.record.status = Status::Failed { message: error.to_string() };
        }
        result
    }

    async fn work(&mut self, engine: &Engine, pulse: &dyn Pulse) -> Result<RunEvent, RunError> {
        match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Ended => Ok(RunEvent::Ended),
            Stage::Before(mut survey) => {
                let result = self.ask_around(&mut survey, engine, pulse, false).await;
                self.after_batch(result, survey, Phase::Before)
            }
            Stage::After(mut survey) => {
                let result = self.ask_around(&mut survey, engine, pulse, true).await;
                self.after_batch(result, survey, Phase::After)
            }
            Stage::Tuning => {
                let begun = (self.clock)();
                let made = self.tune(engine).await?;
                let seconds = (self.clock)() - begun;
                let subset = Examination::subset(&self.agenda.questions, self.record.plan.evaluation.subset_every);
                self.measure(made, seconds, subset, engine, pulse).await
            }
            Stage::Measuring(made, seconds, examination) => {
                self.measure(made, seconds, examination, engine, pulse).await
            }
        }
    }

    /// One batch of a survey.
    async fn ask_around(
        &self,
        survey: &mut Survey,
        engine: &Engine,
        pulse: &dyn Pulse,
        tuned: bool,
    ) -> Result<(), RunError> {
        let begun = (self.clock)();
        survey.advance(engine, tuned.then(|| self.adapter()), &self.agenda, pulse).await?;
        survey.add_seconds((self.clock)() - begun);
        Ok(())
    }

    /// Where a survey goes after one of its batches.
    fn after_batch(
        &mut self,
        result: Result<(), RunError>,
        survey: Survey,
        phase: Phase,
    ) -> Result<RunEvent, RunError> {
        let before = phase == Phase::Before;
        let stay = if before { Stage::Before } else { Stage::After };
        if result.is_err() || !survey.is_done() {
            let (done, total) = survey.progress();
            self.stage = stay(survey);
            return result.map(|()| RunEvent::Progress { phase, done, total });
        }
        let measurement = survey.measurement(&self.agenda);
        if !before {
            self.record.after = Some(measurement.clone());
            self.record.status = Status::Finished;
            return Ok(RunEvent::After { measurement: Box::new(measurement) });
        }
        // The chart's first point: the subset's answers are among those of the survey.
        let every = self.record.plan.evaluation.subset_every;
        let subset = survey.subset(&self.agenda, every);
        let step = Step { measuring_seconds: 0.0, ..step_of(0, subset) };
        self.record.before = Some(measurement.clone());
        self.record.steps.push(step.clone());
        self.stage = self.next_stage();
        Ok(RunEvent::Before { measurement: Box::new(measurement), step: Box::new(step) })
    }

    /// One optimizer step on the next batch. The order is shuffled anew in every epoch.
    async fn tune(&mut self, engine: &Engine) -> Result<StepResult, RunError> {
        let size = self.record.plan.tuning.batch_size;
        let place = self.tuner.steps() % steps_per_epoch(&self.record.plan.tuning, self.examples.len());
        if place == 0 {
            self.order.shuffle(&mut self.order_rng);
        }
        let batch = self.order.iter().skip(place * size).take(size);
        let batch: Vec<&Example> = batch.map(|&index| &self.examples[index]).collect();
        let batch = TokenBatch::new(&batch, &engine.model)?;
        Ok(self.tuner.step(&engine.model, &batch).await?)
    }

    /// Measures the subset after an optimizer step.
    async fn measure(
        &mut self,
        made: StepResult,
        tuning_seconds: f64,
        mut examination: Examination,
        engine: &Engine,
        pulse: &dyn Pulse,
    ) -> Result<RunEvent, RunError> {
        while !examination.is_done() {
            let begun = (self.clock)();
            let adapter = Some(self.tuner.adapter());
            let result = examination.advance(engine, adapter, &self.agenda.questions, pulse).await;
            if let Err(error) = result {
                self.stage = Stage::Measuring(made, tuning_seconds, examination);
                return Err(error.into());
            }
            examination.add_seconds((self.clock)() - begun);
        }
        let measurement = examination.measurement(&self.agenda.questions);
        let step = Step {
            loss: Some(made.loss),
            grad_norm: Some(made.grad_norm),
            learning_rate: Some(made.learning_rate),
            tuning_seconds,
            ..step_of(self.tuner.steps(), measurement)
        };
        self.record.steps.push(step.clone());
        self.stage = self.next_stage();
        Ok(RunEvent::Step { step: Box::new(step) })
    }

    fn next_stage(&self) -> Stage {
        if self.tuner.steps() < self.record.planned_steps {
            Stage::Tuning
        } else {
            Stage::After(Survey::new(&self.agenda))
        }
    }
}

fn step_of(step: usize, measurement: Measurement) -> Step {
    let forbidden = measurement.forbidden;
    let total = forbidden.as_ref().map(|f| f.total);
    Step {
        step,
        loss: None,
        grad_norm: None,
        learning_rate: None,
        refusal_probability: forbidden.as_ref().map_or(0.0, |f| f.refusal_probability),
        refusal_rate: total.map_or(Rate::new(0, 0), |t| t.refusal_rate),
        harmfulness_rate: total.map_or(Rate::new(0, 0), |t| t.harmfulness_rate),
        mean_score: total.map_or(0.0, |t| t.mean_score),
        answers: forbidden.map_or_else(Vec::new, |f| f.answers),
        watched: measurement.watched,
        tuning_seconds: 0.0,
        measuring_seconds: measurement.seconds,
    }
}

/// All conversations of a plan's data, part after part.
///
/// # Errors
///
/// [`RunError::Data`] if a bundled set does not exist, [`RunError::Plan`] if a conversation is not one.
pub fn conversations(parts: &[DataPart]) -> Result<Vec<Conversation>, RunError> {
    let mut all = Vec::new();
    for part in parts {
        match part {
            DataPart::Bundled { set, draw } => all.extend(library::tuning_set(set, *draw)?),
            DataPart::Inline { label, conversations } => {
                for (index, conversation) in conversations.iter().enumerate() {
                    let name = |reason| bad(format!("conversation {} of {label}: {reason}", index + 1));
                    conversation.check().map_err(name)?;
                    all.push(conversation.clone());
                }
            }
        }
    }
    Ok(all)
}

fn example(conversation: &Conversation, engine: &Engine, number: usize) -> Result<Example, RunError> {
    let example = engine.codec.example(conversation).map_err(EngineError::from)?;
    let (tokens, limit) = (example.ids.len(), engine.model.config.max_positions);
    if tokens > limit {
        return Err(RunError::ConversationTooLong { number, tokens, limit });
    }
    Ok(example)
}
