//! The chart of a race: how many questions each of the three still refuses, over the share of its training that is done.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::parts::{margins, rate_axis, round, share_axis, text_style, tooltip, with_interval};
use super::{Chart, Line, Style, Words};
use crate::page::race::{Lane, percent};
use crate::study::{Figure, MOST_COMPARED, Rate};

/// About how many markers a line has.
const MARKERS: usize = 12;

/// What is drawn of each step.
const FIGURE: Figure = Figure::RefusalRate;

/// The three lines with their intervals; below them, for each line, marks where the open books were opened. `marked` is
/// the share that the visitor looks at.
pub fn race(lines: &[Line], lanes: &[Lane], marked: Option<f64>, words: &Words, style: &Style) -> Chart {
    let mut series: Vec<Value> = lines.iter().flat_map(|line| band(line, words, style)).collect();
    series.extend(lines.iter().map(|line| curve(line, words, style)));
    let name = |lane: &Lane| lines.iter().find(|line| line.place == lane.place).map(|line| words.title(line));
    series.extend(lanes.iter().map(|lane| opened(lane, name(lane), style)));
    if let (Some(at), Some(first)) = (marked, series.first_mut()) {
        first["markLine"] = mark(at, style);
    }
    let (left, _) = margins(style);
    let right = style.text * if style.narrow { 1.6 } else { 10.2 };
    let (high, low) = (style.text, style.text * 2.6);
    let rows = style.text * 1.05 * MOST_COMPARED as f64;
    let option = json!({
        // The steps come quicker than a line could move to them.
        "animation": false,
        "textStyle": text_style(style),
        "grid": [
            { "left": left, "right": right, "top": high, "bottom": low + rows + style.text * 0.9 },
            { "left": left, "right": right, "height": rows, "bottom": low },
        ],
        "axisPointer": { "link": [{ "xAxisIndex": "all" }], "lineStyle": { "color": style.palette.muted } },
        "tooltip": tooltip(style),
        "xAxis": [share_axis(0, false, words, style), share_axis(1, true, words, style)],
        "yAxis": [rate_axis(0, style), rows_axis(lanes.len(), style)],
        "series": series,
    });
    Chart { option, tooltips: tooltips(lines, words) }
}

/// The rates of a line by the share of its training in percent.
fn points(line: &Line) -> Vec<(f64, Rate)> {
    let planned = line.record.planned_steps;
    line.rates(FIGURE).map(|(step, rate)| (percent(step, planned), rate)).collect()
}

/// The interval: an unseen line at its lower end, and on it an area as high as the interval.
fn band(line: &Line, words: &Words, style: &Style) -> [Value; 2] {
    let colour = style.palette.runs[line.place.min(MOST_COMPARED - 1)];
    let points = points(line);
    let part = |value: fn(&Rate) -> f64, opacity: f64| {
        json!({
            "type": "line",
            "name": words.title(line),
            "stack": format!("band {}", line.place),
            "stackStrategy": "all",
            "data": points.iter().map(|(at, rate)| json!([at, round(value(rate))])).collect::<Vec<_>>(),
            "lineStyle": { "opacity": 0 },
            "areaStyle": { "color": colour, "opacity": opacity },
            "symbol": "none",
            "silent": true,
            "z": 1,
        })
    };
    [part(|rate| 100.0 * rate.low, 0.0), part(|rate| 100.0 * (rate.high - rate.low), 0.09)]
}

