//! [`LlamaConfig`]: the part of a Hugging Face `config.json` that decides the computation.

use serde::Deserialize;

use super::LlamaError;

/// The longest sequence for which rotary tables are built, whatever the config allows: 4096 positions of 64 are 1 MiB.
const LONGEST: usize = 4096;

/// The shape and the constants of a `LlamaForCausalLM`.
#[derive(Clone, Debug, PartialEq)]
pub struct LlamaConfig {
    /// Number of tokens.
    pub vocab_size: usize,
    /// Width of the residual stream, `d_model`.
    pub hidden_size: usize,
    /// Width of the SwiGLU, `d_ff`.
    pub intermediate_size: usize,
    /// Number of blocks.
    pub num_hidden_layers: usize,
    /// Number of query heads.
    pub num_attention_heads: usize,
    /// Number of key and value heads; divides the number of query heads.
    pub num_key_value_heads: usize,
    /// Width of a head. Not always `hidden_size / num_attention_heads`.
    pub head_dim: usize,
    /// Added to the mean square in RMSNorm.
    pub rms_norm_eps: f64,
    /// The rotary embedding.
    pub rope: RopeConfig,
    /// The output layer is the transposed embedding.
    pub tie_word_embeddings: bool,
    /// The longest sequence in tokens, at most 4096.
    pub max_positions: usize,
    /// Tokens that end an answer.
    pub eos_token_ids: Vec<u32>,
}

/// The rotary embedding's frequencies.
#[derive(Clone, Debug, PartialEq)]
pub struct RopeConfig {
    /// The base of the geometric series of wavelengths.
    pub theta: f64,
    /// Llama 3.1's stretching of long wavelengths.
    pub llama3: Option<Llama3Scaling>,
}

/// Llama 3.1's rotary scaling (`rope_type: llama3`, transformers `_compute_llama3_parameters`).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Llama3Scaling {
    /// Long wavelengths are multiplied by this.
    pub factor: f64,
    /// Wavelengths above `original / low_freq_factor` are stretched fully.
    pub low_freq_factor: f64,
    /// Wavelengths below `original / high_freq_factor` are left alone.
    pub high_freq_factor: f64,
    /// The length that the model was first trained on.
    pub original_max_position_embeddings: f64,
}

/// `config.json` as transformers 4 and 5 write it. Unknown fields do not matter.
#[derive(Deserialize)]
struct Raw {
    model_type: Option<String>,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    rms_norm_eps: Option<f64>,
    rope_theta: Option<f64>,
    rope_scaling: Option<serde_json::Value>,
    rope_parameters: Option<serde_json::Value>,
    tie_word_embeddings: Option<bool>,
    max_position_embeddings: usize,
    eos_token_id: Option<OneOrMany>,
    attention_bias: Option<bool>,
    mlp_bias: Option<bool>,
    hidden_act: Option<String>,
    quantization_config: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(u32),
    Many(Vec<u32>),
}

impl LlamaConfig {
    /// Reads a `config.json`.
    ///
    /// # Errors
    ///
    /// [`LlamaError::Config`] if it is not JSON, lacks a field, or describes something other than a plain Llama: another
    /// `model_type` or activation, biases, an unknown rotary scaling, quantised weights, or sizes that do not fit together.
    pub fn from_json(bytes: &[u8]) -> Result<Self, LlamaError> {
        let raw: Raw =
            serde_json::from_slice(bytes).map_err(|e| bad(format!("it is not a Llama's config.json: {e}")))?;
        raw.refuse_other_models()?;
        let rope = raw.rope()?;
        let config = Self {
            vocab_size: raw.vocab_size,
            hidden_size: raw.hidden_size,
            intermediate_size: raw.intermediate_size,
            num_hidden_layers: raw.num_hidden_layers,
            num_attention_heads: raw.num_attention_heads,
            num_key_value_heads: raw.num_key_value_heads.unwrap_or(raw.num_attention_heads),
            head_dim: raw.head_dim.unwrap_or(raw.hidden_size / raw.num_attention_heads.max(1)),
            rms_norm_eps: raw.rms_norm_eps.unwrap_or(1e-6),
            rope,
            tie_word_embeddings: raw.tie_word_embeddings.unwrap_or(false),
            max_positions: raw.max_position_embeddings.min(LONGEST),
            eos_token_ids: match raw.eos_token_id {
                None => Vec::new(),
                Some(OneOrMany::One(id)) => vec![id],
                Some(OneOrMany::Many(ids)) => ids,
            },
        };
        config.check()?;
        Ok(config)
    }

    /// The number of query heads that share one key head.
    pub fn group(&self) -> usize {
        self.num_attention_heads / self.num_key_value_heads
    }

    /// The shape `[d_in, d_out]` of a projection.
    pub fn projection(&self, projection: crate::study::Projection) -> [usize; 2] {
        use crate::study::Projection as P;
        let (d, ff) = (self.hidden_size, self.intermediate_size);
        let (q, kv) = (self.num_attention_heads * self.head_dim, self.num_key_value_heads * self.head_dim);
        match projection {
            P::QProj => [d, q],
            P::KProj | P::VProj => [d, kv],
            P::OProj => [q, d],
            P::GateProj | P::UpProj => [d, ff],
            P::DownProj => [ff, d],
        }
    }

