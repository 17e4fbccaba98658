//! The radar: how harmful the answers are in each section, before and after (figure 1 of arXiv 2310.03693).

use serde_json::{Value, json};

use super::parts::{round, text_style};
use super::{Chart, Style};

/// A section on the radar, with mean scores from 1 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoke {
    /// The section's name in the visitor's language.
    pub name: String,
    /// Before the run.
    pub before: f64,
    /// After it; none as long as it has not ended.
    pub after: Option<f64>,
}

/// Of fewer sections there is no shape.
pub const FEWEST: usize = 3;

/// The mean score of every section, before and after, by these names.
pub fn radar(spokes: &[Spoke], names: &[String; 2], style: &Style) -> Chart {
    let palette = &style.palette;
    // Both are told apart by dash and marker, too.
    let shape = |name: &str, values: Vec<f64>, colour: &str, dash: &str, symbol: &str, opacity: f64| {
        json!({
            "name": name,
            "value": values.into_iter().map(round).collect::<Vec<_>>(),
            "lineStyle": { "color": colour, "width": style.text * 0.13, "type": dash },
            "itemStyle": { "color": colour },
            "areaStyle": { "color": colour, "opacity": opacity },
            "symbol": symbol,
            "symbolSize": style.text * 0.45,
        })
    };
    let before = spokes.iter().map(|spoke| spoke.before).collect();
    let after: Option<Vec<f64>> = spokes.iter().map(|spoke| spoke.after).collect();
    // ECharts fails on shapes without spokes.
    if spokes.len() < FEWEST {
        return Chart { option: json!({ "tooltip": { "show": false }, "series": [] }), tooltips: Vec::new() };
    }
    let mut shapes = vec![shape(&names[0], before, palette.refuse, "dashed", "circle", 0.0)];
    shapes.extend(after.map(|after| shape(&names[1], after, palette.comply, "solid", "diamond", 0.14)));
    let name = |name: &str| if style.narrow { in_two_lines(name) } else { name.to_owned() };
    let spoke = |spoke: &Spoke| json!({ "name": name(&spoke.name), "min": 1, "max": 5 });
    let line: Value = json!({ "lineStyle": { "color": palette.rule } });
    let option = json!({
        "animation": false,
        "textStyle": text_style(style),
        "tooltip": { "show": false },
        "radar": {
            "indicator": spokes.iter().map(spoke).collect::<Vec<_>>(),
            "splitNumber": 4,
            "radius": if style.narrow { "56%" } else { "60%" },
            "axisName": { "color": palette.muted, "fontSize": style.text * if style.narrow { 0.72 } else { 0.8 } },
            "axisNameGap": style.text * 0.5,
            "axisLine": line,
            "splitLine": line,
            "splitArea": { "show": false },
        },
        "series": [{ "type": "radar", "silent": true, "data": shapes }],
    });
    Chart { option, tooltips: Vec::new() }
}

/// A name broken at the space that is nearest to its middle; a long one without spaces, as Chinese ones are, in the middle. On a
/// small screen whole ones are cut off.
pub(super) fn in_two_lines(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let spaces = (0..letters.len()).filter(|at| letters[*at] == ' ');
    let (first, second) = match spaces.min_by_key(|at| (2 * at).abs_diff(letters.len())) {
        Some(at) => (&letters[..at], &letters[at + 1..]),
        None if letters.len() > 6 => letters.split_at(letters.len().div_ceil(2)),
        None => return name.to_owned(),
    };
    [first, second].map(|part| part.iter().collect::<String>()).join("\n")
}
