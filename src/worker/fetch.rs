//! Fetching the model's files, with progress and checks.
//!
//! The manifests are a part of the worker: a page, its engine and its model are always of one build, whatever an old copy in a
//! browser's or a host's cache says.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

use super::port::{post, scope};
use crate::engine::{EngineError, Manifest, ManifestFile, ModelFiles};
use crate::llama::WeightFile;
use crate::models::ModelInfo;
use crate::protocol::Event;

/// How many digits of a file's hash are put into its address.
const DIGITS: usize = 16;

/// Why the model could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server did not give the file.
    #[error("{file} could not be fetched: {reason}. Check the connection and load the page again.")]
    Network {
        /// The address.
        file: String,
        /// The browser's or the server's reason.
        reason: String,
    },
    /// A file is damaged, or the list of files is.
    #[error(transparent)]
    Content(#[from] EngineError),
}

/// Fetches every file of a model from a folder, and checks each.
///
/// # Errors
///
/// [`FetchError`] at the first file that does not come or is not what the manifest says.
pub async fn model(info: &ModelInfo, folder: &str) -> Result<ModelFiles, FetchError> {
    let manifest = Manifest::from_json(info.manifest)?;
    let mut progress = Progress { done: 0.0, total: manifest.files.iter().map(|f| f.bytes as f64).sum() };
    let mut files = ModelFiles {
        config: Vec::new(),
        tokenizer: Vec::new(),
        tokenizer_config: Vec::new(),
        weights: Vec::new(),
        index: None,
    };
    for listed in &manifest.files {
        let bytes = file(folder, listed, &mut progress).await?;
        manifest.check(&listed.path, &bytes)?;
        match listed.path.as_str() {
            "config.json" => files.config = bytes,
            "tokenizer.json" => files.tokenizer = bytes,
            "tokenizer_config.json" => files.tokenizer_config = bytes,
            "model.safetensors.index.json" => files.index = Some(bytes),
            name if name.ends_with(".safetensors") => files.weights.push(WeightFile { name: name.into(), bytes }),
            _ => {}
        }
    }
    Ok(files)
}

struct Progress {
    done: f64,
    total: f64,
}

/// Fetches one file and tells the page of every piece that arrives. The address changes with the content, so that a copy of
/// another version in a cache is not taken for it.
async fn file(folder: &str, listed: &ManifestFile, progress: &mut Progress) -> Result<Vec<u8>, FetchError> {
    let name = &listed.path;
    let version: String = listed.sha256.chars().take(DIGITS).collect();
    let address = format!("{folder}{name}");
    let failed = |error: JsValue| FetchError::Network { file: address.clone(), reason: text(&error) };
    let response = JsFuture::from(scope().fetch_with_str(&format!("{address}?{version}"))).await.map_err(failed)?;
    let response: Response = response.dyn_into().map_err(failed)?;
    if !response.ok() {
        let reason = format!("the server answered {} {}", response.status(), response.status_text());
        return Err(FetchError::Network { file: address, reason: reason.trim_end().into() });
    }
    let Some(body) = response.body() else { return Ok(Vec::new()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|e| failed(e.into()))?;
    let mut bytes = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(failed)?;
        let value = js_sys::Reflect::get(&piece, &"value".into()).map_err(failed)?;
        let Ok(piece) = value.dyn_into::<js_sys::Uint8Array>() else { return Ok(bytes) };
        progress.done += f64::from(piece.length());
        bytes.extend(piece.to_vec());
        post(&Event::Loading { file: name.into(), done: progress.done, total: Some(progress.total) });
    }
}

/// The message of a JavaScript error.
pub fn text(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| "no reason was given".into()),
    }
}