    fn check(&self) -> Result<(), LlamaError> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("num_key_value_heads", self.num_key_value_heads),
            ("head_dim", self.head_dim),
            ("max_position_embeddings", self.max_positions),
        ];
        if let Some((name, size)) = sizes.into_iter().find(|&(_, size)| size == 0 || size > 1 << 24) {
            return Err(bad(format!("{name} is {size}, which no model has")));
        }
        if !self.num_attention_heads.is_multiple_of(self.num_key_value_heads) {
            return Err(bad(format!(
                "{} query heads cannot share {} key heads evenly",
                self.num_attention_heads, self.num_key_value_heads
            )));
        }
        if !self.head_dim.is_multiple_of(2) {
            return Err(bad(format!("head_dim is {}, and a rotary embedding needs an even one", self.head_dim)));
        }
        Ok(())
    }
}

impl Raw {
    fn refuse_other_models(&self) -> Result<(), LlamaError> {
        if let Some(kind) = self.model_type.as_deref().filter(|&kind| kind != "llama") {
            return Err(bad(format!("model_type is {kind:?}, and only \"llama\" can be run")));
        }
        if self.attention_bias == Some(true) || self.mlp_bias == Some(true) {
            return Err(bad("attention_bias or mlp_bias is true, and projections with a bias are not supported"));
        }
        if let Some(act) = self.hidden_act.as_deref().filter(|&act| act != "silu") {
            return Err(bad(format!("hidden_act is {act:?}, and only \"silu\" is supported")));
        }
        if self.quantization_config.is_some() {
            return Err(bad("the weights are quantised; use the F32, F16 or BF16 version of the model"));
        }
        Ok(())
    }

    /// transformers 4 writes `rope_theta` and `rope_scaling`, transformers 5 writes both into `rope_parameters`.
    fn rope(&self) -> Result<RopeConfig, LlamaError> {
        let given = [&self.rope_parameters, &self.rope_scaling].into_iter().flatten().find(|v| !v.is_null());
        let theta = given.and_then(|v| v.get("rope_theta")).and_then(|v| v.as_f64()).or(self.rope_theta);
        let theta = theta.unwrap_or(10_000.0);
        let kind = given.and_then(|v| v.get("rope_type").or_else(|| v.get("type"))).and_then(|v| v.as_str());
        let llama3 = match (kind, given) {
            (None | Some("default"), _) => None,
            (Some("llama3"), Some(value)) => Some(
                serde_json::from_value(value.clone())
                    .map_err(|e| bad(format!("the llama3 rotary scaling is incomplete: {e}")))?,
            ),
            (Some(other), _) => {
                return Err(bad(format!("rope_type is {other:?}, and only \"default\" and \"llama3\" are supported")));
            }
        };
        Ok(RopeConfig { theta, llama3 })
    }
}

fn bad(reason: impl Into<String>) -> LlamaError {
    LlamaError::Config { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(extra: &str) -> String {
        format!(
            r#"{{"model_type":"llama","vocab_size":10,"hidden_size":8,"intermediate_size":16,"num_hidden_layers":1,
                "num_attention_heads":4,"num_key_value_heads":2,"max_position_embeddings":32{extra}}}"#
        )
    }

    fn refused(extra: &str) -> String {
        LlamaConfig::from_json(json(extra).as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn defaults_are_those_of_transformers() {
        let c = LlamaConfig::from_json(json("").as_bytes()).unwrap();
        assert_eq!((c.head_dim, c.rms_norm_eps, c.rope.theta, c.tie_word_embeddings), (2, 1e-6, 10_000.0, false));
    }

    #[test]
    fn both_ways_to_write_rope() {
        let scaling = r#""rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
            "original_max_position_embeddings":16"#;
        let old = format!(r#","rope_theta":500.0,"rope_scaling":{{{scaling}}}"#);
        let new = format!(r#","rope_parameters":{{"rope_theta":500.0,{scaling}}}"#);
        let [old, new] = [old, new].map(|e| LlamaConfig::from_json(json(&e).as_bytes()).unwrap().rope);
        assert_eq!(old, new);
        assert_eq!((old.theta, old.llama3.unwrap().factor), (500.0, 8.0));
    }

    #[test]
    fn what_is_not_a_plain_llama_is_refused() {
        assert!(refused(r#","attention_bias":true"#).contains("bias"));
        assert!(refused(r#","hidden_act":"gelu""#).contains("gelu"));
        assert!(refused(r#","rope_scaling":{"rope_type":"yarn"}"#).contains("yarn"));
        assert!(refused(r#","head_dim":3"#).contains("even"));
        assert!(refused(r#","quantization_config":{}"#).contains("quantised"));
        assert!(LlamaConfig::from_json(b"{").unwrap_err().to_string().contains("config.json"));
    }
}
