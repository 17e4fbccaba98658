//! Both models along complete answers, token by token, as in the figures of arXiv 2406.05946: how deep a tuning went, and how hard
//! each token pulls at the weights.

use serde_json::{Value, json};

use super::parts::{margins, round, step_axis, text_style, tooltip};
use super::{Chart, Style};
use crate::study::{PositionDivergence, PositionGradient};

/// What is known of one token of the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct AtToken {
    /// Which token, from 1.
    pub position: usize,
    /// A number for each curve.
    pub numbers: Vec<f64>,
    /// Answers that have such a token.
    pub answers: usize,
}

impl AtToken {
    /// The losses of original and tuned model, and the divergence between them; nothing where losses are not known.
    pub fn of_divergence(at: &PositionDivergence) -> Option<Self> {
        let losses = at.losses?;
        Some(Self { position: at.position, numbers: vec![losses.q, losses.p, at.kl], answers: at.answers })
    }

    /// The gradient norms of original and tuned model.
    pub fn of_gradients(original: &PositionGradient, tuned: &PositionGradient) -> Self {
        Self { position: original.position, numbers: vec![original.norm, tuned.norm], answers: original.answers }
    }
}

/// The words of the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct AlongWords {
    /// What each curve is: first that of the original, then that of the tuned model, then one of both.
    pub curves: Vec<String>,
    /// The axis, for example `token`.
    pub token: String,
    /// For example `token {n}`.
    pub token_at: String,
}

/// The curves over the first tokens.
pub fn along(points: &[AtToken], words: &AlongWords, style: &Style) -> Chart {
    let palette = &style.palette;
    // Colours, dashes and markers: colour alone tells nothing apart.
    let looks = [
        (palette.refuse, "dashed", "circle"),
        (palette.comply, "solid", "diamond"),
        (palette.ink, "dotted", "triangle"),
    ];
    let series = words.curves.iter().zip(looks).enumerate().map(|(which, (name, (colour, dash, symbol)))| {
        let point = |at: &AtToken| Some(json!([at.position, round(*at.numbers.get(which)?)]));
        json!({
            "type": "line",
            "name": name,
            "data": points.iter().filter_map(point).collect::<Vec<_>>(),
            "lineStyle": { "color": colour, "width": style.text * 0.13, "type": dash },
            "itemStyle": { "color": colour },
            "symbol": symbol,
            "symbolSize": style.text * 0.5,
        })
    });
    let last = points.last().map_or(1, |at| at.position);
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
    let text = |at: &AtToken| {
        let rows = at.numbers.iter().zip(&words.curves).map(|(number, name)| format!("{name}: {number:.3}"));
        let title = words.token_at.replace("{n}", &at.position.to_string());
        let rows: Vec<String> = std::iter::once(title).chain(rows).collect();
        (at.position as f64, rows.join("\n"))
    };
    Chart { option, tooltips: points.iter().map(text).collect() }
}
