//! `tenshot bench --growth`: how a step's cost grows, as a table, as rows, and drawn.

use std::path::Path;

use super::args::BenchArgs;
use super::bench::seconds;
use super::interrupt::Interrupt;
use super::{CliError, files, limits, output, report};
use crate::bench::{self, Axis, GrowthRow, Shape};
use crate::engine::Engine;
use crate::factory::{Drawing, Panel, Series, svg};

/// What is drawn beside each other. A model differs in everything, so there is no axis to draw it on.
const PANELS: [(Axis, &str); 4] = [
    (Axis::Tokens, "tokens in each of 5 rows"),
    (Axis::Rank, "LoRA rank"),
    (Axis::Layers, "layers"),
    (Axis::Width, "width of the model"),
];

/// Measures on the engine's device, whatever its model, and shows it with what was measured elsewhere.
///
/// # Errors
///
/// [`CliError`] if the device fails, or a file cannot be read or written.
pub fn growth(engine: &Engine, args: &BenchArgs) -> Result<(), CliError> {
    let mut elsewhere = Vec::new();
    for path in &args.beside {
        let rows: Vec<GrowthRow> = files::json(path, limits::GROWTH)?;
        elsewhere.extend(rows);
    }
    let interrupt = Interrupt::install();
    let measured = bench::growth(&engine.model.device, &engine.device, args.most, seconds, &interrupt);
    let measured = pollster::block_on(measured);
    if interrupt.asked() {
        return Err(CliError::Interrupted);
    }
    let rows = [measured?, elsewhere].concat();
    if let Some(path) = &args.plot {
        draw(&rows, path)?;
    }
    if args.json {
        return output::json(&rows);
    }
    let titles = ["device", "what", "at", "GFLOP", "ms a step", "from", "to", "GFLOP/s", "66 answers, s"];
    let mut table = report::table(&titles);
    for row in rows {
        let [least, median, most] = row.step_ms;
        let speed = 1e3 * row.gflop / median;
        let numbers = [row.gflop, median, least, most, speed].map(|number| format!("{number:.1}"));
        let answers = row.answers_s.map_or_else(String::new, |seconds| format!("{seconds:.2}"));
        table.add_row([row.backend, row.axis, row.at].into_iter().chain(numbers).chain([answers]));
    }
    output::line(table)
}

fn draw(rows: &[GrowthRow], path: &Path) -> Result<(), CliError> {
    files::write(path, svg(&drawing(rows))?.as_bytes())
}

/// Milliseconds over each size, a colour for each device; pale beside it, in the same colour, what theory makes of the device's step of
/// Folio's shape.
fn drawing(rows: &[GrowthRow]) -> Drawing {
    let mut devices: Vec<&str> = Vec::new();
    for row in rows {
        if !devices.contains(&row.backend.as_str()) {
            devices.push(&row.backend);
        }
    }
    let panel = |(axis, label): (Axis, &str)| {
        let of = |device: &str, y: &dyn Fn(&GrowthRow) -> f64| -> Vec<(f64, f64)> {
            let here = rows.iter().filter(|row| row.backend == device && row.axis == axis.name());
            here.filter_map(|row| Some((row.at.parse().ok()?, y(row)))).collect()
        };
        let series = devices.iter().enumerate().flat_map(|(entry, device)| {
            let measured = of(device, &|row| row.step_ms[1]);
            let basis = rows.iter().find(|row| row.backend == *device && row.gflop == Shape::FOLIO.gflop());
            let pace = basis.map_or(f64::NAN, |row| row.step_ms[1] / row.gflop);
            let theory = of(device, &|row| pace * row.gflop);
            [Series { entry, points: measured, faint: false }, Series { entry, points: theory, faint: true }]
        });
        Panel {
            title: String::new(),
            series: series.collect(),
            x_label: label.into(),
            y_label: "ms a step".into(),
            y_range: None,
        }
    };
    Drawing {
        title: "How a training step's cost grows; pale: what theory makes of the step in the middle".into(),
        legend: devices.iter().map(ToString::to_string).collect(),
        axes: String::new(),
        columns: 2,
        panel: (460, 300),
        panels: PANELS.map(panel).to_vec(),
        logarithmic: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(axis: Axis, at: &str, ms: f64, gflop: f64) -> GrowthRow {
        let (axis, at, backend) = (axis.name().into(), at.into(), "some device".into());
        GrowthRow { axis, at, backend, step_ms: [ms; 3], gflop, answers_s: None }
    }

    #[test]
    fn what_was_measured_is_drawn_beside_what_theory_makes_of_folios_step() {
        let folio = Shape::FOLIO.gflop();
        let rows = [row(Axis::Rank, "8", 10.0, folio), row(Axis::Rank, "16", 30.0, 2.0 * folio)];
        let drawing = drawing(&rows);
        assert_eq!(drawing.legend, ["some device"]);
        let [measured, theory] = &drawing.panels[1].series[..] else { panic!("two lines") };
        assert_eq!(measured.points, [(8.0, 10.0), (16.0, 30.0)]);
        assert_eq!(theory.points, [(8.0, 10.0), (16.0, 20.0)]);
        assert!(drawing.panels[0].series.iter().all(|series| series.points.is_empty()));
        assert!(svg(&drawing).unwrap().contains("LoRA rank"));
    }
}
