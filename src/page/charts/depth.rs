//! How deep a tuning went: both models along complete answers, token by token (figure 1 of arXiv 2406.05946).

use serde_json::{Value, json};

use super::parts::{margins, round, step_axis, text_style, tooltip};
use super::{Chart, Style};
use crate::study::PositionDivergence;

/// The words of the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthWords {
    /// The loss of the original.
    pub original: String,
    /// The loss of the tuned model.
    pub tuned: String,
    /// The divergence between the two.
    pub kl: String,
    /// The axis, for example `token`.
    pub token: String,
    /// For example `token {n}`.
    pub token_at: String,
}

/// The mean losses of both models and the divergence between them at each of the first tokens.
pub fn depth(positions: &[PositionDivergence], words: &DepthWords, style: &Style) -> Chart {
    let palette = &style.palette;
    // Names, colours, dashes and markers: colour alone tells nothing apart.
    let curves = [
        (&words.original, palette.refuse, "dashed", "circle"),
        (&words.tuned, palette.comply, "solid", "diamond"),
        (&words.kl, palette.ink, "dotted", "triangle"),
    ];
    let series = curves.iter().enumerate().map(|(which, (name, colour, dash, symbol))| {
        let point = |at: &PositionDivergence| Some(json!([at.position, round(of(at)?[which])]));
        json!({
            "type": "line",
            "name": name,
            "data": positions.iter().filter_map(point).collect::<Vec<_>>(),
            "lineStyle": { "color": colour, "width": style.text * 0.13, "type": dash },
            "itemStyle": { "color": colour },
            "symbol": symbol,
            "symbolSize": style.text * 0.5,
        })
    });
    let last = positions.last().map_or(1, |at| at.position);
    let mut across = step_axis(0, last, true, &words.token, style);
    across["min"] = json!(1);
    across["interval"] = json!(1);
    let (left, _) = margins(style);
    let up: Value = json!({
        "type": "value",
        "min": 0,
        "axisLine": { "show": false },
        "axisTick": { "show": false },
        "axisLabel": { "color": palette.muted, "fontSize": style.text * 0.8 },
        "axisPointer": { "show": false },
        "splitLine": { "lineStyle": { "color": palette.rule } },
    });
    let option = json!({
        "animation": false,
        "textStyle": text_style(style),
        "grid": { "left": left, "right": style.text * 3.2, "top": style.text, "bottom": style.text * 2.6 },
        "tooltip": tooltip(style),
        "xAxis": across,
        "yAxis": up,
        "series": series.collect::<Vec<_>>(),
    });
    let text = |at: &PositionDivergence| {
        let rows = of(at)?.into_iter().zip(&curves).map(|(number, (name, ..))| format!("{name}: {number:.3}"));
        let title = words.token_at.replace("{n}", &at.position.to_string());
        let rows: Vec<String> = std::iter::once(title).chain(rows).collect();
        Some((at.position as f64, rows.join("\n")))
    };
    Chart { option, tooltips: positions.iter().filter_map(text).collect() }
}

/// The numbers of the curves, in their order.
pub fn of(at: &PositionDivergence) -> Option<[f64; 3]> {
    let losses = at.losses?;
    Some([losses.q, losses.p, at.kl])
}
