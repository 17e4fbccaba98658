//! Opening the device that the user asked for.

use burn::tensor::Device;
use burn::tensor::wgpu::wgpu;

use super::args::DeviceArg;
use super::{CliError, auto};
use crate::llama::LAUNCHES_PER_SUBMIT;
use crate::study::{DeviceInfo, DeviceKind};

/// A device, and its description.
pub type Opened = (Device, DeviceInfo);

/// The device, and its description for the record.
///
/// # Errors
///
/// [`CliError::NoGpu`] or [`CliError::NoCuda`] if that was asked for and there is none; what a trial of `auto` fails with.
pub fn open(device: DeviceArg) -> Result<Opened, CliError> {
    match device {
        DeviceArg::Cpu => Ok(cpu()),
        DeviceArg::Gpu => gpu(),
        DeviceArg::Cuda => cuda(),
        DeviceArg::Auto => match cuda().or_else(|_| real_gpu()) {
            Ok(gpu) => auto::choose(gpu, cpu()),
            Err(_) => Ok(cpu()),
        },
    }
}

/// The CPU, which is always there.
pub fn cpu() -> Opened {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let name = format!("CPU, {threads} thread{}", if threads == 1 { "" } else { "s" });
    (Device::flex(), DeviceInfo { kind: DeviceKind::Cpu, name, software: false })
}

fn gpu() -> Result<Opened, CliError> {
    // The driver search may panic where no Vulkan loader is installed at all; that, too, means "no GPU".
    let reason = match quietly(|| Device::wgpu_options().tasks_max(LAUNCHES_PER_SUBMIT).init_with_setup()) {
        Ok(Ok((device, setup))) => {
            let adapter = setup.adapter.get_info();
            let name = format!("{} ({})", adapter.name, adapter.backend);
            let software = adapter.device_type == wgpu::DeviceType::Cpu;
            return Ok((device, DeviceInfo { kind: DeviceKind::Gpu, name, software }));
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no graphics driver answered".into(),
    };
    Err(CliError::NoGpu { reason })
}

/// A GPU that is not emulated: an emulated one computes right and slower than the CPU.
fn real_gpu() -> Result<Opened, CliError> {
    let (device, info) = gpu()?;
    if info.software {
        return Err(CliError::NoGpu { reason: format!("{} is emulated", info.name) });
    }
    Ok((device, info))
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Opened, CliError> {
    // burn opens the device with its first tensor, and panics where there is no driver.
    let first = quietly(|| {
        let device = Device::cuda(0);
        let tensor = burn::tensor::Tensor::<1>::ones([1], &device).add_scalar(1.0);
        tensor.try_into_data().map(|_| device)
    });
    let reason = match first {
        Ok(Ok(device)) => {
            let name = "CUDA device 0".into();
            return Ok((device, DeviceInfo { kind: DeviceKind::Gpu, name, software: false }));
        }
        Ok(Err(error)) => format!("{error}. "),
        Err(_) => "no NVIDIA driver with NVRTC answered. ".to_owned(),
    };
    Err(CliError::NoCuda { reason: reason + "Install NVIDIA's driver and CUDA, or use --device cpu." })
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Opened, CliError> {
    let reason = "this tenshot was built without it. Build it with `cargo build --release --features cuda`, or use \
                  --device gpu, which reaches NVIDIA's cards through Vulkan.";
    Err(CliError::NoCuda { reason: reason.into() })
}

/// Runs something that may panic instead of telling what is wrong, without the panic's message on the terminal.
pub fn quietly<T>(open: impl FnOnce() -> T + std::panic::UnwindSafe) -> std::thread::Result<T> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let opened = std::panic::catch_unwind(open);
    std::panic::set_hook(hook);
    opened
}
