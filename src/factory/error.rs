//! What can go wrong in the factory.

use std::io::ErrorKind;
use std::path::Path;

use crate::disk::{ReadError, WriteError};
use crate::engine::{EngineError, TextError};
use crate::evaluate::EvaluateError;
use crate::llama::LlamaError;

use super::stage::Stage;

/// Why a build cannot begin or go on. What was finished before stays in its folder.
#[derive(Debug, thiserror::Error)]
pub enum FactoryError {
    /// The disk is full.
    #[error(
        "There is no space left for {file} ({bytes} bytes). Free some and start the same build again: it goes on where it stopped. Or choose a folder on another disk with --out: there it begins anew."
    )]
    NoSpace {
        /// The file that was to be written.
        file: String,
        /// Its size.
        bytes: u64,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read: {reason}.")]
    Read {
        /// The file.
        file: String,
        /// The operating system's reason.
        reason: String,
    },
    /// A file cannot be written.
    #[error("{file} cannot be written: {reason}. Mend that, or choose another folder.")]
    Write {
        /// The file.
        file: String,
        /// The operating system's reason.
        reason: String,
    },
    /// A file of the build's folder is not what the build wrote there.
    #[error(
        "{file} is not what the factory wrote ({reason}). Make the stage in whose folder it lies again: --stage STAGE --remake."
    )]
    Content {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A checkpoint cannot be taken up again.
    #[error(
        "The checkpoint {file} is damaged or of another training ({reason}). Delete it and start the same build again: the stage begins anew, and those that are finished stay."
    )]
    Checkpoint {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The folder holds the work of another recipe, seed, world or program.
    #[error(
        "The stage {stage} in {folder} was made differently: {changes}. Choose another folder with --out, or add --remake to make this stage and all that depend on it again, which deletes what they hold."
    )]
    Stale {
        /// The stage.
        stage: Stage,
        /// The build's folder.
        folder: String,
        /// What differs, in words.
        changes: String,
    },
    /// What a stage that was asked for alone is made from was made differently.
    #[error(
        "The stage {stage} is made from what {from} makes, and {from} in {folder} was made differently: {changes}. Make it again first, with --stage {from} --remake; or leave --stage away and add --remake to make it and all that depend on it again."
    )]
    StaleSource {
        /// The stage that was asked for.
        stage: Stage,
        /// The stage that it is made from.
        from: Stage,
        /// The build's folder.
        folder: String,
        /// What differs, in words.
        changes: String,
    },
    /// A stage cannot begin before another has ended.
    #[error(
        "The stage {stage} needs what {missing} makes, and {missing} is not finished. Run it first: --stage {missing}."
    )]
    TooEarly {
        /// The stage.
        stage: Stage,
        /// The stage that it waits for.
        missing: Stage,
    },
    /// Another build works in the same folder.
    #[error("Another build is working in {folder}. Wait for it to end, or choose another folder with --out.")]
    Busy {
        /// The build's folder.
        folder: String,
    },
    /// There are no finished models to ship.
    #[error("The build in {folder} has no finished models. Let it come to its end first.")]
    NotFinished {
        /// The build's folder.
        folder: String,
    },
    /// There is no such recipe.
    #[error("There is no recipe {name:?}. The recipes are {}.", super::recipe::names())]
    UnknownRecipe {
        /// The name.
        name: String,
    },
    /// There is no such stage.
    #[error("There is no stage {name:?}. The stages are {}.", super::stage::list(&Stage::ALL))]
    UnknownStage {
        /// The name.
        name: String,
    },
    /// A recipe makes no model in this stage.
    #[error(
        "The recipe {recipe} makes a relative alone, without a stage {stage}. Its stages are {}.",
        super::stage::list(stages)
    )]
    NoStage {
        /// The recipe's name.
        recipe: String,
        /// The stage that was asked for.
        stage: Stage,
        /// Those that there are.
        stages: &'static [Stage],
    },
    /// A relative's build cannot be compared with those of families.
    #[error(
        "The build in {folder} is of a relative: its base is not measured, and sizes are compared of whole families."
    )]
    Relative {
        /// The build's folder.
        folder: String,
    },
    /// A recipe describes something that cannot be built.
    #[error("The recipe {name} cannot be built: {reason}.")]
    Recipe {
        /// The recipe's name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The training lost its way.
    #[error(
        "The training of {stage} diverged: in step {step} the loss is {loss} and the gradient's norm {grad_norm}. Lower the learning rate in the recipe, and start again with --remake."
    )]
    Diverged {
        /// The stage.
        stage: Stage,
        /// The step.
        step: u64,
        /// The loss: it or the norm is no finite number.
        loss: f64,
        /// The norm of the gradient.
        grad_norm: f64,
    },
    /// The corpus, the tokenizer or the trainer failed.
    #[error("{what} failed: {reason}.")]
    Failed {
        /// What was at work, such as `Training the tokenizer`.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// A result cannot be drawn or written up.
    #[error("{what} cannot be rendered: {reason}.")]
    Render {
        /// What, such as `models/README.md`.
        what: String,
        /// The renderer's message.
        reason: String,
    },
    /// The caller asked to stop.
    #[error("Stopped. Start the same build again to go on from the last checkpoint.")]
    Stopped,
    /// A model is broken or the device failed.
    #[error(transparent)]
    Model(LlamaError),
    /// The tokenizer or the chat template failed.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A model cannot be put together or asked.
    #[error(transparent)]
    Engine(EngineError),
    /// A model cannot be asked what is to be asked.
    #[error(transparent)]
    Evaluate(EvaluateError),
}

