//! Which device computes where the user leaves that open: never one that computes wrong numbers, otherwise the faster one.

use std::panic::AssertUnwindSafe;

use super::bench::seconds;
use super::device::{Opened, quietly};
use super::{CliError, files, run};
use crate::pulse::Steady;
use crate::study::presets;
use crate::terminal;
use crate::trial::{Trial, trial};

/// Tries a GPU against the CPU, with the model that every visit begins with, and takes one of them; what was found is told on standard
/// error.
///
/// # Errors
///
/// [`CliError`] if the CPU fails.
pub fn choose(gpu: Opened, cpu: Opened) -> Result<Opened, CliError> {
    let name = presets()[0].model;
    let on = |(device, info): &Opened| files::load(name, device, info.clone());
    let trusted = on(&cpu)?;
    let found = quietly(AssertUnwindSafe(|| {
        let tried = on(&gpu)?;
        let [of_tried, of_trusted] = [&tried, &trusted].map(run::environment);
        Ok(pollster::block_on(trial((&tried, of_tried), (&trusted, of_trusted), seconds, &Steady))?)
    }));
    let found = found.unwrap_or_else(|_| Err(CliError::NoGpu { reason: "its driver gave up".into() }));
    let is_taken = found.as_ref().is_ok_and(Trial::takes);
    terminal::say(told(&gpu.1.name, &cpu.1.name, &found));
    Ok(if is_taken { gpu } else { cpu })
}

/// What a trial came to, in words.
fn told(gpu: &str, cpu: &str, found: &Result<Trial, CliError>) -> String {
    let milliseconds = |seconds: &f64| format!("{:.0} ms", 1e3 * seconds);
    match found {
        Ok(Trial::Right { tried: Some(tried), trusted }) => {
            let taken = if tried <= trusted { gpu } else { cpu };
            let (tried, trusted) = (milliseconds(tried), milliseconds(trusted));
            format!(
                "auto: {taken}. A step and 66 answers take {tried} on {gpu}, {trusted} on {cpu}; both compute the same."
            )
        }
        Ok(Trial::Right { tried: None, trusted }) => {
            let trusted = milliseconds(trusted);
            format!("auto: {cpu}. A step and 66 answers take {trusted} there; {gpu} was not waited for any longer.")
        }
        Ok(Trial::Wrong(verdict)) => format!(
            "auto: {cpu}. {gpu} computes something else ({place}), so no result of it could be relied on. `tenshot check --device gpu` \
             tells more; a newer driver may help.",
            place = verdict.place
        ),
        Err(error) => format!("auto: {cpu}. {gpu} failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::device;
    use crate::study::DeviceKind;

    #[test]
    fn what_was_found_is_told() {
        let told = |found| told("Some GPU", "CPU", &found);
        let right = |tried| Ok(Trial::Right { tried, trusted: 0.25 });
        assert!(
            told(right(Some(0.1))).starts_with("auto: Some GPU. A step and 66 answers take 100 ms on Some GPU, 250 ms")
        );
        assert!(told(right(Some(0.5))).starts_with("auto: CPU."));
        assert!(told(right(None)).contains("not waited for"));
        assert!(told(Err(CliError::Interrupted)).starts_with("auto: CPU. Some GPU failed"));
    }

    /// The CPU under another name computes the same, so whichever was quicker is taken.
    #[test]
    fn a_device_that_computes_the_same_is_tried() {
        let (device, mut info) = device::cpu();
        (info.kind, info.name) = (DeviceKind::Gpu, "disguised".into());
        let (_, taken) = choose((device, info), device::cpu()).unwrap();
        assert!(taken.name == "disguised" || taken.kind == DeviceKind::Cpu, "{taken:?}");
    }
}
