//! `tenshot bench`.

use std::sync::OnceLock;
use std::time::Instant;

use super::args::BenchArgs;
use super::interrupt::Interrupt;
use super::{CliError, files, growth, output, report, run};
use crate::bench::{BenchPlan, bench as measure};
use crate::study::DeviceInfo;

/// Measures the speed of tuning and answering on this machine.
pub fn bench(args: BenchArgs) -> Result<(), CliError> {
    let engine = files::engine(&args.model)?;
    if args.growth {
        return growth::growth(&engine, &args);
    }
    let environment = run::environment(&engine);
    let interrupt = Interrupt::install();
    let rows = pollster::block_on(measure(&engine, size(&engine.device), environment, seconds, &interrupt));
    if interrupt.asked() {
        return Err(CliError::Interrupted);
    }
    let rows = rows?;
    if args.json {
        return output::json(&rows);
    }
    let mut table = report::table(&["workload", "device", "value"]);
    for row in rows {
        table.add_row([row.name, row.backend, format!("{:.3} {}", row.value, row.unit)]);
    }
    output::line(table)
}

fn size(device: &DeviceInfo) -> BenchPlan {
    if device.software { BenchPlan { steps: 3, answers: false } } else { BenchPlan { steps: 20, answers: true } }
}

/// Seconds since the first call.
pub fn seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}
