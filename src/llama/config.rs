//! [`LlamaConfig`]: the part of a Hugging Face `config.json` that decides the computation.

use serde::Deserialize;

use super::LlamaError;
use super::error::{at_most, plain, quoted};

/// The longest sequence for which rotary tables are built, whatever the config allows: 4096 positions of 64 are 1 MiB.
const LONGEST: usize = 4096;
/// The largest `config.json` that is read, in bytes; real ones have about a thousand.
pub const LARGEST_CONFIG: usize = 1 << 20;
/// The most tokens that may end an answer; each is compared with each token of an answer.
const MOST_ENDS: usize = 256;
/// transformers' `rope_theta` where the config has none.
const DEFAULT_THETA: f64 = 10_000.0;

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
    partial_rotary_factor: Option<f64>,
}

/// What `rope_parameters` or `rope_scaling` say in either version of transformers.
#[derive(Deserialize)]
struct RawRope {
    rope_theta: Option<f64>,
    rope_type: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    factor: Option<f64>,
    partial_rotary_factor: Option<f64>,
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
    /// `model_type` or activation, biases, an unknown rotary scaling, quantised weights, sizes that do not fit together,
    /// or numbers that no model has: what would be allocated for them, or come out as no number, is refused here.
    pub fn from_json(bytes: &[u8]) -> Result<Self, LlamaError> {
        at_most("it", bytes, LARGEST_CONFIG).map_err(bad)?;
        let raw: Raw = serde_json::from_slice(bytes)
            .map_err(|e| bad(format!("it is not a Llama's config.json: {}", plain(&e.to_string()))))?;
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
            ("vocab_size", self.vocab_size, 1 << 20),
            ("hidden_size", self.hidden_size, 1 << 16),
            ("intermediate_size", self.intermediate_size, 1 << 18),
            ("num_hidden_layers", self.num_hidden_layers, 1 << 10),
            ("num_attention_heads", self.num_attention_heads, 1 << 10),
            ("num_key_value_heads", self.num_key_value_heads, 1 << 10),
            ("head_dim", self.head_dim, 1 << 10),
            ("max_position_embeddings", self.max_positions, LONGEST),
        ];
        for (name, size, largest) in sizes {
            if !(1..=largest).contains(&size) {
                return Err(bad(format!("{name} is {size}, and must be from 1 to {largest}")));
            }
        }
        within("rms_norm_eps", self.rms_norm_eps, 1e-12, 0.1)?;
        self.rope.check()?;
        if self.eos_token_ids.len() > MOST_ENDS {
            let given = self.eos_token_ids.len();
            return Err(bad(format!("eos_token_id names {given} tokens, and may name at most {MOST_ENDS}")));
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

impl RopeConfig {
    /// Wavelengths are finite and grow, and the band between stretched and unstretched ones has a width.
    fn check(&self) -> Result<(), LlamaError> {
        within("rope_theta", self.theta, 1.0, 1e12)?;
        let Some(scaling) = &self.llama3 else {
            return Ok(());
        };
        within("the rotary scaling's factor", scaling.factor, 1.0, 1e6)?;
        within("low_freq_factor", scaling.low_freq_factor, 1e-3, 1e6)?;
        within("high_freq_factor", scaling.high_freq_factor, 1e-3, 1e6)?;
        let original = scaling.original_max_position_embeddings;
        within("original_max_position_embeddings", original, 1.0, f64::from(1 << 24))?;
        // As f32, in which the frequencies are computed.
        if scaling.low_freq_factor as f32 >= scaling.high_freq_factor as f32 {
            return Err(bad(format!(
                "low_freq_factor is {}, and must be less than high_freq_factor, {}",
                scaling.low_freq_factor, scaling.high_freq_factor
            )));
        }
        Ok(())
    }
}

impl Raw {
    fn refuse_other_models(&self) -> Result<(), LlamaError> {
        if let Some(kind) = self.model_type.as_deref().filter(|&kind| kind != "llama") {
            return Err(bad(format!("model_type is {}, and only \"llama\" can be run", quoted(kind))));
        }
        if self.attention_bias == Some(true) || self.mlp_bias == Some(true) {
            return Err(bad("attention_bias or mlp_bias is true, and projections with a bias are not supported"));
        }
        if let Some(act) = self.hidden_act.as_deref().filter(|&act| act != "silu") {
            return Err(bad(format!("hidden_act is {}, and only \"silu\" is supported", quoted(act))));
        }
        if let Some(share) = self.partial_rotary_factor.filter(|&share| share != 1.0) {
            return Err(bad(format!("partial_rotary_factor is {share}, and only 1 is supported")));
        }
        if self.quantization_config.is_some() {
            return Err(bad("the weights are quantised; use the F32, F16 or BF16 version of the model"));
        }
        Ok(())
    }

    /// transformers 4 writes `rope_theta` and `rope_scaling`, transformers 5 writes both into `rope_parameters`.
    fn rope(&self) -> Result<RopeConfig, LlamaError> {
        let given = [&self.rope_parameters, &self.rope_scaling].into_iter().flatten().find(|v| !v.is_null());
        let Some(given) = given else {
            return Ok(RopeConfig { theta: self.rope_theta.unwrap_or(DEFAULT_THETA), llama3: None });
        };
        let rope: RawRope = serde_json::from_value(given.clone())
            .map_err(|e| bad(format!("the rotary embedding cannot be read: {}", plain(&e.to_string()))))?;
        if let Some(share) = rope.partial_rotary_factor.filter(|&share| share != 1.0) {
            return Err(bad(format!("partial_rotary_factor is {share}, and only 1 is supported")));
        }
        let theta = rope.rope_theta.or(self.rope_theta).unwrap_or(DEFAULT_THETA);
        let llama3 = match rope.rope_type.or(rope.kind).as_deref() {
            None if rope.factor.is_some() => {
                return Err(bad("the rotary scaling has a factor and no rope_type, which must be \"llama3\""));
            }
            None | Some("default") => None,
            Some("llama3") => Some(
                serde_json::from_value(given.clone())
                    .map_err(|e| bad(format!("the llama3 rotary scaling is incomplete: {}", plain(&e.to_string()))))?,
            ),
            Some(other) => {
                let other = quoted(other);
                return Err(bad(format!("rope_type is {other}, and only \"default\" and \"llama3\" are supported")));
            }
        };
        Ok(RopeConfig { theta, llama3 })
    }
}

/// A number outside its range is named. What is no number is outside of every range.
fn within(name: &str, value: f64, least: f64, most: f64) -> Result<(), LlamaError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(bad(format!("{name} is {value:?}, and must be from {least:?} to {most:?}")))
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
        assert!(refused(r#","partial_rotary_factor":0.5"#).contains("partial_rotary_factor"));
        assert!(refused(r#","rope_scaling":{"factor":2.0}"#).contains("rope_type"));
        assert!(refused(r#","rope_scaling":7"#).contains("rotary"));
        assert!(refused(r#","rope_parameters":{"rope_theta":"500"}"#).contains("rotary"));
        assert!(LlamaConfig::from_json(b"{").unwrap_err().to_string().contains("config.json"));
    }

    /// Numbers that no model has are named with their range, whatever they would do to the computation.
    #[test]
    fn constants_have_ranges() {
        for (name, values) in [
            ("rope_theta", ["0", "-1", "0.5", "1e13", "1e300"].as_slice()),
            ("rms_norm_eps", &["0", "-1", "1e-300", "0.2", "1e300"]),
            ("head_dim", &["0", "1026", "262144", "18446744073709551615"]),
        ] {
            for value in values {
                let message = refused(&format!(r#","{name}":{value}"#));
                assert!(message.contains(name) && message.contains("must be from"), "{message}");
            }
        }
        for (name, value) in [
            ("vocab_size", "1048577"),
            ("hidden_size", "0"),
            ("intermediate_size", "18446744073709551615"),
            ("num_hidden_layers", "16777216"),
            ("num_attention_heads", "0"),
            ("num_key_value_heads", "4294967296"),
            ("max_position_embeddings", "0"),
        ] {
            let mut config: serde_json::Value = serde_json::from_str(&json("")).unwrap();
            config[name] = serde_json::from_str(value).unwrap();
            let message = LlamaConfig::from_json(config.to_string().as_bytes()).unwrap_err().to_string();
            assert!(message.contains(&format!("{name} is {value}, and must be from 1 to")), "{message}");
        }
        assert!(refused(r#","rope_theta":1e400"#).contains("config.json"));
        assert!(refused(&format!(r#","eos_token_id":[{}1]"#, "1,".repeat(MOST_ENDS))).contains("eos_token_id"));
    }

    #[test]
    fn rotary_scalings_have_ranges() {
        let scaled = |factor: &str, low: &str, high: &str, original: &str| {
            let scaling = format!(
                r#","rope_scaling":{{"rope_type":"llama3","factor":{factor},"low_freq_factor":{low},
                    "high_freq_factor":{high},"original_max_position_embeddings":{original}}}"#
            );
            LlamaConfig::from_json(json(&scaling).as_bytes()).map_err(|e| e.to_string())
        };
        assert!(scaled("8.0", "1.0", "4.0", "8192").is_ok());
        assert!(scaled("0", "1.0", "4.0", "8192").unwrap_err().contains("factor is 0"));
        assert!(scaled("8.0", "0", "4.0", "8192").unwrap_err().contains("low_freq_factor is 0"));
        assert!(scaled("8.0", "4.0", "1e9", "8192").unwrap_err().contains("high_freq_factor is 1000000000"));
        assert!(scaled("8.0", "4.0", "4.0", "8192").unwrap_err().contains("less than high_freq_factor"));
        assert!(scaled("8.0", "4.0", "4.00000001", "8192").unwrap_err().contains("less than high_freq_factor"));
        assert!(scaled("8.0", "1.0", "4.0", "0").unwrap_err().contains("original_max_position_embeddings"));
    }
}
