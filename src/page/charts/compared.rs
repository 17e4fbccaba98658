//! The chart of a comparison.

use serde_json::{Value, json};

use super::parts::{above_axis, margins, points, rate_axis, step_axis, text_style, tooltip, with_interval};
use super::{Chart, Line, Metric, Style, Words};
use crate::study::MOST_COMPARED;

/// About how many markers a line has.
const MARKERS: usize = 16;

/// One rate of two or three runs over their steps.
pub fn compared(lines: &[Line], metric: Metric, words: &Words, style: &Style) -> Chart {
    let steps = lines.iter().flat_map(|l| l.points.last()).map(|p| p.step).max().unwrap_or(1);
    let series = lines.iter().map(|line| compared_line(line, metric, words, style));
    let (left, _) = margins(style);
    let option = json!({
        "animation": false,
        "textStyle": text_style(style),
        "grid": { "left": left, "right": style.text * 5.6, "top": style.text, "bottom": style.text * 2.6 },
        "tooltip": tooltip(style),
        "xAxis": step_axis(0, steps, true, words, style),
        "yAxis": rate_axis(0, style),
        "series": series.collect::<Vec<_>>(),
    });
    let last = lines.iter().flat_map(|l| &l.points).map(|p| p.step).max().unwrap_or(0);
    let tooltips = (0..=last).filter_map(|step| {
        let at = |line: &Line| line.points.iter().find(|p| p.step == step).map(|p| metric.of(p));
        let rows: Vec<_> = lines.iter().filter_map(|l| Some((l.run, at(l)?))).collect();
        let rows = rows.into_iter().map(|(run, rate)| format!("{}: {}", words.run(run), with_interval(rate)));
        let rows: Vec<_> = std::iter::once(words.step_at(step)).chain(rows).collect();
        (rows.len() > 1).then(|| (step, rows.join("\n")))
    });
    let tooltips = tooltips.collect();
    Chart { option, tooltips }
}

fn compared_line(line: &Line, metric: Metric, words: &Words, style: &Style) -> Value {
    let (dash, marker) = line.look();
    let colour = style.palette.runs[line.place.min(MOST_COMPARED - 1)];
    json!({
        "type": "line",
        "data": points(line, metric, MARKERS),
        "lineStyle": { "color": colour, "width": style.text * 0.13, "type": dash },
        "itemStyle": { "color": colour },
        "symbol": marker,
        "symbolSize": style.text * 0.45,
        "endLabel": {
            "show": true, "formatter": words.run(line.run), "color": colour, "fontSize": style.text * 0.86,
            "fontWeight": 600, "distance": style.text * 0.4, "offset": [0, above_axis(line, metric, style)],
        },
        "labelLayout": { "moveOverlap": "shiftY" },
    })
}