fn curve(line: &Line, words: &Words, style: &Style) -> Value {
    let (dash, marker) = line.look();
    let colour = style.palette.runs[line.place.min(MOST_COMPARED - 1)];
    let points = points(line);
    let every = points.len().div_ceil(MARKERS).max(1);
    let last = points.len().saturating_sub(1);
    let data = points.iter().enumerate().map(|(at, (share, rate))| {
        let value = json!([share, round(100.0 * rate.share)]);
        if at.is_multiple_of(every) || at == last { value } else { json!({ "value": value, "symbolSize": 0 }) }
    });
    json!({
        "type": "line",
        "name": words.title(line),
        "data": data.collect::<Vec<_>>(),
        "lineStyle": { "color": colour, "width": style.text * 0.16, "type": dash },
        "itemStyle": { "color": colour },
        "symbol": marker,
        "symbolSize": style.text * 0.5,
        "endLabel": {
            // A small screen has no room for names at the ends of the lines: they stand above the shelves, with the same marks.
            "show": !style.narrow, "formatter": words.title(line), "color": colour, "fontSize": style.text * 0.86,
            "fontWeight": 600, "distance": style.text * 0.5, "width": style.text * 9.2, "overflow": "break",
            "lineHeight": style.text, "backgroundColor": style.palette.paper, "padding": [0, style.text * 0.15],
        },
        "labelLayout": { "moveOverlap": "shiftY" },
        "z": 4,
    })
}

/// Where the open books of a lane were opened, in the lane's row: a mark is the wider the more books it stands for.
fn opened(lane: &Lane, name: Option<&str>, style: &Style) -> Value {
    let colour = style.palette.runs[lane.place.min(MOST_COMPARED - 1)];
    let (_, planned) = lane.steps;
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for step in lane.books().filter_map(|book| book.opened) {
        *counts.entry(step).or_default() += 1;
    }
    let height = style.text * 0.78;
    let mark = |(step, books): (usize, usize)| {
        let width = style.text * (0.08 + 0.05 * books as f64).min(0.8);
        json!({ "value": [percent(step, planned), lane.place], "symbolSize": [round(width), round(height)] })
    };
    let data: Vec<_> = counts.into_iter().map(mark).collect();
    json!({
        "type": "line",
        "name": name,
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "data": data,
        "lineStyle": { "opacity": 0 },
        "itemStyle": { "color": colour, "opacity": 0.8 },
        "symbol": "rect",
        "silent": true,
        "z": 3,
    })
}

/// The rows of the marks, the first at the top.
fn rows_axis(rows: usize, style: &Style) -> Value {
    json!({
        "type": "value",
        "gridIndex": 1,
        "inverse": true,
        "min": -0.5,
        "max": rows as f64 - 0.5,
        "interval": 1,
        "axisLine": { "show": false },
        "axisTick": { "show": false },
        "axisLabel": { "show": false },
        "axisPointer": { "show": false },
        "splitLine": { "show": true, "lineStyle": { "color": style.palette.rule } },
    })
}

fn mark(at: f64, style: &Style) -> Value {
    json!({
        "symbol": "none",
        "silent": true,
        "animation": false,
        "label": { "show": false },
        "lineStyle": { "color": style.palette.ink, "width": 1, "type": "solid", "opacity": 0.55 },
        "data": [{ "xAxis": at }],
    })
}

/// At every share at which one of them was measured, what each was measured at last.
fn tooltips(lines: &[Line], words: &Words) -> Vec<(f64, String)> {
    let of_lines: Vec<_> = lines.iter().map(|line| (line, points(line))).collect();
    // By hundredths of a percent, which is what shares are rounded to.
    let key = |share: f64| (100.0 * share).round() as u64;
    let shares: BTreeMap<u64, f64> =
        of_lines.iter().flat_map(|(_, points)| points).map(|(at, _)| (key(*at), *at)).collect();
    let text = |at: f64| {
        let rows = of_lines.iter().filter_map(|(line, points)| {
            let (share, rate) = points.iter().rev().find(|(share, _)| *share <= at)?;
            let step = (share * line.record.planned_steps as f64 / 100.0).round() as usize;
            Some(format!("{}: {}, {}", words.title(line), with_interval(*rate), words.step_at(step)))
        });
        std::iter::once(words.share_at(at)).chain(rows).collect::<Vec<_>>().join("\n")
    };
    shares.into_values().map(|at| (at, text(at))).collect()
}
