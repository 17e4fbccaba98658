//! [`Shape`]: how large a model and a batch are, and what a training step of that size must cost.

use crate::llama::{LlamaConfig, RopeConfig};
use crate::study::{LoraPlan, Projection};

/// A Llama, a batch and an adapter, by their sizes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Blocks.
    pub layers: usize,
    /// Width of the residual stream, `d_model`.
    pub width: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads.
    pub kv_heads: usize,
    /// Width of the SwiGLU, `d_ff`.
    pub inner: usize,
    /// Tokens of the vocabulary; the output layer is the embedding.
    pub vocab: usize,
    /// Sequences in a batch.
    pub rows: usize,
    /// Tokens of each.
    pub tokens: usize,
    /// How many of these are learned, at the end of each.
    pub answer: usize,
    /// LoRA's rank, on all seven projections.
    pub rank: usize,
}

/// What a shape differs in from [`Shape::FOLIO`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The tokens of a row.
    Tokens,
    /// LoRA's rank.
    Rank,
    /// The number of blocks.
    Layers,
    /// `d_model`, and with it heads and `d_ff`.
    Width,
    /// All of it: another model.
    Model,
}

/// A shape of the grid, with its place on its axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What grows.
    pub axis: Axis,
    /// How large it is, or the model's name.
    pub at: String,
    /// The shape.
    pub shape: Shape,
}

impl Axis {
    /// Its name in rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Rank => "rank",
            Self::Layers => "layers",
            Self::Width => "width",
            Self::Model => "model",
        }
    }
}

impl Shape {
    /// The bundled model's, with workload *W*'s batch.
    pub const FOLIO: Self = Self {
        layers: 4,
        width: 160,
        heads: 5,
        kv_heads: 5,
        inner: 416,
        vocab: 1536,
        rows: 5,
        tokens: 64,
        answer: 28,
        rank: 8,
    };

    /// A model's own sizes, with workload *W*'s batch and rank.
    pub fn of(config: &LlamaConfig) -> Self {
        Self {
            layers: config.num_hidden_layers,
            width: config.hidden_size,
            heads: config.num_attention_heads,
            kv_heads: config.num_key_value_heads,
            inner: config.intermediate_size,
            vocab: config.vocab_size,
            ..Self::FOLIO
        }
    }

    /// The bundled model's proportions with so many heads of 32 each.
    fn wide(heads: usize) -> Self {
        let width = 32 * heads;
        Self { width, heads, kv_heads: heads, inner: (width * 13 / 5).next_multiple_of(4), ..Self::FOLIO }
    }

    /// [SmolLM2-135M](https://huggingface.co/HuggingFaceTB/SmolLM2-135M)'s.
    fn smol() -> Self {
        let (heads, kv_heads) = (9, 3);
        Self { layers: 30, width: 576, heads, kv_heads, inner: 1536, vocab: 49_152, ..Self::FOLIO }
    }

    /// The configuration of a model of this shape.
    pub fn config(&self) -> LlamaConfig {
        LlamaConfig {
            vocab_size: self.vocab,
            hidden_size: self.width,
            intermediate_size: self.inner,
            num_hidden_layers: self.layers,
            num_attention_heads: self.heads,
            num_key_value_heads: self.kv_heads,
            head_dim: self.width / self.heads,
            rms_norm_eps: 1e-5,
            rope: RopeConfig { theta: 10_000.0, llama3: None },
            tie_word_embeddings: true,
            max_positions: 512,
            eos_token_ids: Vec::new(),
        }
    }

    /// The adapter on a model of this shape.
    pub fn lora(&self) -> LoraPlan {
        LoraPlan { rank: self.rank, alpha: 2.0 * self.rank as f64, targets: Projection::ALL.to_vec() }
    }

