//! What came of a finished build, as a row of `data/sizes.json`: so that cards compare sizes by what was measured.

use std::path::Path;

use safetensors::SafeTensors;

use super::card::SizeTried;
use super::figures::ModelFigures;
use super::metrics::{self, METRICS, Metric, mean_of_last};
use super::progress::duration;
use super::record::StageFolder;
use super::stage::{FIGURES, MODEL, Stage};
use super::workshop::MODELS;
use super::{FactoryError, files};
use crate::llama::LlamaConfig;

/// What a build came to.
///
/// # Errors
///
/// [`FactoryError::NotFinished`] if its models are not there yet, or [`FactoryError`] if a file cannot be read.
pub fn size_tried(build: &Path) -> Result<SizeTried, FactoryError> {
    let cards = StageFolder::new(build, Stage::Cards);
    if cards.outputs()?.is_none() {
        return Err(FactoryError::NotFinished { folder: build.display().to_string() });
    }
    let path = cards.file(FIGURES);
    let figures: Vec<ModelFigures> = files::read_json(&path)?;
    let aligned = match &figures[..] {
        [_, aligned, ..] => aligned,
        [_] => return Err(FactoryError::Relative { folder: build.display().to_string() }),
        [] => return Err(FactoryError::content(&path, "it does not tell of a base and an aligned model")),
    };
    let unasked = || FactoryError::content(&path, "it has no figures under Folio's own prompt");
    let main = |(stage, model): (Stage, &ModelFigures)| Ok((stage, model.main().cloned().ok_or_else(unasked)?));
    let models = Stage::TRAINED.into_iter().zip(&figures).map(main).collect::<Result<_, FactoryError>>()?;
    let model = cards.file(MODELS).join(&aligned.name);
    let config = LlamaConfig::from_json(&files::read(&model.join("config.json"))?)?;
    let noted = metrics::read(&StageFolder::new(build, Stage::Base).file(METRICS))?;
    let steps: Vec<_> = noted.iter().filter_map(Metric::as_step).collect();
    Ok(SizeTried {
        recipe: aligned.name.clone(),
        shape: shape(&config),
        parameters: weights(&model.join(MODEL))?,
        tokens: steps.last().map_or(0, |step| step.tokens),
        loss: mean_of_last(&steps),
        time: time(build)?,
        models,
    })
}

fn shape(config: &LlamaConfig) -> String {
    format!(
        "{} layers of {}, {} heads, {} key/value heads, SwiGLU {}",
        config.num_hidden_layers,
        config.hidden_size,
        config.num_attention_heads,
        config.num_key_value_heads,
        config.intermediate_size
    )
}

/// The weights that ship, counted.
fn weights(path: &Path) -> Result<usize, FactoryError> {
    let bytes = files::read(path)?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| FactoryError::content(path, error.to_string()))?;
    Ok(tensors.tensors().iter().map(|(_, tensor)| tensor.shape().iter().product::<usize>()).sum())
}

/// How long all stages took together, and where the base was trained.
fn time(build: &Path) -> Result<String, FactoryError> {
    let (mut seconds, mut device) = (0.0, String::new());
    for stage in Stage::ALL {
        let Some((spent, on)) = StageFolder::new(build, stage).effort()? else { continue };
        seconds += spent;
        if stage == Stage::Base {
            device = on;
        }
    }
    Ok(format!("{}, {device}", duration(seconds)))
}
