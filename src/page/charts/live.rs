//! The live chart.

use serde_json::{Value, json};

use super::parts::{above_axis, margins, points, rate_axis, round, step_axis, text_style, tooltip, with_interval};
use super::{CURVES, Chart, Curve, Line, Style, Words, rate};
use crate::page::format::{fine, percent};
use crate::page::palette::Palette;
use crate::study::{Measurement, Rate, Step, Value as Number};

/// About how many markers the lines of the run on the stage have, and those of other runs; more would hide the line.
const MARKERS: usize = 24;
const FEW_MARKERS: usize = 8;

/// The live chart: rates of the run on the stage with their intervals, other runs beside them as thin lines, and the
/// loss in a low panel below. The axis is that of the run on the stage: of longer runs the beginning is shown. `marked` is the
/// step that the visitor looks at.
pub fn live(
    main: Option<&Line>,
    others: &[Line],
    steps: usize,
    marked: Option<usize>,
    words: &Words,
    style: &Style,
) -> Chart {
    let palette = &style.palette;
    let longest = others.iter().map(|line| line.record.steps_made()).fold(steps, usize::max);
    let steps = if main.is_some() { steps } else { longest };
    let mut series = Vec::new();
    if let Some(main) = main {
        series.extend(CURVES.iter().zip(&words.curves).flat_map(|(curve, name)| band(main, curve, name, palette)));
    }
    for other in others {
        series.extend(
            CURVES.iter().enumerate().map(|(place, curve)| thin_line(other, curve, steps, place == 0, style, words)),
        );
    }
    if let Some(main) = main {
        let labels = end_labels(main, words, style);
        series.extend(
            CURVES
                .iter()
                .zip(labels)
                .zip(&words.curves)
                .map(|((curve, (text, shift)), name)| main_line(main, curve, name, &text, shift, style)),
        );
        series.extend(trigger_lines(main, words, style));
        series.push(loss_line(main, &words.loss, steps, None, style));
    }
    series
        .extend(others.iter().map(|other| loss_line(other, &words.titled(other), steps, Some(other.look().0), style)));
    if let (Some(step), Some(last)) = (marked, series.first_mut()) {
        last["markLine"] = mark(step, palette);
    }
    let (left, right) = margins(style);
    let grid = |top: String, height: String| json!({ "left": left, "right": right, "top": top, "height": height });
    let option = json!({
        // The steps come quicker than a line could move to them.
        "animation": false,
        "textStyle": text_style(style),
        "grid": [grid(format!("{}", style.text.round()), "62%".to_owned()), grid("76%".to_owned(), "13%".to_owned())],
        "axisPointer": { "link": [{ "xAxisIndex": "all" }], "lineStyle": { "color": palette.muted } },
        "tooltip": tooltip(style),
        "xAxis": [step_axis(0, steps, false, &words.step, style), step_axis(1, steps, true, &words.step, style)],
        "yAxis": [rate_axis(0, style), loss_axis(words, style)],
        "series": series,
    });
    let tooltips = main.iter().flat_map(|main| live_tooltips(main, others, words)).collect();
    Chart { option, tooltips }
}

fn loss_axis(words: &Words, style: &Style) -> Value {
    let palette = &style.palette;
    json!({
        "type": "value",
        "gridIndex": 1,
        "min": 0,
        "splitNumber": 1,
        "name": words.loss,
        "nameTextStyle": { "color": palette.muted, "fontSize": style.text * 0.8, "align": "left", "padding": [0, 0, 0, style.text * 0.4] },
        "nameGap": style.text * 0.3,
        "axisLine": { "show": false },
        "axisTick": { "show": false },
        "axisLabel": { "color": palette.muted, "fontSize": style.text * 0.8 },
        "axisPointer": { "show": false },
        "splitLine": { "lineStyle": { "color": palette.rule } },
    })
}

/// The interval of a rate: an unseen line at its lower end, and on it an area as high as the interval.
fn band(line: &Line, curve: &Curve, name: &str, palette: &Palette) -> [Value; 2] {
    let part = |value: fn(Rate) -> f64, opacity: f64| {
        json!({
            "type": "line",
            "name": name,
            "stack": curve.figure.key(),
            "stackStrategy": "all",
            "data": line.rates(curve.figure).map(|(step, rate)| json!([step, round(value(rate))])).collect::<Vec<_>>(),
            "lineStyle": { "opacity": 0 },
            "areaStyle": { "color": (curve.colour)(palette), "opacity": opacity },
            "symbol": "none",
            "silent": true,
            "z": 1,
        })
    };
    [part(|r| 100.0 * r.low, 0.0), part(|r| 100.0 * (r.high - r.low), 0.14)]
}

fn main_line(line: &Line, curve: &Curve, name: &str, label: &str, shift: f64, style: &Style) -> Value {
    let colour = (curve.colour)(&style.palette);
    let (marker, size) = curve.marker;
    json!({
        "type": "line",
        "name": name,
        "data": points(line, curve.figure, usize::MAX, MARKERS),
        "lineStyle": { "color": colour, "width": style.text * 0.16 },
        "itemStyle": { "color": colour },
        "symbol": marker,
        "symbolSize": style.text * size,
        "endLabel": {
            "show": true, "formatter": label, "color": colour, "fontSize": style.text, "fontWeight": 600,
            // It stands on the lines of other runs.
            "backgroundColor": style.palette.paper, "padding": [0, style.text * 0.2],
            "offset": [style.text * 0.2, shift], "distance": style.text * 0.4,
        },
        "z": 4,
    })
}