    /// The floating-point operations of a training step, two for each multiplication with its addition, in billions.
    ///
    /// With a frozen base each projection is multiplied with twice, forward and backward; an adapter's two matrices three times:
    /// forward, and backward for their own gradients and for what comes before. Of attention (causal) there are two products
    /// forward and four backward, of the output layer those of the learned tokens. Norms, SwiGLU and optimizer are not counted.
    pub fn gflop(&self) -> f64 {
        let config = self.config();
        // In the browser a usize has 32 bits, and what is counted here does not fit.
        let count = |number: usize| number as f64;
        let sizes = Projection::ALL.map(|projection| config.projection(projection).map(count));
        let weights: f64 = sizes.iter().map(|[input, output]| input * output).sum();
        let edges: f64 = sizes.iter().map(|[input, output]| input + output).sum();
        let pairs = count(self.rows * self.tokens * (self.tokens + 1) / 2);
        let positions = count(self.rows * self.tokens);
        let of_block = positions * (2.0 * weights + 3.0 * count(self.rank) * edges) + 6.0 * pairs * count(self.width);
        let of_output = 2.0 * count(self.rows * self.answer) * count(self.width) * count(self.vocab);
        2e-9 * (count(self.layers) * of_block + of_output)
    }
}

/// What is measured: each size by itself, from the smallest up, then whole models.
pub fn grid() -> Vec<Point> {
    let folio = Shape::FOLIO;
    // As large a share of each row is learned, whatever its length.
    let tokens = |tokens: usize| Shape { tokens, answer: tokens * folio.answer / folio.tokens, ..folio };
    let along = |axis, sizes: &[usize], shape: &dyn Fn(usize) -> Shape| -> Vec<Point> {
        sizes.iter().map(|&size| Point { axis, at: size.to_string(), shape: shape(size) }).collect()
    };
    let model = |at: &str, shape: Shape| Point { axis: Axis::Model, at: at.into(), shape };
    let d256 = Shape { layers: 8, width: 256, heads: 8, kv_heads: 8, inner: 688, ..folio };
    let d384 = Shape { layers: 12, width: 384, heads: 12, kv_heads: 12, inner: 1024, ..folio };
    [
        along(Axis::Tokens, &[16, 32, 64, 128, 256], &tokens),
        along(Axis::Rank, &[1, 2, 4, 8, 16, 32, 64], &|rank| Shape { rank, ..folio }),
        along(Axis::Layers, &[1, 2, 4, 8, 16], &|layers| Shape { layers, ..folio }),
        along(Axis::Width, &[64, 96, 160, 256, 384, 512], &|width| Shape::wide(width / 32)),
        vec![
            model("Folio", folio),
            model("d256x8", d256),
            model("d384x12", d384),
            model("SmolLM2-135M", Shape::smol()),
        ],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counted by hand from the bundled model's sizes.
    #[test]
    fn a_step_of_folio_is_two_billion_operations() {
        let weights = 4 * (4 * 160 * 160 + 3 * 160 * 416);
        let base = 2 * 2 * 320 * weights;
        let adapter = 2 * 3 * 320 * 8 * 4 * (4 * 320 + 3 * 576);
        let attention = 2 * 6 * 4 * 5 * (64 * 65 / 2) * 160;
        let output = 2 * 2 * 140 * 160 * 1536;
        let expected = 1e-9 * f64::from(base + adapter + attention + output);
        assert!((Shape::FOLIO.gflop() - expected).abs() < 1e-9);
        assert!((1.8..2.1).contains(&expected), "{expected}");
    }

    #[test]
    fn each_axis_goes_through_folio() {
        for axis in [Axis::Tokens, Axis::Rank, Axis::Layers, Axis::Width, Axis::Model] {
            let points: Vec<_> = grid().into_iter().filter(|point| point.axis == axis).collect();
            assert_eq!(points.iter().filter(|point| point.shape == Shape::FOLIO).count(), 1, "{axis:?}");
            assert!(points.is_sorted_by_key(|point| point.shape.gflop()), "{axis:?}");
        }
    }

    #[test]
    fn the_last_has_135_million_weights() {
        let shape = grid().pop().unwrap().shape;
        let config = shape.config();
        let block: usize = Projection::ALL.iter().map(|&p| config.projection(p).iter().product::<usize>()).sum();
        assert_eq!((shape.layers * block + shape.vocab * shape.width) / 1_000_000, 134);
    }
}
