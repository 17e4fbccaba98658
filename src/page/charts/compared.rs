//! The chart of a comparison.

use serde_json::{Value, json};

use super::parts::{above_axis, margins, points, rate_axis, step_axis, text_style, tooltip, with_interval};
use super::{Chart, Line, Style, Words, rate};
use crate::study::{Figure, MOST_COMPARED};

/// About how many markers a line has.
const MARKERS: usize = 16;

/// How wide the name of a run at the end of its line is, in sizes of the text.
const LABEL: f64 = 6.4;

/// One rate of two or three runs over their steps.
pub fn compared(lines: &[Line], figure: Figure, words: &Words, style: &Style) -> Chart {
    let last = lines.iter().map(|line| line.record.steps_made()).max().unwrap_or(0);
    let ends_with_another = |line: &Line| {
        let beside = lines.iter().filter(|other| other.record.steps_made() == line.record.steps_made());
        beside.count() > 1
    };
    let series = lines.iter().map(|line| compared_line(line, figure, ends_with_another(line), words, style));
    let (left, _) = margins(style);
    let option = json!({
        "animation": false,
        "textStyle": text_style(style),
        "grid": { "left": left, "right": style.text * (LABEL + 0.8), "top": style.text, "bottom": style.text * 2.6 },
        "tooltip": tooltip(style),
        "xAxis": step_axis(0, last, true, &words.step, style),
        "yAxis": rate_axis(0, style),
        "series": series.collect::<Vec<_>>(),
    });
    let tooltips = (0..=last).filter_map(|step| {
        let at = |line: &Line| Some((words.titled(line), rate(line.step(step)?, figure)?));
        let rows: Vec<_> = lines.iter().filter_map(at).collect();
        let rows = rows.into_iter().map(|(run, rate)| format!("{run}: {}", with_interval(rate)));
        let rows: Vec<_> = std::iter::once(words.step_at(step)).chain(rows).collect();
        (rows.len() > 1).then(|| (step as f64, rows.join("\n")))
    });
    let tooltips = tooltips.collect();
    Chart { option, tooltips }
}

/// `crowded`: another line ends at the same step, and the labels there are moved apart. Elsewhere they would be moved all the same,
/// as ECharts looks at heights alone.
fn compared_line(line: &Line, figure: Figure, crowded: bool, words: &Words, style: &Style) -> Value {
    let (dash, marker) = line.look();
    let colour = style.palette.runs[line.place.min(MOST_COMPARED - 1)];
    json!({
        "type": "line",
        "name": words.titled(line),
        "data": points(line, figure, usize::MAX, MARKERS),
        "lineStyle": { "color": colour, "width": style.text * 0.13, "type": dash },
        "itemStyle": { "color": colour },
        "symbol": marker,
        "symbolSize": style.text * 0.45,
        "endLabel": {
            "show": true, "formatter": words.titled(line), "color": colour, "fontSize": style.text * 0.8,
            "fontWeight": 600, "distance": style.text * 0.4, "offset": [0, above_axis(line, figure, usize::MAX, style)],
            "width": style.text * LABEL, "overflow": "break", "lineHeight": style.text * 0.95,
            // It stands on the lines of longer runs.
            "backgroundColor": style.palette.paper, "padding": [0, style.text * 0.15],
        },
        "labelLayout": if crowded { json!({ "moveOverlap": "shiftY" }) } else { json!({}) },
    })
}
