//! [`Sizes`]: what LoRA adds to a model that ships, counted. The article's pictures are drawn from it.

use serde::Deserialize;

use crate::models;
use crate::study::{LoraPlan, Projection};

/// The bytes of a number in an adapter's file, which has it as F32.
const BYTES: usize = 4;

/// The widths of a Llama, as its `config.json` has them.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Shape {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: usize,
    head_dim: usize,
    tie_word_embeddings: bool,
}

/// One projection of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which.
    pub projection: Projection,
    /// How many numbers go in.
    pub d_in: usize,
    /// How many come out.
    pub d_out: usize,
    /// Whether it has an adapter, in every layer.
    pub adapted: bool,
}

/// A model and its adapter, in numbers of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes {
    /// The model's name.
    pub model: &'static str,
    /// The rank r.
    pub rank: usize,
    /// The update is scaled by `alpha / rank`.
    pub alpha: f64,
    /// How many layers there are.
    pub layers: usize,
    /// The projections of a layer, in the order of its forward pass.
    pub parts: [Part; 7],
    /// Weights of the embeddings, and of the output layer where it is not the same.
    pub embeddings: usize,
    /// Weights of the norms.
    pub norms: usize,
}

impl Shape {
    fn widths(&self, projection: Projection) -> [usize; 2] {
        let (d, ff) = (self.hidden_size, self.intermediate_size);
        let (q, kv) = (self.num_attention_heads * self.head_dim, self.num_key_value_heads * self.head_dim);
        match projection {
            Projection::QProj => [d, q],
            Projection::KProj | Projection::VProj => [d, kv],
            Projection::OProj => [q, d],
            Projection::GateProj | Projection::UpProj => [d, ff],
            Projection::DownProj => [ff, d],
        }
    }
}

impl Part {
    /// The weights of the projection itself, which stay.
    pub fn weights(&self) -> usize {
        self.d_in * self.d_out
    }

    /// The numbers of `A` and `B` of this rank, whether it has them or not.
    pub fn beside(&self, rank: usize) -> usize {
        rank * (self.d_in + self.d_out)
    }
}

impl Sizes {
    /// Those of a model that ships with this adapter; none of any other.
    pub fn of(model: &str, lora: &LoraPlan) -> Option<Self> {
        let info = models::model(model)?;
        let shape: Shape = serde_json::from_slice(info.config).ok()?;
        let parts = Projection::ALL.map(|projection| {
            let [d_in, d_out] = shape.widths(projection);
            Part { projection, d_in, d_out, adapted: lora.targets.contains(&projection) }
        });
        let tables = if shape.tie_word_embeddings { 1 } else { 2 };
        Some(Self {
            model: info.name,
            rank: lora.rank,
            alpha: lora.alpha,
            layers: shape.num_hidden_layers,
            parts,
            embeddings: tables * shape.vocab_size * shape.hidden_size,
            // Two in a layer, and one before the output.
            norms: (2 * shape.num_hidden_layers + 1) * shape.hidden_size,
        })
    }

    /// The projection that is shown in detail: the first with an adapter.
    pub fn shown(&self) -> Part {
        self.parts.into_iter().find(|part| part.adapted).unwrap_or(self.parts[0])
    }

    /// All weights of the model, which stay as they are.
    pub fn weights(&self) -> usize {
        self.layers * self.parts.iter().map(Part::weights).sum::<usize>() + self.embeddings + self.norms
    }

    /// The numbers that are trained.
    pub fn trained(&self) -> usize {
        let adapted = self.parts.iter().filter(|part| part.adapted);
        self.layers * adapted.map(|part| part.beside(self.rank)).sum::<usize>()
    }

    /// How many projections have an adapter, and of how many.
    pub fn adapted(&self) -> (usize, usize) {
        let adapted = self.parts.iter().filter(|part| part.adapted).count();
        (self.layers * adapted, self.layers * self.parts.len())
    }

    /// What is trained as a file, in thousands of bytes, without the file's few words about itself.
    pub fn kilobytes(&self) -> usize {
        (self.trained() * BYTES + 500) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::models::MODELS;
    use crate::study::presets;

    fn usual() -> LoraPlan {
        presets()[0].plan(1).lora
    }

    /// The shapes of a model's tensors, by their names, as the file of its weights has them.
    fn tensors(model: &str) -> BTreeMap<String, Vec<usize>> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(model).join("model.safetensors");
        let bytes = std::fs::read(file).unwrap();
        let (length, rest) = bytes.split_at(8);
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        let header: BTreeMap<String, Value> = serde_json::from_slice(&rest[..length]).unwrap();
        let shape = |entry: &Value| serde_json::from_value(entry["shape"].clone()).ok();
        header.iter().filter_map(|(name, entry)| Some((name.clone(), shape(entry)?))).collect()
    }

    #[test]
    fn a_model_is_counted_as_its_file_has_it() {
        for info in &MODELS {
            let sizes = Sizes::of(info.name, &usual()).unwrap();
            let tensors = tensors(info.name);
            let all: usize = tensors.values().map(|shape| shape.iter().product::<usize>()).sum();
            assert_eq!(sizes.weights(), all, "{}", info.name);
            let projections = tensors.iter().filter(|(name, _)| name.ends_with("_proj.weight"));
            assert_eq!(sizes.adapted(), (projections.clone().count(), projections.clone().count()));
            let mut trained = 0;
            for (name, shape) in projections {
                let part = sizes.parts.iter().find(|part| name.contains(part.projection.name())).unwrap();
                assert_eq!(*shape, [part.d_out, part.d_in], "{name}");
                trained += sizes.rank * (shape[0] + shape[1]);
            }
            assert_eq!(sizes.trained(), trained);
        }
    }

    /// What the engine says of the usual adapter, and the documents.
    #[test]
    fn the_usual_adapter_is_as_large_as_it_is_said_to_be() {
        let sizes = Sizes::of("folio", &usual()).unwrap();
        let said = include_str!("../../docs/experiments.md");
        let count = crate::page::format::thousands(sizes.trained() as f64);
        assert_eq!((sizes.rank, count.as_str(), sizes.kilobytes()), (8, "96,256", 385));
        assert!(said.contains(&format!("({count} parameters)")), "{count}");
    }

    #[test]
    fn rank_and_targets_decide_what_is_trained() {
        let of = |rank, targets: &[Projection]| {
            Sizes::of("folio", &LoraPlan { rank, targets: targets.to_vec(), ..usual() }).unwrap()
        };
        assert_eq!(of(16, &Projection::ALL).trained(), 2 * of(8, &Projection::ALL).trained());
        let few = of(2, &[Projection::VProj, Projection::DownProj]);
        assert_eq!(few.trained(), 4 * (2 * (160 + 160) + 2 * (416 + 160)));
        assert_eq!((few.adapted(), few.shown().projection), ((8, 28), Projection::VProj));
        assert_eq!(few.weights(), of(64, &Projection::ALL).weights());
        assert_eq!(of(8, &[]).trained(), 0);
    }

    #[test]
    fn a_model_that_does_not_ship_has_no_sizes() {
        assert_eq!(Sizes::of("../folio", &usual()), None);
    }
}
