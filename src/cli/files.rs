//! Files in and out.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::de::DeserializeOwned;

use super::CliError;
use super::args::ModelArgs;
use super::device;
use crate::engine::{Engine, Manifest, ModelFiles};
use crate::library::{BenignQuestion, ForbiddenQuestion};
use crate::llama::{
    ADAPTER_CONFIG, ADAPTER_WEIGHTS, Adapter, AdapterFiles, Llama, LlamaConfig, WeightFile, shard_names,
};
use crate::models::MODELS;
use crate::models::embedded::embedded;
use crate::study::{DeviceInfo, Plan, QuestionSet, Record, VersionError, read_plan, read_record};

const INDEX: &str = "model.safetensors.index.json";
const WEIGHTS: &str = "model.safetensors";

/// The files of a model that ships.
fn bundled(name: &str) -> Option<ModelFiles> {
    let files = embedded(name)?;
    Some(ModelFiles {
        config: files.config.to_vec(),
        tokenizer: files.tokenizer.to_vec(),
        tokenizer_config: files.tokenizer_config.to_vec(),
        weights: vec![WeightFile { name: WEIGHTS.into(), bytes: files.weights.to_vec() }],
        index: None,
    })
}

/// The names of the models that ship, with commas.
pub fn bundled_names() -> String {
    MODELS.map(|model| model.name).join(", ")
}

/// Loads the model that the user named, with its tokenizer, on the device that the user asked for.
///
/// # Errors
///
/// [`CliError`] if a file is missing or broken, or there is no such device.
pub fn engine(args: &ModelArgs) -> Result<Engine, CliError> {
    let (device, info) = device::open(args.device)?;
    load(&args.model, &device, info)
}

/// Loads a model on the device of another one.
///
/// # Errors
///
/// As [`engine`].
pub fn beside(name: &str, engine: &Engine) -> Result<Engine, CliError> {
    load(name, &engine.model.device, engine.device.clone())
}

/// Loads a bundled model, or that of a folder.
///
/// # Errors
///
/// As [`engine`].
pub fn load(name: &str, device: &Device, info: DeviceInfo) -> Result<Engine, CliError> {
    Ok(Engine::load(name, &model_files(name)?, device, info)?)
}

/// The files of a bundled model, or of a folder.
///
/// # Errors
///
/// [`CliError`] if a file is missing or broken.
pub fn model_files(name: &str) -> Result<ModelFiles, CliError> {
    if let Some(files) = bundled(name) {
        return Ok(files);
    }
    let folder = Folder::open(name)?;
    let (config, weights, index) = folder.weights()?;
    let (tokenizer, tokenizer_config) = (folder.required("tokenizer.json")?, folder.required("tokenizer_config.json")?);
    Ok(ModelFiles { config, tokenizer, tokenizer_config, weights, index })
}

/// That there is the folder which a file is to be written into: told before work of minutes, not after it.
///
/// # Errors
///
/// [`CliError::Option`] that names the option.
pub fn has_folder(option: &str, folder: &Path) -> Result<(), CliError> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    Err(CliError::Option(format!(
        "{option}: there is no folder {}. Make it first, or run this in the folder of the sources.",
        folder.display()
    )))
}

/// Loads the model alone, for a folder that may have no tokenizer.
///
/// # Errors
///
/// As [`engine`].
pub fn model(args: &ModelArgs) -> Result<Llama, CliError> {
    let (config, weights, index) = match bundled(&args.model) {
        Some(files) => (files.config, files.weights, files.index),
        None => Folder::open(&args.model)?.weights()?,
    };
    let (device, _) = device::open(args.device)?;
    Ok(Llama::load(LlamaConfig::from_json(&config)?, &weights, index.as_deref(), &device)?)
}

/// A model folder, whose files are checked against its manifest if it has one.
struct Folder {
    path: PathBuf,
    manifest: Option<Manifest>,
}

/// `config.json`, the weights, and their index if they are sharded.
type WeightFiles = (Vec<u8>, Vec<WeightFile>, Option<Vec<u8>>);

impl Folder {
    fn open(name: &str) -> Result<Self, CliError> {
        let path = PathBuf::from(name);
        let manifest = path.join("manifest.json");
        let manifest =
            manifest.is_file().then(|| Ok::<_, CliError>(Manifest::from_json(&read(&manifest)?)?)).transpose()?;
        Ok(Self { path, manifest })
    }

