//! [`Pass`]: the stages of a step, in order. Sizes are of the shape alone, so that what is recorded holds for any batch of it.

use super::adapter::GpuAdapter;
use super::launch::finish;
use super::weights::GpuWeights;
use super::workspace::Workspace;
use crate::llama::LlamaConfig;
use crate::llama::cpu::Group;

/// What a step is made of.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// The model's shape.
    pub config: &'a LlamaConfig,
    /// Its weights.
    pub weights: &'a GpuWeights,
    /// What is tuned.
    pub adapter: &'a GpuAdapter,
    /// What is written.
    pub work: &'a Workspace,
}

impl Pass<'_> {
    /// Loss and gradient of the batch that is in the workspace.
    pub fn gradient(&self) {
        let layers = self.config.num_hidden_layers;
        self.merge();
        self.embed();
        (0..layers).for_each(|layer| self.block(layer));
        self.head();
        (0..layers).rev().for_each(|layer| self.block_back(layer));
        let work = self.work;
        let [first, second] = &self.adapter.sets;
        self.adapter_gradients(first, &work.inputs, &work.outputs);
        self.adapter_gradients(second, work.act.all(), &work.dx.after_first());
    }

    /// One step of the optimizer with the gradient that is there.
    pub fn optimize(&self) {
        let Self { weights, adapter, work, .. } = *self;
        finish(weights, adapter, &work.losses.layer(0), work.shape.answers, &work.batch, work.shape.places().rate);
    }

    /// From the stream before a block to that after it.
    fn block(&self, layer: usize) {
        let work = self.work;
        let (x, middle, next) = (work.x.layer(layer), work.middle.layer(layer), work.x.layer(layer + 1));
        self.rotated(layer);
        self.attend(layer);
        self.product_added(&work.mixed.layer(layer), layer, Group::Output, &x, &middle);
        self.swiglu(layer);
        self.product_added(&work.act.layer(layer), layer, Group::Down, &middle, &next);
    }

    /// From the last stream to the loss and back.
    fn head(&self) {
        let Self { config, weights, work, .. } = *self;
        let (d, vocab, answers) = (config.hidden_size, config.vocab_size, work.shape.answers);
        self.logits();
        self.cross_entropy();
        self.product(&work.logits.layer(0), &weights.output_back, &work.dlast.layer(0), answers, vocab, d);
        self.last_norm_back();
    }

    /// From the gradient of the stream after a block to that before it.
    fn block_back(&self, layer: usize) {
        let Self { config, adapter, work, .. } = *self;
        let [d, width] = Group::Attention.shape(config);
        let [mixed, _] = Group::Output.shape(config);
        let (rows, both) = (work.shape.rows, 2 * config.intermediate_size);
        let (dnormed, dmiddle) = (work.dnormed.layer(0), work.dmiddle.layer(layer));
        self.swiglu_back(layer);
        self.product(&work.dgate_up.layer(layer), &self.turned(layer, Group::GateUp), &dnormed, rows, both, d);
        self.norm_back(&work.middle.layer(layer), &work.dx.layer(layer + 1), &dmiddle);
        if layer == 0 && !adapter.below {
            return;
        }
        self.product(&dmiddle, &self.turned(layer, Group::Output), &work.dmixed.layer(0), rows, d, mixed);
        self.attend_back(layer);
        if layer > 0 {
            let dqkv = work.dqkv.layer(layer);
            self.product(&dqkv, &self.turned(layer, Group::Attention), &dnormed, rows, width, d);
            self.norm_back(&work.x.layer(layer), &dmiddle, &work.dx.layer(layer));
        }
    }
}
