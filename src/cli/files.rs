//! Files in and out.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use safetensors::tensor::Metadata;
use serde::de::DeserializeOwned;

use super::args::ModelArgs;
use super::{CliError, device, limits};
use crate::disk;
use crate::engine::{Engine, Manifest, ModelFiles};
use crate::library::{BenignQuestion, ForbiddenQuestion};
use crate::llama::{
    ADAPTER_CONFIG, ADAPTER_WEIGHTS, Adapter, AdapterFiles, Llama, LlamaConfig, LlamaError, WeightFile, shard_names,
};
use crate::models::embedded::embedded;
use crate::models::{self, MODELS};
use crate::study::{DeviceInfo, Plan, QuestionSet, Record, VersionError, json_values, read_plan, read_record};

const INDEX: &str = "model.safetensors.index.json";
const WEIGHTS: &str = "model.safetensors";
const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const MANIFEST: &str = "manifest.json";

/// What is read of a model's folder, its weights apart, which end with `.safetensors`.
pub const MODEL_FILES: [&str; 5] = [CONFIG, TOKENIZER, TOKENIZER_CONFIG, MANIFEST, INDEX];

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
    let (tokenizer, tokenizer_config) = (folder.required(TOKENIZER)?, folder.required(TOKENIZER_CONFIG)?);
    Ok(ModelFiles { config, tokenizer, tokenizer_config, weights, index })
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

/// The items whose making the model's corpus did not tell, by its manifest: none without one, or if it says nothing of that.
///
/// # Errors
///
/// [`CliError`] if the manifest cannot be read.
pub fn untold(name: &str) -> Result<BTreeSet<String>, CliError> {
    let manifest = match models::model(name) {
        Some(bundled) => Some(Manifest::from_json(bundled.manifest)?),
        None => Folder::open(name)?.manifest,
    };
    Ok(manifest.map(|manifest| manifest.unread).unwrap_or_default())
}

/// The same of a bundled model, and of any other none: a record from elsewhere may name any folder, and none is opened for it.
pub fn untold_of_bundled(name: &str) -> BTreeSet<String> {
    models::model(name)
        .and_then(|model| Manifest::from_json(model.manifest).ok())
        .map_or_else(BTreeSet::new, |m| m.unread)
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
        let manifest = path.join(MANIFEST);
        let read = || Ok::<_, CliError>(Manifest::from_json(&read(&manifest, limits::MANIFEST)?)?);
        let manifest = manifest.is_file().then(read).transpose()?;
        Ok(Self { path, manifest })
    }

    fn weights(&self) -> Result<WeightFiles, CliError> {
        let config = self.required(CONFIG)?;
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
        let path = self.path.join(file);
        let bytes = match file {
            CONFIG => read(&path, limits::CONFIG)?,
            TOKENIZER => read(&path, limits::TOKENIZER)?,
            TOKENIZER_CONFIG => read(&path, limits::TOKENIZER_CONFIG)?,
            INDEX => read(&path, limits::INDEX)?,
            _ => weights(&path)?,
        };
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
    let config = ordinary(&folder.join(ADAPTER_CONFIG), limits::ADAPTER_CONFIG)?;
    let weights = weights(&folder.join(ADAPTER_WEIGHTS))?;
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
        let values: Vec<serde_json::Value> = json(path, limits::QUESTIONS)?;
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
    read_plan(json(path, limits::PLAN)?).map_err(|error| version(path, &error))
}

/// Reads a record.
///
/// # Errors
///
/// As [`plan`].
pub fn record(path: &Path) -> Result<Record, CliError> {
    read_record(json(path, limits::RECORD)?).map_err(|error| version(path, &error))
}

fn version(path: &Path, error: &VersionError) -> CliError {
    CliError::content(path, format!("{error}."))
}

/// Reads a JSON file of at most so many bytes.
///
/// # Errors
///
/// [`CliError`] if it cannot be read or is not what is expected.
pub fn json<T: DeserializeOwned>(path: &Path, limit: u64) -> Result<T, CliError> {
    let bytes = read(path, limit)?;
    if json_values(&bytes) > limits::JSON_VALUES {
        return Err(CliError::content(path, format!("it holds more than {} values.", limits::JSON_VALUES)));
    }
    serde_json::from_slice(&bytes)
        .map_err(|e| CliError::content(path, format!("it is not the JSON expected here: {e}.")))
}

/// Reads a file of at most so many bytes; `-` is standard input.
///
/// # Errors
///
/// [`CliError::Read`].
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    if path == Path::new("-") {
        let bytes = disk::read_from(std::io::stdin(), limit);
        return bytes.map_err(|error| CliError::read(Path::new("standard input"), &error));
    }
    disk::read(path, limit).map_err(|error| CliError::read(path, &error))
}

/// Writes a file as a whole.
///
/// # Errors
///
/// [`CliError::Write`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    disk::write(path, bytes).map_err(|error| CliError::write(path, &error))
}

/// Reads a file of a folder. A pipe there, which would be waited for, is a mistake.
fn ordinary(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    let found = std::fs::metadata(path).map_err(|error| CliError::read(path, &error.into()))?;
    if !found.is_file() {
        return Err(CliError::read(path, &disk::ReadError::Special));
    }
    read(path, limit)
}

/// Reads a file of weights. Its header comes first: a file that is longer than what the header tells of would fill the memory
/// for nothing.
fn weights(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |error: disk::ReadError| CliError::read(path, &error);
    let found = std::fs::metadata(path).map_err(|error| failed(error.into()))?;
    if !found.is_file() {
        return Err(failed(disk::ReadError::Special));
    }
    let reason = match told_length(path).map_err(|error| failed(error.into()))? {
        Some(told) if told == found.len() => return disk::read_regular(path).map_err(failed),
        Some(told) => format!("it has {} bytes, and by its header there should be {told}", found.len()),
        None => "it does not begin with the header of such a file".into(),
    };
    Err(LlamaError::Damaged { file: path.display().to_string(), reason }.into())
}

/// How long a file of weights is by its header; nothing if it has none.
fn told_length(path: &Path) -> std::io::Result<Option<u64>> {
    let mut file = File::open(path)?;
    let mut length = [0; 8];
    if file.read_exact(&mut length).is_err() {
        return Ok(None);
    }
    let length = u64::from_le_bytes(length);
    let mut header = Vec::new();
    file.take(length.min(limits::WEIGHTS_HEADER)).read_to_end(&mut header)?;
    let Ok(header) = serde_json::from_slice::<Metadata>(&header) else { return Ok(None) };
    let end = header.tensors().values().map(|tensor| tensor.data_offsets.1).max().unwrap_or(0) as u64;
    Ok(Some(end.saturating_add(length).saturating_add(8)))
}