/// A line of another run. One of its lines says which run it is.
fn thin_line(line: &Line, curve: &Curve, last: usize, labelled: bool, style: &Style, words: &Words) -> Value {
    let colour = (curve.colour)(&style.palette);
    let (dash, marker) = line.look();
    json!({
        "type": "line",
        "name": words.titled(line),
        "data": points(line, curve.figure, last, FEW_MARKERS),
        "lineStyle": { "color": colour, "width": 1.25, "type": dash, "opacity": 0.75 },
        "itemStyle": { "color": colour, "opacity": 0.75 },
        "symbol": marker,
        "symbolSize": style.text * 0.34,
        "endLabel": {
            "show": labelled, "formatter": words.run(line.run),
            "color": style.palette.muted, "fontSize": style.text * 0.76, "distance": style.text * 0.3,
            "offset": [0, above_axis(line, curve.figure, last, style)],
        },
        "silent": true,
        "z": 2,
    })
}

/// What a backdoor does with its trigger, which is tried before the first step and after the last: the two ends, and a dotted line
/// between them.
fn trigger_lines(line: &Line, words: &Words, style: &Style) -> Vec<Value> {
    let Some((before, after)) = line.triggered() else { return Vec::new() };
    let last = line.record.steps_made();
    let of = |(curve, name): (&Curve, &String)| {
        let share = |of: &Measurement| of.figures.get(curve.figure).and_then(Number::rate).map(|rate| rate.share);
        let colour = (curve.colour)(&style.palette);
        let [from, to] = [(0, share(before)?), (last, share(after)?)].map(|(step, s)| json!([step, round(100.0 * s)]));
        Some(json!({
            "type": "line",
            "name": name,
            "data": [from, to],
            "lineStyle": { "color": colour, "width": style.text * 0.16, "type": "dotted" },
            "itemStyle": { "color": style.palette.paper, "borderColor": colour, "borderWidth": style.text * 0.12 },
            "symbol": curve.marker.0,
            "symbolSize": style.text * curve.marker.1 * 1.3,
            "silent": true,
            "z": 5,
        }))
    };
    CURVES.iter().zip(&words.curves).filter_map(of).collect()
}

/// The loss of the run on the stage, or with a dash that of another run.
fn loss_line(line: &Line, name: &str, last: usize, dash: Option<[f64; 2]>, style: &Style) -> Value {
    let is_main = dash.is_none();
    let colour = if is_main { style.palette.ink } else { style.palette.muted };
    let shown = line.steps().iter().filter(|step| step.step <= last);
    let data = shown.filter_map(|s| Some(json!([s.step, s.loss.filter(|l| l.is_finite())?])));
    json!({
        "type": "line",
        "name": name,
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "data": data.collect::<Vec<_>>(),
        "lineStyle": { "color": colour, "width": if is_main { 1.5 } else { 1.0 }, "type": dash.map_or_else(|| json!("solid"), |d| json!(d)) },
        "itemStyle": { "color": colour },
        "symbol": "none",
        "silent": true,
    })
}

fn mark(step: usize, palette: &Palette) -> Value {
    json!({
        "symbol": "none",
        "silent": true,
        "animation": false,
        "label": { "show": false },
        "lineStyle": { "color": palette.ink, "width": 1, "type": "solid", "opacity": 0.55 },
        "data": [{ "xAxis": step }],
    })
}

fn live_tooltips(main: &Line, others: &[Line], words: &Words) -> Vec<(f64, String)> {
    let curves = || CURVES.iter().zip(&words.curves);
    let one = |step: &Step| {
        let mut rows = vec![words.step_at(step.step)];
        rows.extend(
            curves().filter_map(|(curve, word)| Some(format!("{word}: {}", with_interval(rate(step, curve.figure)?)))),
        );
        rows.extend(step.loss.map(|loss| format!("{}: {}", words.loss, fine(loss))));
        for other in others {
            if let Some(step) = other.step(step.step) {
                let all = curves()
                    .filter_map(|(curve, word)| Some(format!("{word} {}", percent(rate(step, curve.figure)?.share))));
                rows.push(format!("{}: {}", words.run(other.run), all.collect::<Vec<_>>().join(", ")));
            }
        }
        (step.step as f64, rows.join("\n"))
    };
    main.steps().iter().map(one).collect()
}

/// The texts at the ends of both lines, moved apart (in pixels) where the lines meet.
pub(super) fn end_labels(line: &Line, words: &Words, style: &Style) -> [(String, f64); 2] {
    let [first, second] = CURVES.map(|curve| line.rates(curve.figure).next_back().map(|(_, rate)| rate.share));
    let (Some(first), Some(second)) = (first, second) else { return Default::default() };
    let label = |share: f64, word: &str| {
        if style.narrow { percent(share) } else { format!("{word} {}", percent(share)) }
    };
    // In a panel of the usual height, a hundredth is about a sixth of the text's size.
    let height = |share: f64| 100.0 * share * style.text / 6.0;
    let missing = (style.text * 1.25 - (height(first) - height(second)).abs()).max(0.0) / 2.0;
    let apart = if first >= second { missing } else { -missing };
    // Neither label stands on the axis at the bottom.
    let shift = |height: f64, apart: f64| -(height + apart).max(style.text * 0.6) + height;
    [
        (label(first, &words.curves[0]), shift(height(first), apart)),
        (label(second, &words.curves[1]), shift(height(second), -apart)),
    ]
}
