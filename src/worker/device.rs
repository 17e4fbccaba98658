//! Opening WebGPU or the CPU in the browser.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Device;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::fetch::text;
use super::kernel;
use super::port::{post_error, scope};
use crate::llama::LAUNCHES_PER_SUBMIT;
use crate::protocol::{DeviceChoice, ErrorCode, Fallback};
use crate::study::{DeviceInfo, DeviceKind};

/// A device that is open.
pub struct Opened {
    /// The device.
    pub device: Device,
    /// Its description.
    pub info: DeviceInfo,
    /// Why `Auto` took the CPU.
    pub fallback: Option<Fallback>,
}

/// How a graphics device is regarded: what it reports depends on that.
enum Regard {
    /// It is in use: without it there is no engine.
    InUse,
    /// It is on trial: what it reports is kept.
    OnTrial(Option<String>),
    /// It was put aside: what becomes of it is all the same.
    Aside,
}

static REGARD: Mutex<Regard> = Mutex::new(Regard::InUse);

fn regard() -> std::sync::MutexGuard<'static, Regard> {
    REGARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on the graphics device is on trial.
pub fn on_trial() {
    *regard() = Regard::OnTrial(None);
}

/// It is in use again. Returns what it reported meanwhile, if it did.
pub fn trial_is_over() -> Option<String> {
    match std::mem::replace(&mut *regard(), Regard::InUse) {
        Regard::OnTrial(reported) => reported,
        Regard::InUse | Regard::Aside => None,
    }
}

/// It is not used any more.
pub fn put_aside() {
    *regard() = Regard::Aside;
}

/// What a graphics device reports by itself.
fn reported(message: String) {
    match &mut *regard() {
        Regard::InUse => post_error(ErrorCode::DeviceLost, message),
        Regard::OnTrial(first) => {
            first.get_or_insert(message);
        }
        Regard::Aside => {}
    }
}

/// Opens the device that the visitor chose.
///
/// # Errors
///
/// The reason why there is no WebGPU, if the visitor insists on it.
pub async fn open(choice: DeviceChoice) -> Result<Opened, Fallback> {
    if choice == DeviceChoice::Cpu {
        return Ok(cpu(None));
    }
    let adapter = match adapter().await {
        Ok(adapter) => adapter,
        Err(reason) if choice == DeviceChoice::Auto => return Ok(cpu(Some(reason))),
        Err(reason) => return Err(reason),
    };
    if choice == DeviceChoice::Auto && adapter.software {
        return Ok(cpu(Some(Fallback::SoftwareAdapter { name: adapter.name })));
    }
    match Device::wgpu_options().tasks_max(LAUNCHES_PER_SUBMIT).init_with_setup_async().await {
        Ok((device, setup)) => {
            setup.device.set_device_lost_callback(|_, message| {
                reported(format!("The graphics device went away ({message}). A fresh start, or the CPU, will do."));
            });
            // What was refused was not computed, and nothing says so when it is read back.
            setup.device.on_uncaptured_error(Arc::new(|error| {
                reported(format!("The graphics device refused what it was told ({error}). The CPU will do."));
            }));
            let info = DeviceInfo { kind: DeviceKind::Gpu, name: adapter.name, software: adapter.software };
            Ok(Opened { device, info, fallback: None })
        }
        Err(error) => {
            let reason = Fallback::Failed { message: error.to_string() };
            if choice == DeviceChoice::Auto { Ok(cpu(Some(reason))) } else { Err(reason) }
        }
    }
}

/// The CPU, which is always there.
pub fn cpu(fallback: Option<Fallback>) -> Opened {
    let info = DeviceInfo { kind: DeviceKind::Cpu, name: kernel::in_use().device().into(), software: false };
    Opened { device: Device::flex(), info, fallback }
}

struct Adapter {
    name: String,
    software: bool,
}

/// What the browser says of its best adapter. wgpu does not pass this on.
async fn adapter() -> Result<Adapter, Fallback> {
    let get = |object: &JsValue, key: &str| js_sys::Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED);
    let gpu = get(&scope().navigator(), "gpu");
    if gpu.is_falsy() {
        return Err(Fallback::NoWebGpu);
    }
    let options = js_sys::Object::new();
    // A property of a fresh object can be set.
    let _ = js_sys::Reflect::set(&options, &"powerPreference".into(), &"high-performance".into());
    let request: js_sys::Function = get(&gpu, "requestAdapter").dyn_into().map_err(|_| Fallback::NoWebGpu)?;
    let failed = |error: JsValue| Fallback::Failed { message: text(&error) };
    let promise: js_sys::Promise = request.call1(&gpu, &options).map_err(failed)?.dyn_into().map_err(failed)?;
    let adapter = JsFuture::from(promise).await.map_err(failed)?;
    if adapter.is_falsy() {
        return Err(Fallback::NoAdapter);
    }
    let info = get(&adapter, "info");
    let word = |key: &str| get(&info, key).as_string().unwrap_or_default();
    let words = ["vendor", "architecture", "device", "description"].map(word);
    let mut named: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
    named.dedup();
    let name = if named.is_empty() { "WebGPU".into() } else { format!("WebGPU, {}", named.join(" ")) };
    let flagged = get(&info, "isFallbackAdapter").is_truthy() || get(&adapter, "isFallbackAdapter").is_truthy();
    let lower = name.to_lowercase();
    let emulated = ["swiftshader", "llvmpipe", "lavapipe", "basic render"].iter().any(|w| lower.contains(w));
    Ok(Adapter { name, software: flagged || emulated })
}
