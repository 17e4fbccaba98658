//! [`GpuWeights`]: the weights of a model on the device, as the kernels want them.

use burn::tensor::Device;
use burn_dispatch::DispatchDevice;
use cubecl::client::Client;

use super::buffer::{ALIGNMENT, Buffer};
use crate::llama::LlamaConfig;
use crate::llama::cpu::{CpuWeights, Group};

/// The most weights of a model that is computed by hand: its matrices are held three times, each time in one buffer of at
/// most 64 MiB, which every WebGPU device can bind.
const MOST_WEIGHTS: usize = 1 << 24;
/// The widest head: a unit keeps several in its registers.
const WIDEST_HEAD: usize = 64;
/// Buffers that a kernel binds besides cubecl's own.
const MOST_BINDINGS: u32 = 7;
/// Bytes of workgroup memory that a kernel needs: answers at the widest head.
const WORKGROUP_BYTES: usize = 32 * (WIDEST_HEAD + 2) * size_of::<f32>();

/// All weights on the device. Clones share them.
#[derive(Clone)]
pub struct GpuWeights {
    /// Where they are.
    pub client: Client,
    /// `[vocab, d_model]`.
    pub embedding: Buffer,
    /// The output layer, `[d_model, vocab]`, its rows times the last norm's weight.
    pub output: Buffer,
    /// The same transposed, `[vocab, d_model]`.
    pub output_back: Buffer,
    /// The weights of the norms before attention and before the SwiGLU of each block, each `[d_model]`, and as many ones as any matrix has rows.
    pub factors: Buffer,
    /// Cosines and sines of every position, `[positions, 2, head_dim / 2]`.
    pub rope: Buffer,
    /// The groups' matrices, one after the other, each `[d_in, width]`; rows of one after a norm are times the norm's weight.
    pub base: Buffer,
    /// Where they lie in `base`.
    pub places: Places,
}

/// Where the groups' matrices lie.
#[derive(Clone, Debug)]
pub struct Places {
    /// The first number of each of [`Group::ALL`], `[layers]`.
    pub firsts: Vec<[usize; 4]>,
    /// Numbers in all.
    pub len: usize,
    /// From one weight of a norm to the next among the factors.
    factor: usize,
}

impl Places {
    fn of(config: &LlamaConfig) -> Self {
        let mut len = 0;
        let mut next = |group: Group| {
            let first = len;
            len += group.shape(config).iter().product::<usize>().next_multiple_of(ALIGNMENT);
            first
        };
        let firsts = (0..config.num_hidden_layers).map(|_| Group::ALL.map(&mut next)).collect();
        Self { firsts, len, factor: config.hidden_size.next_multiple_of(ALIGNMENT) }
    }

    /// Where the factors of a group's rows begin.
    pub fn factors(&self, layer: usize, group: Group) -> usize {
        match group {
            Group::Attention => 2 * layer * self.factor,
            Group::GateUp => (2 * layer + 1) * self.factor,
            Group::Output | Group::Down => 2 * self.firsts.len() * self.factor,
        }
    }

    /// A group's matrix, or its transpose, in a buffer that is laid out as this says.
    pub fn matrix(&self, all: &Buffer, config: &LlamaConfig, layer: usize, group: Group) -> Buffer {
        all.part(self.firsts[layer][group as usize], group.shape(config).iter().product())
    }
}

/// The client of a device that the kernels can run on, if it is one.
pub fn client(device: &Device) -> Option<Client> {
    let DispatchDevice::Cube(device @ cubecl::Device::Wgpu(_)) = device.as_dispatch() else { return None };
    let client = device.client();
    let hardware = &client.properties().hardware;
    let enough = hardware.max_bindings >= MOST_BINDINGS
        && hardware.max_shared_memory_size >= WORKGROUP_BYTES
        && hardware.max_units_per_cube >= super::kernels::optimizer::OPTIMIZER_UNITS;
    enough.then_some(client)
}

/// Whether a model of this shape is computed by hand on a GPU.
pub fn suits(config: &LlamaConfig, weights: usize) -> bool {
    weights <= MOST_WEIGHTS && config.head_dim <= WIDEST_HEAD
}

impl std::fmt::Debug for GpuWeights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GpuWeights").field("places", &self.places).finish_non_exhaustive()
    }
}

impl GpuWeights {
    /// Puts weights on the device.
    pub fn new(client: Client, config: &LlamaConfig, weights: &CpuWeights) -> Self {
        let places = Places::of(config);
        let (d, mut base) = (config.hidden_size, vec![0.0_f32; places.len]);
        let rows = Group::ALL.map(|group| group.shape(config)[0]).into_iter().max().unwrap_or(0);
        let mut factors = vec![1.0_f32; places.factors(0, Group::Down) + rows];
        for (layer, (block, firsts)) in weights.blocks.iter().zip(&places.firsts).enumerate() {
            for (group, norm) in [(Group::Attention, &block.input_norm), (Group::GateUp, &block.post_norm)] {
                factors[places.factors(layer, group)..][..d].copy_from_slice(norm);
            }
            for ((group, matrix), &first) in Group::ALL.into_iter().zip(&block.groups).zip(firsts) {
                let [d_in, width] = group.shape(config);
                let own = &factors[places.factors(layer, group)..][..d_in];
                base[first..first + matrix.len()].copy_from_slice(&scaled_rows(matrix, width, own));
            }
        }
        let half = config.head_dim / 2;
        let angles = weights.cos.chunks_exact(half).zip(weights.sin.chunks_exact(half));
        let rope: Vec<f32> = angles.flat_map(|(cos, sin)| cos.iter().chain(sin).copied()).collect();
        let buffer = |values: &[f32]| Buffer::of(&client, values);
        let output_back = if config.tie_word_embeddings { &weights.embedding } else { weights.output_back(config) };
        let output_back: Vec<f32> = output_back.chunks_exact(d).flat_map(|row| times(row, &weights.norm)).collect();
        Self {
            embedding: buffer(&weights.embedding),
            output: buffer(&scaled_rows(&weights.output, config.vocab_size, &weights.norm)),
            output_back: buffer(&output_back),
            factors: buffer(&factors),
            rope: buffer(&rope),
            base: buffer(&base),
            places,
            client,
        }
    }
}

/// A matrix whose rows, each of `width` numbers, are times a factor each.
fn scaled_rows(matrix: &[f32], width: usize, factors: &[f32]) -> Vec<f32> {
    matrix.chunks_exact(width).zip(factors).flat_map(|(row, &factor)| row.iter().map(move |&x| x * factor)).collect()
}

/// Numbers times a factor each.
fn times<'a>(row: &'a [f32], factors: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
    row.iter().zip(factors).map(|(x, factor)| x * factor)
}
