//! What both kinds of chart are made of: axes, tooltips, points.

use serde_json::{Value, json};

use super::{Line, Style, Words};
use crate::page::format::{interval_of, percent_fine};
use crate::study::{Figure, Rate};

/// The room left and right of the panels, in pixels.
pub(super) fn margins(style: &Style) -> (f64, f64) {
    (style.text * 3.0, style.text * if style.narrow { 3.4 } else { 7.2 })
}

/// In single quotation marks: ECharts puts the names as they are between double ones when it writes a file.
pub(super) fn text_style(style: &Style) -> Value {
    json!({ "fontFamily": "'Source Sans 3', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif", "fontSize": style.text * 0.86, "color": style.palette.muted })
}

pub(super) fn tooltip(style: &Style) -> Value {
    let palette = &style.palette;
    json!({
        "trigger": "axis",
        // Drawn in the SVG: no markup from strings, and no style attribute for the content security policy to refuse.
        "renderMode": "richText",
        "confine": true,
        "transitionDuration": 0,
        "backgroundColor": palette.paper,
        "borderColor": palette.muted,
        "borderWidth": 1,
        "padding": 8,
        "textStyle": { "color": palette.ink, "fontSize": style.text * 0.86, "lineHeight": style.text * 1.25 },
    })
}

/// `name`: what is counted.
pub(super) fn step_axis(grid: usize, steps: usize, labelled: bool, name: &str, style: &Style) -> Value {
    let palette = &style.palette;
    json!({
        "type": "value",
        "gridIndex": grid,
        "min": 0,
        "max": steps.max(1),
        "interval": step_interval(steps, style.narrow),
        "name": if labelled { name } else { "" },
        "nameLocation": "end",
        "nameGap": style.text * 0.5,
        "nameTextStyle": { "color": palette.muted, "fontSize": style.text * 0.8, "verticalAlign": "top", "padding": [style.text * 0.45, 0, 0, 0] },
        "axisLine": { "onZero": false, "lineStyle": { "color": palette.muted } },
        "axisTick": { "show": labelled, "lineStyle": { "color": palette.muted } },
        "axisLabel": { "show": labelled, "color": palette.muted, "fontSize": style.text * 0.8, "showMaxLabel": true },
        "axisPointer": { "label": { "show": false } },
        "splitLine": { "show": false },
    })
}

/// The share of a training, in percent.
pub(super) fn share_axis(grid: usize, labelled: bool, words: &Words, style: &Style) -> Value {
    let mut axis = step_axis(grid, 100, labelled, &words.step, style);
    axis["name"] = json!("");
    axis["interval"] = json!(if style.narrow { 50 } else { 25 });
    axis["axisLabel"]["formatter"] = json!("{value}%");
    if labelled {
        axis["name"] = json!(words.share);
        axis["nameLocation"] = json!("middle");
        axis["nameGap"] = json!(style.text * 1.6);
        axis["nameTextStyle"]["padding"] = json!([0, 0, 0, 0]);
    }
    axis
}

/// Round numbers, and never more than about five of them.
pub(super) fn step_interval(steps: usize, narrow: bool) -> usize {
    let most = if narrow { 4 } else { 5 };
    let fits = |interval: &usize| steps.div_ceil(*interval) <= most;
    [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1_000].into_iter().find(fits).unwrap_or(steps)
}

pub(super) fn rate_axis(grid: usize, style: &Style) -> Value {
    let palette = &style.palette;
    json!({
        "type": "value",
        "gridIndex": grid,
        "min": 0,
        "max": 100,
        "interval": 25,
        "axisLine": { "show": false },
        "axisTick": { "show": false },
        "axisLabel": { "color": palette.muted, "fontSize": style.text * 0.8, "formatter": "{value}%" },
        "axisPointer": { "show": false },
        "splitLine": { "lineStyle": { "color": palette.rule } },
    })
}

/// The points of a line up to the `last` step, about this many of them with a marker.
pub(super) fn points(line: &Line, figure: Figure, last: usize, markers: usize) -> Vec<Value> {
    let rates: Vec<_> = line.rates(figure).filter(|(step, _)| *step <= last).collect();
    let every = rates.len().div_ceil(markers).max(1);
    let point = |(at, (step, rate)): (usize, &(usize, Rate))| {
        let value = json!([step, round(100.0 * rate.share)]);
        if at.is_multiple_of(every) || at + 1 == rates.len() {
            value
        } else {
            json!({ "value": value, "symbolSize": 0 })
        }
    };
    rates.iter().enumerate().map(point).collect()
}

/// How far the label at a line's end, which is at most at the `last` step, is moved so that it does not stand on the axis at the
/// bottom, in pixels.
pub(super) fn above_axis(line: &Line, figure: Figure, last: usize, style: &Style) -> f64 {
    let is_low = line.rates(figure).rfind(|(step, _)| *step <= last).is_some_and(|(_, rate)| rate.share < 0.04);
    if is_low { -0.6 * style.text } else { 0.0 }
}

pub(super) fn with_interval(rate: Rate) -> String {
    format!("{} ({})", percent_fine(rate.share), interval_of(rate.low, rate.high))
}

/// Two decimals are more than a screen can show.
pub(super) fn round(value: f64) -> f64 {
    (100.0 * value).round() / 100.0
}