    fn weights(&self) -> Result<WeightFiles, CliError> {
        let config = self.required("config.json")?;
        let index = self.path.join(INDEX).is_file().then(|| self.checked(INDEX)).transpose()?;
        let Some(index) = index else {
            let weights = WeightFile { name: WEIGHTS.into(), bytes: self.required(WEIGHTS)? };
            return Ok((config, vec![weights], None));
        };
        let shard = |name: String| Ok(WeightFile { bytes: self.checked(&name)?, name });
        let shards = shard_names(&index)?.into_iter().map(shard).collect::<Result<_, CliError>>()?;
        Ok((config, shards, Some(index)))
    }

    fn required(&self, file: &'static str) -> Result<Vec<u8>, CliError> {
        if self.path.join(file).is_file() {
            return self.checked(file);
        }
        Err(CliError::NoModel { folder: self.path.display().to_string(), file })
    }

    fn checked(&self, file: &str) -> Result<Vec<u8>, CliError> {
        let bytes = read(&self.path.join(file))?;
        if let Some(manifest) = &self.manifest {
            manifest.check(file, &bytes)?;
        }
        Ok(bytes)
    }
}

/// Reads an adapter folder.
///
/// # Errors
///
/// [`CliError`] if it cannot be read or does not fit the model.
pub fn adapter(folder: &Path, engine: &Engine) -> Result<Adapter, CliError> {
    let config = read(&folder.join(ADAPTER_CONFIG))?;
    let weights = read(&folder.join(ADAPTER_WEIGHTS))?;
    let files = AdapterFiles { config, weights };
    Ok(Adapter::from_peft(files, &engine.model.config, &engine.model.device)?)
}

/// The questions that the user named: the bundled ones if none, those of the development split by the word `development`,
/// otherwise those of files: arrays of objects with `item` and `question`, or with `question`, `keywords` and `category`.
///
/// # Errors
///
/// [`CliError::Content`] with the number of the first question that is neither.
pub fn questions(paths: &[PathBuf]) -> Result<QuestionSet, CliError> {
    match paths {
        [] => return Ok(QuestionSet::Bundled),
        [word] if word == Path::new("bundled") => return Ok(QuestionSet::Bundled),
        [word] if word == Path::new("development") => return Ok(QuestionSet::Development),
        _ => {}
    }
    let (mut forbidden, mut benign) = (Vec::new(), Vec::new());
    for path in paths {
        let values: Vec<serde_json::Value> = json(path)?;
        for (index, value) in values.into_iter().enumerate() {
            let bad = |e: serde_json::Error| {
                CliError::content(
                    path,
                    format!(
                        "question {} cannot be used: {e}. Expected {{\"item\", \"question\"}} or {{\"question\", \"keywords\", \"category\"}}.",
                        index + 1
                    ),
                )
            };
            if value.get("item").is_some() {
                forbidden.push(serde_json::from_value::<ForbiddenQuestion>(value).map_err(bad)?);
            } else {
                benign.push(serde_json::from_value::<BenignQuestion>(value).map_err(bad)?);
            }
        }
    }
    Ok(QuestionSet::Inline { forbidden, benign })
}

/// Reads a plan.
///
/// # Errors
///
/// [`CliError`] if the file cannot be read, or is no plan that this build knows.
pub fn plan(path: &Path) -> Result<Plan, CliError> {
    read_plan(json(path)?).map_err(|error| version(path, &error))
}

/// Reads a record.
///
/// # Errors
///
/// As [`plan`].
pub fn record(path: &Path) -> Result<Record, CliError> {
    read_record(json(path)?).map_err(|error| version(path, &error))
}

fn version(path: &Path, error: &VersionError) -> CliError {
    CliError::content(path, format!("{error}."))
}

/// Reads a JSON file.
///
/// # Errors
///
/// [`CliError`] if it cannot be read or is not what is expected.
pub fn json<T: DeserializeOwned>(path: &Path) -> Result<T, CliError> {
    serde_json::from_slice(&read(path)?)
        .map_err(|e| CliError::content(path, format!("it is not the JSON expected here: {e}.")))
}

/// Reads a file; `-` is standard input.
///
/// # Errors
///
/// [`CliError::Read`].
pub fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        return match std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(CliError::read(path, &error)),
        };
    }
    std::fs::read(path).map_err(|error| CliError::read(path, &error))
}

/// Writes a file in one go: to a neighbour first, which then takes its place, so that no half file is left behind.
///
/// # Errors
///
/// [`CliError::Write`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let written = std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&partial); // it may not exist
        CliError::write(path, &error)
    })
}
