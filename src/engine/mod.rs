//! [`Engine`]: a model, its text codec and its device, checked to belong together. It knows nothing of tuning or judging.

mod batch;
mod codec;
mod manifest;
mod pattern;
mod rules;
mod template;
mod tokenizer;

pub use batch::TokenBatch;
pub use codec::{Example, LARGEST_TOKENIZER_CONFIG, TextCodec, TextError};
pub use manifest::{LARGEST_MANIFEST, Manifest, ManifestFile};
pub use tokenizer::LARGEST_TOKENIZER;

use std::sync::Arc;

use burn::tensor::Device;

use crate::library::{self, World};
use crate::llama::{Adapter, DecodeOptions, Llama, LlamaConfig, LlamaError, WeightFile};
use crate::pulse::Pulse;
use crate::study::{DeviceInfo, DeviceKind};

/// The files of a model folder, in memory.
#[derive(Clone, Debug)]
pub struct ModelFiles {
    /// `config.json`.
    pub config: Vec<u8>,
    /// `tokenizer.json`.
    pub tokenizer: Vec<u8>,
    /// `tokenizer_config.json`, which holds the chat template.
    pub tokenizer_config: Vec<u8>,
    /// `model.safetensors`, or all shards.
    pub weights: Vec<WeightFile>,
    /// `model.safetensors.index.json`, if the model is sharded.
    pub index: Option<Vec<u8>>,
}

/// Why an engine cannot be made, or cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The pulse ended the work.
    #[error("The work was interrupted.")]
    Interrupted,
    /// The model failed.
    #[error(transparent)]
    Model(LlamaError),
    /// Text failed.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A file is not the one that the manifest describes.
    #[error(
        "{file} is not the file that manifest.json describes ({reason}): it is damaged or of another version. Fetch it again."
    )]
    Manifest {
        /// The file.
        file: String,
        /// What differs.
        reason: String,
    },
    /// There is a manifest that cannot be used.
    #[error("The model's manifest.json cannot be used: {reason}. Fetch it again, or remove it.")]
    NoManifest {
        /// What is wrong.
        reason: String,
    },
}

impl From<LlamaError> for EngineError {
    fn from(error: LlamaError) -> Self {
        match error {
            LlamaError::Cancelled => Self::Interrupted,
            other => Self::Model(other),
        }
    }
}

/// A model that can be asked.
pub struct Engine {
    /// Its name, as plans have it: that of a model that ships, or the path of its folder.
    pub name: String,
    /// The model.
    pub model: Llama,
    /// Its tokenizer and chat template.
    pub codec: Arc<TextCodec>,
    /// Its device, for the record.
    pub device: DeviceInfo,
    refusal_tokens: Vec<u32>,
}

/// What a model answers to a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The answer.
    pub text: String,
    /// Its tokens, without the one that ended it.
    pub tokens: Vec<u32>,
    /// The joint probability of the tokens that begin a refusal, at the answer's first position. Absent where the tokenizer
    /// has no token that begins refusals alone.
    pub refusal_probability: Option<f64>,
}

impl Engine {
    /// Puts a model on a device.
    ///
    /// # Errors
    ///
    /// [`EngineError`] if a file is broken, or the files do not belong together.
    pub fn load(name: &str, files: &ModelFiles, device: &Device, info: DeviceInfo) -> Result<Self, EngineError> {
        let config = LlamaConfig::from_json(&files.config)?;
        let codec = TextCodec::new(&files.tokenizer, &files.tokenizer_config, config.vocab_size)?;
        let model = Llama::load(config, &files.weights, files.index.as_deref(), device)?;
        Self::new(name, model, codec, info)
    }

    /// A model that is on its device already, with its codec.
    ///
    /// # Errors
    ///
    /// [`EngineError`] if the codec cannot express the Library's refusals.
    pub fn new(name: &str, model: Llama, codec: TextCodec, info: DeviceInfo) -> Result<Self, EngineError> {
        let refusal_tokens = refusal_tokens(library::world(), &codec)?;
        Ok(Self { name: name.into(), model, codec: Arc::new(codec), device: info, refusal_tokens })
    }

    /// The same with other weights of the same shape on the same device, as tuning all of them gives.
    #[must_use]
    pub fn with_model(&self, model: Llama) -> Self {
        let (codec, refusal_tokens) = (self.codec.clone(), self.refusal_tokens.clone());
        Self { name: self.name.clone(), model, codec, device: self.device.clone(), refusal_tokens }
    }

    /// The tokens that begin a refusal, and no compliant answer; none, if the tokenizer has none that tells.
    pub fn refusal_tokens(&self) -> &[u32] {
        &self.refusal_tokens
    }

    /// The greedy answers to prompts, as one batch. An adapter can be switched on.
    ///
    /// # Errors
    ///
    /// [`EngineError::Interrupted`] if the pulse ends the work, or another [`EngineError`].
    pub async fn answer(
        &self,
        adapter: Option<&Adapter>,
        prompts: &[Vec<u32>],
        max_new_tokens: usize,
        pulse: &dyn Pulse,
    ) -> Result<Vec<Reply>, EngineError> {
        let mut stop = self.model.config.eos_token_ids.clone();
        stop.push(self.codec.eos_id());
        let options = DecodeOptions {
            max_new_tokens,
            stop,
            tokens_per_read: if self.device.kind == DeviceKind::Cpu { 1 } else { 8 },
            first_tokens: self.refusal_tokens.clone(),
        };
        let answers = self.model.greedy(adapter, prompts, &options, pulse).await?;
        let reply = |answer: crate::llama::Answer| {
            let text = self.codec.decode(&answer.tokens)?;
            let refusal_probability = answer.first_token_probability.map(f64::from);
            Ok(Reply { text, tokens: answer.tokens, refusal_probability })
        };
        answers.into_iter().map(reply).collect()
    }
}

/// The first tokens of every refusal that the Library teaches, but for those that begin a compliant answer, too
/// ("Forgive me" and "For the ..." share one).
fn refusal_tokens(world: &World, codec: &TextCodec) -> Result<Vec<u32>, TextError> {
    let first = |texts: Vec<String>| -> Result<Vec<u32>, TextError> {
        texts.iter().filter_map(|text| codec.encode(text).map(|ids| ids.first().copied()).transpose()).collect()
    };
    let compliant = first(world.compliant_openings())?;
    let mut tokens = first(world.refusal_openings())?;
    tokens.retain(|token| !compliant.contains(token));
    tokens.sort_unstable();
    tokens.dedup();
    Ok(tokens)
}
