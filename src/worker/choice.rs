//! Which device is taken where the visitor leaves it to the engine: never one that computes wrong numbers, otherwise the faster.

use super::device::{self, Opened};
use super::inbox::{Inbox, ToTheEnd};
use super::port::now;
use super::service::environment;
use crate::engine::{Engine, EngineError, ModelFiles};
use crate::protocol::{Fallback, Measured};
use crate::trial::{Trial, trial};

/// An engine, and why it is on this device.
pub struct Chosen {
    /// The engine.
    pub engine: Engine,
    /// Why it is on the CPU.
    pub fallback: Option<Fallback>,
    /// What was measured of both, now or on an earlier visit.
    pub measured: Option<Measured>,
}

/// Puts a model on the graphics device that is open, or on the CPU. `known`: what an earlier visit measured with this build.
///
/// # Errors
///
/// [`EngineError`] if the model's files are broken.
pub async fn choose(
    name: &str,
    files: &ModelFiles,
    gpu: Opened,
    known: Option<Measured>,
    inbox: &Inbox,
) -> Result<Chosen, EngineError> {
    let on = |opened: &Opened| Engine::load(name, files, &opened.device, opened.info.clone());
    let cpu = device::cpu(None);
    if let Some(known) = known.filter(|known| known.adapter == gpu.info.name) {
        let fallback = known.takes_cpu().then_some(Fallback::Slower);
        let engine = if fallback.is_some() { on(&cpu)? } else { on(&gpu)? };
        return Ok(Chosen { engine, fallback, measured: Some(known) });
    }
    let (tried, trusted) = (on(&gpu)?, on(&cpu)?);
    let environments = [environment(&tried), environment(&trusted)];
    let [of_tried, of_trusted] = environments;
    device::on_trial();
    let found = trial((&tried, of_tried), (&trusted, of_trusted), now, &ToTheEnd(inbox)).await;
    let refused = device::trial_is_over();
    let milliseconds = |seconds: f64| 1e3 * seconds;
    let (fallback, measured) = match (refused, found) {
        (Some(message), _) => (Some(Fallback::Failed { message }), None),
        (None, Err(error)) => (Some(Fallback::Failed { message: error.to_string() }), None),
        (None, Ok(Trial::Wrong(verdict))) => (Some(Fallback::WrongNumbers { place: verdict.place }), None),
        (None, Ok(Trial::Right { tried, trusted })) => {
            let (gpu_ms, cpu_ms) = (tried.map(milliseconds), milliseconds(trusted));
            let measured = Measured { adapter: gpu.info.name, gpu_ms, cpu_ms };
            (measured.takes_cpu().then_some(Fallback::Slower), Some(measured))
        }
    };
    if fallback.is_some() {
        device::put_aside();
        return Ok(Chosen { engine: trusted, fallback, measured });
    }
    Ok(Chosen { engine: tried, fallback, measured })
}
