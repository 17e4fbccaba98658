//! What can go wrong on the command line.

use std::path::Path;

use crate::corpus::SetError;
use crate::defence::DefenceError;
use crate::disk::{ReadError, WriteError};
use crate::engine::EngineError;
use crate::evaluate::EvaluateError;
use crate::factory::FactoryError;
use crate::host::SiteError;
use crate::llama::LlamaError;
use crate::run::RunError;
use crate::study::{CompareError, RecordedError, UnknownPreset};
use crate::text::JsonlError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A file cannot be read.
    #[error("{file} cannot be read: {reason}.")]
    Read {
        /// The file.
        file: String,
        /// The operating system's reason.
        reason: String,
    },
    /// A file cannot be written.
    #[error("{file} cannot be written: {reason}.")]
    Write {
        /// The file.
        file: String,
        /// The operating system's reason.
        reason: String,
    },
    /// A file has the wrong content.
    #[error("{file}: {reason}")]
    Content {
        /// The file.
        file: String,
        /// What is wrong, as a sentence.
        reason: String,
    },
    /// A file of a model folder is missing.
    #[error(
        "The model folder {folder} has no {file}. A model needs config.json, tokenizer.json, tokenizer_config.json and model.safetensors (or shards with model.safetensors.index.json). Bundled models: {}.",
        super::files::bundled_names()
    )]
    NoModel {
        /// The folder.
        folder: String,
        /// What it lacks.
        file: &'static str,
    },
    /// There is no GPU.
    #[error("No GPU can be used: {reason}. Install its driver (Vulkan, Metal or DX12), or use --device cpu.")]
    NoGpu {
        /// The driver's message.
        reason: String,
    },
    /// CUDA cannot be used.
    #[error("CUDA cannot be used: {reason}")]
    NoCuda {
        /// Why, and what to do, as sentences.
        reason: String,
    },
    /// The golden check found a wrong number.
    #[error(
        "This device computes wrong numbers: {place} is not what it should be. Update its driver, or use --device cpu."
    )]
    WrongNumbers {
        /// Which number.
        place: String,
    },
    /// An option has no meaning.
    #[error("{0}")]
    Option(String),
    /// Files of a conversation.
    #[error("{file}: {error}")]
    Jsonl {
        /// The file.
        file: String,
        /// What is wrong.
        error: JsonlError,
    },
    /// The user pressed Ctrl-C, or the process was asked to end in another way.
    #[error("Interrupted.")]
    Interrupted,
    /// A result cannot be printed.
    #[error("The result cannot be written to standard output: {reason}.")]
    Output {
        /// The operating system's reason.
        reason: String,
    },
    /// Nobody reads standard output any more: no error, and a reason to end.
    #[error("Standard output was closed.")]
    Closed,
    /// Several things failed, each of which the user should know.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Several(Vec<CliError>),
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
    /// The plan cannot be run, or the run cannot go on.
    #[error(transparent)]
    Run(RunError),
    /// There is no such preset.
    #[error(transparent)]
    Preset(#[from] UnknownPreset),
    /// The records cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A run cannot be recorded.
    #[error(transparent)]
    Recorded(#[from] RecordedError),
    /// The questions cannot be asked.
    #[error(transparent)]
    Evaluate(EvaluateError),
    /// A set cannot be drawn.
    #[error(transparent)]
    Set(#[from] SetError),
    /// A plan's data or defences cannot be had.
    #[error(transparent)]
    Data(#[from] DefenceError),
    /// There is no site to serve.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A build cannot begin or go on.
    #[error(transparent)]
    Factory(#[from] FactoryError),
}

impl From<EngineError> for CliError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Interrupted => Self::Interrupted,
            other => Self::Engine(other),
        }
    }
}

impl From<EvaluateError> for CliError {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Engine(error) => error.into(),
            other => Self::Evaluate(other),
        }
    }
}

impl From<RunError> for CliError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Interrupted => Self::Interrupted,
            other => Self::Run(other),
        }
    }
}

impl From<LlamaError> for CliError {
    fn from(error: LlamaError) -> Self {
        EngineError::from(error).into()
    }
}

impl CliError {
    /// A file cannot be read.
    pub fn read(file: &Path, error: &ReadError) -> Self {
        Self::Read { file: file.display().to_string(), reason: error.to_string() }
    }

    /// A file cannot be written.
    pub fn write(file: &Path, error: &WriteError) -> Self {
        Self::Write { file: file.display().to_string(), reason: error.to_string() }
    }

    /// A file has the wrong content.
    pub fn content(file: &Path, reason: impl Into<String>) -> Self {
        Self::Content { file: file.display().to_string(), reason: reason.into() }
    }

    /// All that failed, as one error; none if nothing did.
    ///
    /// # Errors
    ///
    /// What failed.
    pub fn all(mut errors: Vec<Self>) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }
}
