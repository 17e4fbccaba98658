//! Opening the device that the user asked for.

use burn::tensor::Device;
use burn::tensor::wgpu::wgpu;

use super::CliError;
use super::args::DeviceArg;
use crate::study::{DeviceInfo, DeviceKind};

/// The device, and its description for the record.
///
/// # Errors
///
/// [`CliError::NoGpu`] if a GPU was asked for and there is none.
pub fn open(device: DeviceArg) -> Result<(Device, DeviceInfo), CliError> {
    match device {
        DeviceArg::Cpu => Ok(cpu()),
        DeviceArg::Gpu => gpu(),
        DeviceArg::Auto => Ok(gpu().ok().filter(|(_, info)| !info.software).unwrap_or_else(cpu)),
    }
}

fn cpu() -> (Device, DeviceInfo) {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let name = format!("burn-flex, {threads} threads");
    (Device::flex(), DeviceInfo { kind: DeviceKind::Cpu, name, software: false })
}

fn gpu() -> Result<(Device, DeviceInfo), CliError> {
    // The driver search may panic where no Vulkan loader is installed at all; that, too, means "no GPU".
    let opened = std::panic::catch_unwind(|| Device::wgpu_options().init_with_setup());
    let reason = match opened {
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
