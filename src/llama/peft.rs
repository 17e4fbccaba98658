//! Adapters in PEFT's layout: `adapter_model.safetensors` and `adapter_config.json`.

use std::collections::BTreeMap;

use burn::tensor::Device;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::checkpoint::{WeightFile, check, open, transpose, values};
use super::config::LlamaConfig;
use super::error::{LlamaError, at_most, plain, quoted};
use super::lora::{Adapter, Layout, Slot};
use crate::study::{LoraPlan, Projection};

/// The name of the weights in an adapter folder.
pub const ADAPTER_WEIGHTS: &str = "adapter_model.safetensors";
/// The name of the config in an adapter folder.
pub const ADAPTER_CONFIG: &str = "adapter_config.json";

/// The two files of an adapter folder.
#[derive(Clone, Debug)]
pub struct AdapterFiles {
    /// [`ADAPTER_CONFIG`].
    pub config: Vec<u8>,
    /// [`ADAPTER_WEIGHTS`].
    pub weights: Vec<u8>,
}

/// The largest `adapter_config.json` that is read, in bytes; real ones have about a thousand.
pub const LARGEST_ADAPTER_CONFIG: usize = 1 << 20;

/// The part of `adapter_config.json` that decides the computation.
#[derive(Serialize, Deserialize)]
struct PeftConfig {
    peft_type: String,
    task_type: Option<String>,
    base_model_name_or_path: Option<String>,
    r: usize,
    lora_alpha: f64,
    #[serde(default)]
    lora_dropout: f64,
    target_modules: Vec<String>,
    #[serde(default = "no_bias")]
    bias: String,
    #[serde(default)]
    use_rslora: bool,
    #[serde(default)]
    use_dora: bool,
    #[serde(default)]
    fan_in_fan_out: bool,
    /// Every other field.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// Fields that change nothing once an adapter is trained and applied as it is, whatever they say.
const HARMLESS: [&str; 8] = [
    "auto_mapping",
    "inference_mode",
    "megatron_core", // which library a `megatron_config` would use
    "peft_version",
    "qalora_group_size", // of `use_qalora`
    "revision",
    "runtime_config", // where PEFT computes
    "corda_config",   // how the adapter was initialised, which `init_lora_weights` decides about
];

/// Ways to initialise an adapter that leave the base weights alone. The others (PiSSA, OLoRA, LoftQ, CorDA) change them:
/// with the original weights the adapter would mean something else.
const INITIALISATIONS: [&str; 3] = ["gaussian", "orthogonal", "eva"];

fn no_bias() -> String {
    "none".into()
}

impl Adapter {
    /// Writes the adapter as PEFT does. `parameters` are the values of [`Adapter::parameters`], read back.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Adapter`] if the values are not the adapter's.
    pub fn to_peft(layout: &Layout, parameters: &[f32], base_model: &str) -> Result<AdapterFiles, LlamaError> {
        if parameters.len() != layout.len {
            return Err(bad(format!("{} values were given for {} parameters", parameters.len(), layout.len)));
        }
        let bytes = |values: Vec<f32>| values.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
        let mut tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)> = BTreeMap::new();
        for slot in &layout.slots {
            let a = transpose(&parameters[slot.a.clone()], slot.d_in, layout.rank);
            let b = transpose(&parameters[slot.b.clone()], layout.rank, slot.d_out);
            tensors.insert(name(slot, 'A'), (vec![layout.rank, slot.d_in], bytes(a)));
            tensors.insert(name(slot, 'B'), (vec![slot.d_out, layout.rank], bytes(b)));
        }
        let mut views = BTreeMap::new();
        for (name, (shape, data)) in &tensors {
            let view = TensorView::new(Dtype::F32, shape.clone(), data).map_err(|e| bad(e.to_string()))?;
            views.insert(name.clone(), view);
        }
        let metadata = [("format".to_string(), "pt".to_string())].into();
        let weights = safetensors::serialize(&views, Some(metadata)).map_err(|e| bad(e.to_string()))?;
        let targets = Projection::ALL.into_iter().filter(|&p| layout.slots.iter().any(|s| s.projection == p));
        let config = PeftConfig {
            peft_type: "LORA".into(),
            task_type: Some("CAUSAL_LM".into()),
            base_model_name_or_path: Some(base_model.into()),
            r: layout.rank,
            lora_alpha: layout.alpha,
            lora_dropout: 0.0,
            target_modules: targets.map(|p| p.name().into()).collect(),
            bias: no_bias(),
            use_rslora: false,
            use_dora: false,
            fan_in_fan_out: false,
            others: BTreeMap::new(),
        };
        let config = serde_json::to_vec_pretty(&config).map_err(|e| bad(e.to_string()))?;
        Ok(AdapterFiles { config, weights })
    }