impl From<LlamaError> for FactoryError {
    fn from(error: LlamaError) -> Self {
        match error {
            LlamaError::Cancelled => Self::Stopped,
            other => Self::Model(other),
        }
    }
}

impl From<EngineError> for FactoryError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Interrupted => Self::Stopped,
            other => Self::Engine(other),
        }
    }
}

impl From<EvaluateError> for FactoryError {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Engine(error) => error.into(),
            other => Self::Evaluate(other),
        }
    }
}

impl FactoryError {
    /// A file cannot be read.
    pub fn read(file: &Path, error: &ReadError) -> Self {
        Self::Read { file: file.display().to_string(), reason: error.to_string() }
    }

    /// A file of this size cannot be written: no space, or another reason.
    pub fn write(file: &Path, bytes: u64, error: &WriteError) -> Self {
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
        let file = file.display().to_string();
        match error {
            WriteError::Io(error) if full.contains(&error.kind()) => Self::NoSpace { file, bytes },
            error => Self::Write { file, reason: error.to_string() },
        }
    }

    /// A file has the wrong content.
    pub fn content(file: &Path, reason: impl ToString) -> Self {
        Self::Content { file: file.display().to_string(), reason: reason.to_string() }
    }

    /// A checkpoint cannot be taken up again.
    pub fn checkpoint(file: &Path, reason: impl ToString) -> Self {
        Self::Checkpoint { file: file.display().to_string(), reason: reason.to_string() }
    }

    /// Whether the caller asked to stop, in whatever part of the factory.
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::Stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_from_other_failures() {
        let file = Path::new("base/step-100.ckpt");
        let io = |kind: ErrorKind| WriteError::Io(kind.into());
        let full = FactoryError::write(file, 12, &io(ErrorKind::StorageFull));
        assert!(matches!(&full, FactoryError::NoSpace { bytes: 12, .. }), "{full}");
        assert!(full.to_string().contains("--out"), "{full}");
        let denied = FactoryError::write(file, 12, &io(ErrorKind::PermissionDenied));
        assert!(denied.to_string().contains("permission was denied"), "{denied}");
    }

    #[test]
    fn a_stop_is_known_wherever_it_happened() {
        assert!(FactoryError::Stopped.is_stop());
        assert!(FactoryError::from(LlamaError::Cancelled).is_stop());
        assert!(FactoryError::from(EngineError::from(LlamaError::Cancelled)).is_stop());
        assert!(FactoryError::from(EvaluateError::from(EngineError::Interrupted)).is_stop());
        assert!(FactoryError::from(EvaluateError::from(LlamaError::Cancelled)).is_stop());
        assert!(!FactoryError::from(EvaluateError::NoQuestions).is_stop());
        assert!(!FactoryError::UnknownRecipe { name: "x".into() }.is_stop());
    }
}
