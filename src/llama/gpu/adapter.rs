//! [`GpuAdapter`]: an adapter that stays on the device while it is tuned, with its optimizer's state.

use cubecl::client::Client;

use super::buffer::{ALIGNMENT, Buffer};
use super::kernels::adapter::FIELDS;
use super::kernels::product::vector_size;
use super::weights::GpuWeights;
use crate::llama::LlamaConfig;
use crate::llama::cpu::{Group, place};
use crate::llama::lora::Layout;
use crate::study::Projection;

/// How the optimizer is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The most that the gradient's norm may be, if it is clipped.
    pub max_grad_norm: Option<f32>,
    /// The decay of weights, for a learning rate of 1.
    pub weight_decay: f32,
}

/// Numbers of the head of a [`State`]: what comes back of a step lies in one piece, before the parameters.
pub const HEAD: usize = ALIGNMENT;

/// What the optimizer keeps, as it comes from the device and goes there, `[HEAD + 3 · len]`: loss, gradient norm and the sum of
/// the parameters' squares of the last step, `1 - beta^steps` of both moments, and nothing up to [`HEAD`]; then parameters, first and
/// second moments.
#[derive(Clone, Debug)]
pub struct State(pub Vec<f32>);

impl State {
    /// That of parameters before the first step.
    pub fn fresh(parameters: &[f32]) -> Self {
        let mut values = vec![0.0; HEAD + 3 * parameters.len()];
        values[HEAD..HEAD + parameters.len()].copy_from_slice(parameters);
        Self(values)
    }
}

/// An adapter's parameters, what the optimizer keeps, and the matrices with the adapter in them.
#[derive(Debug)]
pub struct GpuAdapter {
    /// The rank.
    pub rank: usize,
    /// `A B` counts so much.
    pub scale: f32,
    /// The number of parameters.
    pub len: usize,
    /// Every projection of every block.
    pub table: Table,
    /// The adapted ones of each of [`SETS`].
    pub sets: [Adapted; 2],
    /// Whether attention of the first block is adapted: if not, there is nothing to learn below its mixed values.
    pub below: bool,
    /// A [`State`], `[HEAD + 3 · len]`.
    pub state: Buffer,
    /// Room for the next parameters and moments, `[3, len]`.
    pub next: Buffer,
    /// The gradient, `[len]`.
    pub gradient: Buffer,
    /// The matrices with the adapter in them, as `GpuWeights::base`, and each of them transposed.
    pub merged: Buffer,
    pub turned: Buffer,
    /// How the optimizer is set.
    pub settings: Settings,
}

/// Every projection of every block, as the adapter is merged into it.
#[derive(Debug)]
pub struct Table {
    /// [`FIELDS`] words each.
    pub words: Buffer,
    /// How many they are, and how many numbers the largest has.
    pub projections: usize,
    pub largest: usize,
    /// How many numbers a vector has in which they and the adapter are read.
    pub vector_size: usize,
    /// The adapter's rank, and how much `A B` counts.
    pub rank: usize,
    pub scale: f32,
}

impl Table {
    /// That of a layout.
    pub fn of(config: &LlamaConfig, weights: &GpuWeights, layout: &Layout) -> Self {
        let all = rows(config, weights, layout);
        let sides = Projection::ALL.map(|projection| config.projection(projection));
        let sizes = sides.map(|sides| sides.iter().product::<usize>());
        Self {
            words: Buffer::of(&weights.client, all.as_flattened()),
            projections: all.len(),
            largest: sizes.into_iter().max().unwrap_or(0),
            vector_size: vector_size(&[sides.as_flattened(), &[layout.rank]].concat()),
            rank: layout.rank,
            scale: (layout.alpha / layout.rank as f64) as f32,
        }
    }
}

/// Groups whose adapted projections are computed together: their inputs lie in one allocation (`Workspace::inputs`), and so do the gradients
/// of their outputs. That of the last one is the stream's own gradient, which a launch reads that writes one of the others.
pub const SETS: [&[Group]; 2] = [&[Group::Attention, Group::Output, Group::GateUp], &[Group::Down]];

/// The adapted projections of a set of groups.
#[derive(Debug)]
pub struct Adapted {
    /// [`FIELDS`] words each.
    pub table: Buffer,
    /// How many.
    pub count: usize,
    /// The wider side of the widest.
    pub widest: usize,
}