    /// Reads an adapter that PEFT or [`Adapter::to_peft`] wrote.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Adapter`] if it is another kind of adapter, says something that would be ignored and change what it
    /// means, or does not fit the model; [`LlamaError::Damaged`] and the like if the file is broken.
    /// Nothing is allocated before every matrix has been found in the file.
    pub fn from_peft(files: AdapterFiles, config: &LlamaConfig, device: &Device) -> Result<Self, LlamaError> {
        let layout = layout(&files.config, config)?;
        let file = WeightFile { name: ADAPTER_WEIGHTS.into(), bytes: files.weights };
        let mut tensors: BTreeMap<String, TensorView<'_>> = open(&file)?.into_iter().collect();
        for slot in &layout.slots {
            find(&tensors, &name(slot, 'A'), [layout.rank, slot.d_in])?;
            find(&tensors, &name(slot, 'B'), [slot.d_out, layout.rank])?;
        }
        let mut parameters = vec![0.0; layout.len];
        for slot in &layout.slots {
            let a = take(&mut tensors, &name(slot, 'A'))?;
            parameters[slot.a.clone()].copy_from_slice(&transpose(&a, layout.rank, slot.d_in));
            let b = take(&mut tensors, &name(slot, 'B'))?;
            parameters[slot.b.clone()].copy_from_slice(&transpose(&b, slot.d_out, layout.rank));
        }
        if let Some(name) = tensors.into_keys().next() {
            return Err(bad(format!("it holds {}, which its config does not mention", quoted(&name))));
        }
        Ok(Self::new(layout, parameters, device))
    }
}

fn layout(bytes: &[u8], model: &LlamaConfig) -> Result<Layout, LlamaError> {
    at_most(ADAPTER_CONFIG, bytes, LARGEST_ADAPTER_CONFIG).map_err(bad)?;
    let config: PeftConfig = serde_json::from_slice(bytes)
        .map_err(|e| bad(format!("{ADAPTER_CONFIG} cannot be read: {}", plain(&e.to_string()))))?;
    if config.peft_type != "LORA"
        || config.use_dora
        || config.use_rslora
        || config.bias != "none"
        || config.fan_in_fan_out
    {
        return Err(bad("it is not a plain LoRA adapter (no DoRA, no rsLoRA, no bias)".into()));
    }
    for (field, value) in &config.others {
        refuse(field, value)?;
    }
    let projection = |name: &String| {
        Projection::from_name(name)
            .ok_or_else(|| bad(format!("it adapts {}, which is no projection of a Llama block", quoted(name))))
    };
    let mut targets = config.target_modules.iter().map(projection).collect::<Result<Vec<_>, _>>()?;
    targets.sort_unstable();
    Layout::new(&LoraPlan { rank: config.r, alpha: config.lora_alpha, targets }, model)
}

/// Refuses a field that asks for something other than plain LoRA: what is ignored would give another model's answers.
fn refuse(field: &str, value: &Value) -> Result<(), LlamaError> {
    let neutral = match (field, value) {
        ("init_lora_weights", Value::Bool(_)) => true,
        ("init_lora_weights", Value::String(way)) => INITIALISATIONS.contains(&way.as_str()),
        _ => HARMLESS.contains(&field) || is_empty(value),
    };
    if neutral {
        return Ok(());
    }
    let (field, value) = (quoted(field), plain(&value.to_string()));
    Err(bad(format!(
        "{ADAPTER_CONFIG} says {field}: {value}, and only plain LoRA is supported, without such a setting"
    )))
}

/// Whether a field says nothing: `null`, `false`, or an empty text, list or object.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

fn name(slot: &Slot, matrix: char) -> String {
    let (parent, projection) = (slot.projection.parent(), slot.projection.name());
    format!("base_model.model.model.layers.{}.{parent}.{projection}.lora_{matrix}.weight", slot.layer)
}

fn find(tensors: &BTreeMap<String, TensorView<'_>>, name: &str, shape: [usize; 2]) -> Result<(), LlamaError> {
    let Some(view) = tensors.get(name) else {
        return Err(bad(format!("it lacks {name}")));
    };
    if view.shape() != shape {
        return Err(bad(format!(
            "{name} has the shape {:?} instead of {shape:?}: it belongs to another model",
            view.shape()
        )));
    }
    check(name, view, &shape)
}

fn take(tensors: &mut BTreeMap<String, TensorView<'_>>, name: &str) -> Result<Vec<f32>, LlamaError> {
    tensors.remove(name).map(|view| values(&view)).ok_or_else(|| bad(format!("it lacks {name}")))
}

fn bad(reason: String) -> LlamaError {
    LlamaError::Adapter { reason }
}
