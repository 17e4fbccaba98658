//! Fetching the model's files, with progress and checks.
//!
//! The manifests are a part of the worker: a page, its engine and its model are always of one build, whatever an old copy in a
//! browser's or a host's cache says.

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

use super::port::{post, scope};
use crate::engine::{EngineError, Manifest, ManifestFile, ModelFiles};
use crate::llama::WeightFile;
use crate::models::ModelInfo;
use crate::protocol::Event;

/// How many digits of a file's hash are put into its address.
const DIGITS: usize = 16;

/// How long a fetch may stand still, in seconds. A slow connection brings something in that time.
const PATIENCE: u32 = 20;

/// Why the model could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server did not give the file, or not all of it.
    #[error("{file} could not be fetched: {reason}. Check the connection and try again.")]
    Network {
        /// The address.
        file: String,
        /// The browser's or the server's reason.
        reason: String,
    },
    /// Nothing came any more.
    #[error("{file} could not be fetched: nothing came for {} seconds. Check the connection and try again.", PATIENCE)]
    Stalled {
        /// The address.
        file: String,
    },
    /// The browser gives no memory for the file.
    #[error("{file} has {bytes} bytes, and the browser gives no memory for them. Close other tabs and try again.")]
    Memory {
        /// The address.
        file: String,
        /// Its size.
        bytes: u64,
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
        let bytes = checked(&manifest, folder, listed, &mut progress).await?;
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

/// One file, as the manifest has it. A damaged copy may be the browser's own, from its cache: before a file is called damaged it
/// is fetched once more, past every cache.
async fn checked(
    manifest: &Manifest,
    folder: &str,
    listed: &ManifestFile,
    progress: &mut Progress,
) -> Result<Vec<u8>, FetchError> {
    let before = progress.done;
    let first = attempt(manifest, folder, listed, RequestCache::Default, progress).await;
    if !matches!(first, Err(FetchError::Content(_))) {
        return first;
    }
    progress.done = before;
    attempt(manifest, folder, listed, RequestCache::Reload, progress).await
}

async fn attempt(
    manifest: &Manifest,
    folder: &str,
    listed: &ManifestFile,
    cache: RequestCache,
    progress: &mut Progress,
) -> Result<Vec<u8>, FetchError> {
    let bytes = file(folder, listed, cache, progress).await?;
    manifest.check(&listed.path, &bytes)?;
    Ok(bytes)
}

/// Fetches one file and tells the page of every piece that arrives. The address changes with the content, so that a copy of
/// another version in a cache is not taken for it. Nothing beyond the listed size is read, and nothing is waited for forever.
async fn file(
    folder: &str,
    listed: &ManifestFile,
    cache: RequestCache,
    progress: &mut Progress,
) -> Result<Vec<u8>, FetchError> {
    let name = &listed.path;
    let version: String = listed.sha256.chars().take(DIGITS).collect();
    let address = format!("{folder}{name}");
    let network = |reason: String| FetchError::Network { file: address.clone(), reason };
    let size = usize::try_from(listed.bytes).unwrap_or(usize::MAX);
    let mut bytes: Vec<u8> = Vec::new();
    if bytes.try_reserve_exact(size).is_err() {
        return Err(FetchError::Memory { file: address, bytes: listed.bytes });
    }

    let patience = Patience::new().map_err(|e| network(text(&e)))?;
    let failed = |error: JsValue| match patience.is_over() {
        true => FetchError::Stalled { file: address.clone() },
        false => network(text(&error)),
    };
    let init = RequestInit::new();
    init.set_cache(cache);
    init.set_signal(Some(&patience.controller.signal()));
    let response = patience.wait(scope().fetch_with_str_and_init(&format!("{address}?{version}"), &init)).await;
    let response: Response = response.map_err(failed)?.dyn_into().map_err(failed)?;
    if !response.ok() {
        let reason = format!("the server answered {} {}", response.status(), response.status_text());
        return Err(network(reason.trim_end().into()));
    }
    let Some(body) = response.body() else { return Ok(bytes) };
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|e| failed(e.into()))?;
    loop {
        let piece = patience.wait(reader.read()).await.map_err(failed)?;
        let value = js_sys::Reflect::get(&piece, &"value".into()).map_err(failed)?;
        let Ok(piece) = value.dyn_into::<Uint8Array>() else { return Ok(bytes) };
        let (old, length) = (bytes.len(), piece.length() as usize);
        if length > size - old {
            patience.controller.abort();
            let reason = format!("it is longer than {size} bytes");
            return Err(EngineError::Manifest { file: name.clone(), reason }.into());
        }
        bytes.resize(old + length, 0);
        piece.copy_to(&mut bytes[old..]);
        progress.done += length as f64;
        post(&Event::Loading { file: name.clone(), done: progress.done, total: Some(progress.total) });
    }
}

/// Ends a fetch that stands still.
struct Patience {
    controller: AbortController,
    over: Rc<Cell<bool>>,
}

impl Patience {
    fn new() -> Result<Self, JsValue> {
        Ok(Self { controller: AbortController::new()?, over: Rc::default() })
    }

    /// What a promise of the fetch brings; an error if that takes too long.
    async fn wait(&self, promise: Promise) -> Result<JsValue, JsValue> {
        let (controller, over) = (self.controller.clone(), Rc::clone(&self.over));
        let _timer = Timeout::new(PATIENCE * 1_000, move || {
            over.set(true);
            controller.abort();
        });
        JsFuture::from(promise).await
    }

    fn is_over(&self) -> bool {
        self.over.get()
    }
}

/// The message of a JavaScript error.
pub fn text(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| "no reason was given".into()),
    }
}
