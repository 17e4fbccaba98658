//! The chart of a comparison.

use serde_json::{Value, json};

use super::parts::{above_axis, margins, points, rate_axis, step_axis, text_style, tooltip, with_interval};
use super::{Chart, Line, Style, Words, rate};
use crate::study::{Figure, MOST_COMPARED};

/// About how many markers a line has.
const MARKERS: usize = 16;

/// One rate of two or three runs over their steps.
pub fn compared(lines: &[Line], figure: Figure, words: &Words, style: &Style) -> Chart {
    let last = lines.iter().map(|line| line.record.steps_made()).max().unwrap_or(0);
    let series = lines.iter().map(|line| compared_line(line, figure, words, style));
    let (left, _) = margins(style);
    let option = json!({
        "animation": false,
        "textStyle": text_style(style),
        "grid": { "left": left, "right": style.text * 5.6, "top": style.text, "bottom": style.text * 2.6 },
        "tooltip": tooltip(style),
        "xAxis": step_axis(0, last, true, words, style),
        "yAxis": rate_axis(0, style),
        "series": series.collect::<Vec<_>>(),
    });
    let tooltips = (0..=last).filter_map(|step| {
        let at = |line: &Line| Some((line.run, rate(line.step(step)?, figure)?));
        let rows: Vec<_> = lines.iter().filter_map(at).collect();
        let rows = rows.into_iter().map(|(run, rate)| format!("{}: {}", words.run(run), with_interval(rate)));
        let rows: Vec<_> = std::iter::once(words.step_at(step)).chain(rows).collect();
        (rows.len() > 1).then(|| (step, rows.join("\n")))
    });
    let tooltips = tooltips.collect();
    Chart { option, tooltips }
}

fn compared_line(line: &Line, figure: Figure, words: &Words, style: &Style) -> Value {
    let (dash, marker) = line.look();
    let colour = style.palette.runs[line.place.min(MOST_COMPARED - 1)];
    json!({
        "type": "line",
        "data": points(line, figure, MARKERS),
        "lineStyle": { "color": colour, "width": style.text * 0.13, "type": dash },
        "itemStyle": { "color": colour },
        "symbol": marker,
        "symbolSize": style.text * 0.45,
        "endLabel": {
            "show": true, "formatter": words.run(line.run), "color": colour, "fontSize": style.text * 0.86,
            "fontWeight": 600, "distance": style.text * 0.4, "offset": [0, above_axis(line, figure, style)],
        },
        "labelLayout": { "moveOverlap": "shiftY" },
    })
}