impl GpuAdapter {
    /// Puts an adapter on the device.
    pub fn new(config: &LlamaConfig, weights: &GpuWeights, layout: &Layout, state: &State, settings: Settings) -> Self {
        let client = &weights.client;
        let all = rows(config, weights, layout);
        let table = Table::of(config, weights, layout);
        Self {
            rank: table.rank,
            scale: table.scale,
            len: layout.len,
            table,
            sets: SETS.map(|groups| adapted(config, client, &all, groups)),
            below: layout
                .slots
                .iter()
                .any(|slot| slot.layer == 0 && place(config, slot.projection).0 == Group::Attention),
            state: Buffer::of(client, &state.0),
            next: Buffer::new(client, 3 * layout.len),
            gradient: Buffer::new(client, layout.len),
            merged: Buffer::new(client, weights.places.len),
            turned: Buffer::new(client, weights.places.len),
            settings,
        }
    }

    /// The head of the state, `[HEAD]`.
    pub fn head(&self) -> Buffer {
        self.state.part(0, HEAD)
    }

    /// Parameters, first and second moments, `[3, len]`.
    pub fn values(&self) -> Buffer {
        self.state.part(HEAD, 3 * self.len)
    }

    /// The parameters, `[len]`.
    pub fn parameters(&self) -> Buffer {
        self.state.part(HEAD, self.len)
    }
}

/// The rows of the table.
fn rows(config: &LlamaConfig, weights: &GpuWeights, layout: &Layout) -> Vec<[u32; FIELDS]> {
    (0..config.num_hidden_layers)
        .flat_map(|layer| Projection::ALL.map(|projection| row(config, weights, layout, layer, projection)))
        .collect()
}

/// A projection's row of the table.
fn row(
    config: &LlamaConfig,
    weights: &GpuWeights,
    layout: &Layout,
    layer: usize,
    projection: Projection,
) -> [u32; FIELDS] {
    let (group, column) = place(config, projection);
    let [d_in, d_out] = config.projection(projection);
    let slot = layout.slots.iter().find(|slot| slot.layer == layer && slot.projection == projection);
    let (a, b) = slot.map_or((0, 0), |slot| (slot.a.start, slot.b.start));
    let first = weights.places.firsts[layer][group as usize];
    let factors = weights.places.factors(layer, group);
    let adapted = usize::from(slot.is_some());
    let width = group.shape(config)[1];
    let [x, dy] = [0, 1].map(|side| beginning(config, layer, group, side));
    [first, column, width, d_in, d_out, a, b, adapted, factors, x, dy].map(|number| number as u32)
}

/// Where a block's inputs of a group (`side` 0), or the gradients of its outputs (1), begin in the allocation of its set, divided by the rows
/// of a batch: those of all blocks of the groups before it come first, then those of the blocks before it.
fn beginning(config: &LlamaConfig, layer: usize, group: Group, side: usize) -> usize {
    let set = SETS.into_iter().find(|groups| groups.contains(&group)).unwrap_or(&[]);
    let before = set.iter().take_while(|&&other| other != group);
    let before: usize = before.map(|other| other.shape(config)[side]).sum();
    config.num_hidden_layers * before + layer * group.shape(config)[side]
}

/// What the table says of the adapted projections of some groups.
fn adapted(config: &LlamaConfig, client: &Client, all: &[[u32; FIELDS]], groups: &[Group]) -> Adapted {
    let projections = || groups.iter().flat_map(|group| group.projections());
    let of_groups = |number: usize| projections().any(|&own| own == Projection::ALL[number % Projection::ALL.len()]);
    let rows: Vec<[u32; FIELDS]> =
        all.iter().enumerate().filter(|&(number, row)| row[7] > 0 && of_groups(number)).map(|(_, row)| *row).collect();
    let sides = projections().flat_map(|&projection| config.projection(projection));
    // A buffer of no bytes cannot be made.
    let words = if rows.is_empty() { &[0; FIELDS][..] } else { rows.as_flattened() };
    Adapted { table: Buffer::of(client, words), count: rows.len(), widest: sides.max().unwrap_or(0) }
}
