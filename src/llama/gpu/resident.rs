//! [`Resident`]: an adapter that is tuned on the device, step after step; only a few numbers and its parameters come back.
//!
//! The first step of a shape is launched kernel by kernel and then recorded; later ones are replayed, which costs the host
//! next to nothing. What the recording writes is owned here, and dropped after it.

use cubecl::prelude::CubeElement;
use cubecl::server::ServerError;

use super::adapter::{GpuAdapter, HEAD, Settings, State};
use super::batch::{Shape, words};
use super::buffer::Buffer;
use super::incomplete;
use super::launch::finish;
use super::pass::Pass;
use super::recording::Recording;
use super::weights::GpuWeights;
use super::workspace::Workspace;
use crate::llama::lora::Layout;
use crate::llama::readback::device_error;
use crate::llama::{LlamaConfig, LlamaError, Sequence};

/// Shapes that are kept: batches of one run seldom have more.
const MOST_PLANS: usize = 4;

/// An adapter on the device, and what its steps need.
pub struct Resident {
    config: LlamaConfig,
    layout: Layout,
    settings: Settings,
    weights: GpuWeights,
    plans: Vec<Plan>, // the last one used is the last
    adapter: GpuAdapter,
    records: bool,
}

/// What one shape needs. The graph is dropped before the buffers that it writes.
struct Plan {
    recording: Option<Recording>,
    work: Workspace,
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Stepped {
    /// The mean cross-entropy before the step, in nats.
    pub loss: f32,
    /// The gradient's norm before clipping.
    pub grad_norm: f32,
    /// The sum of the squares of the parameters that the optimizer came to. Unless all three are finite, the parameters are
    /// as they were.
    pub size: f32,
    /// The parameters after it, `[layout.len]`.
    pub parameters: Vec<f32>,
}

impl Resident {
    /// Puts an adapter's parameters, `[layout.len]`, on the device.
    pub fn new(
        config: &LlamaConfig,
        weights: &GpuWeights,
        layout: &Layout,
        parameters: &[f32],
        settings: Settings,
    ) -> Self {
        let adapter = GpuAdapter::new(config, weights, layout, &State::fresh(parameters), settings);
        let (config, layout, weights) = (config.clone(), layout.clone(), weights.clone());
        Self { config, layout, settings, weights, plans: Vec::new(), adapter, records: true }
    }

    /// The same without recordings: every step is launched kernel by kernel.
    #[must_use]
    pub fn eager(self) -> Self {
        Self { records: false, ..self }
    }

    /// Whether steps are recorded. They are until a recording is refused.
    pub fn records(&self) -> bool {
        self.records
    }

    /// Whether sequences are few and short enough.
    pub fn fits(&self, sequences: &[Sequence]) -> bool {
        Workspace::fits(&self.config, Shape::of(sequences), self.adapter.rank)
    }

    /// Makes a step. There must be something to learn, and it must fit.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if the device fails.
    pub async fn step(&mut self, sequences: &[Sequence], learning_rate: f64) -> Result<Stepped, LlamaError> {
        let index = self.plan(Shape::of(sequences));
        let plan = &self.plans[index];
        let batch = words(plan.work.shape, sequences, learning_rate);
        plan.work.batch.write(&self.weights.client, &batch);
        if let Some(recording) = plan.recording.as_ref().filter(|recording| recording.is_here()) {
            recording.replay()?;
            return self.read(false).await.map(|(stepped, _)| stepped);
        }
        self.pass(plan).gradient();
        self.pass(plan).optimize();
        let fresh = self.records && plan.recording.is_none();
        let (stepped, state) = self.read(fresh).await?;
        if let Some(state) = state {
            match self.record(&self.plans[index]) {
                Ok(recording) => self.plans[index].recording = Some(recording),
                Err(_) => self.without_recordings(&state),
            }
        }
        Ok(stepped)
    }

    /// Makes a step with a gradient, `[layout.len]`, that was computed elsewhere.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if the device fails.
    pub async fn step_with(&mut self, loss: f32, gradient: &[f32], learning_rate: f64) -> Result<Stepped, LlamaError> {
        let client = &self.weights.client;
        self.adapter.gradient.write(client, gradient);
        let losses = Buffer::of(client, &[loss]);
        let rate = Buffer::of(client, &[(learning_rate as f32).to_bits()]);
        finish(&self.weights, &self.adapter, &losses, 1, &rate, 0);
        self.read(false).await.map(|(stepped, _)| stepped)
    }

    /// Loss and gradient, `[layout.len]`, with these parameters, without a step.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Device`] if the device fails.
    pub async fn gradient(
        &mut self,
        parameters: &[f32],
        sequences: &[Sequence],
    ) -> Result<(f64, Vec<f32>), LlamaError> {
        let index = self.plan(Shape::of(sequences));
        let (plan, client) = (&self.plans[index], &self.weights.client);
        self.adapter.state.write(client, &State::fresh(parameters).0);
        plan.work.batch.write(client, &words(plan.work.shape, sequences, 0.0));
        self.pass(plan).gradient();
        let read = client.read_async(vec![plan.work.losses.all().handle(), self.adapter.gradient.handle()]);
        let read = read.await.map_err(device_error)?;
        let [losses, gradient] = &read[..] else { return Err(incomplete()) };
        Ok((f32::from_bytes(losses).iter().copied().map(f64::from).sum(), f32::from_bytes(gradient).to_vec()))
    }

    /// The plan of a shape, and its place.
    fn plan(&mut self, shape: Shape) -> usize {
        let plan = match self.plans.iter().position(|plan| plan.work.shape == shape) {
            Some(known) => self.plans.remove(known),
            None => {
                if self.plans.len() == MOST_PLANS {
                    self.plans.remove(0);
                }
                let work = Workspace::new(&self.weights.client, &self.config, shape, self.adapter.rank);
                Plan { recording: None, work }
            }
        };
        self.plans.push(plan);
        self.plans.len() - 1
    }

    fn pass<'a>(&'a self, plan: &'a Plan) -> Pass<'a> {
        Pass { config: &self.config, weights: &self.weights, adapter: &self.adapter, work: &plan.work }
    }

    /// What the last step came to, and, if that is wanted, all that the optimizer keeps: one readback.
    async fn read(&self, whole: bool) -> Result<(Stepped, Option<State>), LlamaError> {
        let adapter = &self.adapter;
        let part = if whole { adapter.state.clone() } else { adapter.state.part(0, HEAD + adapter.len) };
        let read = self.weights.client.read_async(vec![part.handle()]).await.map_err(device_error)?;
        let [bytes] = &read[..] else { return Err(incomplete()) };
        let values = f32::from_bytes(bytes);
        let (Some(&[loss, grad_norm, size]), Some(parameters)) =
            (values.get(..3), values.get(HEAD..HEAD + adapter.len))
        else {
            return Err(incomplete());
        };
        let stepped = Stepped { loss, grad_norm, size, parameters: parameters.to_vec() };
        Ok((stepped, whole.then(|| State(values.to_vec()))))
    }

    /// Records a step, which is not made.
    fn record(&self, plan: &Plan) -> Result<Recording, ServerError> {
        Recording::of(&self.weights.client, || {
            self.pass(plan).gradient();
            self.pass(plan).optimize();
        })
    }

    /// A refused recording leaves what it would have written unreadable: all of it is made anew.
    fn without_recordings(&mut self, state: &State) {
        self.records = false;
        self.plans.clear();
        self.adapter = GpuAdapter::new(&self.config, &self.weights, &self.layout, state, self.settings);
    }
}
